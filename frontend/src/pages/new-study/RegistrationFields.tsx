// Pre-registration of a new study, folded: a box, the question and the exclusion rule.
import { Checkbox, Stack, Text, Textarea } from "@mantine/core";
import type { Editing } from "./StudyFields";

export function RegistrationFields({ editing: { draft, errors, change } }: { editing: Editing }) {
  const isRegistered = draft.registered === true;
  return (
    <details open={isRegistered || errors.registration !== undefined}>
      <summary>
        <Text span size="sm" fw={500}>
          Pre-registration
        </Text>
      </summary>
      <Stack gap="sm" mt="xs">
        <Checkbox
          label="Register this study before its first run is created"
          description="The service signs the question, claims, networks, seeds, stopping rule and exclusion rule. They can't be changed or deleted later, and the study shows what departs from them."
          checked={isRegistered}
          onChange={({ target }) => change({ registered: target.checked || undefined })}
          error={errors.registration}
        />
        {isRegistered && (
          <>
            <Textarea
              label="Question"
              description="Optional. Defaults to what the recipe is about."
              value={draft.question ?? ""}
              onChange={({ currentTarget: { value } }) => change({ question: value || undefined })}
              autosize
              minRows={2}
            />
            <Textarea
              label="Exclusion rule"
              description="Which runs will not count, and why. Empty: no run is excluded."
              value={draft.exclusion_rule ?? ""}
              onChange={({ currentTarget: { value } }) => change({ exclusion_rule: value || undefined })}
              autosize
              minRows={2}
            />
          </>
        )}
      </Stack>
    </details>
  );
}
