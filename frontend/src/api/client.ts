// The one file that fetches: every call of the dashboard, with the API's own types.
import createClient from "openapi-fetch";
import { decode, type InColumns } from "./columns";
import { Problem, problemFrom } from "./problem";
import type { components, paths } from "./schema.gen";

type Schemas = components["schemas"];
export type RunSpec = Schemas["RunSpec"];
export type DetectionSpec = Schemas["DetectionSpec"];
/** A specification as lists and charts read it: the fields that the other task has are absent. */
export type Spec = {
  [K in keyof Pick<RunSpec, keyof RunSpec & keyof DetectionSpec>]: RunSpec[K] | DetectionSpec[K];
} & { [K in Exclude<keyof RunSpec, keyof DetectionSpec>]?: RunSpec[K] } & {
  [K in Exclude<keyof DetectionSpec, keyof RunSpec>]?: DetectionSpec[K];
};
export type Run = Omit<Schemas["Run"], "spec"> & { spec: Spec };
export type Plan = Schemas["RunPlan"];
export type DetectionReport = Schemas["DetectionReport"];
export type PredictedObjects = Schemas["PredictedObjects"];
export type TestImage = Schemas["TestImage"];
export type DetectionPlan = Schemas["DetectionRunPlan"];
export type DetectionNetwork = Omit<Schemas["DetectionPlan"], "image"> & { image: readonly number[] };
export type Finding = Schemas["Finding"];
export type Curves = InColumns<Schemas["Curves"]>;
export type Curve = InColumns<Schemas["Curve"]>;
export type RunCurves = InColumns<Schemas["RunCurves"]>;
export type Band = InColumns<Schemas["Band"]>;
export type CurvesQuery = NonNullable<paths["/api/v1/curves"]["get"]["parameters"]["query"]>;
export type Event = Schemas["Event"];
export type EventKind = Schemas["EventKind"];
export type News = Schemas["News"];
export type LogLine = Schemas["LogLine"];
export type Artifact = Schemas["Artifact"];
export type Dataset = Schemas["Dataset"];
export type Move = "cancel" | "pause" | "resume";
export type ForkRequest = { spec: Schemas["ForkChanges"]; iteration?: number; name?: string };
export type QueueState = Schemas["QueueState"];
export type QueueEntry = Schemas["QueueEntry"];
export type Worker = Schemas["Worker"];
export type PaperTable = Schemas["PaperTable"];
export type PaperValue = Schemas["TestedValue"];
export type PaperFigure = Schemas["TestedFigure"];
export type PaperText = Schemas["PaperText"];
export type PaperClaim = Schemas["PaperClaim"];
export type PaperReferences = Schemas["PaperReferences"];
export type SpecField = Schemas["SpecField"];
export type LintRule = Schemas["LintRule"];
export type Recipe = Schemas["Recipe"];
export type Study = Schemas["Study"];
export type StudySummary = Schemas["StudySummary"];
export type StudyPlan = Schemas["StudyPlan"];
export type StudyMember = Schemas["StudyMember"];
export type StudyCell = Schemas["StudyCell"];
export type Verdict = Schemas["Verdict"];
export type ClaimStatus = Schemas["ClaimStatus"];
export type ClaimStanding = Schemas["ClaimStanding"];
export type SeedsAdded = Schemas["SeedsAdded"];
export type Examination = Schemas["Examination"];
export type EvaluationReport = Schemas["EvaluationReport"];
export type ResponsesReport = Schemas["ResponsesReport"];
export type PredictionReport = Schemas["PredictionReport"];
export type ImportPlan = Schemas["ImportPlan"];
export type Pool = Schemas["Pool"];
export type FileColumn = Schemas["FileColumn"];
/** The generator makes every field with a default required; the API doesn't. */
export type ImportDeclaration = Partial<Omit<Schemas["ImportCreate"], "reading">> & {
  spec: Record<string, unknown>;
  reading: Omit<Schemas["ImportCreate"]["reading"], "columns"> & {
    columns: Partial<Record<string, FileColumn>>;
  };
};
export type RunsQuery = NonNullable<paths["/api/v1/runs"]["get"]["parameters"]["query"]>;

/** Whether the service is there at all. */
export const answers = (): Promise<boolean> =>
  fetch("/healthz").then(
    ({ ok }) => ok,
    () => false,
  );

/** The request for a run; the API says which fields are missing. */
export type RunRequest = {
  name?: string;
  project?: string;
  spec: Partial<RunSpec> | Partial<DetectionSpec>;
};

