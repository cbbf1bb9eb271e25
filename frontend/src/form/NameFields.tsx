// The name and the project of a new run, in both forms.
import { TextInput } from "@mantine/core";
import { INPUT_ORDER } from "./inputs";

type Props = {
  editing: {
    draft: { name?: string | undefined; project?: string | undefined };
    /** The paper's name for the network. */
    name: string | undefined;
    errors: Record<string, string>;
    change: (change: { name?: string | undefined; project?: string | undefined }) => void;
  };
};

export function NameFields({ editing: { draft, name, errors, change } }: Props) {
  return (
    <>
      <TextInput
        label="Name"
        description="Optional. Defaults to the network's name."
        inputWrapperOrder={INPUT_ORDER}
        placeholder={name}
        value={draft.name ?? ""}
        error={errors.name}
        onChange={(event) => change({ name: event.currentTarget.value || undefined })}
      />
      <TextInput
        label="Project"
        description="Optional: default. A new name creates a project."
        inputWrapperOrder={INPUT_ORDER}
        placeholder="default"
        value={draft.project ?? ""}
        error={errors.project}
        onChange={(event) => change({ project: event.currentTarget.value || undefined })}
      />
    </>
  );
}
