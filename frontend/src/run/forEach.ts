// Calls the API for each of several runs, a few at a time, and reports all failures in one sentence.
import type { Run } from "../api/types";

const AT_ONCE = 4;

/** Returns the runs for which `act` succeeded. Throws `Failures` after the last call where any has failed. */
export async function forEach(runs: readonly Run[], act: (run: Run) => Promise<unknown>): Promise<Run[]> {
  const done: Run[] = [];
  const failures: string[] = [];
  const waiting = [...runs];
  const worker = async () => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      try {
        await act(run);
        done.push(run);
      } catch (error) {
        failures.push(`${run.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw new Failures(done, failures);
  return done;
}

/** "2 of 5 failed. plain-20: …" */
export class Failures extends Error {
  constructor(
    readonly done: readonly Run[],
    failures: readonly string[],
  ) {
    super(`${failures.length} of ${done.length + failures.length} failed. ${failures[0]}`);
  }
}
