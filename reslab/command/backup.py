"""The subcommands that copy a local service into a folder, and back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, fail

app = typer.Typer()

JsonOption = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON, for scripts.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the backup is.")]


@app.command()
def backup(folder: Folder, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Copy the local service into a folder, while it runs: rows, objects and keys.

    Again into the same folder copies what is new. Data sets that are folders of yours are not part of it.
    """
    from reslab.stack.saving import save
    from store.db.errors import StoreError

    try:
        _show(folder, save(home, folder), as_json)
    except (RuntimeError, StoreError, OSError) as error:
        fail(str(error))


@app.command()
def restore(folder: Folder, as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """Bring a backup into a new home; `reslab up` then goes on from there.

    Every byte of the backup is checked first.
    """
    from reslab.stack.child import ChildError
    from reslab.stack.home import HomeTakenError
    from reslab.stack.saving import bring_back
    from store.db.errors import StoreError

    try:
        _show(home, bring_back(folder, home), as_json)
    except (ChildError, HomeTakenError, RuntimeError, StoreError, OSError) as error:
        fail(str(error))


def _show(folder: Path, content: object, as_json: bool) -> None:
    print(json.dumps({"folder": str(folder), "has": str(content)}) if as_json else f"{folder} has {content}")
