// What saves a chart: as a figure for print, drawn by the service, as a picture of the screen, and as numbers.
import { Anchor, Group } from "@mantine/core";
import { memo } from "react";
import { loadPart } from "../../ui/loadPart";
import type { Plot } from "../canvas/plot";
import type { Figure } from "../figure";
import type { Look } from "../look";
import type { ChartView } from "../view";
import type { Part } from "./png";
import { type PrintFormat, printUrl } from "./print";

type Props = {
  figure: Figure;
  view: ChartView;
  height: readonly [number, number];
  look: Look;
  /** The panels and their plots. */
  plots: readonly (Plot | undefined)[];
  parts: readonly Part[];
};

const FORMATS: PrintFormat[] = ["svg", "pdf", "png"];

/** Memoised: not drawn again while the cursor moves. */
export const Exports = memo(function Exports({ figure, view, height, look, plots, parts }: Props) {
  const name = figure.label.toLowerCase().replaceAll(" ", "-");
  const saveScreen = async () => (await loadFiles()).saveScreen(plots, parts, look, `${name}.png`);
  return (
    <Group gap="xs" role="group" aria-label={`save ${figure.label}`}>
      {FORMATS.map((format) => {
        const url = printUrl(format, figure, view, height);
        return (
          url && (
            <Anchor key={format} size="xs" href={url} download aria-label={`save as ${format.toUpperCase()}`}>
              {format.toUpperCase()}
            </Anchor>
          )
        );
      })}
      <SaveButton name="CSV" act={async () => (await loadFiles()).saveNumbers(figure, `${name}.csv`)} />
      <SaveButton name="Screen" act={saveScreen} />
    </Group>
  );
});

// What makes the files loads at the first click.
const loadFiles = () => loadPart(() => import("./files"));

const SaveButton = ({ name, act }: { name: string; act: () => void }) => (
  <Anchor component="button" type="button" size="xs" onClick={act} aria-label={`save as ${name}`}>
    {name}
  </Anchor>
);
