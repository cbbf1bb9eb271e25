// The layout of both forms: the choices that matter, and below them all other fields by group, one click away.
import { Accordion, SimpleGrid, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Editing } from "./inputs";

type Props = {
  /** The fields that are always in sight. */
  first: readonly string[];
  /** What the form starts with: those fields may stay folded. */
  start: Readonly<Record<string, unknown>>;
  editing: Pick<Editing, "draft" | "errors">;
  children: ReactNode;
};

/** Folded, unless a link sets or the API refuses a field in it. */
export function MoreFields({ first, start, editing: { draft, errors }, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  const isSet = Object.entries(draft).some(
    ([field, value]) => value !== undefined && value !== start[field] && !first.includes(field),
  );
  const isRefused = Object.keys(errors).some(
    (path) => !first.includes(path.replace(/^spec\./, "").split(".")[0] ?? ""),
  );
  return (
    <Accordion
      value={isOpen || isSet || isRefused ? "more" : null}
      onChange={(more) => setOpen(more !== null)}
      chevronPosition="left"
    >
      <Accordion.Item value="more" className="section">
        <Accordion.Control px={0}>More fields</Accordion.Control>
        <Accordion.Panel>{children}</Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

export function Fieldset({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mt="lg" mb="xs">
        {title}
      </Title>
      <FieldGrid>{children}</FieldGrid>
    </section>
  );
}

export function FieldGrid({ children }: { children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="lg">
      {children}
    </SimpleGrid>
  );
}
