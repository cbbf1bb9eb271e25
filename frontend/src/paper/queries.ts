// The queries about the paper. This data belongs to the service's version, so it never changes while a page is open.
import { queryOptions } from "@tanstack/react-query";
import {
  getPaperReferences,
  getPaperTable,
  getPaperText,
  getRecipe,
  listLintRules,
  listPaperClaims,
  listPaperFigures,
  listPaperTables,
  listRecipes,
  listSpecFields,
} from "../api/paper";

const staleTime = Number.POSITIVE_INFINITY;

export const tablesQuery = queryOptions({
  queryKey: ["paper", "tables"],
  queryFn: listPaperTables,
  staleTime,
});
export const tableQuery = (number: number) =>
  queryOptions({ queryKey: ["paper", "tables", number], queryFn: () => getPaperTable(number), staleTime });
export const figuresQuery = queryOptions({
  queryKey: ["paper", "figures"],
  queryFn: listPaperFigures,
  staleTime,
});
export const textQuery = queryOptions({ queryKey: ["paper", "text"], queryFn: getPaperText, staleTime });
export const claimsQuery = queryOptions({
  queryKey: ["paper", "claims"],
  queryFn: listPaperClaims,
  staleTime,
});
export const referencesQuery = queryOptions({
  queryKey: ["paper", "references"],
  queryFn: getPaperReferences,
  staleTime,
});
export const rulesQuery = queryOptions({ queryKey: ["paper", "lint"], queryFn: listLintRules, staleTime });
export const fieldsQuery = queryOptions({
  queryKey: ["paper", "fields"],
  queryFn: () => listSpecFields("classification"),
  staleTime,
});
export const detectionFieldsQuery = queryOptions({
  queryKey: ["paper", "fields", "detection"],
  queryFn: () => listSpecFields("detection"),
  staleTime,
});
export const recipesQuery = queryOptions({ queryKey: ["recipes"], queryFn: listRecipes, staleTime });
export const recipeQuery = (name: string) =>
  queryOptions({ queryKey: ["recipes", name], queryFn: () => getRecipe(name), staleTime });
