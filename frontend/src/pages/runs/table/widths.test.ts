import { expect, test } from "vitest";
import { readWidths } from "./widths";

test("stored widths are read within bounds, and values that are not numbers are left out", () => {
  expect(readWidths('{"status": 200.4, "progress": 9, "curve": 1e9, "tags": "wide", "notes": null}')).toEqual(
    {
      status: 200,
      progress: 56,
      curve: 640,
    },
  );
  for (const broken of [undefined, "", "null", "[", "7"]) expect(readWidths(broken)).toEqual({});
});
