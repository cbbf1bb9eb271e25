// The calls about data sets.
import { answerOf, away, http, parseJson } from "./http";
import { problemFrom } from "./problem";
import type { Dataset } from "./types";

/** Some training images of a data set with boxes, scaled down. */
export const listSamples = (name: string) =>
  answerOf(http.GET("/api/v1/datasets/{name}/samples", { params: { path: { name } } }));

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
