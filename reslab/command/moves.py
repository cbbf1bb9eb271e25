"""The subcommands that change a run's state (cancel, pause, resume), and those that continue it as a new run."""

from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command import options
from reslab.command.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, show

if TYPE_CHECKING:
    from reslab.client.schema import Run

app = typer.Typer()


@app.command()
def cancel(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Cancel a run. A running one saves a checkpoint first."""
    with connected(home) as client:
        _show_status(client.cancel(client.find(run)), as_json)


@app.command()
def pause(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Pause a run. A running one saves a checkpoint first."""
    with connected(home) as client:
        _show_status(client.pause(client.find(run)), as_json)


@app.command()
def resume(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Resume a paused run from its last checkpoint."""
    with connected(home) as client:
        _show_status(client.resume(client.find(run)), as_json)


@app.command()
def archive(
    run: RunArgument,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back into the lists.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Leave a run that has ended out of the lists. Nothing of it is deleted."""
    with connected(home) as client:
        changed = client.archive(client.find(run), undo=undo)
        show(changed, as_json, f"{changed.name} is {'archived' if changed.archived_at else 'back in the lists'}")


@app.command()
def retry(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Train a run again from scratch, as a new run."""
    from reslab.screen import runs as screen

    with connected(home) as client:
        new = client.retry(client.find(run))
        show(new, as_json, f"{screen.run(new)}\n\n  {client.url}/runs/{new.id}")


@app.command()
def fork(  # noqa: PLR0913 - as `submit`
    run: RunArgument,
    *,
    at: Annotated[int | None, typer.Option(help="The iteration of the checkpoint. Default: the last one.")] = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    fields: options.Fields = None,
    name: Annotated[
        str | None, typer.Option(help="The new run's name. Default: the old name and the checkpoint's iteration.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Continue from a run's checkpoint as a new run.

    Some settings may change, for example: reslab fork last --iterations 96000 --set lr=0.01
    """
    from reslab.screen import runs as screen

    with connected(home) as client:
        changes = options.spec(iterations=iterations, drops=drops, fields=fields)
        new = client.fork(client.find(run), changes, iteration=at, name=name)
        show(new, as_json, f"{screen.run(new)}\n\n  {client.url}/runs/{new.id}")


def _show_status(run: "Run", as_json: bool) -> None:
    request = {"cancel": "; it will be cancelled", "pause": "; it will pause"}.get(run.stop_request or "", "")
    show(run, as_json, f"{run.name} is {run.status}{request}")
