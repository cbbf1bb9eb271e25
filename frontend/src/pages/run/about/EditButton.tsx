// Opens the form that changes a run's name, tags and notes.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import type { Run } from "../../../api/types";
import { DisabledReason } from "../../../ui/DisabledReason";
import { loadPart } from "../../../ui/loadPart";

const EditDialog = lazy(() =>
  loadPart(() => import("./EditDialog")).then(({ EditDialog }) => ({ default: EditDialog })),
);

export function EditButton({ run, refusal }: { run: Run; refusal: string | undefined }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <DisabledReason why={refusal}>
        <Button variant="default" size="xs" onClick={open}>
          Edit
        </Button>
      </DisabledReason>
      {isOpen && (
        <Suspense>
          <EditDialog run={run} close={close} />
        </Suspense>
      )}
    </>
  );
}
