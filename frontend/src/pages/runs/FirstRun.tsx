// The first screen of an empty service: what Reslab is, and what to do next.
import { Code, Grid, Stack, Text } from "@mantine/core";
import { curlOf } from "../../form/curl";
import { bodyOf, START } from "../../form/draft";
import { START as STUDY_START } from "../../form/studyDraft";
import { CopyableCode } from "../../ui/CopyableCode";
import { LinkButton } from "../../ui/LinkButton";
import { PageTitle } from "../../ui/PageTitle";
import { Section } from "../../ui/Section";
import { TextLink } from "../../ui/TextLink";

export function FirstRun() {
  return (
    <Stack gap="xl">
      <div>
        <PageTitle>Runs</PageTitle>
        <Text size="md" maw={720} mt="sm">
          Reslab trains the networks of <i>Deep Residual Learning for Image Recognition</i> (He et al. 2015),
          shows their curves while they train, and says how far each result is from the paper's.
        </Text>
      </div>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title="Start your first run">
            <Stack gap="sm" align="flex-start">
              <Text size="sm">
                ResNet-20 on <i>digits</i> needs no download and trains in a few minutes on a CPU.
              </Text>
              <LinkButton to="/new">New run</LinkButton>
              <Text size="sm">
                Or train a{" "}
                <TextLink to="/studies/new" search={STUDY_START}>
                  whole table or figure of the paper
                </TextLink>
                , <TextLink to="/datasets">upload your own images</TextLink>, or{" "}
                <TextLink to="/import">import results</TextLink> that you have already.
              </Text>
            </Stack>
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title="From a shell">
            <Stack gap="sm">
              <CopyableCode label="curl command">
                {curlOf(bodyOf(START), location.origin, "runs")}
              </CopyableCode>
              <Text size="xs" c="dimmed">
                RESLAB_TOKEN is the token in the URL that <Code>reslab up</Code> printed.
              </Text>
            </Stack>
          </Section>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
