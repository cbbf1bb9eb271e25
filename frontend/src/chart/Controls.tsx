// How the charts of a page are looked at: presets, axes, range, smoothing, marks. All of it goes into the address.
import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import { useShortcuts } from "../ui/useShortcuts";
import { fixedRange, LOGS, onOtherY, type View } from "./view";

export type OnView = (change: Partial<View>) => void;

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
  { value: "fixed", label: "fixed" },
  { value: "percentile", label: "1st–99th percentile" },
];
const LOG_LABELS = { x: "log x", y: "log y", xy: "log x, y" };

type Props = { view: View; onView: OnView; hasEvents?: boolean };

/** Events are a run's own: where many are drawn as their mean, there are none to mark. */
export function Controls({ view, onView, hasEvents = true }: Props) {
  const { preset, x, y, low, high, log, smooth, from, to, marks } = view;
  useShortcuts({ l: () => onView({ log: onOtherY(log) }) });
  const Preset = ({ value, label }: { value: View["preset"]; label: string }) => (
    <Button
      size="xs"
      variant={preset === value ? "filled" : "default"}
      aria-pressed={preset === value}
      onClick={() => onView({ preset: value, x: undefined, y: undefined, log: undefined })}
    >
      {label}
    </Button>
  );
  return (
    <Group gap="sm" align="flex-end" role="group" aria-label="how the charts are shown">
      <Button.Group>
        <Preset value={undefined} label="Free" />
        <Preset value="fig4" label="Fig. 4" />
        <Preset value="fig6" label="Fig. 6" />
      </Button.Group>
      <NativeSelect
        size="xs"
        label="x by"
        data={X}
        value={x ?? "iteration"}
        onChange={({ target }) =>
          onView({ x: X.find(({ value }) => value === target.value)?.value as View["x"] })
        }
      />
      <NativeSelect
        size="xs"
        label="y"
        data={preset ? [{ value: preset, label: `${fixedRange(view)?.join("–")} %` }, ...Y] : Y}
        value={preset ?? y ?? "zero"}
        onChange={({ target }) =>
          onView({ preset: undefined, y: Y.find(({ value }) => value === target.value)?.value as View["y"] })
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
        label="Axes"
        data={[{ value: "", label: "linear" }, ...LOGS.map((value) => ({ value, label: LOG_LABELS[value] }))]}
        value={log ?? ""}
        onChange={({ target }) => onView({ log: LOGS.find((one) => one === target.value) })}
      />
      <NativeSelect
        size="xs"
        label="Smoothing"
        data={["0", "0.6", "0.9", "0.97", "0.99"]}
        value={String(smooth ?? 0)}
        onChange={({ target }) => onView({ smooth: Number(target.value) || undefined })}
      />
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
    </Group>
  );
}

type BoundProps = { label: string; value: number; onChange: (value: number) => void };

function Bound({ label, value, onChange }: BoundProps) {
  return (
    // The browser's own: Mantine's number input is 10 kB of script, on every page with a chart.
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
