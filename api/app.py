"""The application: its routes, who may call them, and the middleware around every request."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import BaseRoute

from api.admin import audit, docs, health, keys, login, people, projects, queue, rights, site, usage
from api.curves import exports, figures
from api.curves import routes as curves
from api.datasets import routes as datasets
from api.datasets import sheets
from api.events import news
from api.events import routes as events
from api.examinations import detections
from api.examinations import routes as examinations
from api.http import access, dashboard, problems
from api.http.access import authorize
from api.http.audited import Audited
from api.http.bodies import BodyLimit
from api.http.guards import Guards
from api.http.requests import Observed
from api.imports import routes as imports
from api.imports import uploads as import_uploads
from api.notices import routes as notices
from api.paper import recipes
from api.paper import routes as paper
from api.retention import routes as retention
from api.runs import files, findings, log, moves, network, plan, verdict
from api.runs import routes as runs
from api.service import Service
from api.starts import routes as starts
from api.studies import certificates, claims, pools, registrations
from api.studies import exports as study_exports
from api.studies import routes as studies
from store.db.settings import Settings
from studies import watch

MODULES = (
    runs,
    plan,
    moves,
    findings,
    verdict,
    events,
    news,
    curves,
    exports,
    figures,
    files,
    imports,
    starts,
    examinations,
    detections,
    network,
    log,
    queue,
    datasets,
    sheets,
    paper,
    recipes,
    studies,
    study_exports,
    certificates,
    registrations,
    claims,
    pools,
    keys,
    login,
    people,
    projects,
    rights,
    audit,
    usage,
    notices,
    retention,
    health,
    docs,
    site,
)
# Weights don't compress, and Range counts the uncompressed bytes.
INCOMPRESSIBLE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")
ABOUT = "Trains the networks of *Deep Residual Learning for Image Recognition* (He et al. 2015)."


class Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        problems.define(document)
        import_uploads.define(document)
        access.describe(document)
        return document


@cache
def _routes() -> Sequence[BaseRoute]:
    """The API's routes; each needs a key. Every application of a process shares them: building them takes 0.25 s."""
    router = APIRouter(dependencies=[Depends(authorize)])
    for module in MODULES:
        router.include_router(module.router)
    return router.routes


def create_app(settings: Settings, dist: Path = dashboard.DIST) -> FastAPI:
    """An application that opens its connections at its start and closes them at its end."""
    service = Service.open(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loops = (service.feed.run(), service.streams.watch(), watch.watch(service))
        background = [asyncio.create_task(loop) for loop in loops]
        yield
        for task in background:
            task.cancel()
        # For all of them: `gather` ends with the first, and a thread of another would use the stores after their end.
        await asyncio.wait(background)
        service.close()

    app = Application(
        title="Reslab",
        version=version("reslab"),
        description=ABOUT,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.service = service
    problems.handle(app)
    app.router.routes.extend(_routes())
    app.router.default = GZipMiddleware(dashboard.Dashboard(dist))
    # Level 1 makes a page of curves a tenth larger than level 6, in half the time.
    app.add_middleware(GZipMiddleware, compresslevel=1, exclude_content_types=INCOMPRESSIBLE)
    app.add_middleware(Audited, database=service.database)
    app.add_middleware(problems.Unexpected)
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Guards, hosts=settings.allowed_hosts)
    app.add_middleware(Observed, requests=service.requests)
    return app
