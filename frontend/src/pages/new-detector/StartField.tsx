// The classifier that a detector starts from: none, a finished run's weights, or an uploaded file, pinned by their hash.
import { Button, FileButton, Group, Select, Stack, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createExamination } from "../../api/examinations";
import { listStartWeights, uploadStartWeights } from "../../api/starts";
import type { StartWeights } from "../../api/types";
import { inputProps } from "../../form/inputs";
import { Refusal } from "../../ui/Refusal";
import type { Editing } from "./inputs";

type Network = StartWeights["network"];

const PASS_MS = 3000;

const startWeightsQuery = (network: Network) =>
  queryOptions({ queryKey: ["start weights", network], queryFn: () => listStartWeights(network) });

export function StartField({ editing }: { editing: Editing }) {
  const { start } = editing.draft;
  const network = editing.draft.network ?? "resnet101";
  const starts = useQuery(startWeightsQuery(network)).data?.items ?? [];
  const chosen = starts.find(({ sha256 }) => sha256 === start);
  const listed = starts.map((weights) => ({ value: weights.sha256, label: labelOf(weights) }));
  const unlisted = start && !chosen ? [{ value: start, label: `weights ${start.slice(0, 12)}…` }] : [];
  const choose = (weights: StartWeights | undefined) =>
    editing.change({
      start: weights?.sha256,
      statistics: weights?.statistics,
      ...(weights?.stride_in_1x1 != null && { stride_in_1x1: weights.stride_in_1x1 }),
    });
  const { description: _, ...props } = inputProps("start", editing);
  return (
    <Stack gap="xs">
      <Select
        {...props}
        label="Start weights"
        description="A classifier of the same network, pinned by its SHA-256: a finished run with shortcut option B, or torchvision's weights as safetensors. The paper starts from ImageNet's."
        placeholder="none: from scratch"
        data={[...listed, ...unlisted]}
        nothingFoundMessage="No run here has such weights. Upload a file."
        value={start ?? null}
        onChange={(value) => choose(starts.find(({ sha256 }) => sha256 === value))}
        clearable
        searchable
      />
      <Upload network={network} onStored={choose} />
      {chosen?.run && chosen.statistics === "moving_average" && (
        <Statistics key={chosen.run} network={network} run={chosen.run} starts={starts} />
      )}
    </Stack>
  );
}

function Upload({ network, onStored }: { network: Network; onStored: (weights: StartWeights) => void }) {
  const queries = useQueryClient();
  const upload = useMutation({
    mutationFn: (file: File) => uploadStartWeights(network, file),
    onSuccess: async (weights) => {
      await queries.invalidateQueries({ queryKey: ["start weights", network] });
      onStored(weights);
    },
  });
  return (
    <>
      <Group>
        <FileButton
          accept=".safetensors"
          onChange={(file) => file && upload.mutate(file)}
          inputProps={{ "aria-label": "file of start weights" }}
        >
          {(open) => (
            <Button {...open} variant="default" size="xs" loading={upload.isPending}>
              Upload weights
            </Button>
          )}
        </FileButton>
      </Group>
      <Refusal error={upload.error} />
    </>
  );
}

type StatisticsProps = { network: Network; run: string; starts: readonly StartWeights[] };

/** Offers the copy of a run's weights that the paper's protocol asks for. */
function Statistics({ network, run, starts }: StatisticsProps) {
  const isThere = starts.some((weights) => weights.run === run && weights.statistics === "training_set");
  const request = useMutation({ mutationFn: () => createExamination(run, { kind: "statistics" }) });
  useQuery({
    ...startWeightsQuery(network),
    refetchInterval: request.isSuccess && !isThere ? PASS_MS : false,
  });
  if (isThere)
    return (
      <Text size="xs">The list has a copy of these weights with the statistics of all training images.</Text>
    );
  return (
    <>
      <Text size="xs">
        The paper computes batch norm statistics over all training images; these weights have moving averages.
      </Text>
      <Group>
        <Button
          variant="default"
          size="xs"
          loading={request.isPending || request.isSuccess}
          onClick={() => request.mutate()}
        >
          Compute statistics
        </Button>
      </Group>
      <Refusal error={request.error} />
    </>
  );
}

const labelOf = ({ name, dataset, seed, statistics }: StartWeights): string =>
  [
    name,
    dataset === null ? "uploaded" : `${dataset}, seed ${seed}`,
    ...(statistics === "training_set" ? ["statistics of all training images"] : []),
  ].join(", ");
