import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Worker } from "../../api/types";
import { MachineCheck } from "./MachineCheck";

const line = (what: string, verdict: "passed" | "failed" | "measured") => ({
  topic: "arithmetic",
  what,
  measured: "1e-6 off",
  bar: "≤ 1e-5",
  verdict,
  reason: "Roundings.",
});

const check: NonNullable<Worker["machine_check"]> = {
  started_at: "2026-11-30T05:00:00Z",
  seconds: 8,
  measurements: [line("speed", "measured"), line("logits", "passed"), line("gradients", "failed")],
};

test("the verdicts are counted, and each measurement has its reason", () => {
  const html = renderToStaticMarkup(
    <MantineProvider>
      <MachineCheck check={check} of="gpu-0" />
    </MantineProvider>,
  );
  const text = html.replace(/<[^>]*>/g, "·");
  expect(text).toContain("1 passed, 1 failed, 1 measured");
  expect(text).toMatch(/gradients·+1e-6 off·+≤ 1e-5·+failed·+Roundings\./);
});
