// How the dashboard writes quantities: counts, percents, sizes, durations, times.

const count = new Intl.NumberFormat("en");

/** 64000 → "64,000" */
export const formatCount = (value: number): string => count.format(value);

/** 1, "file" → "1 file"; 64000, "file" → "64,000 files" */
export const pluralize = (value: number, noun: string): string =>
  `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;

/** 8.254 → "8.25 %"; errors are percent everywhere. */
export const percent = (value: number): string => `${value.toFixed(2)} %`;

/** A difference in points with its sign: 0.434 → "+0.43", -0.02 → "−0.02" */
export const signed = (points: number): string => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;

/** Parameters and multiply-adds as the paper prints them: 272474 → "0.27 M", 40.8e6 → "40.8 M", 1.8e9 → "1.80 G". */
export function magnitude(value: number): string {
  if (value < 10_000) return formatCount(value);
  const [scale, unit] = value >= 1e9 ? [1e9, "G"] : [1e6, "M"];
  return `${(value / scale).toFixed(value / scale < 10 ? 2 : 1)} ${unit}`;
}

/** Bytes in the units of file tools: 1103876 → "1.1 MB". */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

/** The two largest units of a duration: 8 → "8 s", 125 → "2 min 5 s", 8100 → "2 h 15 min". */
export function duration(seconds: number): string {
  const whole = Math.max(Math.round(seconds), 0);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${formatCount(value)} ${unit}`)
    .join(" ");
}

/** A time left, without false precision: 8 → "8 s", 125 → "2 min", 8100 → "2 h 15 min". */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return duration(seconds);
  return duration(Math.round(seconds / 60) * 60);
}

/** "just now", "5 min ago", "3 h ago", then the date. */
export function ago(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return day(at);
}

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const day = (at: string): string => date.format(Date.parse(at));
export const clock = (at: string | number): string =>
  time.format(typeof at === "string" ? Date.parse(at) : at);
export const moment = (at: string): string => `${day(at)}, ${clock(at)}`;
