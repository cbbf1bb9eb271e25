// The actions on a study as a whole: pause, resume, cancel, add seeds, delete. A disabled button says why.
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useRefusal } from "../../api/rights";
import { moveStudy } from "../../api/studies";
import type { Move, Study } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { loadPart } from "../../ui/loadPart";
import { Refusal } from "../../ui/Refusal";
import { AddSeeds } from "./AddSeeds";
import { whyNot } from "./moves";

const DeleteStudy = lazy(() =>
  loadPart(() => import("./DeleteStudy")).then(({ DeleteStudy }) => ({ default: DeleteStudy })),
);

const MOVES: readonly Move[] = ["pause", "resume", "cancel"];

export function Actions({ study }: { study: Study }) {
  const [isAsking, { open, close }] = useDisclosure();
  const refusal = useRefusal("change", [study]);
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: (action: Move) => moveStudy(study.id, action),
    onSettled: () => queries.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  return (
    <div>
      <Group gap="xs">
        {MOVES.map((action) => (
          <DisabledReason key={action} why={refusal ?? whyNot(action, study)}>
            <Button
              variant="default"
              size="xs"
              tt="capitalize"
              loading={move.isPending && move.variables === action}
              onClick={() => move.mutate(action)}
            >
              {action}
            </Button>
          </DisabledReason>
        ))}
        <AddSeeds study={study} refusal={refusal} />
        <DisabledReason why={refusal}>
          <Button variant="default" size="xs" onClick={open}>
            Delete
          </Button>
        </DisabledReason>
      </Group>
      {isAsking && (
        <Suspense>
          <DeleteStudy study={study} close={close} />
        </Suspense>
      )}
      <Refusal error={move.error} />
    </div>
  );
}
