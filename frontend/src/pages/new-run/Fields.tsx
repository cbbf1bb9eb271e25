// The form's fields by group: those that researchers set first are visible, the rest are one click away.
import { Accordion, Select, SimpleGrid, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { datasetsQuery } from "../../api/queries";
import { onDataset } from "../../form/draft";
import { about, ChoiceOf, type Editing, FlagOf, NumberOf, ORDER } from "./DraftFields";
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
  const isAmiss = MORE.some((field) => about(field, editing).error !== undefined);
  return (
    <>
      <Fieldset title="Network">
        <NumberOf field="depth" editing={editing} />
        <ChoiceOf field="shortcut" editing={editing} />
        <FamilyOf editing={editing} />
        {(isImageNet || editing.draft.stride_in_1x1 !== undefined) && (
          <FlagOf field="stride_in_1x1" editing={editing} />
        )}
      </Fieldset>
      <Fieldset title="Data">
        <DatasetOf editing={editing} />
        <ChoiceOf field="augment" editing={editing} />
        <NumberOf field="train_images" editing={editing} />
        <NumberOf field="seed" editing={editing} />
      </Fieldset>
      <Fieldset title="Optimisation">
        <NumberOf field="iterations" editing={editing} />
        <NumberOf field="batch_size" editing={editing} />
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
        value={isOpen || isAmiss ? "more" : null}
        onChange={(more) => setOpen(more !== null)}
      >
        <Accordion.Item value="more">
          <Accordion.Control>More fields</Accordion.Control>
          <Accordion.Panel>
            <Fieldset title="Optimiser">
              <NumberOf field="momentum" editing={editing} />
              <NumberOf field="weight_decay" editing={editing} />
              <ChoiceOf field="init" editing={editing} />
              <FlagOf field="nesterov" editing={editing} />
              <FlagOf field="decay_batch_norm" editing={editing} />
            </Fieldset>
            <Fieldset title="Evaluation">
              <NumberOf field="evaluate_every" editing={editing} />
              <NumberOf field="checkpoint_every" editing={editing} />
              <NumberOf field="log_every" editing={editing} />
            </Fieldset>
            <Fieldset title="Machine">
              <ChoiceOf field="precision" editing={editing} />
              <NumberOf field="devices" editing={editing} />
              <FlagOf field="deterministic" editing={editing} />
              <FlagOf field="recompute_activations" editing={editing} />
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

function DatasetOf({ editing }: Props) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.map(({ name }) => name) ?? [];
  const { dataset } = editing.draft;
  // The service looks the name up only when all other fields are valid, and a Select hides a value it doesn't offer.
  const isUnknown = datasets.data && dataset !== undefined && !names.includes(dataset);
  const { error = isUnknown && `There is no data set named ${dataset}. Choose one from the list.`, ...said } =
    about("dataset", editing);
  return (
    <Select
      {...said}
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
function FamilyOf({ editing }: Props) {
  const { dataset, family } = editing.draft;
  const datasets = useQuery(datasetsQuery);
  const chosen = datasets.data?.items.find(({ name }) => name === dataset);
  const isYourOwn = chosen !== undefined && chosen.kind !== "built-in";
  return isYourOwn || family ? <ChoiceOf field="family" editing={editing} /> : null;
}