/** The request for an examination of a run's weights. */
export type ExaminationRequest = Pick<Schemas["ExaminationCreate"], "kind"> &
  Partial<Schemas["ExaminationCreate"]>;

/** The request for a study: what is left out has the paper's value. */
export type StudyRequest = Pick<Schemas["StudyCreate"], "recipe"> & Partial<Schemas["StudyCreate"]>;

export const http = createClient<paths>({ baseUrl: location.origin });

/** Test images of a detector's test, with detections and objects. */
export const listTestImages = (id: string, first: number, limit: number, label?: string) =>
  answerOf(
    http.GET("/api/v1/examinations/{examination_id}/images", {
      params: { path: { examination_id: id }, query: { first, limit, ...(label && { label }) } },
    }),
  );

/** Some training images of a data set with boxes, scaled down. */
export const listSamples = (name: string) =>
  answerOf(http.GET("/api/v1/datasets/{name}/samples", { params: { path: { name } } }));

export const getSession = () => answerOf(http.GET("/api/v1/session"));
/** Exchanges a token for this browser's session; scripts can't read the cookie that holds it. */
export const openSession = (token: string) =>
  answerOf(http.POST("/api/v1/session", { headers: { Authorization: `Bearer ${token}` } }));

export const listRuns = (
  query: RunsQuery,
): Promise<{ items: Run[]; next_cursor?: string | null; total: number }> =>
  answerOf(http.GET("/api/v1/runs", { params: { query } }));
export const getRun = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: id } } }));
export const getVerdict = async (id: string) =>
  // As the API types it: the client's types turn a pair into a list.
  (await answerOf(
    http.GET("/api/v1/runs/{run_id}/verdict", { params: { path: { run_id: id } } }),
  )) as Schemas["RunVerdict"];
/** The protocol check's findings on the specification, and once the run has ended, on its result. */
export const getFindings = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/findings", { params: { path: { run_id: id } } }));
/** The run's layers, blocks and shortcuts. */
export const getNetwork = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/network", { params: { path: { run_id: id } } }));
/** Moves a run that has not ended. Safe to repeat. */
export const moveRun = (id: string, move: Move) =>
  answerOf(http.POST(`/api/v1/runs/{run_id}/${move}`, { params: { path: { run_id: id } } }));
export const retryRun = (id: string, idempotencyKey: string) => {
  const params = { path: { run_id: id }, header: { "Idempotency-Key": idempotencyKey } };
  return answerOf(http.POST("/api/v1/runs/{run_id}/retry", { params }));
};
export const forkRun = (id: string, body: ForkRequest, idempotencyKey: string) => {
  const params = { path: { run_id: id }, header: { "Idempotency-Key": idempotencyKey } };
  // The generator makes every field with a default required.
  return answerOf(http.POST("/api/v1/runs/{run_id}/fork", { params, body: body as Schemas["ForkCreate"] }));
};
export const changeRun = (id: string, body: Schemas["RunChange"]) =>
  answerOf(http.PATCH("/api/v1/runs/{run_id}", { params: { path: { run_id: id } }, body }));
export const deleteRun = (id: string) =>
  answerOf(http.DELETE("/api/v1/runs/{run_id}", { params: { path: { run_id: id } } }));

export const createRun = (request: RunRequest, idempotencyKey: string): Promise<Run> => {
  const header = { "Idempotency-Key": idempotencyKey };
  return answerOf(http.POST("/api/v1/runs", { params: { header }, body: whole(request) }));
};

/** The plan of a classifier. */
export const planRun = (request: { spec: Partial<RunSpec> }): Promise<Plan> =>
  answerOf(http.POST("/api/v1/runs/plan", { body: whole(request) })) as Promise<Plan>;
/** The plan of a detector; its request says `task: detection`. */
export const planDetection = (request: RunRequest): Promise<DetectionPlan> =>
  answerOf(http.POST("/api/v1/runs/plan", { body: whole(request) })) as Promise<DetectionPlan>;

export const listEvents = (id: string, kind: string[]) =>
  answerOf(
    http.GET("/api/v1/runs/{run_id}/events", {
      params: { path: { run_id: id }, query: { kind, limit: 1000 } },
    }),
  );
