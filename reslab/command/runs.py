"""The subcommands about runs: submit and plan one, list and show, watch, log, download."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command import options
from reslab.command.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, show, show_line

if TYPE_CHECKING:
    from reslab.client import Client
    from reslab.client.requests import RunOptions

app = typer.Typer()


@app.command()
def submit(  # noqa: PLR0913 - a command line is as wide as what it can say
    *,
    depth: options.Depth = None,
    shortcut: options.Shortcut = None,
    dataset: options.Dataset = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    seed: options.Seed = None,
    fields: options.Fields = None,
    file: options.File = None,
    name: Annotated[str | None, typer.Option(help="The run's name. Default: the network's name in the paper.")] = None,
    machines: Annotated[int, typer.Option(min=1, help="Machines that share its devices, the same number on each.")] = 1,
    watching: Annotated[bool, typer.Option("--watch", help="Stay and print events until the run has ended.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Queue a run.

    For example: reslab submit --depth 20 --shortcut A --dataset digits
    """
    from reslab.screen import runs as screen

    with connected(home) as client:
        spec = options.spec(
            depth=depth, shortcut=shortcut, dataset=dataset, iterations=iterations, seed=seed,
            drops=drops, fields=fields, file=file,
        )  # fmt: skip
        described: RunOptions = {"name": name, "machines": machines} if name else {"machines": machines}
        run = client.submit(spec, **described)
        print_run = show_line if watching else show  # events follow, a line each
        print_run(run, as_json, f"{screen.run(run)}\n\n  {client.url}/runs/{run.id}")
        if watching:
            _watch(client, run.id, as_json=as_json)


@app.command()
def plan(  # noqa: PLR0913 - as `submit`
    *,
    depth: options.Depth = None,
    shortcut: options.Shortcut = None,
    dataset: options.Dataset = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    seed: options.Seed = None,
    fields: options.Fields = None,
    file: options.File = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Show what a run would take, without queueing it.

    Prints its parameters, multiply-adds, memory and predicted time, and where it departs from the paper.
    """
    from reslab.screen import runs as screen

    with connected(home) as client:
        spec = options.spec(
            depth=depth, shortcut=shortcut, dataset=dataset, iterations=iterations, seed=seed,
            drops=drops, fields=fields, file=file,
        )  # fmt: skip
        run_plan = client.plan(spec)
        show(run_plan, as_json, screen.plan(run_plan))


@app.command("list")
def list_runs(
    status: Annotated[str | None, typer.Option(help="queued, running, paused, succeeded, failed or cancelled.")] = None,
    text: Annotated[str | None, typer.Option(help="Text to find in the name, notes, tags or id.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="A condition, as 'test_error < 7' or lr=0.1. Repeatable.")
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Only archived runs.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """List the runs, newest first, without those that are archived.

    For example: reslab list --where 'test_error < 7'
    """
    from reslab.screen import runs as screen

    with connected(home) as client:
        runs = list(client.runs(status=status, text=text, where=where, archived=archived or None))
        show(runs, as_json, screen.runs(runs))


@app.command("show")
def show_run(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Show one run. Once it has succeeded, its findings and the verdict beside the paper's numbers are shown too."""
    from reslab.screen import runs as screen

    with connected(home) as client:
        answer = client.run(client.find(run))
        text = screen.run(answer)
        if answer.status == "succeeded" and not as_json:
            text = screen.result(answer, client.findings(answer.id), client.verdict(answer.id))
        show(answer, as_json, text)


@app.command()
def watch(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Print a run's events until it has ended. The exit code is 0 if it succeeded."""
    with connected(home) as client:
        _watch(client, client.find(run), as_json=as_json)


def _watch(client: "Client", run_id: str, *, as_json: bool = False) -> None:
    from reslab.screen import runs as screen

    for event in client.events(run_id):
        show_line(event, as_json, screen.event(event))
    if client.run(run_id).status != "succeeded":
        raise typer.Exit(1)


@app.command()
def log(
    run: RunArgument,
    lines: Annotated[int, typer.Option(min=1, help="How many lines to print.")] = 100,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Print the last lines of a trainer's log."""
    with connected(home) as client:
        log_lines = client.log(client.find(run), lines)
        print(json.dumps(log_lines, indent=2) if as_json else "\n".join(log_lines))


@app.command()
def download(
    run: RunArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write. Default: named after the run.")
    ] = None,
    at: Annotated[str, typer.Option(help="Which weights: last, best or an iteration.")] = "last",
    file_format: Annotated[str, typer.Option("--format", help="safetensors or pt.")] = "safetensors",
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Download a run's weights and check their hash."""
    with connected(home) as client:
        run_id = client.find(run)
        # A run's name may hold characters that a file's name must not.
        name = re.sub(r"[^\w.+-]+", "-", client.run(run_id).name).strip("-.") or "run"
        file = output or Path(f"{name}-{run_id[-8:]}-{at}.{file_format}")
        sha256 = client.weights(run_id, file, at, file_format)
        print(json.dumps({"file": str(file), "sha256": sha256}) if as_json else f"{file}\n  sha256 {sha256}")
