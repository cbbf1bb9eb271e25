// The edge of a column: drag it or use the arrow keys to make the column wider or narrower.
import type { KeyboardEvent, PointerEvent } from "react";
import styles from "./table.module.css";
import { NARROWEST, WIDEST } from "./widths";

// How many pixels an arrow key moves the edge.
const STEP = 16;

type Props = { title: string; width: number; onWidth: (width: number | undefined) => void };

export function ColumnEdge({ title, width, onWidth }: Props) {
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const { currentTarget: edge, pointerId, clientX: from } = event;
    const before = widthAt(edge);
    const drag = ({ clientX }: globalThis.PointerEvent) => onWidth(before + clientX - from);
    edge.setPointerCapture(pointerId);
    edge.addEventListener("pointermove", drag);
    edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", drag), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (by === undefined && event.key !== "Enter") return;
    event.preventDefault();
    onWidth(by === undefined ? undefined : widthAt(event.currentTarget) + by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot stand in the head of a column
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`width of ${title}`}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuetext={`${width} pixels`}
      aria-description="Arrow keys change the width, Enter resets it."
      tabIndex={0}
      className={styles.edge}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onWidth(undefined)}
    />
  );
}

/** The drawn width: the name column takes the room that the other columns leave. */
const widthAt = (edge: HTMLElement): number => edge.closest("th")?.offsetWidth ?? 0;