export async function getCurves(query: CurvesQuery): Promise<Curves> {
  const params = { query: { ...query, format: "binary" as const } };
  const content = await answerOf(http.GET("/api/v1/curves", { params, parseAs: "arrayBuffer" }));
  // As the API types it, with columns instead of lists.
  return decode(content) as Curves;
}
/** The log's last lines, the lines after a line, or the lines that contain a text. */
export const getLog = (id: string, query: { tail: number; after?: number; search?: string }) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/log", { params: { path: { run_id: id }, query } }));
export const listCheckpoints = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/checkpoints", { params: { path: { run_id: id } } }));
export const getRunSize = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/size", { params: { path: { run_id: id } } }));

export const listExaminations = (id: string) =>
  answerOf(http.GET("/api/v1/runs/{run_id}/examinations", { params: { path: { run_id: id } } }));
/** The examinations of one kind, of any of these runs. */
export const findExaminations = (run: string[], kind: Examination["kind"]) =>
  answerOf(http.GET("/api/v1/examinations", { params: { query: { run, kind } } }));
export const getExamination = (id: string) =>
  answerOf(http.GET("/api/v1/examinations/{examination_id}", { params: { path: { examination_id: id } } }));
/** Returns the existing examination where these weights have one of the same kind and settings. */
export const createExamination = (id: string, request: ExaminationRequest) => {
  // The generator makes every field with a default required.
  const body = request as Schemas["ExaminationCreate"];
  return answerOf(
    http.POST("/api/v1/runs/{run_id}/examinations", { params: { path: { run_id: id } }, body }),
  );
};
export const createPrediction = (id: string, picture: Blob) =>
  answerOf(
    http.POST("/api/v1/runs/{run_id}/predictions", {
      params: { path: { run_id: id } },
      headers: { "Content-Type": picture.type },
      body: "", // the generator types bytes as a string
      bodySerializer: () => picture,
    }),
  );

export const getQueue = () => answerOf(http.GET("/api/v1/queue"));
export const listWorkers = () => answerOf(http.GET("/api/v1/workers"));
export const drainWorker = (id: string) =>
  answerOf(http.POST("/api/v1/workers/{worker_id}/drain", { params: { path: { worker_id: id } } }));

export const listDatasets = () => answerOf(http.GET("/api/v1/datasets"));

/** Sends an archive; `onSent` gets the part sent, 0 to 1. fetch reports no progress, so this uses XMLHttpRequest. */
export function uploadDataset(name: string, archive: File, onSent: (part: number) => void): Promise<Dataset> {
  const form = new FormData();
  form.append("name", name);
  form.append("archive", archive);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded / total);
    request.onerror = () => reject(away());
    request.onload = () => {
      const answer = parseJson(request.responseText);
      if (request.status >= 400) reject(problemFrom(request.status, answer));
      // As the API types it: no other body comes with 2xx here.
      else resolve(answer as Dataset);
    };
    request.open("POST", "/api/v1/datasets");
    request.send(form);
  });
}

/** What the service understands of the files of a result that was made elsewhere. Stores nothing. */
export const planImport = (files: File[], declaration: ImportDeclaration): Promise<ImportPlan> =>
  answerOf(http.POST("/api/v1/imports/plan", asForm(files, declaration)));
export const importRun = (
  files: File[],
  declaration: ImportDeclaration,
  weights: File | null,
): Promise<Run> => answerOf(http.POST("/api/v1/imports", asForm(files, declaration, weights)));

/** Several labs' results as one; a problem says why they can't be pooled. */
export const poolRuns = async (runs: string[]): Promise<Pool> =>
  // As the API types it: the client's types turn a pair into a list.
  (await answerOf(http.POST("/api/v1/pools", { body: { runs, results: [] } }))) as Pool;

function asForm(files: File[], declaration: ImportDeclaration, weights: File | null = null) {
  const form = new FormData();
  form.append("declaration", JSON.stringify(declaration));
  for (const file of files) form.append("file", file);
  if (weights) form.append("weights", weights);
  // The body goes out as this form; the types describe its parts.
  return { body: {} as never, bodySerializer: () => form };
}

export const listPaperTables = () => answerOf(http.GET("/api/v1/paper/tables"));
export const getPaperTable = (number: number) =>
  answerOf(http.GET("/api/v1/paper/tables/{number}", { params: { path: { number } } }));
export const listPaperFigures = () => answerOf(http.GET("/api/v1/paper/figures"));
export const getPaperText = () => answerOf(http.GET("/api/v1/paper/text"));
export const listPaperClaims = () => answerOf(http.GET("/api/v1/paper/claims"));
export const getPaperReferences = () => answerOf(http.GET("/api/v1/paper/references"));
export const listSpecFields = (task: Run["task"]) =>
  answerOf(http.GET("/api/v1/paper/fields", { params: { query: { task } } }));
