// The form for a condition on a column. The API checks it before the address holds it, and a refusal is shown here.
import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { listRuns } from "../../../api/runs";
import { titleOf } from "../table/columns";
import { fits, KINDS, type Kind, operatorsOf, signOf } from "./conditionSyntax";

const COLUMNS = Object.keys(KINDS).map((value) => ({ value, label: titleOf(value) }));
const EXAMPLES = { number: "0.1", text: "the whole text", time: "2026-11-24 (UTC)" } as const;

type Props = { conditions: readonly string[]; add: (condition: string) => void };

export function ConditionForm({ conditions, add }: Props) {
  const [column, setColumn] = useState("test_error");
  const [sign, setSign] = useState("<");
  const [typed, setTyped] = useState("");
  const kind = KINDS[column] ?? "text";
  const operators = operatorsOf(kind);
  const operator = operators.includes(sign) ? sign : "=";
  const value = typedValue(kind, typed);
  const condition = `${column}${operator}${value}`;
  const isFull = !fits([...conditions, condition]);
  const check = useMutation({
    mutationFn: () => listRuns({ where: [condition], limit: 1 }),
    onSuccess: () => add(condition),
  });
  const changing = (set: (text: string) => void) => (event: { target: { value: string } }) => {
    check.reset();
    set(event.target.value);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value && !isFull) check.mutate();
  };
  const field = {
    "aria-label": "value",
    value,
    onChange: changing(setTyped),
    error: check.error?.message,
    style: { flex: 1 },
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <NativeSelect aria-label="column" data={COLUMNS} value={column} onChange={changing(setColumn)} />
        <Group gap="xs" wrap="nowrap" align="start">
          <NativeSelect
            aria-label="operator"
            w={70}
            data={operators.map((value) => ({ value, label: signOf(value) }))}
            value={operator}
            onChange={changing(setSign)}
          />
          {typeof kind === "string" ? (
            <TextInput {...field} value={typed} placeholder={EXAMPLES[kind]} />
          ) : (
            <NativeSelect {...field} data={[...kind]} />
          )}
        </Group>
        <Button type="submit" size="xs" loading={check.isPending} disabled={!value || isFull}>
          {isFull ? "Too many filters: remove one first" : "Add filter"}
        </Button>
      </Stack>
    </form>
  );
}

/** The typed value; of a closed choice the chosen value, or the first. */
const typedValue = (kind: Kind, typed: string): string =>
  typeof kind === "string" ? typed.trim() : (kind.find((choice) => choice === typed) ?? kind[0] ?? "");
