import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "./throttle";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a burst becomes one call now and one at the end of the interval", () => {
  const act = vi.fn();
  const { call } = throttle(act, 250);
  call();
  call();
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledTimes(1);
  call();
  call();
  vi.advanceTimersByTime(249);
  expect(act).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  expect(act).toHaveBeenCalledTimes(2);
});

test("nothing is called once it was stopped", () => {
  const act = vi.fn();
  const { call, stop } = throttle(act, 250);
  call();
  stop();
  vi.advanceTimersByTime(1000);
  expect(act).not.toHaveBeenCalled();
});
