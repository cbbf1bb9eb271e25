// Every URL of the dashboard. A page's script is fetched when the page is first opened or its link is pointed at.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readComparison } from "./address/comparison";
import { readListing } from "./address/listing";
import { only, writeSearch } from "./address/search";
import { readView, type View } from "./chart/view";
import { readDetectorDraft } from "./form/detectorDraft";
import { readDraft } from "./form/draft";
import { readStudyDraft } from "./form/studyDraft";
import { MissingPage } from "./shell/MissingPage";
import { Shell } from "./shell/Shell";
import { loadPart } from "./ui/loadPart";
import { ErrorState, LoadingState } from "./ui/States";

/** A page by its name in its module; where the service is away, it waits for the script. */
const page: typeof lazyRouteComponent = (fetchModule, name) =>
  lazyRouteComponent(() => loadPart(fetchModule), name);

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: MissingPage });

/** / — all runs, newest first; ?status=running&where=lr%3D0.1&sort=test_error filters and sorts. */
const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: only(readListing),
  component: page(() => import("./pages/runs/RunsPage"), "RunsPage"),
});

/** /new — the form for a run; its fields are the query: ?depth=56&shortcut=B. */
const newRunRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new",
  validateSearch: only(readDraft),
  component: page(() => import("./pages/new-run/NewRunPage"), "NewRunPage"),
});

/** /new/detector — the form for a detector; its fields are the query: ?network=resnet18&dataset=bccd. */
const newDetectorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new/detector",
  validateSearch: only(readDetectorDraft),
  component: page(() => import("./pages/new-detector/NewDetectorPage"), "NewDetectorPage"),
});

/** /runs/ID — one run: curves, state, files; ?preset=fig4&from=100&to=900 sets its charts. */
const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  validateSearch: only(readView),
  component: page(() => import("./pages/run/RunPage"), "RunPage"),
});

/** /compare?run=A&run=B — any set of runs; ?color=depth&seeds=mean&fields=all says how they are shown. */
const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  validateSearch: only(readComparison),
  component: page(() => import("./pages/compare/ComparePage"), "ComparePage"),
});

/** /datasets — the data sets that runs can be trained on, and the upload of your own. */
const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets",
  component: page(() => import("./pages/datasets/DatasetsPage"), "DatasetsPage"),
});

/** /import — takes a result that was made elsewhere, with its declared protocol. */
const importRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/import",
  component: page(() => import("./pages/import/ImportPage"), "ImportPage"),
});

/** /pool?run=A&run=B — several labs' results on one network as one. */
const poolRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pool",
  validateSearch: only((query): { run: string[] } => ({ run: readComparison(query).run })),
  component: page(() => import("./pages/pool/PoolPage"), "PoolPage"),
});

/** /queue — which run trains on which worker, which runs wait, and why. */
const queueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/queue",
  component: page(() => import("./pages/queue/QueuePage"), "QueuePage"),
});

/** /notices — who is told of what, and what was sent. */
const noticesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/notices",
  component: page(() => import("./pages/notices/NoticesPage"), "NoticesPage"),
});

/** /retention — what is deleted of old runs. */
const retentionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/retention",
  component: page(() => import("./pages/retention/RetentionPage"), "RetentionPage"),
});

/** /studies — all studies, newest first. */
const studiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies",
  component: page(() => import("./pages/studies/StudiesPage"), "StudiesPage"),
});

/** /studies/new?recipe=table-6&seeds=5 — the form for a study; its fields are the query. */
const newStudyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies/new",
  validateSearch: only(readStudyDraft),
  component: page(() => import("./pages/new-study/NewStudyPage"), "NewStudyPage"),
});

/** /studies/ID?cell=table-6:ResNet-20:error ResNet-20 A — one study, with one of its verdicts open. */
const studyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studies/$studyId",
  validateSearch: only((query): View & { cell?: string | undefined } => ({
    ...readView(query),
    ...(typeof query.cell === "string" && { cell: query.cell }),
  })),
  component: page(() => import("./pages/study/StudyPage"), "StudyPage"),
});

/** /access — your keys and sessions, projects and their members, and for administrators people. */
const accessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/access",
  component: page(() => import("./pages/access/AccessPage"), "AccessPage"),
});

/** /paper — the paper, opened at its tables. */
const paperRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/paper",
  component: page(() => import("./pages/paper/PaperPage"), "PaperPage"),
});
const paperPage = { getParentRoute: () => paperRoute };
const tablesRoute = createRoute({
  ...paperPage,
  path: "/",
  component: page(() => import("./pages/paper/TablesPage"), "TablesPage"),
});

/** /paper/tables/6?cell=table-6:ResNet-110:error — a table as printed, with one of its numbers explained. */
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
  component: page(() => import("./pages/paper/TablePage"), "TablePage"),
});
const figuresRoute = createRoute({
  ...paperPage,
  path: "/figures",
  component: page(() => import("./pages/paper/FiguresPage"), "FiguresPage"),
});

/** /paper/figures/6?run=A&run=B — a figure's empty panels, with runs laid into them. */
const figureRoute = createRoute({
  ...paperPage,
  path: "/figures/$number",
  params: {
    parse: ({ number }) => ({ number: Number(number) }),
    stringify: ({ number }) => ({ number: String(number) }),
  },
  validateSearch: only((query): View & { run?: string[] | undefined } => {
    const { run } = readComparison(query);
    return { ...readView(query), run: run.length > 0 ? run : undefined };
  }),
  component: page(() => import("./pages/paper/FigurePage"), "FigurePage"),
});
const textRoute = createRoute({
  ...paperPage,
  path: "/text",
  component: page(() => import("./pages/paper/TextPage"), "TextPage"),
});
const claimsRoute = createRoute({
  ...paperPage,
  path: "/claims",
  component: page(() => import("./pages/paper/ClaimsPage"), "ClaimsPage"),
});
const recipesRoute = createRoute({
  ...paperPage,
  path: "/recipes",
  component: page(() => import("./pages/paper/RecipesPage"), "RecipesPage"),
});

/** /paper/recipes/table-6 — an experiment of the paper, network by network. */
const recipeRoute = createRoute({
  ...paperPage,
  path: "/recipes/$name",
  component: page(() => import("./pages/paper/RecipePage"), "RecipePage"),
});
const rulesRoute = createRoute({
  ...paperPage,
  path: "/rules",
  component: page(() => import("./pages/paper/RulesPage"), "RulesPage"),
});
const referencesRoute = createRoute({
  ...paperPage,
  path: "/references",
  component: page(() => import("./pages/paper/ReferencesPage"), "ReferencesPage"),
});
const paperRoutes = paperRoute.addChildren([
  tablesRoute,
  tableRoute,
  figuresRoute,
  figureRoute,
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
    newDetectorRoute,
    runRoute,
    compareRoute,
    datasetsRoute,
    importRoute,
    poolRoute,
    queueRoute,
    noticesRoute,
    retentionRoute,
    studiesRoute,
    newStudyRoute,
    studyRoute,
    accessRoute,
    paperRoutes,
  ]),
  stringifySearch: writeSearch,
  scrollRestoration: true,
  defaultPreload: "intent",
  defaultPendingComponent: () => <LoadingState what="page" />,
  defaultErrorComponent: ({ error }) => (
    <ErrorState what="This page" error={error instanceof Error ? error : new Error(String(error))} />
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
