// The bar of the selected runs: compare, cancel, tag, archive, delete.
import { Alert, Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { MOST } from "../../address/comparison";
import { useRefusal } from "../../api/rights";
import { changeRun, moveRun } from "../../api/runs";
import type { Run } from "../../api/types";
import { DeleteDialog } from "../../run/DeleteDialog";
import { forEach } from "../../run/forEach";
import { isOpen } from "../../run/progress";
import { DisabledReason } from "../../ui/DisabledReason";
import { useShortcuts } from "../../ui/useShortcuts";
import { formatCount } from "../../units";
import { TagDialog } from "./TagDialog";
import styles from "./table/table.module.css";

type Props = { runs: readonly Run[]; clear: () => void; remove: (ids: readonly string[]) => void };

export function SelectionBar({ runs, clear, remove }: Props) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<"tag" | "delete">();
  const refresh = () => queries.invalidateQueries({ queryKey: ["runs"] });
  const cancel = useMutation({
    mutationFn: () => forEach(runs.filter(isOpen), ({ id }) => moveRun(id, "cancel")),
    onSettled: refresh,
  });
  const isArchived = runs.every(({ archived_at }) => archived_at);
  const archive = useMutation({
    mutationFn: () => forEach(runs, ({ id }) => changeRun(id, { archived: !isArchived })),
    onSuccess: (moved) => remove(moved.map(({ id }) => id)),
    onSettled: refresh,
  });
  const refusal = useRefusal("change", runs);
  const failure = cancel.error ?? archive.error;
  const whyNotCompare = runs.length > MOST ? `You can compare at most ${MOST} runs.` : undefined;
  const compare = () =>
    whyNotCompare ?? navigate({ to: "/compare", search: { run: runs.map(({ id }) => id) } });
  useShortcuts({ c: compare, Escape: clear });
  return (
    <section className={styles.selection} aria-label="selected runs">
      <Group gap="xs">
        <Text size="sm" fw={600} role="status">
          {formatCount(runs.length)} selected
        </Text>
        <DisabledReason why={whyNotCompare}>
          <Button size="xs" onClick={compare}>
            Compare
          </Button>
        </DisabledReason>
        {runs.some(({ origin }) => origin) && (
          <Button
            size="xs"
            variant="default"
            onClick={() => navigate({ to: "/pool", search: { run: runs.map(({ id }) => id) } })}
          >
            Pool
          </Button>
        )}
        <DisabledReason why={refusal ?? (runs.some(isOpen) ? undefined : "All selected runs have ended.")}>
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        </DisabledReason>
        <DisabledReason why={refusal}>
          <Button size="xs" variant="default" onClick={() => setDialog("tag")}>
            Tag
          </Button>
        </DisabledReason>
        <DisabledReason
          why={refusal ?? (runs.some(isOpen) ? "Only runs that have ended can be archived." : undefined)}
        >
          <Button size="xs" variant="default" loading={archive.isPending} onClick={() => archive.mutate()}>
            {isArchived ? "Bring back" : "Archive"}
          </Button>
        </DisabledReason>
        <DisabledReason why={refusal ?? whyNotDelete(runs)}>
          <Button size="xs" variant="default" onClick={() => setDialog("delete")}>
            Delete
          </Button>
        </DisabledReason>
        <Button size="xs" variant="subtle" onClick={clear}>
          Clear selection
        </Button>
      </Group>
      {failure && (
        <Alert color="red" mt="xs">
          {failure.message}
        </Alert>
      )}
      {dialog === "tag" && <TagDialog runs={runs} close={() => setDialog(undefined)} done={refresh} />}
      {dialog === "delete" && (
        <DeleteDialog
          runs={runs}
          close={() => setDialog(undefined)}
          done={(deleted) => {
            remove(deleted);
            refresh();
          }}
        />
      )}
    </section>
  );
}

function whyNotDelete(runs: readonly Run[]): string | undefined {
  const running = runs.filter(({ status }) => status === "running").length;
  if (running === 0) return undefined;
  return running === 1
    ? "1 selected run is still running. Cancel it first."
    : `${formatCount(running)} selected runs are still running. Cancel them first.`;
}
