// The API's own types, by the names that the dashboard uses.
import type { InColumns } from "./columns";
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
export type StartWeights = Schemas["StartWeights"];
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
