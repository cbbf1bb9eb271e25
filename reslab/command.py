"""The `reslab` command: what a user types. Each verb is one call of the client and one text for the screen."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab import examinations, moves, operation, options, studies, verify
from reslab.terminal import HOME, HomeOption, JsonOption, RunArgument, connected, fail, show

if TYPE_CHECKING:  # httpx costs a tenth of a second and 15 MB, and `up` needs none of it
    from reslab.client import Client

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
key_app = typer.Typer(no_args_is_help=True, help="Keys of the API: who else may call.")
app.add_typer(key_app, name="keys")
app.add_typer(moves.app)
app.add_typer(examinations.app)
app.add_typer(verify.app)
app.add_typer(studies.app, name="study")
app.add_typer(operation.app)


@app.callback()
def _reslab() -> None:
    """A training service for one paper: Deep Residual Learning for Image Recognition (He et al. 2015)."""


@app.command()
def up(
    home: HomeOption = HOME,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: the last one, or 8765.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="One a device.")] = 1,
) -> None:
    """Start the whole service on this machine and print its URL; Ctrl-C stops it.

    RESLAB_DATABASE_URL, RESLAB_BROKER_URL and RESLAB_STORAGE_URL, where set, replace the parts that would serve them.
    """
    from reslab.stack.child import ChildError
    from reslab.stack.home import HomeTakenError
    from reslab.stack.local import Wish, up

    try:
        up(Wish(home, port, workers), say=lambda text: print(text, flush=True))
    except (ChildError, HomeTakenError, OSError, RuntimeError) as error:
        fail(str(error))


@app.command()
def submit(  # noqa: PLR0913 - a command line is as wide as what it can say
    *,
    depth: options.Depth = None,
    shortcut: options.Shortcut = None,
    dataset: options.Dataset = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    seed: options.Seed = None,
    more: options.More = None,
    file: options.File = None,
    name: Annotated[str | None, typer.Option(help="Default: what the paper would call it.")] = None,
    watching: Annotated[bool, typer.Option("--watch", help="Stay and report until it has ended.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Queue a run: reslab submit --depth 20 --shortcut A --dataset digits"""
    from reslab import screen

    fields = {"depth": depth, "shortcut": shortcut, "dataset": dataset, "iterations": iterations, "seed": seed}
    with connected(home) as client:
        run = client.submit(
            options.spec({**fields, "drops": drops, "more": more, "file": file}), **({"name": name} if name else {})
        )
        show(run, as_json, f"{screen.run(run)}\n\n  {client.url}/runs/{run['id']}")
        if watching:
            _watch(client, run["id"])


@app.command()
def plan(  # noqa: PLR0913 - as `submit`
    *,
    depth: options.Depth = None,
    shortcut: options.Shortcut = None,
    dataset: options.Dataset = None,
    iterations: options.Iterations = None,
    drops: options.Drops = None,
    seed: options.Seed = None,
    more: options.More = None,
    file: options.File = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Say what a run would be: parameters, multiply-adds, memory, time, departures from the paper. Queues nothing."""
    from reslab import screen

    fields = {"depth": depth, "shortcut": shortcut, "dataset": dataset, "iterations": iterations, "seed": seed}
    with connected(home) as client:
        planned = client.plan(options.spec({**fields, "drops": drops, "more": more, "file": file}))
        show(planned, as_json, screen.plan(planned))


@app.command("list")
def list_runs(
    status: Annotated[str | None, typer.Option(help="queued, running, succeeded …")] = None,
    text: Annotated[str | None, typer.Option(help="In name, notes, tags or id.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="As 'best_test_error<7' or lr=0.1; repeatable.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """List the runs, newest first: reslab list --where 'best_test_error<7'"""
    from reslab import screen

    with connected(home) as client:
        found = list(client.runs(status=status, text=text, where=where))
        show(found, as_json, screen.runs(found))


@app.command("show")
def show_run(run: RunArgument, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Show one run."""
    from reslab import screen

    with connected(home) as client:
        found = client.run(client.find(run))
        show(found, as_json, screen.run(found))


@app.command()
def watch(run: RunArgument, home: HomeOption = HOME) -> None:
    """Report a run's events until it has ended; the exit code is 0 if it succeeded."""
    with connected(home) as client:
        _watch(client, client.find(run))


def _watch(client: "Client", run_id: str) -> None:
    from reslab import screen

    for event in client.events(run_id):
        print(screen.event(event), flush=True)
    if client.run(run_id)["status"] != "succeeded":
        raise typer.Exit(1)


@app.command()
def log(run: RunArgument, lines: Annotated[int, typer.Option(min=1)] = 100, home: HomeOption = HOME) -> None:
    """Print the last lines that a run's trainer logged."""
    with connected(home) as client:
        print("\n".join(client.log(client.find(run), lines)))


@app.command()
def download(
    run: RunArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: named after the run.")] = None,
    at: Annotated[str, typer.Option(help="last, best or an iteration.")] = "last",
    file_format: Annotated[str, typer.Option("--format", help="safetensors or pt.")] = "safetensors",
    home: HomeOption = HOME,
) -> None:
    """Download a run's weights and check their hash."""
    with connected(home) as client:
        run_id = client.find(run)
        # A name is anybody's, and may hold what a file's must not.
        name = re.sub(r"[^\w.+-]+", "-", client.run(run_id)["name"]).strip("-.") or "run"
        file = output or Path(f"{name}-{run_id[-8:]}-{at}.{file_format}")
        sha256 = client.weights(run_id, file, at, file_format)
        print(f"{file}\n  sha256 {sha256}")


@app.command()
def datasets(
    add: Annotated[Path | None, typer.Option(help="An archive of your own: train/CLASS/…, test/CLASS/…")] = None,
    name: Annotated[str | None, typer.Option(help="What to register it as.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """List the data sets, or register an archive: reslab datasets --add FILE --name NAME"""
    from reslab import screen

    if (add is None) != (name is None):
        fail("--add and --name go together")
    with connected(home) as client:
        found = [client.register(name, add)] if add and name else client.datasets()
        show(found, as_json, screen.datasets(found))


@key_app.command("list")
def list_keys(home: HomeOption = HOME) -> None:
    """List the keys; none can be shown again."""
    with connected(home) as client:
        for key in client.all_keys():
            print(f"{key['id']}  {key['name']}  {','.join(key['scopes'])}{'  revoked' if key['revoked_at'] else ''}")


@key_app.command("new")
def new_key(
    name: str,
    scope: Annotated[list[str] | None, typer.Option(help="read, write, admin.")] = None,
    home: HomeOption = HOME,
) -> None:
    """Make a key and print it, this once."""
    with connected(home) as client:
        print(client.new_key(name, scope or ["read", "write"])["token"])


@key_app.command("revoke")
def revoke_key(key_id: str, home: HomeOption = HOME) -> None:
    """End a key and its sessions, for ever."""
    with connected(home) as client:
        client.revoke(key_id)


def main() -> None:
    os.umask(0o077)  # logs, data and weights are the user's own until they are downloaded
    app()


if __name__ == "__main__":
    main()
