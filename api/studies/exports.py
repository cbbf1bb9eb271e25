"""A study's downloads: its table as CSV, Markdown or LaTeX, its curves as a figure in the paper's style."""

from typing import Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Response

from api.curves import figures
from api.http.problems import responses
from api.service import Here, Service
from paper import drawing
from paper.recipes import RECIPES
from paper.studies import Judgement, by_network, judge
from paper.studies import figure as curves_figure
from paper.studies import responses as responses_figure
from paper.studies.member import StudyNetwork
from paper.studies.table import as_csv, as_latex, as_markdown, notes
from store import studies
from store.db.errors import Refused
from store.db.models import Study
from studies import detection, judging
from studies.examinations import needed_examinations, with_examinations
from studies.provenance import provenance

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])

Format = Literal["csv", "md", "tex"]
WRITERS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
    "tex": (as_latex, "application/x-tex"),
}
TEXT = {"schema": {"type": "string"}}
FILES = {"text/csv": TEXT, "text/markdown": TEXT, "application/x-tex": TEXT}


@router.get(
    "/{study_id}/table.{format}",
    operation_id="download_table",
    response_class=Response,
    responses={200: {"content": FILES}, **responses(404, 422)},
)
def download_table(study_id: UUID, format: Format, service: Here) -> Response:  # noqa: A002 (the path's word)
    """Our errors beside the paper's, network by network, as best (mean±std).

    With the seeds that count and what became of the others, the bound of each verdict, data, scale and departures.
    """
    read = _read(service, study_id)
    write, media_type = WRITERS[format]
    headers = {"Content-Disposition": f'attachment; filename="{read.study.recipe}-{study_id}.{format}"'}
    return Response(write(read.judgement, read.provenance), headers=headers, media_type=media_type)


@router.get(
    "/{study_id}/figure.{format}",
    operation_id="download_figure",
    response_class=Response,
    responses={200: {"content": figures.CONTENT}, **responses(404, 422)},
)
def download_figure(study_id: UUID, format: drawing.Format, service: Here) -> Response:  # noqa: A002 (the path's word)
    """Training errors dashed and test errors bold, as in Fig. 6, as means over the seeds, also during training. For a
    study of responses: the layer responses, as in Fig. 7. Below: the seeds that count, data, scale and departures."""
    read = _read(service, study_id)
    module = responses_figure if RECIPES[read.study.recipe].kind == "responses" else curves_figure
    figure = module.figure(read.networks, read.study.name, notes(read.judgement, read.provenance))
    return figures.to_response(figure, format, f"{read.study.recipe}-{study_id}")


class _JudgedStudy(NamedTuple):
    study: Study
    networks: list[StudyNetwork]
    judgement: Judgement
    provenance: list[str]


def _read(service: Service, study_id: UUID) -> _JudgedStudy:
    with service.database.transaction() as session:
        study = studies.get(session, study_id)
        if study.recipe in detection.RECIPES:
            raise Refused(
                "study_id",
                f"{study.name} is a study of detectors. Its page has its table; its runs' curves are in figure.pdf.",
            )
        rows = studies.members(session, study_id)
        trained = judging.member_results(session, service.outcomes, rows)
        needed = needed_examinations(session, study, rows)
    members, ensembles = with_examinations(service, rows, trained, needed)
    question, deleted = judging.question(study), judging.deleted_members(rows)
    judgement = judge(question, members, ensembles, deleted)
    origin = provenance(question, [member for member, _ in rows])
    return _JudgedStudy(study, by_network(members, deleted), judgement, origin)
