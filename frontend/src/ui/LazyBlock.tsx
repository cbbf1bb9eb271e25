// What is far down a page is fetched and asked for when it is scrolled to, or nearly.
import { useIntersection } from "@mantine/hooks";
import { type ReactNode, useState } from "react";

const [NEAR, ROOM] = ["300px", 320];

/** Once it was seen it stays. Until then it takes some room, so that not everything below is near at once. */
export function LazyBlock({ children }: { children: ReactNode }) {
  const { ref, entry } = useIntersection({ rootMargin: NEAR });
  const [wasSeen, setSeen] = useState(false);
  if (entry?.isIntersecting && !wasSeen) setSeen(true);
  return (
    <div ref={ref} style={wasSeen ? undefined : { minHeight: ROOM }}>
      {wasSeen && children}
    </div>
  );
}
