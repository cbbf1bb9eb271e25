// A new run that goes on from a checkpoint of this one, with a few fields changed.
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Run } from "../api/client";
import { checkpointsQuery } from "../api/queries";
import { Explained } from "../shell/Explained";
import { patiently } from "../shell/patiently";
import { Loading } from "../shell/States";

// Its fields are a tenth of the page's script, and few who watch a run fork it.
const ForkForm = lazy(() =>
  patiently(() => import("./ForkForm")).then(({ ForkForm }) => ({ default: ForkForm })),
);
const NONE = "It has no checkpoint yet to go on from.";

export function ForkButton({ run }: { run: Run }) {
  const [isAsking, { open, close }] = useDisclosure();
  const { data } = useQuery(checkpointsQuery(run.id));
  const kept =
    data?.items.filter(({ role }) => role === "checkpoint").map(({ iteration }) => iteration) ?? [];
  return (
    <>
      <Explained why={kept.length === 0 ? NONE : undefined}>
        <Button variant="default" size="xs" onClick={open}>
          Fork
        </Button>
      </Explained>
      <Modal opened={isAsking} onClose={close} title={`Fork ${run.name}`}>
        <Suspense fallback={<Loading what="form" />}>
          <ForkForm run={run} kept={kept} close={close} />
        </Suspense>
      </Modal>
    </>
  );
}
