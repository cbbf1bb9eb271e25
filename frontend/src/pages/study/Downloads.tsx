// A study to take along: its table, its figure, and the certificate with the commands that check it.
import { Anchor, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { certificateUrl, type Study, studyFigureUrl, studyTableUrl } from "../../api/client";
import { signingKeyQuery } from "../../study/queries";
import { CopyableCode } from "../../ui/CopyableCode";
import { DisabledReason } from "../../ui/DisabledReason";
import { whyNoCertificate } from "./moves";

const FORMS = [
  { format: "csv", name: "CSV" },
  { format: "md", name: "Markdown" },
  { format: "tex", name: "LaTeX" },
] as const;

export function Downloads({ study }: { study: Study }) {
  const { id } = study;
  return (
    <Stack gap="md">
      <Group gap="md" role="group" aria-label="exports">
        <Text size="sm">The table:</Text>
        {FORMS.map(({ format, name }) => (
          <Anchor key={format} size="sm" href={studyTableUrl(id, format)} download>
            {name}
          </Anchor>
        ))}
        <Text size="sm">The figure:</Text>
        {(["svg", "pdf", "png"] as const).map((format) => (
          <Anchor
            key={format}
            size="sm"
            href={studyFigureUrl(id, format)}
            download={`${study.recipe}-${id}.${format}`}
          >
            {format.toUpperCase()}
          </Anchor>
        ))}
      </Group>
      <Certificate study={study} />
    </Stack>
  );
}

function Certificate({ study }: { study: Study }) {
  const [withWeights, setWithWeights] = useState(false);
  const { data } = useQuery(signingKeyQuery);
  const why = whyNoCertificate(study);
  const file = `${study.id}.certificate.zip`;
  return (
    <Stack gap="xs">
      <Text size="sm" maw={640}>
        A certificate holds specifications, data, versions, raw curves, findings and verdicts, signed by this
        service. Anybody can check it without the service: that the signature holds, and that every verdict
        follows from the curves.
      </Text>
      <Group gap="md">
        <DisabledReason why={why}>
          <Button
            component="a"
            size="xs"
            role={why ? "link" : undefined}
            tabIndex={0}
            {...(!why && { href: certificateUrl(study.id, withWeights), download: file })}
          >
            Download the certificate
          </Button>
        </DisabledReason>
        <Checkbox
          size="xs"
          label="with the last weights, to evaluate them again"
          checked={withWeights}
          onChange={({ target }) => setWithWeights(target.checked)}
        />
      </Group>
      <CopyableCode label="commands that verify it">
        {[
          `curl -H "Authorization: Bearer $RESLAB_TOKEN" ${location.origin}/api/v1/signing-key`,
          `reslab verify ${file}${data ? ` --fingerprint "${data.fingerprint}"` : ""}`,
        ].join("\n")}
      </CopyableCode>
    </Stack>
  );
}
