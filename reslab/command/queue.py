"""The subcommands about the queue and the workers."""

from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, fail, show

app = typer.Typer()


@app.command()
def queue(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the waiting runs in the order in which they will start."""
    from reslab.screen import queue as screen

    with connected(home) as client:
        state = client.queue()
        show(state, as_json, screen.queue(state.waiting))


@app.command()
def workers(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the workers and the runs that they train."""
    from reslab.screen import queue as screen

    with connected(home) as client:
        rows = client.workers()
        show(rows, as_json, screen.workers(rows))


@app.command()
def drain(
    worker: Annotated[str, typer.Argument(help="The worker's name or id, as `reslab workers` shows it.")],
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Have a worker return its run to the queue and leave.

    It saves a checkpoint first.
    """
    with connected(home) as client:
        matches = [row for row in client.workers() if worker in (row.id, row.name) and row.alive]
        if not matches:
            fail(f"No live worker has the name or id {worker}. `reslab workers` lists them.")
        if len(matches) > 1:
            ids = ", ".join(match.id for match in matches)
            fail(f"{len(matches)} live workers have the name {worker}. Use an id: {ids}.")
        show(client.drain(matches[0].id), as_json, f"{matches[0].name} is draining")
