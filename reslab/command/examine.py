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


@app.command()
def examine(  # noqa: PLR0913 - as `submit`
    run: RunArgument,
    *,
    kind: Annotated[Kind, typer.Option(help="Test error, or the layer responses of Fig. 7.")] = Kind.evaluate,
    views: Annotated[str | None, typer.Option(help="Views of each image: single, ten-crop or multi-scale.")] = None,
    recompute_bn: Annotated[
        bool, typer.Option("--recompute-bn", help="Recompute batch normalisation over the training images.")
    ] = False,
    others: Annotated[
        list[str] | None, typer.Option("--with", help="Another run, to evaluate an ensemble. Repeatable.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Classify this picture instead.")] = None,
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
                run_id, kind, views=views, recompute_bn=recompute_bn or None, together_with=ensemble
            )
        examination = calls.wait(examination.id)
        if examination.status != "succeeded":
            end = "was cancelled" if examination.status == "cancelled" else "failed"
            fail(f"The examination {end}" + (f": {examination.message}" if examination.message else "."))
        show(examination, as_json, screen.result(examination))
