// References besides the paper's numbers: exact counts of its networks, and the results of other implementations.
import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PaperReferences } from "../../api/types";
import { referencesQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";
import { formatCount } from "../../units";

export function ReferencesPage() {
  return (
    <QueryView query={useQuery(referencesQuery)} what="references">
      {({ counts, reimplementations }) => (
        <Stack gap="lg">
          <Counts networks={counts.networks} />
          <Vgg networks={counts.vgg} />
          <Reimplementations items={reimplementations} />
        </Stack>
      )}
    </QueryView>
  );
}

type Networks = PaperReferences["counts"]["networks"];

const COUNTS: readonly { field: keyof Networks[number] & string; label: string }[] = [
  { field: "parameters", label: "Parameters" },
  { field: "multiply_adds", label: "Multiply-adds" },
  { field: "without_batch_norm", label: "Without BN" },
  { field: "conv_weights", label: "Convolutions" },
  { field: "batch_norm", label: "BN (γ, β)" },
  { field: "fc_weights", label: "FC weights" },
  { field: "fc_bias", label: "FC bias" },
  { field: "shortcuts", label: "Shortcuts" },
  { field: "projections", label: "Projections" },
  { field: "projection_weights", label: "Projection weights" },
  { field: "projection_batch_norm", label: "Projection BN" },
  { field: "projection_multiply_adds", label: "Projection multiply-adds" },
];

/** A phone shows what most readers look for. */
const narrow = (field: string): "sm" | undefined =>
  field === "parameters" || field === "multiply_adds" ? undefined : "sm";

function Counts({ networks }: { networks: Networks }) {
  return (
    <Wide
      title="Counts"
      about="Counted from the architectures; the paper doesn't print these numbers. One multiply-add counts as one operation; BN, ReLU and pooling are not counted."
      head={["Network", ...COUNTS.map(({ label }) => label)]}
      onPhone={["Parameters", "Multiply-adds"]}
    >
      {networks.map((network) => (
        <Table.Tr key={`${network.dataset} ${network.depth} ${network.shortcut} ${network.stride_in_1x1}`}>
          <Table.Th fw={400} miw={{ base: 0, sm: 210 }}>
            {network.dataset}, {network.depth} {network.shortcut === "none" ? "plain" : network.shortcut}
            {network.stride_in_1x1 ? "" : ", stride in 3×3"}
          </Table.Th>
          {COUNTS.map(({ field }) => (
            <Count key={field} value={network[field] as number} visibleFrom={narrow(field)} />
          ))}
        </Table.Tr>
      ))}
    </Wide>
  );
}

function Vgg({ networks }: { networks: PaperReferences["counts"]["vgg"] }) {
  return (
    <Wide
      title="VGG"
      about="The networks whose FLOPs sec. 3.3 and 4.1 use for comparison, counted with and without their fully connected layers."
      head={["Network", "Parameters", "Multiply-adds", "Convolutions only"]}
      onPhone={["Parameters", "Multiply-adds"]}
    >
      {networks.map(({ network, parameters, multiply_adds, convolution_multiply_adds }) => (
        <Table.Tr key={network}>
          <Table.Th fw={400}>{network}</Table.Th>
          <Count value={parameters} />
          <Count value={multiply_adds} />
          <Count value={convolution_multiply_adds} visibleFrom="sm" />
        </Table.Tr>
      ))}
    </Wide>
  );
}

function Reimplementations({ items }: { items: PaperReferences["reimplementations"] }) {
  return (
    <Wide
      title="Other implementations"
      about="Results of other people's code. Errors are in percent. The data sets and protocols differ, as each row says."
      head={[
        "Implementation",
        "Data set",
        "Network",
        "Top-1",
        "± std",
        "Top-5",
        "Best on test",
        "Training",
        "Protocol",
      ]}
      onPhone={["Network", "Top-1"]}
    >
      {items.map((item, nth) => (
        <Table.Tr key={nth}>
          <Table.Td>
            {item.address ? (
              <Anchor href={item.address} target="_blank" rel="noreferrer" size="sm">
                {item.implementation}
              </Anchor>
            ) : (
              item.implementation
            )}
            <Text hiddenFrom="sm" size="xs" c="dimmed">
              {item.dataset}. {item.protocol}
            </Text>
          </Table.Td>
          <Table.Td visibleFrom="sm">{item.dataset}</Table.Td>
          <Table.Td miw={{ base: 0, sm: 130 }}>{item.net}</Table.Td>
          <Count value={item.top1_error} />
          <Count value={item.std} visibleFrom="sm" />
          <Count value={item.top5_error} visibleFrom="sm" />
          <Count value={item.best_on_test} visibleFrom="sm" />
          <Count value={item.final_train_error} visibleFrom="sm" />
          <Table.Td visibleFrom="sm" miw={260}>
            <Text size="xs">{item.protocol}</Text>
          </Table.Td>
        </Table.Tr>
      ))}
    </Wide>
  );
}

/** `onPhone` are the columns besides the first that a phone shows. */
type WideTable = {
  title: string;
  about: string;
  head: readonly string[];
  onPhone: readonly string[];
  children: ReactNode;
};

function Wide({ title, about, head: [first, ...rest], onPhone, children }: WideTable) {
  return (
    <section aria-label={title.toLowerCase()}>
      <Title order={2}>{title}</Title>
      <Text size="sm" c="dimmed" mb="xs">
        {about}
      </Text>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
        <Table aria-label={title.toLowerCase()} fz="xs" miw={{ base: 0, sm: 100 + 90 * rest.length }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{first}</Table.Th>
              {rest.map((name) => (
                <Table.Th key={name} ta="right" visibleFrom={onPhone.includes(name) ? undefined : "sm"}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

type CountProps = { value: number | null | undefined; visibleFrom?: "sm" | undefined };

function Count({ value, visibleFrom }: CountProps) {
  return (
    <Table.Td visibleFrom={visibleFrom} ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
      {value == null ? "–" : Number.isInteger(value) ? formatCount(value) : value}
    </Table.Td>
  );
}
