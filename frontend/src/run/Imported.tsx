// The mark of a result that was made elsewhere, and where it is from.
import { Badge, Text } from "@mantine/core";
import type { Run } from "../api/types";
import { pluralize } from "../units";
import { fieldTitle } from "./spec";

type Origin = NonNullable<Run["origin"]>;
const MEANING = "Imported: made elsewhere, and not checked here";

/** Nothing for a run of this service. */
export function ImportedMark({ run: { origin } }: { run: Partial<Pick<Run, "origin">> }) {
  if (!origin) return null;
  return (
    <Badge variant="outline" color="grape" size="sm" title={MEANING}>
      imported
    </Badge>
  );
}

/** Who made it, its file, and what nobody said. */
export function OriginText({ origin }: { origin: Origin }) {
  const from = [origin.lab, origin.source, `${origin.file} (${origin.format})`].filter(Boolean).join(", ");
  return (
    <Text size="sm">
      {MEANING}. From {from}.{" "}
      {origin.unknown.length === 0
        ? "Every field of its protocol is declared."
        : `Nobody said ${pluralize(origin.unknown.length, "field")} of its protocol: ${origin.unknown.map(fieldTitle).join(", ")}.`}
    </Text>
  );
}
