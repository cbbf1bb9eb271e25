"""`reslab keys`: who else may call the API."""

import json
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, show

app = typer.Typer(no_args_is_help=True, help="Manage API keys: who else may use the service.")


@app.command("list")
def list_keys(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the keys. Their tokens are not shown."""
    with connected(home) as client:
        keys = client.api_keys()
        lines = (f"{key.id}  {key.name}  {','.join(key.scopes)}{'  revoked' if key.revoked_at else ''}" for key in keys)
        show(keys, as_json, "\n".join(lines))


@app.command("new")
def new_key(
    name: Annotated[str, typer.Argument(help="A name for the key, such as the person or program that uses it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write or admin. Repeatable. Default: read and write.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Create a key and print its token. Save it: it can't be shown again."""
    with connected(home) as client:
        key = client.create_key(name, scope or ["read", "write"])
        show(key, as_json, key.token)


@app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `reslab keys list` shows it.")],
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Revoke a key and close its sessions. This can't be undone."""
    with connected(home) as client:
        client.revoke_key(key_id)
        print(json.dumps({"id": key_id, "revoked": True}) if as_json else f"{key_id} is revoked")
