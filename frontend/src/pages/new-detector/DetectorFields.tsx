// The form's fields: the four choices that matter, and all others by group, one click away.
import { detects } from "../../api/queries";
import { DatasetField } from "../../form/DatasetField";
import { SMALL } from "../../form/detectorDraft";
import { FieldGrid, Fieldset, MoreFields } from "../../form/MoreFields";
import { NameFields } from "../../form/NameFields";
import { ChoiceField, type Editing, FlagField, ListField, NumberField } from "./inputs";
import { StartField } from "./StartField";

const FIRST: readonly string[] = ["network", "start", "statistics", "dataset", "iterations"];

export function DetectorFields({ editing }: { editing: Editing }) {
  return (
    <>
      <FieldGrid>
        <ChoiceField field="network" editing={editing} />
        <StartField editing={editing} />
        <DatasetField
          editing={editing}
          noun="data set with boxes"
          isUsable={detects}
          choose={(name) => editing.change({ dataset: name ?? undefined })}
        />
        <NumberField field="iterations" editing={editing} />
      </FieldGrid>
      <MoreFields first={FIRST} start={SMALL} editing={editing}>
        <Fieldset title="Name and images">
          <NameFields editing={editing} />
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
      </MoreFields>
    </>
  );
}
