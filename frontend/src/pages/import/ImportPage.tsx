// Imports a result made elsewhere: a file, what was understood of it, and its protocol, declared field by field.
import { Alert, Button, FileInput, Grid, Stack, Text, TextInput } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { importRun, planImport } from "../../api/imports";
import { planQuery } from "../../api/queries";
import { useRefusal } from "../../api/rights";
import { DisabledReason } from "../../ui/DisabledReason";
import { PageTitle } from "../../ui/PageTitle";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { type Draft, declarationOf, EMPTY } from "./declaration";
import { NetworkFields } from "./NetworkFields";
import { Protocol } from "./Protocol";
import { ReadingFields } from "./ReadingFields";
import { Understood } from "./Understood";
import { WeightsFields } from "./WeightsFields";

export type Editing = { draft: Draft; change: (change: Partial<Draft>) => void };

export function ImportPage() {
  const navigate = useNavigate();
  const [files, setFiles] = useState<File[]>([]);
  const [weights, setWeights] = useState<File | null>(null);
  const [draft, setDraft] = useState(EMPTY);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const isChosen = files.length > 0;
  const paper = usePaper(draft);
  const declaration = declarationOf(draft, paper ?? {});
  const plan = useQuery({
    queryKey: [
      "import-plan",
      ...files.map(({ name, size, lastModified }) => [name, size, lastModified]),
      declaration,
    ],
    queryFn: () => planImport(files, declaration),
    enabled: isChosen,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const send = useMutation({
    mutationFn: () => importRun(files, declaration, weights),
    onSuccess: ({ id }) => navigate({ to: "/runs/$runId", params: { runId: id } }),
  });
  const refusal = useRefusal("submit", [{ project: "default" }]);
  const why = refusal
    ? refusal
    : !isChosen
      ? "Choose a file first."
      : (plan.error?.message ?? plan.data?.problem?.message);
  return (
    <Stack gap="lg">
      <div>
        <PageTitle>Import a result</PageTitle>
        <Text c="dimmed" maw={760} mt={8}>
          A result that another program made becomes a run that is marked as imported. Protocol fields that
          you don't declare count as unknown, and a result with unknown fields can't be compared with the
          paper.
        </Text>
      </div>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <FileField files={files} choose={setFiles} />
            <Section title="Network">
              <NetworkFields draft={draft} change={change} />
            </Section>
            <Section title="Protocol">
              <Protocol draft={draft} change={change} paper={paper} />
            </Section>
            <Section title="Origin">
              <OriginFields draft={draft} change={change} />
            </Section>
            <Section title="Weights">
              <WeightsFields draft={draft} change={change} weights={weights} choose={setWeights} />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <Section title="What was understood">
              {plan.error && isChosen ? (
                <Alert color="red" title="The file can't be read" role="alert">
                  {plan.error.message}
                </Alert>
              ) : (
                <Understood plan={isChosen ? plan.data : undefined} />
              )}
            </Section>
            <Section title="How to read the file">
              <ReadingFields draft={draft} change={change} plan={plan.data} />
            </Section>
            <DisabledReason why={why}>
              <Button loading={send.isPending} onClick={() => send.mutate()}>
                Import
              </Button>
            </DisabledReason>
            {why && (refusal || (isChosen && !plan.error)) && (
              <Text size="sm" c="dimmed" role="status">
                {why}
              </Text>
            )}
            <Refusal title="The result was not imported" error={send.error} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

/** The paper's specification of the declared network; undefined until dataset, depth and shortcut are declared. */
function usePaper({ network: { dataset, depth, shortcut } }: Draft): Record<string, unknown> | undefined {
  const isNamed = dataset !== "" && depth !== "" && shortcut !== "";
  const spec = { dataset, depth: Number(depth), shortcut: shortcut as "none" | "A" | "B" | "C" };
  const query = useQuery({ ...planQuery({ spec }), enabled: isNamed, retry: false });
  return isNamed ? query.data?.spec : undefined;
}

function FileField({ files, choose }: { files: File[]; choose: (files: File[]) => void }) {
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const dropped = [...event.dataTransfer.files];
    if (dropped.length > 0) choose(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a second way; the input takes the keyboard
    <div onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <FileInput
        label="File"
        description="CSV, a W&B history as CSV or JSON lines, or all TensorBoard event files of one training. You can drop them here."
        placeholder="Choose or drop files"
        multiple
        value={files}
        onChange={choose}
        clearable
        clearButtonProps={{ "aria-label": "Remove the files" }}
      />
    </div>
  );
}

function OriginFields({ draft, change }: Editing) {
  return (
    <Stack gap="sm">
      <TextInput
        label="Lab"
        description="Who made the result. Pooling counts labs by this name."
        value={draft.lab}
        onChange={({ currentTarget: { value } }) => change({ lab: value })}
      />
      <TextInput
        label="Source"
        description="Where it is published: an address or a citation."
        value={draft.source}
        onChange={({ currentTarget: { value } }) => change({ source: value })}
      />
      <TextInput
        label="Test images"
        description="On how many images the test error was measured. Empty: unknown."
        inputMode="numeric"
        value={draft.testImages}
        onChange={({ currentTarget: { value } }) => change({ testImages: value })}
      />
      <TextInput
        label="Name"
        description="Optional. Defaults to the network's name."
        value={draft.name}
        onChange={({ currentTarget: { value } }) => change({ name: value })}
      />
    </Stack>
  );
}
