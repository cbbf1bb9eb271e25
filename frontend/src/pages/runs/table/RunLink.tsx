// A run's name as a link that preloads the page: light enough for the rows of a long table.
import { useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import type { Run } from "../../../api/types";
import styles from "./table.module.css";

export function RunLink({ run: { id, name } }: { run: Pick<Run, "id" | "name"> }) {
  const router = useRouter();
  const page = { to: "/runs/$runId", params: { runId: id } } as const;
  const preload = () => {
    router.preloadRoute(page);
  };
  const open = (event: MouseEvent) => {
    // With a modifier key the browser opens another tab or window.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.navigate(page);
  };
  return (
    <a
      className={styles.name}
      href={`/runs/${id}`}
      title={name}
      onClick={open}
      onPointerEnter={preload}
      onFocus={preload}
    >
      {name}
    </a>
  );
}
