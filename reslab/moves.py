"""The commands that move a run: cancel, pause and resume; retry and fork, which make a new one."""

from typing import Annotated, Any

import typer

from reslab import options
from reslab.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, show

app = typer.Typer()


@app.command()
def cancel(run: RunArgument, home: HomeOption = HOME) -> None:
    """Cancel a run; a last checkpoint is kept."""
    with connected(home) as client:
        _tell(client.cancel(client.find(run)))


@app.command()
def pause(run: RunArgument, home: HomeOption = HOME) -> None:
    """Pause a run; a running one saves a checkpoint first."""
    with connected(home) as client:
        _tell(client.pause(client.find(run)))


@app.command()
def resume(run: RunArgument, home: HomeOption = HOME) -> None:
    """Let a paused run go on from its last checkpoint."""
    with connected(home) as client:
        _tell(client.resume(client.find(run)))


@app.command()
def retry(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Queue a run that has ended once more, from scratch."""
    from reslab import screen

    with connected(home) as client:
        made = client.retry(client.find(run))
        show(made, as_json, f"{screen.run(made)}\n\n  {client.url}/runs/{made['id']}")


@app.command()
def fork(  # noqa: PLR0913 - as `submit`
    run: RunArgument,
    *,
    at: Annotated[int | None, typer.Option(help="The checkpoint's iteration; default: the last.")] = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    more: options.More = None,
    name: Annotated[str | None, typer.Option(help="Default: the run's, and from where.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Queue a run that goes on from another's checkpoint: reslab fork last --iterations 96000 --set lr=0.01"""
    from reslab import screen

    with connected(home) as client:
        changes = options.spec({"iterations": iterations, "drops": drops, "more": more, "file": None})
        made = client.fork(client.find(run), changes, iteration=at, name=name)
        show(made, as_json, f"{screen.run(made)}\n\n  {client.url}/runs/{made['id']}")


def _tell(run: dict[str, Any]) -> None:  # Any: parsed JSON
    print(f"{run['name']} is {run['status']}" + (f"; asked to {run['stop_request']}" if run["stop_request"] else ""))
