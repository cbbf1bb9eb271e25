// A value under its label, with an optional note below it.
import { Text } from "@mantine/core";

type Props = { label: string; value: string; note?: string | undefined };

export function Fact({ label, value, note }: Props) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text style={{ fontVariantNumeric: "tabular-nums" }}>{value}</Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  );
}
