// The menu of saved views, and the link to the list as it is, with its columns.
import { ActionIcon, Button, CopyButton, Group, Popover, Stack, Text, TextInput } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Listing } from "../../address/listing";
import { writeSearch } from "../../address/search";
import { useViews } from "./views";

/** `columns` are the shown ones, which a link holds and the address otherwise doesn't. */
export function ViewsMenu({ listing, columns }: { listing: Listing; columns: readonly string[] }) {
  const { views, save, remove } = useViews();
  const [name, setName] = useState("");
  const router = useRouter();
  const query = writeSearch({ ...listing, columns: [...columns] });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save(name.trim(), query);
    setName("");
  };
  return (
    <>
      <Popover position="bottom-end" withinPortal trapFocus>
        <Popover.Target>
          <Button variant="default" size="xs">
            Views
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="saved views">
          <Stack gap="xs">
            {Object.entries(views).map(([view, saved]) => (
              <Group key={view} gap={4} justify="space-between" wrap="nowrap">
                <Button variant="subtle" size="compact-xs" onClick={() => router.history.push(`/${saved}`)}>
                  {view}
                </Button>
                <ActionIcon
                  size="sm"
                  color="gray"
                  aria-label={`remove the view ${view}`}
                  onClick={() => remove(view)}
                >
                  ×
                </ActionIcon>
              </Group>
            ))}
            {Object.keys(views).length === 0 && (
              <Text size="xs" c="dimmed" maw={220}>
                A view keeps filters, order, columns and form under a name, in this browser.
              </Text>
            )}
            <form onSubmit={submit}>
              <Group gap={4} wrap="nowrap">
                <TextInput
                  size="xs"
                  aria-label="name of the view"
                  placeholder="Name"
                  maxLength={60}
                  value={name}
                  onChange={({ currentTarget }) => setName(currentTarget.value)}
                />
                <Button type="submit" size="xs" variant="default">
                  Save view
                </Button>
              </Group>
            </form>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <CopyButton value={`${location.origin}/${query}`}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" onClick={copy}>
            {copied ? "Link copied" : "Copy link"}
          </Button>
        )}
      </CopyButton>
    </>
  );
}
