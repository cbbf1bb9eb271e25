// What a run trained on, by its last attempt's own report: device, versions, code and data.
import type { Event } from "../../api/types";
import { pluralize } from "../../units";

export type Environment = {
  device: string;
  /** Each fact with its text, in the order in which they are shown. */
  facts: readonly (readonly [string, string])[];
};

/** Undefined before the first attempt has started to train. */
export function environmentOf(events: readonly Pick<Event, "kind" | "body">[]): Environment | undefined {
  const body = events.findLast(({ kind }) => kind === "started")?.body;
  if (!body) return undefined;
  const device = String(body.device);
  const versions = typeof body.versions === "object" && body.versions ? Object.entries(body.versions) : [];
  const facts: [string, unknown][] = [
    ["device", device === "cpu" ? `CPU, ${pluralize(Number(body.threads), "thread")}` : device],
    ...versions.map(([name, version]): [string, unknown] => [name === "trainer" ? "reslab" : name, version]),
    ["trainer's source", digest(body.source)],
    ["data", digest(body.data_hash)],
    ["training images", body.train_images],
    ["validation images", body.val_images],
    ["test images", body.test_images],
  ];
  return {
    device: device === "cpu" ? "CPU" : device,
    facts: facts.flatMap(([name, value]) => (value ? [[name, textOf(value)] as const] : [])),
  };
}

/** The first 12 digits of a SHA-256, enough to compare by eye. */
const digest = (value: unknown): string => (typeof value === "string" ? value.slice(0, 12) : "");
const textOf = (value: unknown): string =>
  typeof value === "number" ? value.toLocaleString("en") : String(value);
