// The calls of the page about old files.
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type Rule = Schemas["Rule"];
export type RetentionPlan = Schemas["RetentionPlan"];
/** After how many days what goes; null keeps it. */
export type Days = Pick<Rule, "checkpoints_days" | "weights_days" | "archive_days">;

export const listRules = () => answerOf(http.GET("/api/v1/retention"));
const project = (name: string) => ({ path: { project: name } });
export const planRule = (name: string, body: Days) =>
  answerOf(http.POST("/api/v1/retention/{project}/plan", { params: project(name), body }));
/** `files` is how many files the plan said would go. */
export const setRule = (name: string, body: Days, files: number) =>
  answerOf(http.PUT("/api/v1/retention/{project}", { params: { ...project(name), query: { files } }, body }));
export const removeRule = (name: string) =>
  answerOf(http.DELETE("/api/v1/retention/{project}", { params: project(name) }));
