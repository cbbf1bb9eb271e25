// Starts a fork: a new run that continues from one of this run's checkpoints, with a few fields changed.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { checkpointsQuery } from "../../api/queries";
import type { Run } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { loadPart } from "../../ui/loadPart";
import { IMPORTED } from "./moves";

// The dialog is a tenth of the page's script, and few readers of the page need it.
const ForkDialog = lazy(() =>
  loadPart(() => import("./ForkDialog")).then(({ ForkDialog }) => ({ default: ForkDialog })),
);
const NO_CHECKPOINT = "This run has no checkpoint yet, so it can't be forked.";

export function ForkButton({ run, refusal }: { run: Run; refusal: string | undefined }) {
  const [isAsking, { open, close }] = useDisclosure();
  const { data } = useQuery(checkpointsQuery(run.id));
  const checkpoints =
    data?.items.filter(({ role }) => role === "checkpoint").map(({ iteration }) => iteration) ?? [];
  const whyNot = run.origin ? IMPORTED : checkpoints.length === 0 ? NO_CHECKPOINT : undefined;
  return (
    <>
      <DisabledReason why={refusal ?? whyNot}>
        <Button variant="default" size="xs" onClick={open}>
          Fork
        </Button>
      </DisabledReason>
      {isAsking && (
        <Suspense>
          <ForkDialog run={run} checkpoints={checkpoints} close={close} />
        </Suspense>
      )}
    </>
  );
}
