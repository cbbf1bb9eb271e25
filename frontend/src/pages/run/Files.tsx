// A run's files: weights to download, and checkpoints to fork from.
import { Anchor, Button, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { weightsUrl } from "../../api/addresses";
import { checkpointsQuery, planQuery, sizeQuery } from "../../api/queries";
import type { Artifact, Run } from "../../api/types";
import { isOpen } from "../../run/progress";
import { loadPart } from "../../ui/loadPart";
import { ErrorState, LoadingState } from "../../ui/States";
import { Unfold } from "../../ui/Unfold";
import { formatCount, pluralize, size } from "../../units";
import { fileName } from "./weightsName";

const Snippet = lazy(() =>
  loadPart(() => import("./LoadingSnippet")).then(({ Snippet }) => ({ default: Snippet })),
);

export function Files({ run }: { run: Run }) {
  const query = useQuery(checkpointsQuery(run.id));
  if (query.isPending) return <LoadingState what="files" />;
  if (query.isError && !query.data)
    return <ErrorState what="The files" error={query.error} retry={query.refetch} />;
  const last = query.data.items.find(({ role, format }) => role === "weights" && format === "safetensors");
  return (
    <Stack gap="md">
      {last ? (
        <Weights run={run} weights={last} />
      ) : (
        <Text c="dimmed">
          {isOpen(run)
            ? "No weights yet. They are saved with the first checkpoint."
            : run.origin
              ? "This result was imported without weights."
              : "No weights: the run ended before its first checkpoint."}
        </Text>
      )}
      {query.data.items.length > 0 && <FilesTable run={run} files={query.data.items} />}
      <StorageUse run={run} />
    </Stack>
  );
}

/** How the file is loaded: by a program to copy, or by the trainer. */
function Loading({ run, file }: { run: Run; file: string }) {
  const { depth, shortcut, family } = run.spec;
  const isSmall = depth !== undefined && shortcut !== undefined && family === "cifar";
  const plan = useQuery({ ...planQuery({ spec: run.spec }), enabled: isSmall });
  if (run.task === "detection")
    return (
      <Text size="sm" c="dimmed">
        The file's metadata hold the specification, the classes and the mean colour of the detector's input.
      </Text>
    );
  if (!isSmall)
    return (
      <Text size="sm" c="dimmed">
        The file has torchvision's keys; its metadata name the variant. Load it with{" "}
        <Code>python -m trainer predict --weights {file} IMAGE</Code>.
      </Text>
    );
  return (
    plan.data && (
      <Unfold title="Load the weights in plain PyTorch (needs only torch and safetensors)">
        <Snippet spec={{ ...run.spec, depth, shortcut, classes: plan.data.classes }} file={file} />
      </Unfold>
    )
  );
}

function Weights({ run, weights }: { run: Run; weights: Artifact }) {
  const file = fileName(run.spec, weights.iteration);
  return (
    <Stack gap="sm">
      <Group>
        <Button component="a" href={weightsUrl(run.id, weights)} download={file}>
          Download weights
        </Button>
        <Text size="sm" c="dimmed">
          safetensors, {size(weights.size_bytes)}, iteration {formatCount(weights.iteration)}
        </Text>
      </Group>
      <Hash sha256={weights.sha256} />
      <Loading run={run} file={file} />
    </Stack>
  );
}

function FilesTable({ run, files }: { run: Run; files: readonly Artifact[] }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        All files
      </Title>
      <Table.ScrollContainer minWidth={0}>
        <Table aria-label="checkpoints and weights" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Iteration</Table.Th>
              <Table.Th>File</Table.Th>
              <Table.Th>Size</Table.Th>
              <Table.Th visibleFrom="sm">SHA-256</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {files.map((file) => (
              <Table.Tr key={`${file.role} ${file.format} ${file.iteration}`}>
                <Table.Td>{formatCount(file.iteration)}</Table.Td>
                <Table.Td>
                  {file.role === "weights" ? (
                    <Anchor size="sm" href={weightsUrl(run.id, file)} download>
                      weights, {file.format}
                    </Anchor>
                  ) : (
                    "checkpoint"
                  )}
                </Table.Td>
                <Table.Td style={{ whiteSpace: "nowrap" }}>{size(file.size_bytes)}</Table.Td>
                <Table.Td visibleFrom="sm" title={file.sha256} ff="monospace" fz="xs">
                  {file.sha256.slice(0, 12)}…
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function StorageUse({ run }: { run: Run }) {
  const { data } = useQuery(sizeQuery(run.id));
  if (!data) return null;
  return (
    <Text size="sm" c="dimmed">
      This run uses {size(data.total_bytes)}: {pluralize(data.files, "file")} ({size(data.files_bytes)}),
      curves ({size(data.curves_bytes)}), log ({size(data.log_bytes)}) and history ({size(data.history_bytes)}
      ).
    </Text>
  );
}

function Hash({ sha256 }: { sha256: string }) {
  return (
    <Text size="xs" c="dimmed">
      SHA-256{" "}
      <Text
        span
        ff="monospace"
        fz="xs"
        style={{ overflowWrap: "anywhere" }}
        aria-label="SHA-256 of the weights"
      >
        {sha256}
      </Text>
    </Text>
  );
}
