// A new run that goes on from a checkpoint of this one, with a few fields changed.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Run } from "../../api/client";
import { checkpointsQuery } from "../../api/queries";
import { DisabledReason } from "../../ui/DisabledReason";
import { loadPart } from "../../ui/loadPart";

// It is a tenth of the page's script, and few who watch a run fork it.
const ForkDialog = lazy(() =>
  loadPart(() => import("./ForkDialog")).then(({ ForkDialog }) => ({ default: ForkDialog })),
);
const NONE = "It has no checkpoint yet to go on from.";

export function ForkButton({ run }: { run: Run }) {
  const [isAsking, { open, close }] = useDisclosure();
  const { data } = useQuery(checkpointsQuery(run.id));
  const kept =
    data?.items.filter(({ role }) => role === "checkpoint").map(({ iteration }) => iteration) ?? [];
  return (
    <>
      <DisabledReason why={kept.length === 0 ? NONE : undefined}>
        <Button variant="default" size="xs" onClick={open}>
          Fork
        </Button>
      </DisabledReason>
      {isAsking && (
        <Suspense>
          <ForkDialog run={run} kept={kept} close={close} />
        </Suspense>
      )}
    </>
  );
}
