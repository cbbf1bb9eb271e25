// A piece of a curve, as it is drawn: beside its name in the legend, the table and the tooltip.
import type { Line } from "../figure";
import { colorOf, dashOf, type Look } from "../look";

type Props = { line: Pick<Line, "hue" | "dash" | "weight">; look: Look; color?: string };

export const Swatch = ({ line, look, color = colorOf(line, look) }: Props) => (
  <svg width="24" height="10" aria-hidden="true">
    <line
      x2="24"
      y1="5"
      y2="5"
      stroke={color}
      strokeWidth={line.weight === "bold" ? 3 : 1.25}
      strokeDasharray={dashOf(line).join(" ")}
    />
  </svg>
);
