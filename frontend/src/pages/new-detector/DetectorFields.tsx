// The form's fields: the four choices that matter, and all others by group, one click away.
import { Accordion, Select, SimpleGrid, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { datasetsQuery, detects } from "../../api/queries";
import { type DetectorDraft, SMALL } from "../../form/detectorDraft";
import { ChoiceField, type Editing, FlagField, inputProps, ListField, NumberField } from "./inputs";
import { StartField } from "./StartField";

type Props = { editing: Editing };

const FIRST: readonly string[] = ["network", "start", "dataset", "iterations"];

export function DetectorFields({ editing }: Props) {
  const [isOpen, setOpen] = useState(false);
  // What a link sets or the API refuses must be in sight.
  const isSet = (Object.keys(editing.draft) as (keyof DetectorDraft)[]).some(
    (field) =>
      editing.draft[field] !== undefined && editing.draft[field] !== SMALL[field] && !FIRST.includes(field),
  );
  const isRefused = Object.keys(editing.errors).some(
    (path) => !FIRST.includes(path.replace(/^spec\./, "").split(".")[0] ?? ""),
  );
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="lg">
        <ChoiceField field="network" editing={editing} />
        <StartField editing={editing} />
        <DatasetField editing={editing} />
        <NumberField field="iterations" editing={editing} />
      </SimpleGrid>
      <Accordion
        value={isOpen || isSet || isRefused ? "more" : null}
        onChange={(more) => setOpen(more !== null)}
        chevronPosition="left"
      >
        <Accordion.Item value="more" className="section">
          <Accordion.Control px={0}>More fields</Accordion.Control>
          <Accordion.Panel>
            <Fieldset title="Name and images">
              <NameField editing={editing} />
              <NumberField field="seed" editing={editing} />
              <NumberField field="side" editing={editing} />
              <NumberField field="longest" editing={editing} />
              <ChoiceField field="augment" editing={editing} />
              <FlagField field="validation" editing={editing} />
            </Fieldset>
            <Fieldset title="Anchors and regions">
              <ListField field="sizes" label="Anchor sizes" editing={editing} />
              <ChoiceField field="pooling" editing={editing} />
              <NumberField field="roi_size" editing={editing} />
              <NumberField field="roi_batch" editing={editing} />
            </Fieldset>
            <Fieldset title="Network">
              <ChoiceField field="batch_norm" editing={editing} />
              <NumberField field="freeze_up_to" editing={editing} />
              <FlagField field="context" editing={editing} />
              <FlagField field="stride_in_1x1" editing={editing} />
            </Fieldset>
            <Fieldset title="Training">
              <ChoiceField field="training" editing={editing} />
              <NumberField field="batch_size" editing={editing} />
              <NumberField field="lr" editing={editing} />
              <ListField field="drops" label="Learning-rate drops" editing={editing} />
              <NumberField field="momentum" editing={editing} />
              <NumberField field="weight_decay" editing={editing} />
            </Fieldset>
            <Fieldset title="Evaluation and machine">
              <ChoiceField field="ap" editing={editing} />
              <NumberField field="evaluate_every" editing={editing} />
              <NumberField field="checkpoint_every" editing={editing} />
              <ChoiceField field="precision" editing={editing} />
              <NumberField field="devices" editing={editing} />
            </Fieldset>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function Fieldset({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mt="lg" mb="xs">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="lg">
        {children}
      </SimpleGrid>
    </section>
  );
}

function NameField({ editing }: Props) {
  return (
    <TextInput
      label="Name"
      description="Optional. Defaults to the network's name."
      inputWrapperOrder={["label", "input", "error", "description"]}
      placeholder={editing.name}
      value={editing.draft.name ?? ""}
      error={editing.errors.name}
      onChange={(event) => editing.change({ name: event.currentTarget.value || undefined })}
    />
  );
}

function DatasetField({ editing }: Props) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.filter(detects).map(({ name }) => name) ?? [];
  const { dataset } = editing.draft;
  // The service looks the name up only when all other fields are valid, and a Select hides a value it doesn't offer.
  const isUnknown = datasets.data && dataset !== undefined && !names.includes(dataset);
  const {
    error = isUnknown && `There is no data set with boxes named ${dataset}. Choose one from the list.`,
    ...props
  } = inputProps("dataset", editing);
  return (
    <Select
      {...props}
      error={error}
      label="Data set"
      placeholder="Choose a data set with boxes"
      data={names}
      value={dataset ?? null}
      onChange={(name) => editing.change({ dataset: name ?? undefined })}
      allowDeselect={false}
      searchable
    />
  );
}
