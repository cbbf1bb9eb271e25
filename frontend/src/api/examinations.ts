// The calls about examinations: evaluations, responses, predictions.
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";
import type { Examination, ExaminationRequest } from "./types";

type Schemas = components["schemas"];

/** Test images of a detector's test, with detections and objects. */
export const listTestImages = (id: string, first: number, limit: number, label?: string) =>
  answerOf(
    http.GET("/api/v1/examinations/{examination_id}/images", {
      params: { path: { examination_id: id }, query: { first, limit, ...(label && { label }) } },
    }),
  );

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
