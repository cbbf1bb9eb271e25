// Deletes a run, and leaves its page.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Run } from "../api/client";
import { Explained } from "../shell/Explained";
import { patiently } from "../shell/patiently";
import { whyNotDelete } from "./moves";

const DeleteDialog = lazy(() =>
  patiently(() => import("../runs/DeleteDialog")).then(({ DeleteDialog }) => ({ default: DeleteDialog })),
);

export function DeleteButton({ run }: { run: Run }) {
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
      <Explained why={whyNotDelete(run)}>
        <Button variant="default" size="xs" onClick={open}>
          Delete
        </Button>
      </Explained>
      {isAsking && (
        <Suspense>
          <DeleteDialog runs={[run]} close={close} done={leave} />
        </Suspense>
      )}
    </>
  );
}
