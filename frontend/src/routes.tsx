// Every URL of the dashboard. A page is fetched when it is first looked at, or pointed at.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { only, writeSearch } from "./address";
import { readView, type View } from "./chart/view";
import { readComparison } from "./compare/comparison";
import { readDraft } from "./plan/draft";
import { readListed } from "./runs/filter";
import { NotFound } from "./shell/NotFound";
import { patiently } from "./shell/patiently";
import { Shell } from "./shell/Shell";
import { Failed, Loading } from "./shell/States";
import { readStudyDraft } from "./studies/draft";

/** By its name in its module, fetched when first looked at or pointed at; while the service is away, waited for. */
const page: typeof lazyRouteComponent = (fetched, name) => lazyRouteComponent(() => patiently(fetched), name);

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** / — all runs, newest first; ?status=running&where=lr%3D0.1&sort=test_error filters and sorts. */
const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: only(readListed),
  component: page(() => import("./runs/RunsPage"), "RunsPage"),
});

/** /new — a run being written; its fields are the query: ?depth=56&shortcut=B. */
const newRunRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new",
  validateSearch: only(readDraft),
  component: page(() => import("./plan/NewRunPage"), "NewRunPage"),
});

/** /runs/ID — one run: curves, state, files; ?preset=fig4&from=100&to=900 is how its charts are looked at. */
const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  validateSearch: only(readView),
  component: page(() => import("./run/RunPage"), "RunPage"),
});

/** /compare?run=A&run=B — any set of runs; ?color=depth&seeds=mean&fields=all is how they are shown. */
const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  validateSearch: only(readComparison),
  component: page(() => import("./compare/ComparePage"), "ComparePage"),
});

/** /datasets — what runs may be trained on, and the upload of your own. */
const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets",
  component: page(() => import("./datasets/DatasetsPage"), "DatasetsPage"),
});

/** /queue — what runs where, what waits and why. */
const queueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/queue",
  component: page(() => import("./queue/QueuePage"), "QueuePage"),
});

/** /studies — experiments of the paper as one, newest first. */
const studiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies",
  component: page(() => import("./studies/StudiesPage"), "StudiesPage"),
});

/** /studies/new?recipe=table-6&seeds=5 — a study being written; its fields are the query. */
const newStudyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies/new",
  validateSearch: only(readStudyDraft),
  component: page(() => import("./studies/NewStudyPage"), "NewStudyPage"),
});

/** /studies/ID?cell=table-6:ResNet-20:error ResNet-20 A — one study, a verdict of it opened, its chart as asked for. */
const studyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies/$studyId",
  validateSearch: only((query): View & { cell?: string | undefined } => ({
    ...readView(query),
    ...(typeof query.cell === "string" && { cell: query.cell }),
  })),
  component: page(() => import("./studies/StudyPage"), "StudyPage"),
});

/** /paper — the paper itself: its tables first. */
const paperRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/paper",
  component: page(() => import("./paper/PaperPage"), "PaperPage"),
});
const paperPage = { getParentRoute: () => paperRoute };
const tablesRoute = createRoute({
  ...paperPage,
  path: "/",
  component: page(() => import("./paper/TablesPage"), "TablesPage"),
});

/** /paper/tables/6?cell=table-6:ResNet-110:error — a table as printed, and one of its numbers said in full. */
const tableRoute = createRoute({
  ...paperPage,
  path: "/tables/$number",
  params: {
    parse: ({ number }) => ({ number: Number(number) }),
    stringify: ({ number }) => ({ number: String(number) }),
  },
  validateSearch: only(({ cell }): { cell?: string | undefined } => ({
    cell: typeof cell === "string" ? cell : undefined,
  })),
  component: page(() => import("./paper/TablePage"), "TablePage"),
});
const figuresRoute = createRoute({
  ...paperPage,
  path: "/figures",
  component: page(() => import("./paper/FiguresPage"), "FiguresPage"),
});
const textRoute = createRoute({
  ...paperPage,
  path: "/text",
  component: page(() => import("./paper/TextPage"), "TextPage"),
});
const claimsRoute = createRoute({
  ...paperPage,
  path: "/claims",
  component: page(() => import("./paper/ClaimsPage"), "ClaimsPage"),
});
const recipesRoute = createRoute({
  ...paperPage,
  path: "/recipes",
  component: page(() => import("./paper/RecipesPage"), "RecipesPage"),
});

/** /paper/recipes/table-6 — an experiment of the paper, network by network. */
const recipeRoute = createRoute({
  ...paperPage,
  path: "/recipes/$name",
  component: page(() => import("./paper/RecipePage"), "RecipePage"),
});
const rulesRoute = createRoute({
  ...paperPage,
  path: "/rules",
  component: page(() => import("./paper/RulesPage"), "RulesPage"),
});
const referencesRoute = createRoute({
  ...paperPage,
  path: "/references",
  component: page(() => import("./paper/ReferencesPage"), "ReferencesPage"),
});
const paperRoutes = paperRoute.addChildren([
  tablesRoute,
  tableRoute,
  figuresRoute,
  textRoute,
  claimsRoute,
  recipesRoute,
  recipeRoute,
  rulesRoute,
  referencesRoute,
]);

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    runsRoute,
    newRunRoute,
    runRoute,
    compareRoute,
    datasetsRoute,
    queueRoute,
    studiesRoute,
    newStudyRoute,
    studyRoute,
    paperRoutes,
  ]),
  stringifySearch: writeSearch,
  scrollRestoration: true,
  defaultPreload: "intent",
  defaultPendingComponent: () => <Loading what="page" />,
  defaultErrorComponent: ({ error }) => (
    <Failed what="This page" error={error instanceof Error ? error : new Error(String(error))} />
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
