// The confusion matrix of one evaluation, chosen from those that have succeeded.
import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import type { EvaluationReport, Examination } from "../api/client";
import { moment } from "../units";
import { Confusion } from "./Confusion";
import { DataWarning } from "./DataWarning";
import { ExaminationState } from "./ExaminationState";
import { protocolOf } from "./words";

export function Confusions({ examinations }: { examinations: readonly Examination[] }) {
  const [chosen, setChosen] = useState<string>();
  const evaluations = examinations.filter(({ kind }) => kind === "evaluate");
  const done = evaluations.filter(({ status }) => status === "succeeded");
  // The newest evaluation of this network alone; an ensemble's only if there is no other.
  const first = done.find(({ runs }) => runs.length === 1) ?? done[0] ?? evaluations[0];
  const shown = done.find(({ id }) => id === chosen) ?? first;
  if (!shown) return <Text c="dimmed">Evaluate the weights to see their confusion matrix.</Text>;
  return (
    <>
      <EvaluationChoice shown={shown} done={done} onChoose={setChosen} />
      <ExaminationState<EvaluationReport> examination={shown} retry={undefined}>
        {(report) => (
          <>
            <DataWarning report={report} />
            <Confusion report={report} />
          </>
        )}
      </ExaminationState>
    </>
  );
}

type ChoiceProps = { shown: Examination; done: readonly Examination[]; onChoose: (id: string) => void };

function EvaluationChoice({ shown, done, onChoose }: ChoiceProps) {
  if (done.length < 2)
    return (
      <Text size="sm" mb="xs">
        Evaluated with {protocolOf(shown)}.
      </Text>
    );
  return (
    <NativeSelect
      size="xs"
      mb="sm"
      maw={720}
      label="Evaluation"
      data={done.map((evaluation) => ({
        value: evaluation.id,
        label: `${protocolOf(evaluation)} · ${moment(evaluation.created_at)}`,
      }))}
      value={shown.id}
      onChange={({ target }) => onChoose(target.value)}
    />
  );
}
