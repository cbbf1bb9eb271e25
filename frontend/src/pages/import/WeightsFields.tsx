// The weights of an imported network, optional: with them it can be evaluated here.
import { FileInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { Editing } from "./ImportPage";

type Props = Editing & { weights: File | null; choose: (weights: File | null) => void };

export function WeightsFields({ draft, change, weights, choose }: Props) {
  return (
    <Stack gap="sm">
      <FileInput
        label="Weights"
        description="Optional: safetensors, named as torchvision or Reslab names them. Then this service can evaluate them."
        placeholder="Choose a file"
        accept=".safetensors"
        value={weights}
        onChange={choose}
        clearable
        clearButtonProps={{ "aria-label": "Remove the weights" }}
      />
      {weights && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label="Input mean"
              placeholder="0.49, 0.48, 0.45"
              value={draft.weightsMean}
              onChange={({ currentTarget: { value } }) => change({ weightsMean: value })}
            />
            <TextInput
              label="Input standard deviation"
              placeholder="1, 1, 1"
              value={draft.weightsStd}
              onChange={({ currentTarget: { value } }) => change({ weightsStd: value })}
            />
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            What the network's input subtracts from red, green and blue, and divides by, for pixels from 0 to
            1. Leave both empty for weights that Reslab saved: those files say it.
          </Text>
        </>
      )}
    </Stack>
  );
}
