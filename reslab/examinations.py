"""The command that asks something of a finished run's weights: `reslab examine`, answered by a worker."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from reslab.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, fail, show

Json = dict[str, Any]  # Any: parsed JSON, whose shape the API's schema describes
app = typer.Typer()


class Kind(StrEnum):
    evaluate = "evaluate"
    responses = "responses"


@app.command()
def examine(  # noqa: PLR0913 - a command line is as wide as what it can say
    run: RunArgument,
    *,
    kind: Annotated[Kind, typer.Option(help="Test errors, or the layer responses of Fig. 7.")] = Kind.evaluate,
    views: Annotated[str | None, typer.Option(help="single, ten-crop or multi-scale.")] = None,
    recompute_bn: Annotated[bool, typer.Option("--recompute-bn", help="Exact batch normalisation.")] = False,
    others: Annotated[list[str] | None, typer.Option("--with", help="Another run of the ensemble.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Classify this picture instead.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Have a worker examine the last weights of a run, and wait for what it finds.

    The same is asked once: again, it is the answer that there is.
    """
    with connected(home) as client:
        run_id, together = client.find(run), [client.find(other) for other in others or []]
        options = {"views": views, "recompute_bn": recompute_bn or None, "together_with": together}
        calls = client.examinations
        asked = calls.predict(run_id, picture) if picture else calls.ask(run_id, kind, **options)
        ended = calls.wait(asked["id"])
        if ended["status"] != "succeeded":
            fail(f"the examination {ended['status']}" + (f": {ended['message']}" if ended["message"] else ""))
        show(ended, as_json, "\n".join(_lines(ended)))


def _lines(ended: Json) -> list[str]:
    result: Json = ended["result"]
    match ended["kind"]:
        case "evaluate":
            top5 = "" if result["top5_error"] is None else f", top-5 {result['top5_error']:.2f} %"
            data = "" if result["is_the_data_trained_on"] else "; not the copy of the data that it was trained on"
            return [
                f"test error {result['error']:.2f} %{top5} of {result['images']} images of {result['dataset']}{data}",
                f"  {len(result['weights'])} network(s), views {result['views']}, {result['batch_norm']}",
            ]
        case "responses":
            return [f"{layer['std']:8.4f}  {layer['layer']}" for layer in result["layers"]]
        case _:
            return [f"{guess['probability']:8.2%}  {guess['class']}" for guess in result["classes"]]
