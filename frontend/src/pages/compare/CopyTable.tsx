// Buttons that copy a table as Markdown, LaTeX or CSV.
import { Button, CopyButton, Group } from "@mantine/core";
import { FORMATS, type TextTable } from "./textTable";

export function CopyTable({ label, table }: { label: string; table: TextTable }) {
  return (
    <Group gap={4} role="group" aria-label={`copy ${label}`}>
      {Object.entries(FORMATS).map(([name, write]) => (
        <CopyButton key={name} value={write(table)}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              onClick={copy}
              aria-label={`${copied ? "copied" : "copy"} ${label} as ${name}`}
            >
              {copied ? "copied" : name}
            </Button>
          )}
        </CopyButton>
      ))}
    </Group>
  );
}
