import { expect, test } from "vitest";
import { decode } from "./columns";

/** As api/curves/columns.py writes it. */
function encoded(answer: unknown, ...columns: (Float32Array | Int32Array)[]): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(answer));
  const head = Math.ceil((4 + json.length) / 8) * 8;
  const content = new Uint8Array(head + columns.length * 16).fill(32);
  new DataView(content.buffer).setUint32(0, head - 4, true);
  content.set(json, 4);
  const body = new Uint8Array(columns.length * 16);
  for (const [index, column] of columns.entries()) body.set(new Uint8Array(column.buffer), index * 16);
  for (const [index, byte] of body.entries())
    content[head + (index % 4) * (body.length / 4) + Math.floor(index / 4)] = byte;
  return content.buffer;
}

test("columns are typed arrays over one buffer", () => {
  const answer = {
    step: 4,
    runs: [{ mean: ["f4", 16, 3], iteration: ["i4", 0, 3], most: null, name: ["f4"] }],
  };
  const content = encoded(answer, Int32Array.of(1, 5, 9), Float32Array.of(0.5, 2.25, -1));
  const { step, runs } = decode(content) as { step: number; runs: Record<string, unknown>[] };
  expect(step).toBe(4);
  expect(runs[0]).toEqual({
    mean: Float32Array.of(0.5, 2.25, -1),
    iteration: Int32Array.of(1, 5, 9),
    most: null,
    name: ["f4"],
  });
  const { mean, iteration } = runs[0] as Record<string, Float32Array>;
  expect(mean?.buffer).toBe(iteration?.buffer);
});

test("a column without a point is empty, and NaN stays NaN", () => {
  const content = encoded({ none: ["f8", 0, 0], std: ["f4", 0, 1] }, Float32Array.of(Number.NaN));
  expect(decode(content)).toEqual({ none: new Float64Array(0), std: Float32Array.of(Number.NaN) });
});
