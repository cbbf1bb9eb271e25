"""What a process would load and compile for its first requests, done before it answers any.

Otherwise they would wait for it, and every other request with them: while scipy loads, it holds the interpreter's lock.
"""

import gc

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.runs import views
from api.service import Service
from store.people import keys
from store.runs import listing, verbs
from store.runs.verbs import Submission
from studies import plans
from studies.models import StudyCreate
from trainer.spec import RunSpec
from trainer.tasks import plan

log = structlog.get_logger()
NOBODY = "nobody"


def rehearse(service: Service) -> None:
    """Stores nothing. Whatever fails, as without a database, the process starts: its first requests are slower then."""
    for scene in (_list, _submit, _plan_study, _read_curves):
        try:
            scene(service)
        except Exception as error:
            log.warning("the first requests will be slower", scene=scene.__name__, error=type(error).__name__)
            if isinstance(error, SQLAlchemyError):  # each scene would wait for the database as long
                break
    # Everything loaded so far stays. Each time the collector went through it, every request waited for 0.1 s.
    gc.collect()
    gc.freeze()


def _list(service: Service) -> None:
    """The first page is cached with it."""
    with service.database.glance() as session:
        keys.authenticate(session, "")
        page = listing.find(session, listing.Filter(archived=False), listing.Order(), most_counted=1)
        service.pages.to_json(session, page, service.settings.lease_s)


def _submit(service: Service) -> None:
    spec = RunSpec(depth=20, shortcut="A", dataset="digits")
    with service.database.glance() as beside, service.database.transaction() as session:
        beside.connection()  # the pool's second: the first one is often busy with the background's work
        row, _ = verbs.create(session, Submission(spec, plan(spec, classes=10), NOBODY))
        views.accepted(session, row, service.settings.lease_s).model_dump_json()
        session.rollback()


def _plan_study(service: Service) -> None:
    body = StudyCreate(recipe="table-6", seeds=3)
    with service.database.transaction() as session:
        members = plans.with_reusable_runs(session, plans.expand(session, body, NOBODY))
        plans.study_plan(session, body, members, service.settings.lease_s)


def _read_curves(service: Service) -> None:
    from api.curves import columns  # numpy: not at the import of the application, which other programs import too
    from store.curves import charts

    question = charts.ChartQuery(charts.Window(1, 1), ["train_error"])
    with service.database.glance() as session:
        newest = listing.find(session, listing.Filter(), listing.Order(), limit=1)
        rows = listing.load(session, [run.id for run in newest.runs])
        columns.as_json(charts.read(session, rows, question))
