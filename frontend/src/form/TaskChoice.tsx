// The first choice of a new run: a classifier, or a detector (sec. 4.3). Each has its own form and address.
import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

const TASKS = [
  { value: "/new", label: "Classifier" },
  { value: "/new/detector", label: "Detector" },
] as const;

type Address = (typeof TASKS)[number]["value"];

export function TaskChoice({ value }: { value: Address }) {
  const navigate = useNavigate();
  return (
    <SegmentedControl
      aria-label="task"
      data={[...TASKS]}
      value={value}
      onChange={(to) => navigate({ to: to as Address })}
      w="fit-content"
    />
  );
}
