// Every URL of the dashboard.
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { DatasetsPage } from "./datasets/DatasetsPage";
import { readDraft } from "./plan/draft";
import { NewRunPage } from "./plan/NewRunPage";
import { RunPage } from "./run/RunPage";
import { readFilter } from "./runs/filter";
import { RunsPage } from "./runs/RunsPage";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";
import { Failed } from "./shell/States";

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** / — all runs, newest first; ?status=running&text=A filters. */
const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: readFilter,
  component: RunsPage,
});

/** /new — a run being written; its fields are the query: ?depth=56&shortcut=B. */
const newRunRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new",
  validateSearch: readDraft,
  component: NewRunPage,
});

/** /runs/ID — one run: curves, state, files. */
const runRoute = createRoute({ getParentRoute: () => rootRoute, path: "/runs/$runId", component: RunPage });

/** /datasets — what runs may be trained on, and the upload of your own. */
const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets",
  component: DatasetsPage,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([runsRoute, newRunRoute, runRoute, datasetsRoute]),
  scrollRestoration: true,
  defaultErrorComponent: ({ error }) => (
    <Failed what="This page" error={error instanceof Error ? error : new Error(String(error))} />
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
