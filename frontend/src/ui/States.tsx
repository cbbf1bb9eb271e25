// The states that every view has besides its full one: loading, error, empty.
import { Alert, Box, Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "../api/problem";

export function LoadingState({ what }: { what: string }) {
  return (
    <Center p="xl" role="status" aria-label={`loading ${what}`}>
      <Loader size="sm" />
      <Text ml="sm" c="dimmed">
        loading {what} …
      </Text>
    </Center>
  );
}

export function ErrorState({ what, error, retry }: { what: string; error: Error; retry?: () => void }) {
  const isAway = error instanceof Problem && error.isAway;
  return (
    <Alert color="red" title={isAway ? "The service doesn't answer" : `${what} could not be shown`} my="md">
      <Text size="sm">
        {isAway ? "Is it still running? This page tries again by itself." : error.message}
      </Text>
      {retry && (
        <Button size="xs" variant="default" mt="sm" onClick={retry}>
          Try again now
        </Button>
      )}
    </Alert>
  );
}

export function EmptyState({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box className="section" my="xl" maw={640}>
      <Stack gap="sm">
        <Title order={2}>{title}</Title>
        {children}
      </Stack>
    </Box>
  );
}
