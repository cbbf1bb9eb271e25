// The frame of the pages about the paper, with their navigation.
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Outlet, useLocation } from "@tanstack/react-router";
import { NavLink } from "../../shell/NavLink";
import { PageTitle } from "../../ui/PageTitle";
import { tabOf } from "./tab";

const ARTICLE = "https://arxiv.org/abs/1512.03385";

export function PaperPage() {
  const tab = tabOf(useLocation({ select: ({ pathname }) => pathname }));
  return (
    <Stack gap="md">
      <div>
        <PageTitle tab={tab}>The paper</PageTitle>
        <Text size="sm" c="dimmed">
          He, Zhang, Ren and Sun: Deep Residual Learning for Image Recognition, 2015.{" "}
          <Anchor href={ARTICLE} underline="always" target="_blank" rel="noreferrer" size="sm">
            arXiv:1512.03385
          </Anchor>
        </Text>
      </div>
      <Group component="nav" aria-label="the paper" className="tabs">
        <NavLink to="/paper" activeOptions={{ exact: true }}>
          Tables
        </NavLink>
        <NavLink to="/paper/figures">Figures</NavLink>
        <NavLink to="/paper/text">Text</NavLink>
        <NavLink to="/paper/claims">Claims</NavLink>
        <NavLink to="/paper/recipes">Recipes</NavLink>
        <NavLink to="/paper/rules">Rules</NavLink>
        <NavLink to="/paper/references">References</NavLink>
      </Group>
      <Outlet />
    </Stack>
  );
}
