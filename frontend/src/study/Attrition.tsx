// How many seeds a result rests on, what became of the others, and what they could have changed.
import { Text } from "@mantine/core";
import type { Study } from "../api/types";

export type Attrition = Study["networks"][number]["attrition"];

/** "3 of 6 seeds", and the word for a result that may still change. */
export function Seeds({
  attrition,
}: {
  attrition: Pick<Attrition, "counted" | "planned" | "is_provisional">;
}) {
  const { counted, planned, is_provisional } = attrition;
  return (
    <>
      <Text span size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {counted} of {planned} {planned === 1 ? "seed" : "seeds"}
      </Text>
      {is_provisional && counted > 0 && <Provisional />}
    </>
  );
}

export function Provisional() {
  return (
    <Text span size="xs" c="var(--reslab-departure)" style={{ flexShrink: 0 }}>
      provisional
    </Text>
  );
}
