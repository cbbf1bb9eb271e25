// The fields of the form for a new study.
import { Checkbox, Group, NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { classifies, datasetsQuery, detects } from "../../api/queries";
import { DETECTORS, isOfDetectors, networkChoice, type StudyDraft } from "../../form/studyDraft";
import { recipeQuery, recipesQuery } from "../../paper/queries";
import { RegistrationFields } from "./RegistrationFields";

export type Editing = {
  draft: StudyDraft;
  errors: Record<string, string>;
  change: (change: Partial<StudyDraft>) => void;
};

export function StudyFields({ editing }: { editing: Editing }) {
  const { draft, errors, change } = editing;
  const isDetection = isOfDetectors(draft.recipe);
  return (
    <>
      <RecipeField editing={editing} />
      {isDetection ? <SmallField editing={editing} /> : <NetworksField editing={editing} />}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberField field="seeds" editing={editing} />
        <NumberField field="scale" editing={editing} />
        <DatasetField editing={editing} />
        {!isDetection && <NumberField field="budget" editing={editing} />}
        <NumberField field="priority" editing={editing} />
        <QueueField editing={editing} />
      </SimpleGrid>
      <TextInput
        label="Name"
        description="Optional. Defaults to the recipe's title."
        value={draft.name ?? ""}
        onChange={({ currentTarget: { value } }) => change({ name: value || undefined })}
        error={errors.name}
      />
      <TextInput
        label="Project"
        description="Optional: default. A new name creates a project."
        placeholder="default"
        value={draft.project ?? ""}
        onChange={({ currentTarget: { value } }) => change({ project: value || undefined })}
        error={errors.project}
      />
      <Checkbox
        label="Reuse identical runs that have already succeeded"
        checked={draft.reuse === true}
        onChange={({ target }) => change({ reuse: target.checked || undefined })}
      />
      <RegistrationFields editing={editing} />
    </>
  );
}

function RecipeField({ editing: { draft, errors, change } }: { editing: Editing }) {
  const { data } = useQuery(recipesQuery);
  const about = data?.items.find(({ name }) => name === draft.recipe)?.about;
  return (
    <Select
      label="Recipe"
      description={about ?? "An experiment from the paper"}
      data={[...(data?.items ?? []), ...DETECTORS].map(({ name, title }) => ({
        value: name,
        label: `${name}: ${title}`,
      }))}
      value={draft.recipe}
      // Another experiment has other networks, and may need a data set of another family.
      onChange={(recipe) =>
        recipe &&
        change({
          recipe,
          networks: undefined,
          dataset: undefined,
          name: undefined,
          small: undefined,
          ...(isOfDetectors(recipe) && { budget: undefined }),
        })
      }
      error={errors.recipe}
      allowDeselect={false}
      searchable
    />
  );
}

function SmallField({ editing: { draft, errors, change } }: { editing: Editing }) {
  const error = Object.entries(errors).find(([path]) => path.startsWith("detection"))?.[1];
  return (
    <Checkbox
      label="Small detectors, which a CPU can train"
      description="ResNet-18 in the place of VGG-16, ResNet-34 in the place of ResNet-101, both from scratch on images of 160 pixels. Their results are not comparable with the paper's."
      checked={draft.small === true}
      onChange={({ target }) => change({ small: target.checked || undefined })}
      error={error}
    />
  );
}

function NetworksField({ editing: { draft, errors, change } }: { editing: Editing }) {
  const { data } = useQuery(recipeQuery(draft.recipe));
  const labels = [...new Set(data?.members.map(({ label }) => label))];
  return (
    <Checkbox.Group
      label="Networks"
      description="The study trains all networks of the recipe unless you clear some."
      value={draft.networks ?? labels}
      onChange={(networks) => change({ networks: networkChoice(labels, networks) })}
      error={errors.networks}
    >
      <Group gap="md" mt={6}>
        {labels.map((label) => (
          <Checkbox key={label} value={label} label={label} size="sm" />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

const NUMBERS = {
  seeds: {
    label: "Seeds",
    about: "Runs per network. You need at least 3 to see their spread.",
    byDefault: 1,
    step: 1,
  },
  scale: {
    label: "Scale",
    about: "Fraction of the paper's schedule. Below 1, results are not comparable with the paper's.",
    byDefault: 1,
    step: 0.005,
  },
  budget: {
    label: "Budget",
    about: "The most seeds per network that the planner may use to reach a decision. Empty: it adds none.",
    byDefault: "",
    step: 1,
  },
  priority: {
    label: "Priority",
    about: "From −100 to 100. Runs with a higher priority start first.",
    byDefault: 0,
    step: 1,
  },
} as const;

function NumberField({
  field,
  editing: { draft, errors, change },
}: {
  field: keyof typeof NUMBERS;
  editing: Editing;
}) {
  const { label, about, byDefault, step } = NUMBERS[field];
  const mostSeeds = useQuery(recipesQuery).data?.most_seeds;
  return (
    <NumberInput
      label={label}
      description={about}
      placeholder={byDefault === "" ? "none" : String(byDefault)}
      value={draft[field] ?? ""}
      onChange={(value) => change({ [field]: value === "" ? undefined : Number(value) })}
      error={errors[field]}
      step={step}
      {...(field !== "priority" && { min: 0 })}
      {...((field === "seeds" || field === "budget") && mostSeeds !== undefined && { max: mostSeeds })}
      allowDecimal={field === "scale"}
      decimalScale={6}
      clampBehavior="none"
    />
  );
}

function DatasetField({ editing: { draft, errors, change } }: { editing: Editing }) {
  const { data } = useQuery(datasetsQuery);
  const isDetection = isOfDetectors(draft.recipe);
  const recipe = useQuery({ ...recipeQuery(draft.recipe), enabled: !isDetection });
  return (
    <Select
      label="Data set"
      description="Defaults to the recipe's data set."
      placeholder={recipe.data?.recipe.dataset}
      data={data?.items.filter(isDetection ? detects : classifies).map(({ name }) => name) ?? []}
      value={draft.dataset ?? null}
      onChange={(dataset) => change({ dataset: dataset ?? undefined })}
      error={errors.dataset}
      clearable
      searchable
    />
  );
}

const QUEUES = [
  { value: "gpu", label: "GPU" },
  { value: "cpu", label: "CPU" },
];

function QueueField({ editing: { draft, errors, change } }: { editing: Editing }) {
  return (
    <Select
      label="Queue"
      description="The workers that may train the runs."
      placeholder="GPU or CPU"
      data={QUEUES}
      value={draft.queue ?? null}
      onChange={(queue) => change({ queue: queue === "gpu" || queue === "cpu" ? queue : undefined })}
      error={errors.queue}
      clearable
    />
  );
}
