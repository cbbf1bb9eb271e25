// The plan of a study that has not been started: its runs, its cost, what it can decide, and its departures.
import { List, SimpleGrid, Text, Title } from "@mantine/core";
import type { ClaimStatus, StudyPlan } from "../../api/types";
import { Findings } from "../../paper/Findings";
import { neededRuns } from "../../study/neededRuns";
import { Fact } from "../../ui/Fact";
import { TextLink } from "../../ui/TextLink";
import { duration, formatCount, pluralize, timeLeft } from "../../units";

const UNTESTABLE: readonly ClaimStatus["status"][] = ["not testable here", "not testable by these runs"];

export function StudyPlanDetails({ plan }: { plan: StudyPlan }) {
  const {
    runs,
    reusable,
    examinations,
    device_hours,
    finishes_in_s,
    predicted_from,
    seed_plans,
    claims,
    counts,
    departures,
  } = plan;
  const testable = claims.filter(({ status }) => !UNTESTABLE.includes(status));
  const unfit = claims.filter(({ status }) => status === "not testable by these runs");
  return (
    <>
      <Text fw={600}>{plan.title}</Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact label="Runs to train" value={formatCount(runs)} />
        <Fact label="Reusable runs" value={formatCount(reusable)} />
        {examinations > 0 && (
          <Fact label="Evaluations" value={formatCount(examinations)} note="after all networks are trained" />
        )}
        <Fact
          label="Device time"
          value={device_hours === null ? "unknown" : duration(device_hours * 3600)}
          note={predicted_from}
        />
        <Fact
          label="Finishes in"
          value={finishes_in_s === null ? "unknown" : timeLeft(finishes_in_s)}
          note={finishes_in_s === null ? undefined : "after the runs already waiting"}
        />
      </SimpleGrid>
      {seed_plans.length > 0 && (
        <Title order={3} size="h5">
          What this study can decide
        </Title>
      )}
      <List size="xs" spacing={4} aria-label="what this study can decide">
        {seed_plans.map(({ network, sentence, assumption }) => (
          <List.Item key={network}>
            <b>{network}:</b> {sentence}
            {assumption && <Text size="xs" c="dimmed">{`Assumption: ${assumption}`}</Text>}
          </List.Item>
        ))}
      </List>
      {counts.length > 0 && <CountList counts={counts} />}
      {testable.length > 0 && (
        <ClaimList claims={testable} summary={`Tests ${pluralize(testable.length, "claim")} of the paper`} />
      )}
      {unfit.length > 0 && (
        <ClaimList
          claims={unfit}
          summary={`These runs can't test ${pluralize(unfit.length, "claim")} of the paper`}
        />
      )}
      <Findings findings={departures} />
    </>
  );
}

/** Counts that follow from the architecture alone; Table 1 has nothing else. */
function CountList({ counts }: Pick<StudyPlan, "counts">) {
  return (
    <details>
      <summary>
        <Text span size="sm">
          {formatCount(counts.filter(({ is_same }) => is_same).length)} of {pluralize(counts.length, "count")}{" "}
          match the paper
        </Text>
      </summary>
      <List size="xs" spacing={4} mt={4}>
        {counts.map(({ key, network, ours, theirs, is_same }) => (
          <List.Item key={`${key} ${network}`}>
            {network}, {key.split(":").at(-1)}: {ours}
            {!is_same && `, the paper prints ${theirs}`}
          </List.Item>
        ))}
      </List>
    </details>
  );
}

function ClaimList({ claims, summary }: { claims: readonly ClaimStatus[]; summary: string }) {
  return (
    <details>
      <summary>
        <Text span size="sm">
          {summary}
        </Text>
      </summary>
      <List size="xs" spacing={4} mt={4}>
        {claims.map(({ id, sentence, missing, reason }) => (
          <List.Item key={id}>
            <TextLink to="/paper/claims" hash={id} size="xs" underline="always">
              {sentence}
            </TextLink>
            {reason && (
              <Text size="xs" c="dimmed">
                {reason}
              </Text>
            )}
            {missing.length > 0 && (
              <Text size="xs" c="dimmed">
                needs {missing.map(neededRuns).join(", ")}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
    </details>
  );
}
