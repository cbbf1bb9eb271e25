// Sets the view of a page's charts: preset, axes, range, smoothing, marks. The address holds all of it.
import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useShortcuts } from "../ui/useShortcuts";
import styles from "./layout.module.css";
import { type ChartView, LOGS, showsRange, type View, withOtherY } from "./view";

/** `isQuiet`: the change is no step back in the browser's history. */
export type OnView = (change: Partial<View>, isQuiet?: boolean) => void;

const X = [
  { value: "iteration", label: "iteration" },
  { value: "epoch", label: "epoch" },
  { value: "images", label: "images" },
  { value: "wall_time", label: "wall time" },
  { value: "relative_time", label: "time since start" },
  { value: "device_seconds", label: "device time" },
];
const Y = [
  { value: "zero", label: "from 0" },
  { value: "fixed", label: "fixed range" },
  { value: "percentile", label: "1st–99th percentile" },
];
const LOG_LABELS = { x: "log x", y: "log y", xy: "log x, y" };

const NAMES = { fig4: "Fig. 4", fig6: "Fig. 6" };
// Weights of the past, and about how many iterations such an average reaches back: 1 / (1 − weight).
const SMOOTHINGS = [
  { value: "0", label: "none" },
  { value: "0.6", label: "0.6" },
  { value: "0.9", label: "0.9 (10 iterations)" },
  { value: "0.97", label: "0.97 (33)" },
  { value: "0.99", label: "0.99 (100)" },
  { value: "0.997", label: "0.997 (333)" },
  { value: "0.999", label: "0.999 (1,000)" },
];

type Props = {
  view: ChartView;
  onView: OnView;
  runs?: number;
  hasEvents?: boolean;
  hasPresets?: boolean;
  /** Further settings of the page. */
  children?: ReactNode;
};

/**
 * `hasEvents`: events belong to single runs, so a chart of means has none to mark, and no range of a bucket.
 * `hasPresets`: the paper's figures show errors of classifiers, so a detector's charts have no such form.
 * On a phone all but the presets is folded behind a button.
 */
export function Controls({ view, onView, runs = 1, hasEvents = true, hasPresets = true, children }: Props) {
  const [isOpen, open] = useState(false);
  const { preset, x, y, low, high, log, smooth, from, to, marks } = view;
  useShortcuts({ l: () => onView({ log: withOtherY(log) }) });
  const Preset = ({ value, label }: { value: View["preset"]; label: string }) => (
    <Button
      size="xs"
      variant={preset === value ? "filled" : "default"}
      aria-pressed={preset === value}
      onClick={() => onView({ preset: value, x: undefined, y: undefined, log: undefined, range: undefined })}
    >
      {label}
    </Button>
  );
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label="chart view">
      {hasPresets && (
        <Button.Group>
          <Preset value={undefined} label="Free" />
          <Preset value="fig4" label="Fig. 4" />
          <Preset value="fig6" label="Fig. 6" />
        </Button.Group>
      )}
      <Button
        size="xs"
        variant="default"
        hiddenFrom="sm"
        aria-expanded={isOpen}
        onClick={() => open(!isOpen)}
      >
        Axes and smoothing
      </Button>
      <div className={styles.settings} data-open={isOpen || undefined}>
        <NativeSelect
          size="xs"
          label="x axis"
          data={X}
          value={x ?? "iteration"}
          onChange={({ target }) =>
            onView({ x: X.find(({ value }) => value === target.value)?.value as View["x"] })
          }
        />
        <NativeSelect
          size="xs"
          label="y axis"
          data={preset ? [{ value: "", label: `as in ${NAMES[preset]}` }, ...Y] : Y}
          value={y ?? (preset ? "" : "zero")}
          onChange={({ target }) =>
            onView({ y: Y.find(({ value }) => value === target.value)?.value as View["y"] })
          }
        />
        {y === "fixed" && (
          <>
            <Bound label="y from" value={low ?? 0} onChange={(low) => onView({ low, high: high ?? 100 })} />
            <Bound label="y to" value={high ?? 100} onChange={(high) => onView({ low: low ?? 0, high })} />
          </>
        )}
        <NativeSelect
          size="xs"
          label="Scale"
          data={[
            { value: "", label: "linear" },
            ...LOGS.map((value) => ({ value, label: LOG_LABELS[value] })),
          ]}
          value={log ?? ""}
          onChange={({ target }) => onView({ log: LOGS.find((choice) => choice === target.value) })}
        />
        <NativeSelect
          size="xs"
          label="Smoothing"
          data={SMOOTHINGS}
          value={String(smooth ?? 0)}
          onChange={({ target }) => onView({ smooth: Number(target.value) || undefined })}
        />
        {hasEvents && (
          <Checkbox
            size="xs"
            label="Min–max range"
            checked={showsRange(view, runs)}
            onChange={({ target }) => onView({ range: target.checked })}
            mb={6}
          />
        )}
        {hasEvents && (
          <Checkbox
            size="xs"
            label="Events"
            checked={marks === true}
            onChange={({ target }) => onView({ marks: target.checked || undefined })}
            mb={6}
          />
        )}
        {from !== undefined && to !== undefined && (
          <Button size="xs" variant="default" onClick={() => onView({ from: undefined, to: undefined })}>
            Show all iterations
          </Button>
        )}
        {children}
      </div>
    </Group>
  );
}

type BoundProps = { label: string; value: number; onChange: (value: number) => void };

function Bound({ label, value, onChange }: BoundProps) {
  return (
    // The browser's own input: Mantine's number input would add 10 kB of script to every page with a chart.
    <TextInput
      type="number"
      size="xs"
      label={label}
      w={80}
      min={0}
      max={100}
      step="any"
      value={value}
      onChange={({ target }) => target.validity.valid && target.value && onChange(target.valueAsNumber)}
    />
  );
}
