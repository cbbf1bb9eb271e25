"""`reslab keys`: who else may call the API."""

import json
from typing import Annotated

import typer

from reslab.client.requests import KeyOptions
from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, show

app = typer.Typer(no_args_is_help=True, help="Manage API keys: who else may use the service.")


@app.command("list")
def list_keys(as_json: JsonOption = False, home: HomeOption = HOME) -> None:
    """List the keys. Their tokens are not shown."""
    with connected(home) as client:
        keys = client.api_keys()
        lines = (
            f"{key.id}  {key.owner}  {key.name}  {','.join(key.scopes)}{'  revoked' if key.revoked_at else ''}"
            for key in keys
        )
        show(keys, as_json, "\n".join(lines))


@app.command("new")
def new_key(  # noqa: PLR0913, PLR0917 (its options)
    name: Annotated[str, typer.Argument(help="A name for the key, such as the person or program that uses it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write or admin. Repeatable. Default: read and write.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Another person, for administrators. Default: you.")] = None,
    project: Annotated[str | None, typer.Option(help="Makes it a program's key, for this project only.")] = None,
    role: Annotated[str, typer.Option(help="The program's role: viewer, member or maintainer.")] = "member",
    days: Annotated[int | None, typer.Option(help="The key expires after this number of days.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Create a key and print its token. Save it: it can't be shown again."""
    with connected(home) as client:
        options: KeyOptions = {"owner": owner, "project": project, "role": role, "expires_in_days": days}
        key = client.create_key(name, scope or ["read", "write"], **options)
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
