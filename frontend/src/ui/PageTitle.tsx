// A page's title: its heading, and the name of the browser's tab.
import { Title } from "@mantine/core";
import { useEffect } from "react";

/** `tab` is what the tab says in its place: "65 % · ResNet-56 A". */
export function PageTitle({ children, tab = children }: { children: string; tab?: string }) {
  useEffect(() => {
    document.title = `${tab} · Reslab`;
  }, [tab]);
  return <Title order={1}>{children}</Title>;
}
