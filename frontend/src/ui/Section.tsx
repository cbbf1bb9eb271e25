// A part of a page under a hairline and a title, which in lower case is also its accessible name.
import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = {
  title: string;
  /** Where a link on the page leads. */
  id?: string;
  /** Beside the title: a count, or what can be done here. */
  aside?: ReactNode;
  children: ReactNode;
};

export function Section({ title, id, aside, children }: Props) {
  return (
    <section className="section" id={id} aria-label={title.toLowerCase()}>
      <Group justify="space-between" align="baseline" mb="sm" gap="sm">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </section>
  );
}
