// The conditions on columns that filter the list, and the button that adds one.
import { Button, Popover } from "@mantine/core";
import { useRef, useState } from "react";
import { titleOf } from "../table/columns";
import { ConditionForm } from "./ConditionForm";
import { conditionText } from "./conditionSyntax";
import { FilterPill } from "./FilterPill";

type Props = { conditions: readonly string[]; change: (conditions: string[]) => void };

export function Conditions({ conditions, change }: Props) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const add = (condition: string) => {
    change([...new Set([...conditions, condition])]);
    setOpen(false);
  };
  const drop = (condition: string) => {
    change(conditions.filter((other) => other !== condition));
    button.current?.focus(); // the pill with the focused button disappears
  };
  return (
    <>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" withinPortal trapFocus returnFocus>
        <Popover.Target>
          <Button ref={button} variant="default" size="xs" onClick={() => setOpen((was) => !was)}>
            Filter…
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="add a filter" w={300}>
          <ConditionForm key={conditions.join("\n")} conditions={conditions} add={add} />
        </Popover.Dropdown>
      </Popover>
      {conditions.map((condition) => (
        <FilterPill key={condition} label={conditionText(condition, titleOf)} drop={() => drop(condition)} />
      ))}
    </>
  );
}
