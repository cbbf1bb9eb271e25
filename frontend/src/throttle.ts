// Slows a fast sequence of calls down to at most one in `ms`; the last call is never lost.

export function throttle(act: () => void, ms: number): { call: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const run = () => {
    timer = undefined;
    last = performance.now();
    act();
  };
  return {
    call: () => {
      timer ??= setTimeout(run, Math.max(last + ms - performance.now(), 0));
    },
    stop: () => clearTimeout(timer),
  };
}
