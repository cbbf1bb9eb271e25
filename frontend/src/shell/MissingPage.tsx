// The page for an address that no page has.
import { Text, Title } from "@mantine/core";
import { EmptyState } from "../ui/States";
import { TextLink } from "../ui/TextLink";

export function MissingPage() {
  return (
    <>
      <Title order={1}>Page not found</Title>
      <EmptyState title="There is no page at this address">
        <Text>
          The address may be mistyped.{" "}
          <TextLink to="/" underline="always">
            All runs
          </TextLink>
        </Text>
      </EmptyState>
    </>
  );
}
