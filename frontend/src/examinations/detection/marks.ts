// Which boxes of a test image are drawn at a score: detections above it, and the objects that none of them finds.
import type { TestImage } from "../../api/types";
import type { DrawnBox } from "../../ui/PictureWithBoxes";

export type Marks = { boxes: DrawnBox[]; right: number; wrong: number; missed: number };

/** Of one class or, with undefined, of all. An object that counts and that no shown detection belongs to is missed. */
export function marksOf({ detections, objects }: TestImage, least: number, label: string | undefined): Marks {
  const isOf = (box: { label: string }) => label === undefined || box.label === label;
  const shown = detections.filter((detection) => detection.score >= least && isOf(detection));
  const detected = new Set(shown.map(({ object }) => object));
  const missed = objects.filter((object, nth) => object.counts && isOf(object) && !detected.has(nth));
  return {
    boxes: [
      ...missed.map(({ box, label: name }): DrawnBox => ({ box, label: `missed: ${name}`, kind: "missed" })),
      ...shown.map(
        ({ box, label: name, score, outcome }): DrawnBox => ({
          box,
          label: `${name}, score ${score.toFixed(2)}${outcome === "false" ? ", false alarm" : ""}`,
          kind: outcome,
        }),
      ),
    ],
    right: shown.filter(({ outcome }) => outcome === "right").length,
    wrong: shown.filter(({ outcome }) => outcome === "false").length,
    missed: missed.length,
  };
}
