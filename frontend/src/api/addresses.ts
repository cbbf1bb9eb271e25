// The addresses of what the browser itself downloads.
import type { Artifact } from "./types";

export const studyTableUrl = (id: string, format: "csv" | "md" | "tex") =>
  `/api/v1/studies/${id}/table.${format}`;

export const studyFigureUrl = (id: string, format: "svg" | "pdf" | "png" = "svg") =>
  `/api/v1/studies/${id}/figure.${format}`;

export const certificateUrl = (id: string, withWeights: boolean) =>
  `/api/v1/studies/${id}/certificate${withWeights ? "?weights=true" : ""}`;

export const registrationUrl = (id: string) => `/api/v1/studies/${id}/registration`;

export const registrationPageUrl = (id: string) => `${registrationUrl(id)}.html`;

export const weightsUrl = (id: string, { iteration, format }: Pick<Artifact, "iteration" | "format">) =>
  `/api/v1/runs/${id}/weights?at=${iteration}&format=${format}`;

/** A PNG of sample images, in the layout of `Dataset.sheet`. */
export const sheetUrl = (dataset: string) => `/api/v1/datasets/${encodeURIComponent(dataset)}/sheet`;

/** The picture of a prediction, where it is PNG, JPEG or WebP. */
export const pictureUrl = (examination: string) => `/api/v1/examinations/${examination}/picture`;
export const logUrl = (id: string) => `/api/v1/runs/${id}/log?whole=true`;
export const csvUrl = (id: string) => `/api/v1/runs/${id}/curves.csv`;
/** Every raw point of several runs in one file. */
export const exportUrl = (ids: readonly string[]) =>
  `/api/v1/curves/export?${new URLSearchParams(ids.map((id) => ["run", id]))}`;
