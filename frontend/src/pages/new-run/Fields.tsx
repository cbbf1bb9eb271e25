// The form's fields: the four choices that matter, and all others by group, one click away.
import { useQuery } from "@tanstack/react-query";
import { classifies, datasetsQuery } from "../../api/queries";
import { DatasetField } from "../../form/DatasetField";
import { onDataset, START } from "../../form/draft";
import { FieldGrid, Fieldset, MoreFields } from "../../form/MoreFields";
import { NameFields } from "../../form/NameFields";
import { ChoiceField, type Editing, FlagField, NumberField } from "./DraftFields";
import { RateFields } from "./RateFields";

type Props = { editing: Editing };

// The four choices that everybody makes; all other fields of a draft are folded.
const FIRST = ["recipe", "depth", "shortcut", "dataset", "iterations"];

export function Fields({ editing }: Props) {
  const isImageNet = editing.defaults.family === "imagenet";
  return (
    <>
      <FieldGrid>
        <NumberField field="depth" editing={editing} />
        <ChoiceField field="shortcut" editing={editing} />
        <DatasetField
          editing={editing}
          noun="data set"
          isUsable={classifies}
          choose={(dataset) => editing.change(onDataset(dataset))}
        />
        <NumberField field="iterations" editing={editing} />
      </FieldGrid>
      <MoreFields first={FIRST} start={START} editing={editing}>
        <Fieldset title="Name and data">
          <NameFields editing={editing} />
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
      </MoreFields>
    </>
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
