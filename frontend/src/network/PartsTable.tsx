// A detector's parts: the shared layers, the proposals, and what is done for each region (App. A).
import { Stack, Table, Text } from "@mantine/core";
import type { DetectionNetwork } from "../api/types";
import { formatCount } from "../units";

const TITLES: Readonly<Record<string, string>> = {
  trunk: "conv1 to conv4_x, shared over the image",
  rpn: "region proposal network",
  head: "conv5_x (VGG-16: fc6, fc7), for each region",
  predictor: "class scores and boxes, for each region",
};

export function PartsTable({ network }: { network: DetectionNetwork }) {
  const { parts, image, classes, trained_parameters, frozen_batch_norm_values } = network;
  return (
    <Stack gap="xs">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Part</Table.Th>
            <Table.Th ta="right">Parameters</Table.Th>
            <Table.Th ta="right">Multiply-adds</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {parts.map(({ name, parameters, multiply_adds }) => (
            <Table.Tr key={name}>
              <Table.Td>{TITLES[name] ?? name}</Table.Td>
              <Table.Td ta="right">{formatCount(parameters)}</Table.Td>
              <Table.Td ta="right">{formatCount(multiply_adds)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {formatCount(classes)} classes. {formatCount(trained_parameters)} parameters are trained
        {frozen_batch_norm_values > 0 &&
          `; ${formatCount(frozen_batch_norm_values)} constants belong to frozen batch norms`}
        . Multiply-adds are those of a test image of {image[0]}×{image[1]} pixels with every proposal
        classified.
      </Text>
    </Stack>
  );
}
