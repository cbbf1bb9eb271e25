// The frame around every page: navigation, theme, and the login where there is no session.
import { AppShell, Container, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Problem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { loadPart } from "../ui/loadPart";
import { LoadingState } from "../ui/States";
import { TextLink } from "../ui/TextLink";
import { Brand, NavLink } from "./NavLink";
import { Shortcuts } from "./Shortcuts";
import { ThemeToggle } from "./ThemeToggle";

// Most visits begin with a session.
const Login = lazy(() => loadPart(() => import("./Login")).then(({ Login }) => ({ default: Login })));

export function Shell() {
  return (
    <AppShell header={{ height: { base: 84, xs: 52 } }} padding="md">
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header px="md">
        <Container size="xl" px={0} h="100%">
          <Group h="100%" gap="xs" component="nav" aria-label="pages">
            <Brand to="/">Reslab</Brand>
            <div className="pages">
              <NavLink to="/">Runs</NavLink>
              <NavLink to="/new">New run</NavLink>
              <NavLink to="/studies">Studies</NavLink>
              <NavLink to="/queue">Queue</NavLink>
              <NavLink to="/paper">Paper</NavLink>
              <NavLink to="/datasets">Data sets</NavLink>
              <a href="/help/" className="page-link wide">
                Help
              </a>
            </div>
            <Shortcuts />
            <ThemeToggle />
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <Container size="xl" px={0}>
          <CurrentPage />
          <footer className="footer">
            <TextLink to="/access" inherit underline="always">
              Access
            </TextLink>{" "}
            · <a href="/help/">Help</a> · <a href="/docs">API documentation</a>
          </footer>
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

/** The page, once the browser has a session. Where the API is away, the page itself says so. */
function CurrentPage() {
  const session = useQuery(sessionQuery);
  if (session.isPending && session.failureCount === 0) return <LoadingState what="session" />;
  if (session.error instanceof Problem && session.error.status === 401)
    return (
      <Suspense fallback={<LoadingState what="login" />}>
        <Login />
      </Suspense>
    );
  return <Outlet />;
}
