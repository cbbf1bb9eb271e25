// A button that lets the browser say when a run or a study has ended. The browser's permission is asked for by its click.
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { DisabledReason } from "./DisabledReason";

type Props = {
  /** Whether it has not ended yet. */
  isOpen: boolean;
  name: string;
  /** What to say once it has ended: "succeeded, test error 8.73 %". */
  outcome: string;
};

const BLOCKED = "This browser blocks notifications from this address. Allow them in its settings.";

/** Nothing where the browser has no notifications, as on a page that isn't served securely. */
export function NotifyEnd({ isOpen, name, outcome }: Props) {
  const [isOn, setOn] = useState(false);
  const wasOpen = useRef(isOpen);
  const [permission, setPermission] = useState(() =>
    "Notification" in window ? Notification.permission : undefined,
  );
  useEffect(() => {
    if (wasOpen.current && !isOpen && isOn) new Notification(name, { body: outcome, icon: "/icon.svg" });
    wasOpen.current = isOpen;
  }, [isOpen, isOn, name, outcome]);
  if (!isOpen || permission === undefined) return null;
  const ask = async () => {
    const answer = isOn ? permission : await Notification.requestPermission();
    setPermission(answer);
    setOn(!isOn && answer === "granted");
  };
  return (
    <DisabledReason why={permission === "denied" ? BLOCKED : undefined}>
      <Button variant="default" size="xs" aria-pressed={isOn} onClick={ask}>
        {isOn ? "Will notify" : "Notify me"}
      </Button>
    </DisabledReason>
  );
}
