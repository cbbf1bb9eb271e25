// A detail under a word, drawn once it is unfolded, so that its script can be fetched then.
import { Text } from "@mantine/core";
import { type ReactNode, Suspense, useState } from "react";
import { LoadingState } from "./States";

export function Unfold({ title, children }: { title: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Text span size="sm">
          {title}
        </Text>
      </summary>
      {isOpen && <Suspense fallback={<LoadingState what="details" />}>{children}</Suspense>}
    </details>
  );
}
