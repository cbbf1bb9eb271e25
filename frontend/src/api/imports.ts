// The calls about results that were made elsewhere.
import { answerOf, http } from "./http";
import type { ImportDeclaration, ImportPlan, Pool, Run } from "./types";

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
