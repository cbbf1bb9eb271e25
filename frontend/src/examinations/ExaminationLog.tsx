// An examination's log, fetched when you open it. After a failure it shows where.
import { Text } from "@mantine/core";
import { useState } from "react";
import type { Examination } from "../api/types";
import { Log } from "../run/Log";
import { NOUNS } from "./words";

export function ExaminationLog({ examination }: { examination: Examination }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary style={{ paddingBlock: 4 }}>
        <Text span size="sm">
          Show log
        </Text>
      </summary>
      {isOpen && <Log run={examination} name={`log of the ${NOUNS[examination.kind]}`} />}
    </details>
  );
}
