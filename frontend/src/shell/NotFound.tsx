// An address that no page has.
import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty } from "./States";

export function NotFound() {
  return (
    <Empty title="There is no such page">
      <Text>
        <Link to="/">Go to the runs</Link>
      </Text>
    </Empty>
  );
}
