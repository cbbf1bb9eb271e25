// A picture with boxes drawn over it, in the picture's own pixels, whatever its size on the screen.
import styles from "./boxes.module.css";

export type DrawnBox = {
  /** Left, top, right, bottom. */
  box: readonly number[];
  label: string;
  /** How the box is drawn: an annotated object, a right detection, a false alarm, or an object that was missed. */
  kind?: "object" | "right" | "false" | "missed" | "neither";
};

type Props = { path: string; picture: string; width: number; height: number; boxes: readonly DrawnBox[] };

export function PictureWithBoxes({ path, picture, width, height, boxes }: Props) {
  const names = [...new Set(boxes.map(({ label }) => label))].join(", ") || "no boxes";
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
    </svg>
  );
}
