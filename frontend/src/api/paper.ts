// The calls about the paper and its recipes.
import { answerOf, http } from "./http";
import type { Run } from "./types";

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
