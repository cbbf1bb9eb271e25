"""`reslab examine`: a worker examines a finished run's weights."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, fail, show

app = typer.Typer()


class Kind(StrEnum):
    evaluate = "evaluate"
    responses = "responses"
    detect = "detect"
    statistics = "statistics"


@app.command()
def examine(  # noqa: PLR0913 - as `submit`
    run: RunArgument,
    *,
    kind: Annotated[
        Kind | None,
        typer.Option(
            help="Test error, the layer responses of Fig. 7, a detector's test, or a copy of the weights with the "
            "batch norm statistics of all training images, for a detector to start from. Default: by the run's task."
        ),
    ] = None,
    views: Annotated[str | None, typer.Option(help="Views of each image: single, ten-crop or multi-scale.")] = None,
    recompute_bn: Annotated[
        bool, typer.Option("--recompute-bn", help="Recompute batch normalisation over the training images.")
    ] = False,
    refine: Annotated[
        bool, typer.Option("--refine", help="Detector: classify the regressed boxes too (App. B).")
    ] = False,
    vote: Annotated[bool, typer.Option("--vote", help="Detector: average overlapping boxes (App. B).")] = False,
    side: Annotated[
        list[int] | None, typer.Option(help="Detector: a shorter side for multi-scale testing (App. B). Repeatable.")
    ] = None,
    others: Annotated[
        list[str] | None, typer.Option("--with", help="Another run, to evaluate an ensemble. Repeatable.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Classify this picture, or find its objects, instead.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Have a worker examine a run's last weights.

    Prints the result. Each examination is done once: repeating the command prints the same result again.
    """
    from reslab.screen import examinations as screen

    with connected(home) as client:
        run_id, ensemble = client.find(run), [client.find(other) for other in others or []]
        calls = client.examinations
        if picture:
            examination = calls.predict(run_id, picture)
        else:
            examination = calls.create(
                run_id,
                kind or (Kind.detect if client.run(run_id).task == "detection" else Kind.evaluate),
                views=views,
                recompute_bn=recompute_bn or None,
                refine=refine or None,
                vote=vote or None,
                sides=side,
                together_with=ensemble,
            )
        examination = calls.wait(examination.id)
        if examination.status != "succeeded":
            end = "was cancelled" if examination.status == "cancelled" else "failed"
            fail(f"The examination {end}" + (f": {examination.message}" if examination.message else "."))
        show(examination, as_json, screen.result(examination))
