// Buttons that save a chart: as it is on the screen, for print, and as numbers.
import { Button, Group } from "@mantine/core";
import { memo } from "react";
import type { Figure } from "../figure";
import type { ChartView } from "../view";
import { csvOf, pointsOf } from "./csv";
import { pdfOf } from "./pdf";
import { save } from "./save";
import { svgOf } from "./svg";

type Props = { figure: Figure; view: ChartView; png: () => Promise<Blob | null> | undefined };

/** Memoised: not drawn again while the cursor moves. */
export const Exports = memo(function Exports({ figure, view, png }: Props) {
  const name = figure.label.toLowerCase().replaceAll(" ", "-");
  const text = (content: string, type: string, ending: string) =>
    save(new Blob([content], { type }), `${name}.${ending}`);
  const savePng = async () => {
    const image = await png();
    if (image) save(image, `${name}.png`);
  };
  const savePdf = async () => save(await pdfOf(svgOf(figure, view)), `${name}.pdf`);
  return (
    <Group gap={4} role="group" aria-label={`save ${figure.label}`}>
      <SaveButton name="PNG" act={savePng} />
      <SaveButton name="SVG" act={() => text(svgOf(figure, view), "image/svg+xml", "svg")} />
      <SaveButton name="PDF" act={savePdf} />
      <SaveButton name="CSV" act={() => text(csvOf(pointsOf(figure)), "text/csv", "csv")} />
    </Group>
  );
});

function SaveButton({ name, act }: { name: string; act: () => void }) {
  return (
    <Button size="compact-xs" variant="default" onClick={act} aria-label={`save as ${name}`}>
      {name}
    </Button>
  );
}
