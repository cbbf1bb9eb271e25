// A study's downloads: its table, its figure, and the certificate with the commands that verify it.
import { Anchor, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { certificateUrl, studyFigureUrl, studyTableUrl } from "../../api/addresses";
import type { Study } from "../../api/types";
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
  return (
    <Stack gap="md">
      {/* Tables and figures are of errors. */}
      {study.kind !== "detect" && <Exports study={study} />}
      <Certificate study={study} />
    </Stack>
  );
}

function Exports({ study }: { study: Study }) {
  const { id } = study;
  return (
    <Group gap="xs" role="group" aria-label="downloads">
      <Group gap="md" mr="md">
        <Text size="sm">Table:</Text>
        {FORMS.map(({ format, name }) => (
          <Anchor key={format} size="sm" href={studyTableUrl(id, format)} download>
            {name}
          </Anchor>
        ))}
      </Group>
      <Group gap="md">
        <Text size="sm">Figure:</Text>
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
    </Group>
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
        A certificate contains the study's specifications, data, versions, raw curves, findings and verdicts,
        signed by this service. Anyone can verify it without the service: the signature must be valid, and
        every verdict must follow from the curves.
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
            Download certificate
          </Button>
        </DisabledReason>
        <Checkbox
          size="xs"
          label="Include the final weights, so that others can evaluate them"
          checked={withWeights}
          onChange={({ target }) => setWithWeights(target.checked)}
        />
      </Group>
      <CopyableCode label="commands to verify the certificate">
        {[
          `curl -H "Authorization: Bearer $RESLAB_TOKEN" ${location.origin}/api/v1/signing-key`,
          `reslab verify ${file}${data ? ` --fingerprint "${data.fingerprint}"` : ""}`,
        ].join("\n")}
      </CopyableCode>
    </Stack>
  );
}
