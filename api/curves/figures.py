"""The curves of any runs as a figure for print, in the style of the paper's Fig. 4 or Fig. 6."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.curves import routes as curves
from api.curves.schema import WindowQuery
from api.http.problems import responses
from api.service import Here
from paper import drawing
from paper.drawing import MEDIA_TYPES, Drawing, DrawnAxis, DrawnLine, Panel, Style
from paper.palette import COLOURS, DASHES, line_styles
from paper.presets import Preset, main_error, printed_figure
from paper.studies.figure import in_powers
from store.curves.series import GroupField, Series
from store.db.models import Run
from store.imports.mark import marked
from store.runs import verbs
from trainer.schedule import planned_drops
from trainer.spec import RunSpec

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.buckets import Curve
    from store.curves.charts import Chart
    from store.curves.groups import Band

router = APIRouter(prefix="/api/v1", tags=["curves"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
CONTENT = {"image/svg+xml": {"schema": {"type": "string"}}, "application/pdf": BINARY, "image/png": BINARY}
POINTS = 1200  # per curve: more than a printed column shows
SERIES: Final[tuple[Series, ...]] = ("train_error", "val_error", "test_error")
# As in the dashboard: a line of few evaluations shows them as dots.
BOLD, DOTTED = 2.0, 100


class FigureQuery(WindowQuery):
    preset: Preset = Field(
        default="fig4",
        description="`fig4`: thin training and bold validation error, 20 to 60 %. `fig6`: dashed training and bold "
        "test error, 0 to 20 %. `free`: as `fig4`, from 0 to the highest error. For a run without a validation split "
        "the test error is bold.",
    )
    seeds: Literal["each", "mean"] = Field(
        default="each", description="`mean`: one curve for runs that differ in the seed only, with a band of one std."
    )


@router.get(
    "/figure.{format}",
    operation_id="draw_figure",
    response_class=Response,
    responses={200: {"content": CONTENT}, **responses(404, 422)},
)
def draw_figure(format: drawing.Format, query: Annotated[FigureQuery, Query()], service: Here) -> Response:  # noqa: A002 (the path's word)
    """SVG with text, PDF with embedded fonts, or PNG at 200 dpi, in the dashboard's colours."""
    from store.curves import charts

    with service.database.transaction() as session:
        rows = verbs.get_all(session, list(dict.fromkeys(query.run)))
        group_by: list[GroupField] = ["spec"] if query.seeds == "mean" else []
        question = charts.ChartQuery(curves.window(query, rows, POINTS), SERIES, group_by=group_by)
        read = charts.read(session, rows, question)
    return to_response(_figure(query, rows, read), format, f"{query.preset}-{rows[0].id}")


def to_response(figure: Drawing, form: drawing.Format, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.{form}"'}
    return Response(drawing.draw(figure, form), headers=headers, media_type=MEDIA_TYPES[form])


@dataclass(frozen=True)
class _Curves:
    """The curves of one run, or of runs that differ in the seed only; `look` is the hue and the dash."""

    name: str
    look: tuple[int, int]
    series: "Mapping[Series, Curve | Band]"

    @property
    def has_val(self) -> bool:
        return len(self.series["val_error"].mean) > 0

    def style(self, width: float = BOLD, dash: int = 0) -> Style:
        hue, own = self.look
        return Style(COLOURS[hue], DASHES[(own + dash) % len(DASHES)], width)


def _figure(query: FigureQuery, rows: Sequence[Run], read: "Chart") -> Drawing:
    plotted = _curves(rows, read)
    x, unit = in_powers(read.last, read.first - 1)
    lines = [line for item in plotted for line in _lines(item, query.preset, unit)]
    printed = printed_figure(query.preset)
    ends = (printed.y.low, printed.y.high) if printed and printed.y else (0, _highest(lines))
    y = DrawnAxis("error (%)", ends)
    training = printed.training if printed else "thin"
    return Drawing(
        title=", ".join(item.name for item in plotted),
        panels=[Panel(x, y, lines, [(at / unit, text) for at, text in _drops(rows) if read.first <= at <= read.last])],
        legend=[(item.name, item.style()) for item in plotted],
        note=f"{training}: training\nbold: {_splits(query.preset, plotted)}",
    )


def _splits(preset: Preset, plotted: Sequence[_Curves]) -> str:
    """The names of the bold errors: both, if only some runs have a validation split."""
    bold = {main_error(has_validation=item.has_val, preset=preset) for item in plotted}
    if bold == {"test_error"}:
        return "test"
    return "validation" if bold == {"val_error"} else "validation,\nor test where there is none"


def _curves(rows: Sequence[Run], read: "Chart") -> list[_Curves]:
    specs, names = {row.id: RunSpec.model_validate(row.spec) for row in rows}, _names(rows)
    named: list[tuple[UUID, str, Mapping[Series, Curve | Band]]] = [
        *((own.runs[0], f"{specs[own.runs[0]].name} ({_count(own.runs, rows)})", own.series) for own in read.groups),
        *((own.run, names[own.run], own.series) for own in read.runs),
    ]
    styled = zip(named, line_styles([str(run) for run, *_ in named]), strict=True)
    return [_Curves(name, look, series) for (_, name, series), look in styled]


def _count(runs: Sequence[UUID], rows: Sequence[Run]) -> str:
    imported = sum(row.origin is not None for row in rows if row.id in runs)
    return f"n = {len(runs)}" if not imported else f"n = {len(runs)}, {imported} imported"


def _names(rows: Sequence[Run]) -> dict[UUID, str]:
    """Distinct names: runs of the same name get their seed added, or their id if the seeds are equal too."""
    names = {row.id: marked(row) for row in rows}
    for row in rows:
        alike = [other for other in rows if other.name == row.name and other.id != row.id]
        if alike:
            seed = row.spec["seed"]
            names[row.id] += f", seed {seed}" if all(other.spec["seed"] != seed for other in alike) else f" ({row.id})"
    return names


def _lines(item: _Curves, preset: Preset, unit: float) -> Iterator[DrawnLine]:
    """Training thin or dashed; validation bold, or test in Fig. 6 and for a run without a validation split."""
    bold = main_error(has_validation=item.has_val, preset=preset)
    dash = 1 if preset == "fig6" else 0
    yield _line(item.series["train_error"], item.style(0.8, dash), unit)
    yield _line(item.series[bold], item.style(), unit)


def _line(curve: "Curve | Band", style: Style, unit: float) -> DrawnLine:
    from store.curves.groups import Band

    y = curve.mean if curve.smoothed is None else curve.smoothed
    if style.width == BOLD and len(y) < DOTTED:
        style = replace(style, dots=2 * BOLD)
    band = ((y - curve.std).tolist(), (y + curve.std).tolist()) if isinstance(curve, Band) else None
    return DrawnLine((curve.iteration / unit).tolist(), y.tolist(), style, band)


def _highest(lines: Sequence[DrawnLine]) -> float:
    """A little above the highest error; at most 100 %, and 100 % without any point."""
    highest = max((y for line in lines for y in line.y), default=100.0)
    return min(1.04 * highest, 100.0) or 1.0


def _drops(rows: Sequence[Run]) -> list[tuple[int, str]]:
    """The learning-rate drops that all runs plan."""
    planned = [planned_drops(RunSpec.model_validate(row.spec)) for row in rows]
    shared = set(planned[0]).intersection(*planned[1:])
    return [(at, f"lr {rate:.3g}") for at, rate in sorted(shared)]
