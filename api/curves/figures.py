"""The curves of any runs as a figure for print, in the form of the paper's Fig. 4 or Fig. 6."""

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
from paper.palette import COLOURS, DASHES, looks
from paper.presets import Preset, main_error, printed_figure
from paper.studies.figure import in_powers
from store.curves.series import GroupField, Series
from store.db.models import Run
from store.runs import verbs
from trainer.schedule import planned_drops
from trainer.spec import RunSpec

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.buckets import Curve
    from store.curves.charts import Chart
    from store.curves.groups import Band

router = APIRouter(prefix="/api/v1", tags=["curves"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
DRAWN = {"image/svg+xml": {"schema": {"type": "string"}}, "application/pdf": BINARY, "image/png": BINARY}
POINTS = 1200  # of a curve: more than a printed column shows
SERIES: Final[tuple[Series, ...]] = ("train_error", "val_error", "test_error")
# As on the screen: a line of few evaluations shows them.
BOLD, DOTTED = 2.0, 100


class FigureQuery(WindowQuery):
    preset: Preset = Field(
        default="fig4",
        description="`fig4`: thin training and bold validation error, 20 to 60 %. `fig6`: dashed training and bold "
        "test error, 0 to 20 %. `free`: as `fig4`, from 0 to the highest. A run without a validation split has its "
        "test error bold.",
    )
    seeds: Literal["each", "mean"] = Field(
        default="each", description="`mean`: runs that differ in their seed only are one curve, with a band of one std."
    )


@router.get(
    "/figure.{format}",
    operation_id="draw_figure",
    response_class=Response,
    responses={200: {"content": DRAWN}, **responses(404, 422)},
)
def draw_figure(format: drawing.Format, asked: Annotated[FigureQuery, Query()], service: Here) -> Response:  # noqa: A002 (the path's word)
    """SVG with real text, PDF with its letters in it, or PNG of 200 dpi; the colours are the dashboard's."""
    from store.curves import charts

    with service.database.transaction() as session:
        rows = verbs.get_all(session, list(dict.fromkeys(asked.run)))
        group_by: list[GroupField] = ["spec"] if asked.seeds == "mean" else []
        question = charts.ChartQuery(curves.window(asked, rows, POINTS), SERIES, group_by=group_by)
        read = charts.read(session, rows, question)
    return answered(_figure(asked, rows, read), format, f"{asked.preset}-{rows[0].id}")


def answered(figure: Drawing, form: drawing.Format, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.{form}"'}
    return Response(drawing.draw(figure, form), headers=headers, media_type=MEDIA_TYPES[form])


@dataclass(frozen=True)
class _Curves:
    """Of a run, or of runs that differ in their seed only: `look` is the hue and the dash."""

    name: str
    look: tuple[int, int]
    series: "Mapping[Series, Curve | Band]"

    @property
    def has_val(self) -> bool:
        return len(self.series["val_error"].mean) > 0

    def style(self, width: float = BOLD, dash: int = 0) -> Style:
        hue, own = self.look
        return Style(COLOURS[hue], DASHES[(own + dash) % len(DASHES)], width)


def _figure(asked: FigureQuery, rows: Sequence[Run], read: "Chart") -> Drawing:
    drawn = _curves(rows, read)
    x, unit = in_powers(read.last, read.first - 1)
    lines = [line for one in drawn for line in _lines(one, asked.preset, unit)]
    printed = printed_figure(asked.preset)
    ends = (printed.y.low, printed.y.high) if printed and printed.y else (0, _highest(lines))
    y = DrawnAxis("error (%)", ends)
    training = printed.training if printed else "thin"
    return Drawing(
        title=", ".join(one.name for one in drawn),
        panels=[Panel(x, y, lines, [(at / unit, text) for at, text in _drops(rows) if read.first <= at <= read.last])],
        legend=[(one.name, one.style()) for one in drawn],
        note=f"{training}: training\nbold: {_splits(asked.preset, drawn)}",
    )


def _splits(preset: Preset, drawn: Sequence[_Curves]) -> str:
    """Which error is bold; where only some runs keep images apart for validation, both are."""
    bold = {main_error(has_validation=one.has_val, preset=preset) for one in drawn}
    if bold == {"test_error"}:
        return "test"
    return "validation" if bold == {"val_error"} else "validation,\nor test where there is none"


def _curves(rows: Sequence[Run], read: "Chart") -> list[_Curves]:
    specs, names = {row.id: RunSpec.model_validate(row.spec) for row in rows}, _names(rows)
    found: list[tuple[UUID, str, Mapping[Series, Curve | Band]]] = [
        *((own.runs[0], f"{specs[own.runs[0]].name} (n = {len(own.runs)})", own.series) for own in read.groups),
        *((own.run, names[own.run], own.series) for own in read.runs),
    ]
    styled = zip(found, looks([str(run) for run, *_ in found]), strict=True)
    return [_Curves(name, look, series) for (_, name, series), look in styled]


def _names(rows: Sequence[Run]) -> dict[UUID, str]:
    """Those of one name are told apart by their seeds, those of one seed too by their ids."""
    names = {row.id: row.name for row in rows}
    for row in rows:
        alike = [other for other in rows if other.name == row.name and other.id != row.id]
        if alike:
            seed = row.spec["seed"]
            names[row.id] += f", seed {seed}" if all(other.spec["seed"] != seed for other in alike) else f" ({row.id})"
    return names


def _lines(one: _Curves, preset: Preset, unit: float) -> Iterator[DrawnLine]:
    """Thin or dashed training, bold validation; test where no image was kept apart for it, and in Fig. 6."""
    bold = main_error(has_validation=one.has_val, preset=preset)
    dash = 1 if preset == "fig6" else 0
    yield _line(one.series["train_error"], one.style(0.8, dash), unit)
    yield _line(one.series[bold], one.style(), unit)


def _line(curve: "Curve | Band", style: Style, unit: float) -> DrawnLine:
    y = curve.mean if curve.smoothed is None else curve.smoothed
    if style.width == BOLD and len(y) < DOTTED:
        style = replace(style, dots=2 * BOLD)
    std = getattr(curve, "std", None)  # a band's
    band = None if std is None else ((y - std).tolist(), (y + std).tolist())
    return DrawnLine((curve.iteration / unit).tolist(), y.tolist(), style, band)


def _highest(lines: Sequence[DrawnLine]) -> float:
    """A little above everything; 100 % at most, and before there is anything."""
    highest = max((y for line in lines for y in line.y), default=100.0)
    return min(1.04 * highest, 100.0) or 1.0


def _drops(rows: Sequence[Run]) -> list[tuple[int, str]]:
    """The learning-rate drops that all runs plan."""
    planned = [planned_drops(RunSpec.model_validate(row.spec)) for row in rows]
    shared = set(planned[0]).intersection(*planned[1:])
    return [(at, f"lr {rate:.3g}") for at, rate in sorted(shared)]
