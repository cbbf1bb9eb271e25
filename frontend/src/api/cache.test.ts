import { QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { Cache } from "./cache";

/** A list that answers when it may, with what was in it when it was requested, as a slow server does. */
function slowList(names: string[]) {
  const answers: (() => void)[] = [];
  const list = () => {
    const read = [...names];
    return new Promise<string[]>((resolve) => answers.push(() => resolve(read)));
  };
  return { answers, list };
}

test("what changes while a list is fetched for the first time is in the list", async () => {
  const names = ["ann"];
  const { answers, list } = slowList(names);
  const cache = new Cache();
  const stop = new QueryObserver(cache, { queryKey: ["people"], queryFn: list }).subscribe(() => undefined);
  names.push("ben");
  const isFresh = cache.invalidateQueries({ queryKey: ["people"] });
  answers[0]?.();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await isFresh;
  expect(cache.getQueryData(["people"])).toEqual(["ann", "ben"]);
  stop();
});

test("a query of another key is left alone", async () => {
  const { answers, list } = slowList(["ann"]);
  const cache = new Cache();
  const stop = new QueryObserver(cache, { queryKey: ["people"], queryFn: list }).subscribe(() => undefined);
  await cache.invalidateQueries({ queryKey: ["keys"] });
  expect(answers.length).toBe(1);
  stop();
});
