"""`reslab doctor` and `reslab open`: what is wrong on this machine, and the dashboard in your browser."""

import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, fail

app = typer.Typer()
_MARKS = {"ok": "ok", "warning": "!", "problem": "✗"}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, for scripts.")] = False,
    home: HomeOption = HOME,
) -> None:
    """Check ports, disk, memory, GPU, data sets and versions, and say what to do. The exit code is 1 for a problem."""
    from reslab.stack import checks

    report = list(checks.checks(home, _running_url(home)))
    if as_json:
        print(checks.as_json(report))
    else:
        for check in report:
            print(f"{_MARKS[check.state]:3}{check.name:12}{check.sentence}")
            if check.advice:
                print(f"{'':15}{check.advice}")
    if any(check.state == "problem" for check in report):
        raise typer.Exit(1)


@app.command("open")
def open_dashboard(home: HomeOption = HOME) -> None:
    """Open the dashboard in your browser, signed in."""
    from reslab.client.connection import NotUpError
    from reslab.client.local import local_service

    try:
        service = local_service(home)
    except NotUpError as error:
        fail(str(error))
    # The browser gets a file's name: other users can read a command line, and the address holds the key.
    page = home.absolute() / "open.html"
    page.unlink(missing_ok=True)
    address = f"{service.url}/#token={service.token}"
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={address}">')
    if not webbrowser.open(Path(page).as_uri()):
        print(f"There is no browser on this machine. Open {address}")


def _running_url(home: Path) -> str | None:
    from reslab.client.connection import NotUpError
    from reslab.client.local import local_service

    try:
        return local_service(home).url
    except NotUpError:
        return None
