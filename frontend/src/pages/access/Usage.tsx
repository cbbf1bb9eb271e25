// What people and projects use of what they may use, as bars; administrators set the limits.
import { Anchor, Button, Group, NumberInput, Progress, Stack, Table, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type HolderUse, type Limits, listUsage, monthsUrl, setQuota } from "../../api/access";
import { QueryView } from "../../ui/QueryView";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { Unfold } from "../../ui/Unfold";
import { formatCount, size } from "../../units";

const usageQuery = queryOptions({ queryKey: ["usage"], queryFn: listUsage });
const count = (value: number) => formatCount(value);
const hours = (value: number) => `${value.toLocaleString("en", { maximumFractionDigits: 1 })} h`;
const FIELDS = [
  ["running", "Running", count],
  ["queued", "Queued", count],
  ["device_hours", "Device-hours this month", hours],
  ["kept_bytes", "Kept files", size],
] as const;

export function Usage({ isAdministrator }: { isAdministrator: boolean }) {
  return (
    <Section
      title="Use and quotas"
      aside={
        <Anchor href={monthsUrl} download size="sm">
          By month (CSV)
        </Anchor>
      }
    >
      <QueryView query={useQuery(usageQuery)} what="use">
        {({ items }) => (
          <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
            <Table aria-label="use and quotas">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Who</Table.Th>
                  {FIELDS.map(([name, label]) => (
                    <Table.Th key={name}>{label}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((holder) => (
                  <Row key={`${holder.kind} ${holder.name}`} holder={holder} isEditable={isAdministrator} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </QueryView>
    </Section>
  );
}

const titleOf = ({ kind, name }: HolderUse) =>
  name === "*" ? `every other ${kind}` : kind === "project" ? `project ${name}` : name;

function Row({ holder, isEditable }: { holder: HolderUse; isEditable: boolean }) {
  const title = titleOf(holder);
  return (
    <Table.Tr>
      <Table.Td>
        {title}
        {isEditable && (
          <Unfold title="Set limits">
            <LimitsForm holder={holder} />
          </Unfold>
        )}
      </Table.Td>
      {FIELDS.map(([name, label, write]) => (
        <Table.Td key={name} style={{ verticalAlign: "top" }}>
          <Bar
            label={`${title}: ${label.toLowerCase()}`}
            used={holder[name]}
            limit={holder.limits[name] ?? null}
            write={write}
          />
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

type BarProps = { label: string; used: number; limit: number | null; write: (value: number) => string };

function Bar({ label, used, limit, write }: BarProps) {
  if (limit === null) return <Text size="sm">{write(used)}</Text>;
  const part = limit > 0 ? Math.min(100, (100 * used) / limit) : 100;
  return (
    <Stack gap={2}>
      <Text size="sm">
        {write(used)} of {write(limit)}
      </Text>
      <Progress value={part} color={part >= 100 ? "red" : "cobalt"} aria-label={label} />
    </Stack>
  );
}

function LimitsForm({ holder }: { holder: HolderUse }) {
  const queries = useQueryClient();
  const [limits, setLimits] = useState<Limits>(holder.limits);
  const save = useMutation({
    mutationFn: () => setQuota(holder.kind, holder.name, limits),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["usage"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="xs">
        {FIELDS.map(([name, label]) => (
          <NumberInput
            key={name}
            size="xs"
            label={name === "kept_bytes" ? "Kept bytes" : label}
            placeholder="no limit"
            min={0}
            value={limits[name] ?? ""}
            onChange={(value) => setLimits({ ...limits, [name]: typeof value === "number" ? value : null })}
          />
        ))}
        <Button size="xs" type="submit" variant="default" loading={save.isPending}>
          Save limits
        </Button>
      </Group>
      <Refusal error={save.error} />
    </form>
  );
}
