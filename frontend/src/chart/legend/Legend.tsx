// A chart's legend: a click hides a curve, a double-click shows it alone, hovering lifts it, its swatch changes its colour.
import { Group } from "@mantine/core";
import { memo, useState } from "react";
import type { OnView } from "../Controls";
import type { Figure } from "../figure";
import styles from "../layout.module.css";
import { HUE_NAMES, type Look, variableOf } from "../look";
import { valueText } from "../readout/readings";
import { Swatch } from "../readout/Swatch";
import { type View, withHue } from "../view";
import { afterClick, afterDoubleClick, type Entry, entriesOf, type Kind, kindsOf } from "./entries";

export type LegendProps = {
  /** With the hidden curves. */
  figure: Figure;
  view: View;
  onView: OnView;
  look: Look;
  lift: (key: string | undefined) => void;
};

/** Memoised: it doesn't change while the cursor moves. */
export const Legend = memo(function Legend({ figure, view, onView, look, lift }: LegendProps) {
  const [picking, pick] = useState<string>();
  const groups = entriesOf(figure);
  const entries = groups.flatMap((group) => group.entries);
  if (entries.length < 2) return null;
  const hide = view.hide ?? [];
  const keys = entries.map(({ key }) => key);
  return (
    <section className={styles.legend} data-beside aria-label={`legend of ${figure.label}`}>
      {groups.map(({ title, entries }) => (
        <div key={title}>
          {title && <div className={styles.heading}>{title}</div>}
          <ul>
            {entries.map((entry) => (
              <Item
                key={entry.key}
                {...{ entry, look, lift, unit: figure.unit }}
                isHidden={hide.includes(entry.key)}
                isPicking={picking === entry.key}
                onClick={(alone) =>
                  onView(
                    { hide: alone ? afterDoubleClick(hide, entry.key, keys) : afterClick(hide, entry.key) },
                    true,
                  )
                }
                onPick={() => pick(picking === entry.key ? undefined : entry.key)}
                onHue={(hue) => {
                  pick(undefined);
                  onView(withHue(view, entry.key, hue), true);
                }}
              />
            ))}
          </ul>
        </div>
      ))}
      <Kinds
        kinds={kindsOf(figure)}
        look={look}
        hide={hide}
        onClick={(key) => onView({ hide: afterClick(hide, key) }, true)}
      />
    </section>
  );
});

type ItemProps = Pick<LegendProps, "look" | "lift"> & {
  entry: Entry;
  unit: string;
  isHidden: boolean;
  isPicking: boolean;
  onClick: (alone: boolean) => void;
  onPick: () => void;
  onHue: (hue: number) => void;
};

function Item({ entry, unit, look, lift, isHidden, isPicking, ...on }: ItemProps) {
  const { key, name, line, last } = entry;
  return (
    <li className={styles.item} data-hidden={isHidden || undefined} style={{ flexWrap: "wrap" }}>
      <button
        type="button"
        className={styles.swatch}
        aria-label={`change the colour of ${name}`}
        aria-expanded={isPicking}
        onClick={on.onPick}
      >
        <Swatch line={line} look={look} />
      </button>
      <button
        type="button"
        className={styles.name}
        aria-pressed={!isHidden}
        title="Click to hide or show, double-click (or Shift and click) to show it alone"
        onClick={({ shiftKey }) => on.onClick(shiftKey)}
        onDoubleClick={() => on.onClick(true)}
        onMouseEnter={() => lift(key)}
        onMouseLeave={() => lift(undefined)}
        onFocus={({ target }) => target.matches(":focus-visible") && lift(key)}
        onBlur={() => lift(undefined)}
      >
        {name}
      </button>
      {last !== undefined && <span className={styles.last}>{valueText(last, unit)}</span>}
      {isPicking && (
        <Group gap={2} className={styles.hues} role="group" aria-label={`colour of ${name}`}>
          {HUE_NAMES.map((hueName, hue) => (
            <button
              key={hueName}
              type="button"
              aria-label={hueName}
              aria-pressed={line.hue === hue}
              onClick={() => on.onHue(hue)}
            >
              <span style={{ background: variableOf({ hue }) }} />
            </button>
          ))}
        </Group>
      )}
    </li>
  );
}

type KindsProps = {
  kinds: readonly Kind[];
  look: Look;
  hide: readonly string[];
  onClick: (key: string) => void;
};

/** What thin and bold lines are; a click hides or shows them in all curves. */
function Kinds({ kinds, look, hide, onClick }: KindsProps) {
  if (kinds.length === 0) return null;
  return (
    <ul className={styles.kinds}>
      {kinds.map(({ key, name, ...line }) => (
        <li key={key} className={styles.item} data-hidden={hide.includes(key) || undefined}>
          <Swatch line={line} look={look} color={look.text} />
          <button
            type="button"
            className={styles.name}
            aria-pressed={!hide.includes(key)}
            onClick={() => onClick(key)}
          >
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}
