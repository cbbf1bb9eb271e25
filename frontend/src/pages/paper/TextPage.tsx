// Numbers in the paper's text, its inconsistencies, and common misreadings.
import { Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PaperText } from "../../api/types";
import { citation, locationOf, numberText } from "../../paper/cite";
import { textQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";

export function TextPage() {
  return (
    <QueryView query={useQuery(textQuery)} what="numbers in the text">
      {(text) => (
        <Stack gap="lg">
          <Statements statements={text.statements} />
          <Inconsistencies items={text.inconsistencies} />
          <Misreadings items={text.misreadings} />
        </Stack>
      )}
    </QueryView>
  );
}

function Statements({ statements }: { statements: PaperText["statements"] }) {
  return (
    <section aria-label="numbers in the text">
      <Title order={2} mb="xs">
        Numbers in the text
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Section</Table.Th>
            <Table.Th>Statement</Table.Th>
            <Table.Th>Number</Table.Th>
            <Table.Th visibleFrom="sm">Tested by</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {statements.map(({ id, section, text, value, unit, recipes }) => (
            <Table.Tr key={id} id={id}>
              <Table.Td c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {citation(section)}
              </Table.Td>
              <Table.Td>{text}</Table.Td>
              <Table.Td style={{ fontVariantNumeric: "tabular-nums" }}>{numberText(value, unit)}</Table.Td>
              <Table.Td visibleFrom="sm">
                {recipes.map((name) => (
                  <TextLink key={name} size="sm" mr="xs" to="/paper/recipes/$name" params={{ name }}>
                    {name}
                  </TextLink>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Inconsistencies({ items }: { items: PaperText["inconsistencies"] }) {
  return (
    <section aria-label="inconsistencies">
      <Title order={2} mb="xs">
        Where the paper's own numbers disagree
      </Title>
      <Stack gap="sm">
        {items.map(({ text, about }) => (
          <div key={text}>
            <Text size="sm" maw={760}>
              {text}
            </Text>
            {about.map((key) => (
              <LocationLink key={key} of={key} />
            ))}
          </div>
        ))}
      </Stack>
    </section>
  );
}

function LocationLink({ of: key }: { of: string }) {
  const location = locationOf(key);
  if ("table" in location) {
    return (
      <TextLink
        size="xs"
        mr="sm"
        to="/paper/tables/$number"
        params={{ number: location.table }}
        search={{ cell: key }}
      >
        {key.replace("table-", "Table ").replaceAll(":", ", ")}
      </TextLink>
    );
  }
  return (
    <TextLink size="xs" mr="sm" to="/paper/text" hash={location.statement}>
      {location.statement}
    </TextLink>
  );
}

function Misreadings({ items }: { items: PaperText["misreadings"] }) {
  return (
    <section aria-label="misreadings">
      <Title order={2} mb="xs">
        Common misreadings
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Section</Table.Th>
            <Table.Th>Common belief</Table.Th>
            <Table.Th>What the paper says</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ where, reading, paper }) => (
            <Table.Tr key={reading}>
              <Table.Td c="dimmed">{citation(where)}</Table.Td>
              <Table.Td>{reading}</Table.Td>
              <Table.Td>{paper}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
