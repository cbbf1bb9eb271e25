// The reason why a button is disabled: the button stays reachable by keyboard, and a screen reader reads the reason.
import { Tooltip } from "@mantine/core";
import { cloneElement, type MouseEvent, type ReactElement } from "react";

type ButtonLike = { onClick?: (event: MouseEvent) => void };

/** With `why`, the button does nothing and shows the reason; without it, the button is left as it is. */
export function DisabledReason({
  why,
  children,
}: {
  why: string | undefined;
  children: ReactElement<ButtonLike>;
}) {
  if (!why) return children;
  const inert = { "data-disabled": true, "aria-disabled": true, "aria-description": why, onClick: stop };
  return (
    <Tooltip label={why} multiline maw={260} events={{ hover: true, focus: true, touch: true }}>
      {cloneElement(children, inert)}
    </Tooltip>
  );
}

const stop = (event: MouseEvent): void => event.preventDefault();
