// The classifier that a detector starts from: none, or the last weights of a finished run, pinned by their hash.
import { Select } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { listCheckpoints, listRuns } from "../../api/runs";
import { inputProps } from "../../form/inputs";
import type { Editing } from "./inputs";

const MOST_RUNS = 50;

type Start = { sha256: string; label: string };

/** Classifiers with option B, the shortcuts of the paper's ImageNet networks, each with the hash of its last weights. */
const startsQuery = (network: string) =>
  queryOptions({
    queryKey: ["starts", network],
    queryFn: async (): Promise<Start[]> => {
      const where = ["family=imagenet", `depth=${network.replace("resnet", "")}`];
      const { items } = await listRuns({
        task: "classification",
        status: ["succeeded"],
        shortcut: ["B"],
        where,
        limit: MOST_RUNS,
      });
      const starts = await Promise.all(
        items.map(async ({ id, name, spec: { dataset, seed } }) => {
          const files = await listCheckpoints(id);
          const weights = files.items.filter(
            ({ role, format }) => role === "weights" && format === "safetensors",
          );
          return weights
            .slice(-1)
            .map(({ sha256 }) => ({ sha256, label: `${name}, ${dataset}, seed ${seed}` }));
        }),
      );
      return starts.flat();
    },
  });

export function StartField({ editing }: { editing: Editing }) {
  const { start, network } = editing.draft;
  const trained = network ?? "resnet101";
  const isVgg = trained === "vgg16";
  const query = useQuery({ ...startsQuery(trained), enabled: !isVgg });
  const starts = query.data ?? [];
  const isListed = start === undefined || starts.some(({ sha256 }) => sha256 === start);
  const listed = isListed ? starts : [...starts, { sha256: start, label: `weights ${start.slice(0, 12)}…` }];
  const { description: _, ...props } = inputProps("start", editing);
  return (
    <Select
      {...props}
      label="Start weights"
      description={
        isVgg
          ? "This service doesn't train VGG-16 as a classifier, so a VGG-16 detector starts from scratch."
          : "The last weights of a finished ResNet of the same depth with shortcut option B, trained or imported here, pinned by their SHA-256. The paper starts from ImageNet's."
      }
      placeholder="none: from scratch"
      data={listed.map(({ sha256, label }) => ({ value: sha256, label }))}
      nothingFoundMessage="No run here has such weights."
      value={start ?? null}
      onChange={(value) => editing.change({ start: value ?? undefined })}
      clearable
      searchable
    />
  );
}
