// A picture with boxes drawn over it, in the picture's own pixels, whatever its size on the screen.
import styles from "./boxes.module.css";

/** The height of a tag's letters is this part of the picture's width. */
const LINE = 40;

export type DrawnBox = {
  /** Left, top, right, bottom. */
  box: readonly number[];
  label: string;
  /** How the box is drawn: an annotated object, a right detection, a false alarm, or an object that was missed. */
  kind?: "object" | "right" | "false" | "missed" | "neither";
  /** Written above the box. */
  tag?: string;
};

type Props = { path: string; picture: string; width: number; height: number; boxes: readonly DrawnBox[] };

export function PictureWithBoxes({ path, picture, width, height, boxes }: Props) {
  const names = [...new Set(boxes.map(({ label }) => label))].join(", ") || "no boxes";
  const letter = width / LINE;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className={styles.picture}
      role="img"
      aria-label={`${path}: ${names}`}
    >
      <image href={picture} width={width} height={height} preserveAspectRatio="none" />
      {boxes.map(({ box, label, kind = "object" }, nth) => {
        const [left = 0, top = 0, right = 0, bottom = 0] = box;
        return (
          <rect key={nth} x={left} y={top} width={right - left} height={bottom - top} data-kind={kind}>
            <title>{label}</title>
          </rect>
        );
      })}
      {boxes.map(({ box: [left = 0, top = 0, right = 0], tag }, nth) => {
        if (!tag) return null;
        const isAtEdge = left > width / 2; // then it ends where its box ends
        return (
          <text
            key={nth}
            className={styles.tag}
            x={isAtEdge ? right : left}
            y={Math.max(top - 0.3 * letter, letter)}
            fontSize={letter}
            textAnchor={isAtEdge ? "end" : "start"}
          >
            {tag}
          </text>
        );
      })}
    </svg>
  );
}
