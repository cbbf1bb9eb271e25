"""Figures for print over HTTP: the presets of Fig. 4 and Fig. 6, one run or many, seeds apart or as means."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from paper.palette import COLOURS
from store.db.database import Database
from tests.api import progress
from tests.drawn import curves, dots, words

Post = Callable[..., dict[str, Any]]
PATH = "/api/v1/figure.svg"


@pytest.fixture
def two(post: Post, database: Database) -> list[str]:
    """Two seeds of one network, 300 iterations each, evaluated twice."""
    runs = [post({"seed": seed})["id"] for seed in (0, 1)]
    for offset in (0.0, 2.0):
        claim = progress.claim(database)
        progress.tell(database, claim, 1, progress.steps(1, 300), progress.evaluated(100, 9.0 + offset))
        progress.tell(database, claim, 2, progress.evaluated(300, 5.0 + offset))
    return runs


def test_fig_6_has_dashed_training_and_bold_test_errors(client: httpx.Client, two: list[str]) -> None:
    answer = client.get(PATH, params={"run": two, "preset": "fig6"})
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == 'inline; filename="fig6-ResNet-20-A-on-digits.svg"'
    train, test, *others = curves(answer.text)
    assert (train.is_dashed, test.is_dashed, len(others)) == (True, False, 2)
    assert train.width < test.width
    assert train.colour == test.colour == COLOURS[0]
    assert dots(answer.text) == 4  # two evaluations of each run
    texts = words(answer.text)
    assert {"iter.", "error (%)", "dashed: training", "bold: test", "lr 0.1 → 0.01"} <= set(texts)
    assert {"ResNet-20 A, seed 0", "ResNet-20 A, seed 1"} <= set(texts)


def test_fig_4_is_thin_and_bold_and_is_the_default(client: httpx.Client, two: list[str]) -> None:
    content = client.get(PATH, params={"run": two[0]}).text
    assert content == client.get(PATH, params={"run": two[0], "preset": "fig4"}).text
    assert not any(curve.is_dashed for curve in curves(content))
    assert {"thin: training"} <= set(words(content))


def test_a_figure_of_runs_with_and_without_validation_says_what_is_bold(
    client: httpx.Client, post: Post, database: Database, two: list[str]
) -> None:
    apart = post({"depth": 32})["id"]
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(300, 30.0, "val"))
    alone = words(client.get(PATH, params={"run": apart}).text)
    assert "bold: validation" in alone
    both = words(client.get(PATH, params={"run": [apart, two[0]]}).text)
    assert {"bold: validation,", "or test where there is none"} <= set(both)


def test_seeds_can_be_drawn_as_one_curve_with_a_band(client: httpx.Client, two: list[str]) -> None:
    mean = client.get(PATH, params={"run": two, "preset": "free", "seeds": "mean"}).text
    assert len(curves(mean)) == 2
    assert "ResNet-20 A (n = 2)" in words(mean)
    single = client.get(PATH, params={"run": two, "preset": "free"}).text
    assert len(curves(single)) == 4
    ends = [curve.points[-1][1] for curve in curves(single)[1::2]]
    assert curves(mean)[1].points[-1][1] == pytest.approx(sum(ends) / 2, abs=0.1)


def test_a_window_limits_the_iterations(client: httpx.Client, two: list[str]) -> None:
    near = client.get(PATH, params={"run": two[0], "from": 101, "to": 150}).text
    whole = client.get(PATH, params={"run": two[0]}).text
    assert curves(near)[0].points != curves(whole)[0].points
    assert "lr 0.1 → 0.01" not in words(near)
    refused = client.get(PATH, params={"run": two[0], "from": 20, "to": 10})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "to must be at least 20, the window's first iteration.",
    )


def test_a_run_that_has_not_started_is_an_empty_figure(client: httpx.Client, post: Post) -> None:
    answer = client.get(PATH, params={"run": post()["id"], "preset": "free"})
    assert answer.status_code == 200
    assert not curves(answer.text)


@pytest.mark.parametrize(
    ("ending", "kind", "begin"), [("pdf", "application/pdf", b"%PDF"), ("png", "image/png", b"\x89PNG")]
)
def test_a_figure_has_other_formats(client: httpx.Client, two: list[str], ending: str, kind: str, begin: bytes) -> None:
    answer = client.get(f"/api/v1/figure.{ending}", params={"run": two})
    assert answer.headers["Content-Type"] == kind
    assert answer.content.startswith(begin)


def test_an_unknown_format_is_refused_with_the_known_ones(client: httpx.Client, two: list[str]) -> None:
    answer = client.get("/api/v1/figure.eps", params={"run": two})
    assert answer.status_code == 422
    assert "'svg', 'pdf' or 'png'" in answer.text


def test_a_figure_says_its_data_scale_and_n(client: httpx.Client, two: list[str]) -> None:
    said = " ".join(words(client.get(PATH, params={"run": two, "preset": "fig6"}).text))
    assert "Data: digits. The error axis fits these curves; Fig. 6's, 0–20 %, is for cifar10." in said
    assert "Length: 400 iterations, 0.00625 of the paper’s 64,000." in said
    assert "Each curve is one run (n = 1)." in said
    assert "Not trained to the end: ResNet-20 A (running) at 300 of 400." in said
    assert "Departures from the paper: Data set: The paper uses CIFAR-10; this run uses digits." in said
    mean = " ".join(words(client.get(PATH, params={"run": two, "preset": "fig6", "seeds": "mean"}).text))
    assert "Each curve is the mean of n = 2 runs, ± one standard deviation." in mean


def test_the_range_is_the_printed_one_only_on_the_figures_own_data(
    client: httpx.Client, post: Post, database: Database
) -> None:
    runs = [post({"dataset": dataset, "iterations": 64_000})["id"] for dataset in ("cifar10", "cifar100")]
    for _ in runs:
        tests = [progress.evaluated(100, 47.0), progress.evaluated(300, 44.0)]
        progress.tell(database, progress.claim(database), 1, *tests)
    printed, fitting = (words(client.get(PATH, params={"run": run, "preset": "fig6"}).text) for run in runs)
    assert "20" in printed
    assert "50" not in printed
    assert "50" in fitting
    assert "The error axis fits these curves; Fig. 6's" in " ".join(fitting)


def test_plain_and_residual_stand_side_by_side_and_a_depth_has_one_colour(
    client: httpx.Client, post: Post, database: Database, two: list[str]
) -> None:
    plain = post({"shortcut": "none"})["id"]
    progress.tell(database, progress.claim(database), 1, progress.steps(1, 300), progress.evaluated(300, 12.0))
    figure = client.get(PATH, params={"run": [two[0], plain], "preset": "fig6", "split": "kind"}).text
    left, _, right, _ = curves(figure)
    assert left.colour == right.colour
    assert left.points[-1][0] < right.points[0][0]
    assert {"plain", "residual", "plain-20", "ResNet-20 A"} <= set(words(figure))
    twin = post({})["id"]  # with the seed of the first
    figure = client.get(PATH, params={"run": [two[0], plain, twin], "split": "shortcut"}).text
    assert {"plain", "shortcut A", *(f"ResNet-20 A …{run[-4:]}" for run in (two[0], twin))} <= set(words(figure))


def test_the_dashboards_view_is_drawn_as_it_is(client: httpx.Client, two: list[str]) -> None:
    query: dict[str, list[str] | str | float] = {
        "run": two, "preset": "free", "look": ["5.1", "6.0"], "panel": ["left", "right"], "name": ["=1+1 <b>", "β"],
        "low": 2, "high": 12, "smoothing": 0.9, "training": False, "level": ["5.5@1:a: level", "6:both"], "x": "epoch",
    }  # fmt: skip
    figure = client.get(PATH, params=query).text
    first, second = curves(figure)
    assert (first.colour, first.is_dashed, second.colour, second.is_dashed) == (COLOURS[5], True, COLOURS[6], False)
    assert {"left", "right", "=1+1 <b>", "β", "a: level", "both", "epochs", "2", "12"} <= set(words(figure))
    assert (words(figure).count("a: level"), words(figure).count("both")) == (1, 2)
    assert "dashed: training" not in words(figure)


def test_the_marks_of_the_screen_are_printed_where_they_stand(client: httpx.Client, two: list[str]) -> None:
    query: dict[str, Any] = {"run": two[:1], "mark": ["100:attempt 2", "200.5:checkpoint", "999999:beyond"]}
    planned, given = (
        words(client.get(PATH, params=query | drops).text) for drops in ({}, {"drop": ["150:lr 0.1 → 0.05"]})
    )
    assert {"attempt 2", "checkpoint"} <= set(planned)
    assert "beyond" not in planned
    assert [word for word in planned if word.startswith("lr ")] == ["lr 0.1 → 0.01", "lr 0.01 → 0.001"]
    assert [word for word in given if word.startswith("lr ")] == ["lr 0.1 → 0.05"]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"mark": ["here"]}, "mark"), ({"look": ["9.0", "0.0"]}, "look"), ({"look": ["0.0"]}, "look"),
     ({"name": ["x"]}, "name"),
     ({"low": 20, "high": 10}, "high"), ({"split": "; drop"}, "split"), ({"level": ["low"]}, "level")],
)  # fmt: skip
def test_a_view_that_cannot_be_drawn_is_refused(
    client: httpx.Client, two: list[str], query: dict[str, Any], field: str
) -> None:
    answer = client.get(PATH, params={"run": two} | query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert "match" not in answer.json()["detail"]  # a sentence, and no pattern
