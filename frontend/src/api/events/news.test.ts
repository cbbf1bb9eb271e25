import { expect, test } from "vitest";
import type { EventKind, News } from "../types";
import { EVERYTHING, touches } from "./news";

const NOTHING: News = { ...EVERYTHING, reread: false };
const newsOf = (run_id: string, kind: EventKind): News => ({
  ...NOTHING,
  events: [{ run_id, kind, seq: 1, attempt: null, actor: "reslab", at: "2026-01-01T00:00:00Z", body: {} }],
});

test("points outdate a run, its curves and the list, but neither its files nor another run", () => {
  const news = newsOf("a", "steps");
  expect(touches(news, ["run", "a"])).toBe(true);
  expect(touches(news, ["curves", ["b", "a"], {}])).toBe(true);
  expect(touches(news, ["curves", ["b"], {}])).toBe(false);
  expect(touches(news, ["runs", {}])).toBe(true);
  expect(touches(news, ["run", "a", "checkpoints"])).toBe(false);
  expect(touches(news, ["run", "a", "history"])).toBe(false);
  expect(touches(news, ["run", "b"])).toBe(false);
  expect(touches(news, ["datasets"])).toBe(false);
});

test("what a person or a worker did outdates everything of a run but its log", () => {
  const news = newsOf("a", "claimed");
  expect(touches(news, ["run", "a", "history"])).toBe(true);
  expect(touches(news, ["run", "a", "checkpoints"])).toBe(true);
  expect(touches(news, ["run", "a", "log"])).toBe(false);
});

test("new log lines outdate the log and nothing else", () => {
  const news = { ...NOTHING, logged: ["a"] };
  expect(touches(news, ["run", "a", "log"])).toBe(true);
  expect(touches(news, ["run", "a"])).toBe(false);
  expect(touches(news, ["runs", {}])).toBe(false);
});

test("a deletion outdates the run and the list", () => {
  const news = { ...NOTHING, deleted: ["a"] };
  expect(touches(news, ["run", "a"])).toBe(true);
  expect(touches(news, ["runs", {}])).toBe(true);
  expect(touches(news, ["run", "b"])).toBe(false);
});

test("after missed messages everything about runs is outdated", () => {
  for (const key of [["run", "a", "log"], ["run", "b", "checkpoints"], ["runs"]]) {
    expect(touches(EVERYTHING, key)).toBe(true);
  }
});

test("a study is judged again after an evaluation or an end, not after every step", () => {
  expect(touches(newsOf("a", "steps"), ["study", "s"])).toBe(false);
  expect(touches(newsOf("a", "evaluated"), ["study", "s"])).toBe(true);
  expect(touches(newsOf("a", "succeeded"), ["study", "s"])).toBe(true);
  expect(touches(newsOf("a", "steps"), ["studies"])).toBe(true);
  expect(touches(NOTHING, ["study", "s"])).toBe(false);
});
