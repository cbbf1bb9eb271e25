// The page for an address that no page has.
import { Text } from "@mantine/core";
import { PageTitle } from "../ui/PageTitle";
import { EmptyState } from "../ui/States";
import { TextLink } from "../ui/TextLink";

export function MissingPage() {
  return (
    <>
      <PageTitle>Page not found</PageTitle>
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
