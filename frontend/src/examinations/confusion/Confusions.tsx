// The confusion matrix of one evaluation, chosen from those that have succeeded.
import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import type { EvaluationReport, Examination } from "../../api/types";
import { moment } from "../../units";
import { DataWarning } from "../DataWarning";
import { ExaminationState } from "../ExaminationState";
import { protocolOf } from "../words";
import { Confusion } from "./Confusion";

export function Confusions({ examinations }: { examinations: readonly Examination[] }) {
  const [choice, setChoice] = useState<string>();
  const evaluations = examinations.filter(({ kind }) => kind === "evaluate");
  const done = evaluations.filter(({ status }) => status === "succeeded");
  // The newest evaluation of this network alone; an ensemble's only if there is no other.
  const first = done.find(({ runs }) => runs.length === 1) ?? done[0] ?? evaluations[0];
  const current = done.find(({ id }) => id === choice) ?? first;
  if (!current) return <Text c="dimmed">Evaluate the weights to see their confusion matrix.</Text>;
  return (
    <>
      <EvaluationChoice current={current} done={done} onChoose={setChoice} />
      <ExaminationState<EvaluationReport> examination={current} retry={undefined}>
        {(report) => (
          <>
            <DataWarning report={report} />
            <Confusion examination={current.id} report={report} />
          </>
        )}
      </ExaminationState>
    </>
  );
}

type ChoiceProps = { current: Examination; done: readonly Examination[]; onChoose: (id: string) => void };

function EvaluationChoice({ current, done, onChoose }: ChoiceProps) {
  if (done.length < 2)
    return (
      <Text size="sm" mb="xs">
        Protocol: {protocolOf(current)}.
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
      value={current.id}
      onChange={({ target }) => onChoose(target.value)}
    />
  );
}
