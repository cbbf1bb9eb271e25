// One study: the paper's table or figure, filled in while the runs train, with verdicts, runs and downloads.
import { Grid, Group, ScrollArea, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { studyFigureUrl } from "../../api/addresses";
import { useStream } from "../../api/events/stream";
import { Problem } from "../../api/problem";
import type { Finding, Study } from "../../api/types";
import { citation } from "../../paper/cite";
import { Findings } from "../../paper/Findings";
import { forbidsComparison } from "../../paper/severity";
import { progressText } from "../../study/progress";
import { studyQuery } from "../../study/queries";
import { StateBadge } from "../../study/StateBadge";
import { StudyProgress } from "../../study/StudyProgress";
import { Freshness } from "../../ui/Freshness";
import { NotifyEnd } from "../../ui/NotifyEnd";
import { PageTitle } from "../../ui/PageTitle";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { moment, pluralize } from "../../units";
import { Actions } from "./Actions";
import { Degradation } from "./Degradation";
import { Downloads } from "./Downloads";
import { afterTraining, Examinations } from "./Examinations";
import { FilledTable } from "./FilledTable";
import { Members } from "./Members";
import { Networks } from "./Networks";
import { PaperText } from "./PaperText";
import { RegisteredAt, Registration } from "./Registration";
import { StudyCurves } from "./StudyCurves";

export function StudyPage() {
  const { studyId } = useParams({ from: "/studies/$studyId" });
  const query = useQuery(studyQuery(studyId));
  const study = query.data;
  // The stream of all runs, because the planner may add runs later.
  const link = useStream([], study !== undefined && mayChange(study));
  if (query.error instanceof Problem && query.error.isNowhere) return <MissingStudy />;
  if (query.isError && !study)
    return <ErrorState what="The study" error={query.error} retry={query.refetch} />;
  if (!study) return <LoadingState what="study" />;
  return (
    <Stack gap="lg">
      <Head study={study} freshness={<Freshness query={query} link={link} />} />
      {study.tables.map((table) => (
        <Section key={table.number} label={`Table ${table.number}`}>
          <FilledTable table={table} study={study} />
        </Section>
      ))}
      {study.tables.length === 0 && (
        <Section title="Claims">
          <PaperText study={study} />
        </Section>
      )}
      {study.kind === "responses" && study.progress.examinations_succeeded > 0 && (
        <Section title="Responses">
          {/* Drawn by the service; fetched again after each new measurement. */}
          <ScrollArea type="auto">
            <img
              src={`${studyFigureUrl(study.id)}?examined=${study.progress.examinations_succeeded}`}
              alt="Standard deviations of the layer responses, in network order and ranked, as in Figure 7"
              style={SHEET}
            />
          </ScrollArea>
        </Section>
      )}
      <Section title="Curves">
        <StudyCurves study={study} />
      </Section>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {study.kind !== "detect" && (
              <Section title="Networks">
                <Networks {...study} />
              </Section>
            )}
            <Section title="Runs">
              <Members study={study} />
            </Section>
            {(afterTraining(study) || study.examinations.length > 0) && (
              <Section title="Evaluations">
                <Examinations study={study} />
              </Section>
            )}
            <Section title="Download and share">
              <Downloads study={study} />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            {study.tables.length > 0 && (
              <Section title="Claims">
                <PaperText study={study} />
              </Section>
            )}
            {study.depths.length > 0 && (
              <Section title="Degradation">
                <Degradation depths={study.depths} />
              </Section>
            )}
            {study.registration && (
              <Section title="Registration">
                <Registration study={study} registration={study.registration} />
              </Section>
            )}
            <Section title="Departures from the paper">
              <Findings findings={departuresOf(study)} />
            </Section>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

/** The study's departures, and those that only some networks have, such as a warm-up that never ended. */
function departuresOf({ networks, departures }: Study): Finding[] {
  const shared = new Set(departures.map(({ rule }) => rule));
  const own = networks.flatMap(({ label, findings }) =>
    findings
      .filter((finding) => forbidsComparison(finding) && !shared.has(finding.rule))
      .map((finding) => ({ ...finding, message: `${label}: ${finding.message}` })),
  );
  return [...departures, ...own];
}

// White in both themes, like a printed figure.
const SHEET = {
  maxWidth: "100%",
  minWidth: 560,
  height: "auto",
  display: "block",
  padding: 12,
  background: "#fff",
  borderRadius: "var(--mantine-radius-md)",
};

/** Whether a study may still change. The planner may add seeds to one that has ended. */
const mayChange = ({ status, budget, settled_at }: Study): boolean =>
  status !== "ended" || (budget !== null && settled_at === null);

function Head({ study, freshness }: { study: Study; freshness: ReactNode }) {
  const { name, kind, status, recipe, section, dataset, scale, seeds, budget, owner, created_at } = study;
  const most = budget === null ? "" : `, at most ${budget}`;
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <PageTitle>{name}</PageTitle>
          <StateBadge status={status} />
          {freshness}
        </Group>
        <Group gap="xs">
          <NotifyEnd isOpen={status !== "ended"} name={name} outcome={progressText(study.progress)} />
          <Actions study={study} />
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {kind === "detect" ? (
          recipe
        ) : (
          <TextLink to="/paper/recipes/$name" params={{ name: recipe }} size="sm" underline="always">
            {recipe}
          </TextLink>
        )}{" "}
        ({citation(section)}) · {dataset} · scale {scale} · {pluralize(seeds, "seed")} per network{most} ·{" "}
        {owner}, {moment(created_at)}
        {study.registration && (
          <>
            {" "}
            · <RegisteredAt registration={study.registration} />
          </>
        )}
      </Text>
      <Text size="sm" maw={760}>
        {study.about}
      </Text>
      {study.provenance.map((sentence) => (
        <Text key={sentence} size="sm" maw={760}>
          {sentence}
        </Text>
      ))}
      <StudyProgress study={study} finishesInS={study.finishes_in_s} />
    </Stack>
  );
}

type SectionProps = { children: ReactNode } & ({ title: string } | { label: string });

function Section({ children, ...named }: SectionProps) {
  const label = "title" in named ? named.title.toLowerCase() : named.label;
  return (
    <section className="section" aria-label={label}>
      {"title" in named && (
        <Title order={2} mb="sm">
          {named.title}
        </Title>
      )}
      {children}
    </section>
  );
}

function MissingStudy() {
  return (
    <>
      <PageTitle>Study not found</PageTitle>
      <EmptyState title="There is no study at this address">
        <Text>
          The study may have been deleted. Its runs may still exist.{" "}
          <TextLink to="/studies" underline="always">
            See all studies
          </TextLink>
        </Text>
      </EmptyState>
    </>
  );
}
