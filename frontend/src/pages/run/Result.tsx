// What a run has come to: its test error, how far it is from the paper's, whether the protocol was kept, and its cost.
import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { historyQuery } from "../../api/queries";
import type { Run } from "../../api/types";
import { tableQuery } from "../../paper/queries";
import { protocolSentence, useDepartures } from "../../run/departures";
import { distanceOf } from "../../run/fromPaper";
import { TABLE } from "../../run/references";
import { Fact } from "../../ui/Fact";
import { loadPart } from "../../ui/loadPart";
import { duration, formatCount, magnitude, percent, pluralize, signed } from "../../units";
import { environmentOf } from "./environment";
import styles from "./run.module.css";

const ImagenetDistance = lazy(() =>
  loadPart(() => import("../../examinations/ImagenetDistance")).then(({ ImagenetDistance }) => ({
    default: ImagenetDistance,
  })),
);

/** Nothing before the first evaluation of a run that still waits or trains. */
export function Result({ run }: { run: Run }) {
  const history = useQuery(historyQuery(run.id));
  const environment = environmentOf(history.data?.items ?? []);
  const { val_error, val_iteration, evaluations } = run.best;
  const took = run.started_at && duration((endOf(run) - Date.parse(run.started_at)) / 1000);
  return (
    <section className={styles.result} aria-label="result">
      <div>
        <Headline run={run} />
        <FromPaper run={run} />
        <Protocol run={run} />
      </div>
      <div className={styles.facts}>
        {val_error !== null && (
          <Fact
            label="Lowest validation error"
            value={percent(val_error)}
            note={`iteration ${formatCount(val_iteration ?? 0)}, of ${pluralize(evaluations, "evaluation")}`}
          />
        )}
        {run.best.val_map != null && (
          <Fact
            label="Highest validation mAP"
            value={percent(run.best.val_map)}
            note={`iteration ${formatCount(val_iteration ?? 0)}, of ${pluralize(evaluations, "evaluation")}`}
          />
        )}
        {run.task !== "detection" && (
          <Fact label="Training error" value={run.train_error === null ? "–" : percent(run.train_error)} />
        )}
        <Fact label={run.finished_at ? "Took" : "Training since"} value={took ?? "–"} />
        <Fact label="Device" value={environment?.device ?? "–"} />
        <Fact
          label="Speed"
          value={run.images_per_s === null ? "–" : `${speedOf(run.images_per_s)} images/s`}
        />
        <Fact label="Parameters" value={formatCount(run.parameters)} />
        <Fact label="Multiply-adds" value={magnitude(run.multiply_adds)} />
      </div>
    </section>
  );
}

/** A detector on a CPU takes seconds for an image. */
const speedOf = (images: number): string =>
  images < 10 ? images.toPrecision(2) : formatCount(Math.round(images));

const endOf = ({ finished_at }: Run): number => (finished_at ? Date.parse(finished_at) : Date.now());

function Headline({ run: { task, last, status, iteration } }: { run: Run }) {
  const [name, value] =
    task === "detection" ? ["Test mAP", last.test_map ?? null] : ["Test error", last.test_error];
  const label = status === "succeeded" ? name : `${name} so far, iteration ${formatCount(iteration)}`;
  return (
    <>
      <Text size="sm" c="dimmed" mb={4}>
        {label}
      </Text>
      <div className={styles.headline}>
        {value === null ? (
          "–"
        ) : (
          <>
            {value.toFixed(2)} <small>%</small>
          </>
        )}
      </div>
    </>
  );
}

function FromPaper({ run }: { run: Run }) {
  if (run.spec.dataset === "imagenet" && run.status === "succeeded")
    return (
      <Suspense>
        <ImagenetDistance run={run} />
      </Suspense>
    );
  return <FromTable6 run={run} />;
}

function FromTable6({ run }: { run: Run }) {
  const { data } = useQuery({ ...tableQuery(TABLE), enabled: run.spec.dataset === "cifar10" });
  const distance = data && distanceOf(run, data);
  if (!distance) return null;
  return (
    <Text size="sm" mt="xs">
      <b>{signed(distance.points)} points</b> from the paper's {percent(distance.theirs)} (Table {TABLE})
    </Text>
  );
}

function Protocol({ run }: { run: Run }) {
  const findings = useDepartures(run);
  const departures = findings.filter(({ severity }) => severity === "departure");
  const sentence = protocolSentence(run, findings);
  if (sentence)
    return (
      <Text size="sm" mt={4} c={findings.length > 0 ? "dimmed" : "var(--reslab-good)"}>
        {sentence}
      </Text>
    );
  return (
    <Text size="sm" mt={4} c="var(--reslab-departure)">
      ▲ The run departs from the paper's protocol in{" "}
      <Anchor href="#departures" inherit c="inherit" underline="always">
        {pluralize(departures.length, "way")}
      </Anchor>
      .
    </Text>
  );
}
