import { expect, test } from "vitest";
import { ago, duration, formatCount, magnitude, percent, pluralize, signed, size, timeLeft } from "./units";

test("counts have thousands separators and errors two decimals", () => {
  expect(formatCount(64000)).toBe("64,000");
  expect([0, 1, 64000].map((value) => pluralize(value, "file"))).toEqual([
    "0 files",
    "1 file",
    "64,000 files",
  ]);
  expect(percent(8.254)).toBe("8.25 %");
});

test("parameters and multiply-adds read as in the paper's tables", () => {
  expect(magnitude(272_474)).toBe("0.27 M");
  expect(magnitude(40_813_184)).toBe("40.8 M");
  expect(magnitude(1_800_000_000)).toBe("1.80 G");
  expect(magnitude(650)).toBe("650");
});

test("sizes use the largest unit that leaves a whole part", () => {
  expect(size(0)).toBe("0 B");
  expect(size(999)).toBe("999 B");
  expect(size(1_103_876)).toBe("1.1 MB");
  expect(size(341_000_000)).toBe("341 MB");
});

test("durations show their two largest units", () => {
  expect(duration(0)).toBe("0 s");
  expect(duration(125)).toBe("2 min 5 s");
  expect(duration(8100)).toBe("2 h 15 min");
  expect(duration(86_400)).toBe("1 d");
  expect(duration(1324 * 86_400)).toBe("1,324 d");
});

test("a time left is no finer than a minute once it is longer than one", () => {
  expect(timeLeft(8.2)).toBe("8 s");
  expect(timeLeft(125)).toBe("2 min");
  expect(timeLeft(8130)).toBe("2 h 16 min");
});

test("ages turn into dates after a day", () => {
  const now = Date.parse("2026-03-02T12:00:00Z");
  expect(ago("2026-03-02T11:59:30Z", now)).toBe("just now");
  expect(ago("2026-03-02T11:55:00Z", now)).toBe("5 min ago");
  expect(ago("2026-03-02T09:00:00Z", now)).toBe("3 h ago");
  expect(ago("2026-02-27T09:00:00Z", now)).toBe("27 Feb 2026");
});

test("a difference has its sign, a true minus", () => {
  expect([signed(0.428), signed(-0.02), signed(0)]).toEqual(["+0.43", "−0.02", "+0.00"]);
});
