import { expect, test } from "vitest";
import { environmentOf } from "./environment";

const started = (body: Record<string, unknown>) => ({ kind: "started" as const, body });
const body = {
  device: "NVIDIA H200",
  threads: 8,
  versions: { python: "3.11.7", torch: "2.14.1", trainer: "1.0" },
  source: "0123456789abcdef",
  data_hash: "fedcba9876543210",
  train_images: 50_000,
  val_images: 0,
  test_images: 10_000,
};

test("the environment is the last attempt's: device, versions, code and data", () => {
  const environment = environmentOf([started({ ...body, device: "cpu" }), started(body)]);
  expect(environment?.device).toBe("NVIDIA H200");
  expect(Object.fromEntries(environment?.facts ?? [])).toEqual({
    device: "NVIDIA H200",
    python: "3.11.7",
    torch: "2.14.1",
    reslab: "1.0",
    "trainer's source": "0123456789ab",
    data: "fedcba987654",
    "training images": "50,000",
    "test images": "10,000",
  });
});

test("a CPU is named with its threads, and nothing is known before a run has started", () => {
  expect(environmentOf([started({ ...body, device: "cpu" })])?.facts[0]).toEqual([
    "device",
    "CPU, 8 threads",
  ]);
  expect(environmentOf([{ kind: "created", body: {} }])).toBeUndefined();
});
