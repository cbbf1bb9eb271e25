// The calls about studies, claims and certificates.
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";
import type { Move, Study, StudyPlan, StudyRequest, StudySummary } from "./types";

type Schemas = components["schemas"];

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

// The generator makes every field with a default required, which is right for answers but not for requests.
const asStudy = (request: StudyRequest) => request as Schemas["StudyCreate"];
