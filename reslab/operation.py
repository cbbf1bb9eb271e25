"""The commands about the service itself: what waits, and the workers that train."""

import typer

from reslab.terminal import HOME, HomeOption, JsonOption, connected, fail, show

app = typer.Typer()


@app.command()
def queue(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List what waits, in the order in which it would be trained now."""
    from reslab import screen

    with connected(home) as client:
        found = client.queue()
        show(found, as_json, screen.queue(found["waiting"]))


@app.command()
def workers(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the workers and what they train."""
    from reslab import screen

    with connected(home) as client:
        found = client.workers()
        show(found, as_json, screen.workers(found))


@app.command()
def drain(worker: str, home: HomeOption = HOME) -> None:
    """Let a worker, by its name, give its run back with a checkpoint and leave."""
    with connected(home) as client:
        named = [row for row in client.workers() if worker in (row["id"], row["name"]) and row["alive"]]
        if len(named) != 1:
            fail(f"{len(named)} workers that are alive are called {worker}; one was expected")
        client.drain(named[0]["id"])
        print(f"{named[0]['name']} drains")
