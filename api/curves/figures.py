"""The curves of any runs as a figure for print: exactly the dashboard's view, or in the paper's form."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from api.curves import patterns
from api.curves import routes as curves
from api.curves.schema import WindowQuery
from api.http.problems import responses
from api.service import Here
from paper import drawing
from paper.drawing import MEDIA_TYPES, Drawing
from paper.palette import Stroke
from paper.presets import Preset
from store.curves.series import Axis, GroupField
from store.db.errors import Refused
from store.db.models import Run
from store.runs import verbs
from studies.comparison.curves import MOST_PANELS, Level, View
from studies.comparison.figure import SERIES
from studies.comparison.figure import drawing as drawing_of
from studies.comparison.sentences import file_name
from trainer.tasks import Task

router = APIRouter(prefix="/api/v1", tags=["curves"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
CONTENT = {"image/svg+xml": {"schema": {"type": "string"}}, "application/pdf": BINARY, "image/png": BINARY}
# Points of a curve: a panel of three inches shows no more dashes, and one of six twice as many.
POINTS = 480
FieldName = Annotated[str, StringConstraints(pattern=patterns.FIELD)]
Look = Annotated[str, StringConstraints(pattern=patterns.LOOK)]
Label = Annotated[str, StringConstraints(max_length=200)]
LevelText = Annotated[str, StringConstraints(pattern=patterns.LEVEL)]
MarkText = Annotated[str, StringConstraints(pattern=patterns.MARK)]


class FigureQuery(WindowQuery):
    preset: Preset = Field(
        default="fig4",
        description="`fig4`: thin training and bold validation error, 20 to 60 % on ImageNet. `fig6`: dashed training "
        "and bold test error, 0 to 20 % on CIFAR-10. On other data both have a range that fits. `free`: as `fig4`, "
        "from 0 to the highest error. For a run without a validation split the test error is bold.",
    )
    seeds: Literal["each", "mean"] = Field(
        default="each", description="`mean`: one curve for runs that differ in the seed only, with a band of one std."
    )
    x: Axis = Field(default="iteration", description="The x axis, as in `GET /curves`.")
    split: FieldName | None = Field(
        default=None,
        description="A panel for each value of this field of the specification, side by side with common axes; `kind` "
        f"tells plain from residual networks. One panel where there are more than {MOST_PANELS} values.",
    )
    color: FieldName | None = Field(
        default=None, description="Runs with the same value of this field have the same hue. Default: in panels, depth."
    )
    low: float | None = Field(default=None, ge=0, le=100, description="The error axis begins here, percent.")
    high: float | None = Field(default=None, ge=0, le=100, description="The error axis ends here, percent.")
    log: Literal["x", "y", "xy"] | None = Field(default=None, description="The logarithmic axes.")
    range: bool = Field(default=False, description="Shades the range of the mini-batches behind each point.")
    training: bool = Field(default=True, description="Draws the training error.")
    evaluation: bool = Field(default=True, description="Draws the validation or test error.")
    look: list[Look] = Field(
        default=[], description="For each run, hue and dash as indexes: `3.0`. Without it, they are given out."
    )
    panel: list[Label] = Field(default=[], description="For each run, the title of its panel, instead of `split`.")
    name: list[Label] = Field(default=[], description="For each run, its name in the legend.")
    level: list[LevelText] = Field(
        default=[],
        max_length=20,
        description="Horizontal lines: percent, a colon, a label. `8.5@1:x` is only in the second panel.",
    )
    drop: list[MarkText] = Field(
        default=[],
        max_length=100,
        description="Learning-rate drops: a position on the x axis, a colon, a label. Default: the planned drops.",
    )
    mark: list[MarkText] = Field(
        default=[],
        max_length=200,
        description="What happened to a run, such as `1200:attempt 2`: dotted vertical lines, written as `drop` is.",
    )


@router.get(
    "/figure.{format}",
    operation_id="draw_figure",
    response_class=Response,
    responses={200: {"content": CONTENT}, **responses(404, 422)},
)
def draw_figure(format: drawing.Format, query: Annotated[FigureQuery, Query()], service: Here) -> Response:  # noqa: A002 (the path's word)
    """SVG with text, PDF with embedded fonts, or PNG at 200 dpi. The figure says its data, its scale and its n.

    Of detectors, it draws the mAP.
    """
    from store.curves import charts

    view = _view(query)
    with service.database.transaction() as session:
        rows = verbs.get_all(session, list(dict.fromkeys(query.run)))
        task = _one_task(rows)
        group_by: list[GroupField] = ["spec"] if query.seeds == "mean" else []
        window = curves.window(query, rows, POINTS // (2 if query.split or len(set(query.panel)) > 1 else 1))
        read = charts.read(session, rows, charts.ChartQuery(window, SERIES[task], query.x, group_by))
        figure = drawing_of(rows, read, view)
        name = file_name(rows, view)
    return to_response(figure, format, name)


def _one_task(rows: Sequence[Run]) -> Task:
    """Raises Refused for classifiers and detectors together."""
    by_task = {row.task: row for row in rows}
    if len(by_task) > 1:
        raise Refused(
            "run",
            f"{by_task['detection'].name} is a detector, and {by_task['classification'].name} is a classifier. mAP and "
            "error don't share an axis: draw them in two figures.",
        )
    return rows[0].task


def to_response(figure: Drawing, form: drawing.Format, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.{form}"'}
    return Response(drawing.draw(figure, form), headers=headers, media_type=MEDIA_TYPES[form])


def _view(query: FigureQuery) -> View:
    return View(
        preset=query.preset,
        x=query.x,
        split=query.split,
        color=query.color,
        strokes={run: Stroke(int(text[0]), int(text[2])) for run, text in _each(query, "look", query.look).items()},
        panels=_each(query, "panel", query.panel),
        names=_each(query, "name", query.name),
        height=_height(query),
        is_log_x="x" in (query.log or ""),
        is_log_y="y" in (query.log or ""),
        has_range=query.range,
        training=query.training,
        evaluation=query.evaluation,
        smoothing=query.smoothing,
        levels=[_level(text) for text in query.level],
        drops=[_mark(text) for text in query.drop],
        marks=[_mark(text) for text in query.mark],
    )


def _mark(text: str) -> tuple[float, str]:
    at, _, label = text.partition(":")
    return float(at), label


def _level(text: str) -> Level:
    place, _, label = text.partition(":")
    value, _, panel = place.partition("@")
    return Level(float(value), label, int(panel) if panel else None)


def _each(query: FigureQuery, field: str, values: list[str]) -> dict[UUID, str]:
    """A value for each run, by run."""
    if values and len(values) != len(query.run):
        raise Refused(field, f"{field} must be given once for each run: {len(query.run)} times, not {len(values)}.")
    return dict(zip(query.run, values, strict=False))


def _height(query: FigureQuery) -> tuple[float, float] | None:
    if query.low is None and query.high is None:
        return None
    low, high = query.low or 0.0, 100.0 if query.high is None else query.high
    if low >= high:
        raise Refused("high", f"high must be above low, {low:g} %.")
    return low, high
