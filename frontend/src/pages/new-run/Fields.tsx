// The form's fields by group: those that researchers set first are visible, the rest are one click away.
import { Accordion, Select, SimpleGrid, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { datasetsQuery } from "../../api/queries";
import { onDataset } from "../../form/draft";
import { ChoiceField, type Editing, FlagField, inputProps, NumberField, ORDER } from "./DraftFields";
import { RateFields } from "./RateFields";

type Props = { editing: Editing };

// Folded fields. The fold opens when the API refuses one of them.
const MORE = [
  "momentum",
  "weight_decay",
  "init",
  "nesterov",
  "decay_batch_norm",
  "evaluate_every",
  "checkpoint_every",
  "log_every",
  "precision",
  "devices",
  "deterministic",
  "recompute_activations",
];

export function Fields({ editing }: Props) {
  const isImageNet = editing.defaults.family === "imagenet";
  const [isOpen, setOpen] = useState(false);
  const hasError = MORE.some((field) => inputProps(field, editing).error !== undefined);
  return (
    <>
      <Fieldset title="Network">
        <NumberField field="depth" editing={editing} />
        <ChoiceField field="shortcut" editing={editing} />
        <FamilyField editing={editing} />
        {(isImageNet || editing.draft.stride_in_1x1 !== undefined) && (
          <FlagField field="stride_in_1x1" editing={editing} />
        )}
      </Fieldset>
      <Fieldset title="Data">
        <DatasetField editing={editing} />
        <ChoiceField field="augment" editing={editing} />
        <NumberField field="train_images" editing={editing} />
        <NumberField field="seed" editing={editing} />
      </Fieldset>
      <Fieldset title="Optimisation">
        <NumberField field="iterations" editing={editing} />
        <NumberField field="batch_size" editing={editing} />
      </Fieldset>
      <Fieldset title="Learning rate">
        <RateFields editing={editing} />
      </Fieldset>
      <TextInput
        label="Name"
        description="Optional. Defaults to the network's name."
        inputWrapperOrder={ORDER}
        placeholder={editing.name}
        value={editing.draft.name ?? ""}
        error={editing.errors.name}
        onChange={(event) => editing.change({ name: event.currentTarget.value || undefined })}
      />
      <Accordion
        variant="contained"
        value={isOpen || hasError ? "more" : null}
        onChange={(more) => setOpen(more !== null)}
      >
        <Accordion.Item value="more">
          <Accordion.Control>More fields</Accordion.Control>
          <Accordion.Panel>
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

function Fieldset({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" my="xs">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>{children}</SimpleGrid>
    </section>
  );
}

function DatasetField({ editing }: Props) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.map(({ name }) => name) ?? [];
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
