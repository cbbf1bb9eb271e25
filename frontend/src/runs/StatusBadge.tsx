// A run's status: a word, and a colour that only repeats it.
import { Badge, type MantineColor } from "@mantine/core";
import type { Status } from "./filter";

const COLORS: Record<Status, MantineColor> = {
  queued: "gray",
  running: "blue",
  paused: "yellow",
  succeeded: "teal",
  failed: "red",
  cancelled: "gray",
};

/** `reason` says why a run failed, in the API's words: "diverged", "out_of_memory". */
export function StatusBadge({ status, reason }: { status: Status; reason?: string | null | undefined }) {
  return (
    <Badge color={COLORS[status]} variant={status === "cancelled" ? "outline" : "light"} tt="none" fw={600}>
      {reason ? `${status}: ${reason.replaceAll("_", " ")}` : status}
    </Badge>
  );
}
