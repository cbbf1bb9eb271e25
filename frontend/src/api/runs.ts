// The calls about runs.
import { decode } from "./columns";
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";
import type {
  Curves,
  CurvesQuery,
  DetectionPlan,
  ForkRequest,
  Move,
  Plan,
  Run,
  RunRequest,
  RunSpec,
  RunsQuery,
} from "./types";

type Schemas = components["schemas"];

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

const whole = (request: RunRequest) => request as Schemas["RunCreate"];
