// An examination's log, fetched when you open it. After a failure it shows where.
import { Text } from "@mantine/core";
import { useState } from "react";
import type { Examination } from "../api/client";
import { Log } from "../run/Log";

/** `what` was to be found out, in lower case: "layer responses". */
export function ExaminationLog({ examination, what }: { examination: Examination; what: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary style={{ paddingBlock: 4 }}>
        <Text span size="sm">
          Show log
        </Text>
      </summary>
      {isOpen && <Log run={examination} name={`log of the ${what}`} />}
    </details>
  );
}
