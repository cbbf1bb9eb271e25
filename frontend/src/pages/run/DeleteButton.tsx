// Deletes a run and leaves its page.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Run } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { loadPart } from "../../ui/loadPart";
import { whyNotDelete } from "./moves";

const DeleteDialog = lazy(() =>
  loadPart(() => import("../../run/DeleteDialog")).then(({ DeleteDialog }) => ({ default: DeleteDialog })),
);

export function DeleteButton({ run, refusal }: { run: Run; refusal: string | undefined }) {
  const [isAsking, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const leave = async () => {
    await navigate({ to: "/", replace: true });
    queries.removeQueries({ queryKey: ["run", run.id] });
    queries.invalidateQueries({ queryKey: ["runs"] });
  };
  return (
    <>
      <DisabledReason why={refusal ?? whyNotDelete(run)}>
        <Button variant="default" size="xs" onClick={open}>
          Delete
        </Button>
      </DisabledReason>
      {isAsking && (
        <Suspense>
          <DeleteDialog runs={[run]} close={close} done={leave} />
        </Suspense>
      )}
    </>
  );
}
