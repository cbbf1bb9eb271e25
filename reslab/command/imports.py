"""`reslab import`: takes a result that was made elsewhere, with the protocol that you declare for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reslab.command import options
from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, show

if TYPE_CHECKING:
    from reslab.client import Client

app = typer.Typer()
MEASURES = ("error", "accuracy", "error_fraction", "accuracy_fraction")


@app.command("import")
def import_run(  # noqa: PLR0913 - a command line is as wide as what it can say
    file: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="CSV, a W&B history (CSV, JSON lines), or one training's TensorBoard event files, or their folder.",
        ),
    ],
    *,
    depth: options.Depth = None,
    shortcut: options.Shortcut = None,
    dataset: options.Dataset = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    seed: options.Seed = None,
    fields: options.Fields = None,
    spec_file: options.File = None,
    kept: Annotated[str | None, typer.Option(help="Fields that were as in the paper, as lr,momentum.")] = None,
    test_images: Annotated[int | None, typer.Option(help="On how many images the test error was measured.")] = None,
    lab: Annotated[str | None, typer.Option(help="Who made the result.")] = None,
    source: Annotated[str | None, typer.Option(help="Where it is published.")] = None,
    name: Annotated[str | None, typer.Option(help="The run's name. Default: the network's name in the paper.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="SERIES=NAME or SERIES=NAME:MEASURE, as test_error=eval/acc:accuracy."),
    ] = None,
    step_column: Annotated[str | None, typer.Option(help="The column that counts. Default: iteration.")] = None,
    iterations_per_step: Annotated[int, typer.Option(help="For a file that counts epochs: 391 with 128 images.")] = 1,
    from_zero: Annotated[bool, typer.Option("--from-zero", help="The file calls its first step 0.")] = False,
    weights: Annotated[Path | None, typer.Option(help="The network's weights, as safetensors.")] = None,
    weights_mean: Annotated[
        str | None, typer.Option(help="What its input subtracts from pixels of 0 to 1, as 0.49,0.48,0.45.")
    ] = None,
    weights_std: Annotated[str, typer.Option(help="What its input divides by, as 0.25,0.24,0.26.")] = "1,1,1",
    plan: Annotated[bool, typer.Option("--plan", help="Show what is understood, and store nothing.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Import a result that was made elsewhere. Fields that you don't declare are unknown, which is not kept.

    For example: reslab import log.csv --depth 20 --shortcut A --dataset cifar10 --seed 3 --kept lr,momentum
    """
    from reslab.screen import imports as screen
    from reslab.screen import runs

    with connected(home) as client:
        spec = options.spec(
            depth=depth, shortcut=shortcut, dataset=dataset, iterations=iterations, seed=seed,
            drops=drops, fields=fields, file=spec_file,
        )  # fmt: skip
        declared: dict[str, Any] = {  # Any: JSON, which the API checks
            "spec": _kept(client, spec, kept) | spec,
            "lab": lab,
            "source": source,
            "test_images": test_images,
            "reading": {
                "step_column": step_column,
                "counts_from": 0 if from_zero else 1,
                "iterations_per_step": iterations_per_step,
                "columns": dict(map(_column, columns or [])),
            },
            **({"name": name} if name else {}),
            **({"weights_input": _input(weights_mean, weights_std)} if weights_mean else {}),
        }
        files = [path for given in file for path in _files(given)]
        if plan:
            understood = client.imports.plan(files, declared)
            show(understood, as_json, screen.plan(understood))
            return
        run = client.imports.create(files, declared, weights)
        show(run, as_json, f"{runs.run(run)}\n\n  {client.url}/runs/{run.id}")


def _files(path: Path) -> list[Path]:
    """The file, or the event files of a folder. Raises ValueError for a folder without any."""
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("events.out.tfevents.*"))
    if not files:
        raise ValueError(f"{path} has no event files (events.out.tfevents.…).")
    return files


def _kept(client: "Client", spec: dict[str, Any], kept: str | None) -> dict[str, Any]:  # Any: JSON
    """The paper's values of these fields for this network. Raises ValueError for a field that doesn't exist."""
    names = [name.strip() for name in (kept or "").split(",") if name.strip()]
    if not names:
        return {}
    network = {name: value for name, value in spec.items() if name in ("dataset", "family", "depth", "shortcut")}
    paper = client.plan(network).spec.model_dump(mode="json")
    unknown = [name for name in names if name not in paper]
    if unknown:
        raise ValueError(f"--kept: {unknown[0]} is not a field of a specification. The fields are {', '.join(paper)}.")
    return {name: paper[name] for name in names}


def _input(mean: str, std: str) -> dict[str, list[float]]:
    """Raises ValueError."""
    try:
        return {"mean": [float(part) for part in mean.split(",")], "std": [float(part) for part in std.split(",")]}
    except ValueError:
        raise ValueError("--weights-mean and --weights-std take three numbers, as 0.49,0.48,0.45.") from None


def _column(text: str) -> tuple[str, dict[str, str]]:
    """SERIES=NAME or SERIES=NAME:MEASURE. Raises ValueError."""
    series, equals, name = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--column takes SERIES=NAME, as test_error=eval/error, and not {text}.")
    rest, _, measure = name.rpartition(":")
    return (series, {"name": rest, "measure": measure}) if measure in MEASURES else (series, {"name": name})
