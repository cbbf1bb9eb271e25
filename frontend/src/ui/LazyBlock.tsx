// A part far down a page, which is fetched and drawn when the reader scrolls near it, or prints the page.
import { useIntersection } from "@mantine/hooks";
import { type ReactNode, Suspense, useState } from "react";
import { useWhole } from "./printing";
import { LoadingState } from "./States";

const [NEAR, ROOM] = ["300px", 320];

/** Once drawn it stays; `what` is said while its script is fetched. Until then it takes some room, so that the parts below it are not near at the same time. */
export function LazyBlock({ what, children }: { what: string; children: ReactNode }) {
  const { ref, entry } = useIntersection({ rootMargin: NEAR });
  const [wasNear, setNear] = useState(false);
  if (entry?.isIntersecting && !wasNear) setNear(true);
  const isPrinted = useWhole();
  const isDrawn = wasNear || isPrinted;
  return (
    <div ref={ref} style={isDrawn ? undefined : { minHeight: ROOM }}>
      {isDrawn && <Suspense fallback={<LoadingState what={what} />}>{children}</Suspense>}
    </div>
  );
}
