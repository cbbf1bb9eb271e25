// The button in the header and the key that show the list of shortcuts.
import { ActionIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { loadPart } from "../ui/loadPart";
import { useShortcuts } from "../ui/useShortcuts";

const ShortcutsDialog = lazy(() =>
  loadPart(() => import("./ShortcutsDialog")).then(({ ShortcutsDialog }) => ({ default: ShortcutsDialog })),
);

export function Shortcuts() {
  const [isOpen, { open, close }] = useDisclosure();
  useShortcuts({ "?": open });
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        ml="auto"
        fw={700}
        onClick={open}
        aria-label="keyboard shortcuts"
        title="Keyboard shortcuts (?)"
      >
        ?
      </ActionIcon>
      {isOpen && (
        <Suspense>
          <ShortcutsDialog close={close} />
        </Suspense>
      )}
    </>
  );
}
