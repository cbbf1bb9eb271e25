// The form's fields: the four choices that matter, and all others by group, one click away.
import { Accordion, Select, SimpleGrid, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { classifies, datasetsQuery } from "../../api/queries";
import { type Draft, onDataset, START } from "../../form/draft";
import { ChoiceField, type Editing, FlagField, inputProps, NumberField, ORDER } from "./DraftFields";
import { RateFields } from "./RateFields";

type Props = { editing: Editing };

// The four choices that everybody makes; all other fields of a draft are folded.
const FIRST = ["recipe", "depth", "shortcut", "dataset", "iterations"];

export function Fields({ editing }: Props) {
  const isImageNet = editing.defaults.family === "imagenet";
  const [isOpen, setOpen] = useState(false);
  // What a link sets or the API refuses must be in sight.
  const isSet = (Object.keys(editing.draft) as (keyof Draft)[]).some(
    (field) =>
      editing.draft[field] !== undefined && editing.draft[field] !== START[field] && !FIRST.includes(field),
  );
  const isRefused = Object.keys(editing.errors).some(
    (path) => !FIRST.includes(path.replace(/^spec\./, "").split(".")[0] ?? ""),
  );
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="lg">
        <NumberField field="depth" editing={editing} />
        <ChoiceField field="shortcut" editing={editing} />
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
            <Fieldset title="Name and data">
              <NameField editing={editing} /> <ProjectField editing={editing} />
              <NumberField field="seed" editing={editing} />
              <NumberField field="train_images" editing={editing} />
              <ChoiceField field="augment" editing={editing} />
              <FamilyField editing={editing} />
              {(isImageNet || editing.draft.stride_in_1x1 !== undefined) && (
                <FlagField field="stride_in_1x1" editing={editing} />
              )}
            </Fieldset>
            <Fieldset title="Learning rate">
              <NumberField field="batch_size" editing={editing} />
              <RateFields editing={editing} />
            </Fieldset>
            <Fieldset title="Optimiser">
              <NumberField field="momentum" editing={editing} />
              <NumberField field="weight_decay" editing={editing} />
              <ChoiceField field="init" editing={editing} />
              <FlagField field="nesterov" editing={editing} />
              <FlagField field="decay_batch_norm" editing={editing} />
            </Fieldset>
            <Fieldset title="Evaluation">
              <NumberField field="evaluate_every" editing={editing} />
              <NumberField field="checkpoint_every" editing={editing} />
              <NumberField field="log_every" editing={editing} />
            </Fieldset>
            <Fieldset title="Machine">
              <ChoiceField field="precision" editing={editing} />
              <NumberField field="devices" editing={editing} />
              <FlagField field="deterministic" editing={editing} />
              <FlagField field="recompute_activations" editing={editing} />
            </Fieldset>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function NameField({ editing }: Props) {
  return (
    <TextInput
      label="Name"
      description="Optional. Defaults to the network's name."
      inputWrapperOrder={ORDER}
      placeholder={editing.name}
      value={editing.draft.name ?? ""}
      error={editing.errors.name}
      onChange={(event) => editing.change({ name: event.currentTarget.value || undefined })}
    />
  );
}

function ProjectField({ editing }: Props) {
  return (
    <TextInput
      label="Project"
      description="Optional: default. A new name creates a project."
      inputWrapperOrder={ORDER}
      placeholder="default"
      value={editing.draft.project ?? ""}
      error={editing.errors.project}
      onChange={(event) => editing.change({ project: event.currentTarget.value || undefined })}
    />
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

function DatasetField({ editing }: Props) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.filter(classifies).map(({ name }) => name) ?? [];
  const { dataset } = editing.draft;
  // The service looks the name up only when all other fields are valid, and a Select hides a value it doesn't offer.
  const isUnknown = datasets.data && dataset !== undefined && !names.includes(dataset);
  const {
    error = isUnknown && `There is no data set named ${dataset}. Choose one from the list.`,
    ...props
  } = inputProps("dataset", editing);
  return (
    <Select
      {...props}
      error={error}
      label="Data set"
      data={names}
      value={dataset ?? null}
      onChange={(dataset) => editing.change(onDataset(dataset))}
      allowDeselect={false}
      searchable
    />
  );
}

/** Shown for uploaded data sets, and when a link sets the family, so that you can clear it. */
function FamilyField({ editing }: Props) {
  const { dataset, family } = editing.draft;
  const datasets = useQuery(datasetsQuery);
  const current = datasets.data?.items.find(({ name }) => name === dataset);
  const isYourOwn = current !== undefined && current.kind !== "built-in";
  return isYourOwn || family ? <ChoiceField field="family" editing={editing} /> : null;
}