export const listLintRules = () => answerOf(http.GET("/api/v1/paper/lint"));
export const listRecipes = () => answerOf(http.GET("/api/v1/recipes"));
export const getRecipe = (name: string) =>
  answerOf(http.GET("/api/v1/recipes/{name}", { params: { path: { name } } }));

export const listStudies = (cursor?: string) =>
  answerOf(http.GET("/api/v1/studies", { params: { query: cursor ? { cursor } : {} } }));
const study = (id: string) => ({ params: { path: { study_id: id } } });
/** As the API types it: the client's types turn a pair into a list. */
export const getStudy = async (id: string) =>
  (await answerOf(http.GET("/api/v1/studies/{study_id}", study(id)))) as Study;
export const moveStudy = (id: string, move: Move) =>
  answerOf(http.POST(`/api/v1/studies/{study_id}/${move}`, study(id)));
export const deleteStudy = (id: string, runs: boolean) =>
  answerOf(
    http.DELETE("/api/v1/studies/{study_id}", { params: { path: { study_id: id }, query: { runs } } }),
  );
export const addSeeds = (id: string, body: Schemas["SeedsAdd"]) =>
  answerOf(http.POST("/api/v1/studies/{study_id}/seeds", { ...study(id), body }));
export const listStandings = () => answerOf(http.GET("/api/v1/claims"));
export const getSigningKey = () => answerOf(http.GET("/api/v1/signing-key"));

export async function createStudy(request: StudyRequest, idempotencyKey: string): Promise<StudySummary> {
  const params = { header: { "Idempotency-Key": idempotencyKey } };
  const study = await answerOf(http.POST("/api/v1/studies", { params, body: asStudy(request) }));
  if ("id" in study) return study;
  throw new Error("The service answered with a plan instead of a study.");
}

/** As the API types it, like `getStudy`. */
export async function planStudy(request: StudyRequest): Promise<StudyPlan> {
  const params = { query: { dry_run: true } };
  const plan = await answerOf(http.POST("/api/v1/studies", { params, body: asStudy(request) }));
  if ("seed_plans" in plan) return plan as StudyPlan;
  throw new Error("The service answered with a study instead of a plan.");
}

// The addresses of what the browser itself downloads.
export const studyTableUrl = (id: string, format: "csv" | "md" | "tex") =>
  `/api/v1/studies/${id}/table.${format}`;
export const studyFigureUrl = (id: string, format: "svg" | "pdf" | "png" = "svg") =>
  `/api/v1/studies/${id}/figure.${format}`;
export const certificateUrl = (id: string, withWeights: boolean) =>
  `/api/v1/studies/${id}/certificate${withWeights ? "?weights=true" : ""}`;
export const registrationUrl = (id: string) => `/api/v1/studies/${id}/registration`;
export const weightsUrl = (id: string, { iteration, format }: Pick<Artifact, "iteration" | "format">) =>
  `/api/v1/runs/${id}/weights?at=${iteration}&format=${format}`;
/** The picture of a prediction, where it is PNG, JPEG or WebP. */
/** A PNG of sample images, in the layout of `Dataset.sheet`. */
export const sheetUrl = (dataset: string) => `/api/v1/datasets/${encodeURIComponent(dataset)}/sheet`;
export const pictureUrl = (examination: string) => `/api/v1/examinations/${examination}/picture`;
export const logUrl = (id: string) => `/api/v1/runs/${id}/log?whole=true`;
export const csvUrl = (id: string) => `/api/v1/runs/${id}/curves.csv`;
/** Every raw point of several runs in one file. */
export const exportUrl = (ids: readonly string[]) =>
  `/api/v1/curves/export?${new URLSearchParams(ids.map((id) => ["run", id]))}`;

/** 128 random bits; crypto.randomUUID is missing on a page that isn't served securely. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a 2xx answer as JSON: the dashboard never asks for the text that some routes can also answer. */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<Exclude<T, string>> {
  const { data, error, response } = await call.catch(() => {
    throw away();
  });
  if (!response.ok) throw problemFrom(response.status, error);
  // `data` is absent only on a 204, whose type is undefined.
  return data as Exclude<T, string>;
}

const away = () => new Problem(0, "The service doesn't answer.", "");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The generator makes every field with a default required, which is right for answers but not for requests.
const asStudy = (request: StudyRequest) => request as Schemas["StudyCreate"];
const whole = (request: RunRequest) => request as Schemas["RunCreate"];
