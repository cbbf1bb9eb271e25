// The network in the form of Table 1: one stage per row, its block's layers in brackets, and the number of blocks.
import { Group, Table } from "@mantine/core";
import { formatCount, magnitude } from "../units";
import { blocksOf, countsByKind, type Layer } from "./drawingLayout";

export function LayerTable({ layers }: { layers: readonly Layer[] }) {
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
      <Table aria-label="layers" verticalSpacing={4} horizontalSpacing={6} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Layer</Table.Th>
            <Table.Th visibleFrom="sm">Output size</Table.Th>
            <Table.Th>Blocks</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              Channels
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              Stride
            </Table.Th>
            <Table.Th visibleFrom="sm">Shortcuts</Table.Th>
            <Table.Th ta="right">Parameters</Table.Th>
            <Table.Th ta="right">Multiply-adds</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {layers.map((layer) => (
            <Table.Tr key={layer.name}>
              <Table.Td>{layer.name}</Table.Td>
              <Table.Td visibleFrom="sm">{layer.output_size}</Table.Td>
              <Table.Td>
                <Blocks layer={layer} />
              </Table.Td>
              <Table.Td visibleFrom="sm" ta="right">
                {formatCount(layer.channels)}
              </Table.Td>
              <Table.Td visibleFrom="sm" ta="right">
                {layer.stride}
              </Table.Td>
              <Table.Td visibleFrom="sm">{countsByKind(layer.shortcuts) || "–"}</Table.Td>
              <Table.Td ta="right">{formatCount(layer.parameters)}</Table.Td>
              <Table.Td ta="right">{magnitude(layer.multiply_adds)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Blocks({ layer }: { layer: Layer }) {
  // conv1 and the classifier have a single layer, which the API describes in words.
  if (layer.weighted_layers === 1) return layer.blocks;
  return (
    <>
      {layer.max_pool && <div>{layer.max_pool}</div>}
      <Group gap={4} wrap="nowrap" style={{ whiteSpace: "nowrap" }}>
        <div style={{ borderInline: "1px solid currentColor", borderRadius: 4, padding: "0 5px" }}>
          {layer.convolutions.map((convolution, nth) => (
            <div key={nth}>{convolution}</div>
          ))}
        </div>
        × {blocksOf(layer).length}
      </Group>
    </>
  );
}
