// A command or a snippet with a button that copies it.
import { ActionIcon, Box, Code, CopyButton } from "@mantine/core";

export function CopyableCode({ label, children }: { label: string; children: string }) {
  return (
    <Box className="copyable" pos="relative" role="group" aria-label={label}>
      <Code block pr={72} fz="xs" style={{ overflowX: "auto" }} tabIndex={0}>
        <code style={{ font: "inherit" }}>{children}</code>
      </Code>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <Box pos="absolute" top={6} right={6}>
            <ActionIcon
              variant="default"
              size="sm"
              w={58}
              fz="xs"
              onClick={copy}
              aria-label={copied ? `${label} copied` : `copy ${label}`}
            >
              {copied ? "copied" : "copy"}
            </ActionIcon>
          </Box>
        )}
      </CopyButton>
    </Box>
  );
}
