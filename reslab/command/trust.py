"""`reslab trust add|list|remove`: whose keys you know. `reslab verify` says by name who signed a certificate.

The keys are a JSON file in your configuration folder: names by fingerprint, to read and to edit by hand.
"""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from reslab.command.terminal import fail
from reslab.screen.text import printable

app = typer.Typer(no_args_is_help=True, help="The keys of labs that you know, for `reslab verify`.")
KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="A public key, 64 hex digits, or its fingerprint, 32 hex digits.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print names by fingerprint as JSON, for scripts.")]
KEY_DIGITS: Final = 64
FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}")


@app.command()
def add(
    key: KeyArgument, name: Annotated[str, typer.Option(help="Whose key it is.")], as_json: JsonOption = False
) -> None:
    """Trust a key.

    Compare its fingerprint with its owner, by telephone or on a page of theirs: not in the certificate.
    """
    if not name.strip() or name != printable(name):
        fail(f"{printable(name)!r} is not a valid name: it must be printable, and not empty.")
    fingerprint = _fingerprint(key)
    _write(known_keys() | {fingerprint: name})
    print(_json({fingerprint: name}) if as_json else f"{grouped(fingerprint)}  {name}")


@app.command("list")
def show(as_json: JsonOption = False) -> None:
    """List the keys that you trust."""
    if as_json:
        print(_json(known_keys()))
        return
    for fingerprint, name in sorted(known_keys().items(), key=lambda item: item[1]):
        print(f"{grouped(fingerprint)}  {printable(name)}")


@app.command()
def remove(key: KeyArgument, as_json: JsonOption = False) -> None:
    """Trust a key no longer."""
    keys, fingerprint = known_keys(), _fingerprint(key)
    if fingerprint not in keys:
        fail(f"You don't trust {grouped(fingerprint)}. `reslab trust list` shows the keys that you trust.")
    name = keys.pop(fingerprint)
    _write(keys)
    text = f"{grouped(fingerprint)}  {printable(name)} is not trusted any longer."
    print(_json({fingerprint: name}) if as_json else text)


def _json(names: dict[str, str]) -> str:
    return json.dumps(names, indent=2)


def known_keys() -> dict[str, str]:
    """Names by fingerprint: 32 hex digits without spaces. A damaged file ends the command with a message."""
    try:
        content = json.loads(_file().read_text())
    except FileNotFoundError:
        return {}
    except (ValueError, OSError, RecursionError) as error:
        fail(f"{_file()} can't be read: {error}. Correct it, or delete it and add the keys again.")
    if not isinstance(content, dict) or not all(
        FINGERPRINT.fullmatch(fingerprint) and isinstance(name, str) for fingerprint, name in content.items()
    ):
        fail(f"{_file()} must hold names by fingerprint. Correct it, or delete it and add the keys again.")
    return content


def signature(fingerprint: str, *, is_expected: bool = False) -> str:
    """Who signed a certificate, in words: the name under which you know its key, if you do."""
    signer = known_keys().get(fingerprint.replace(" ", ""))
    if signer is not None:
        return f"signed by {fingerprint}: {signer}"
    if is_expected:
        return f"signed by {fingerprint}, as you said"
    return (
        f"signed by {fingerprint}, a key that you don't know. Anybody can have made it: compare it with its owner, "
        "then run `reslab trust add`"
    )


def grouped(fingerprint: str) -> str:
    """In groups of four, to compare by eye."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _fingerprint(key: str) -> str:
    from studies.fingerprints import fingerprint

    digits = key.replace(" ", "").lower()
    if len(digits) == KEY_DIGITS and re.fullmatch(r"[0-9a-f]+", digits):
        digits = fingerprint(digits).replace(" ", "")
    if not FINGERPRINT.fullmatch(digits):
        fail(f"{printable(key)} is not a key. It must be 64 hex digits, or a fingerprint of 32.")
    return digits


def _file() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "reslab" / "trusted-keys.json"


def _write(keys: dict[str, str]) -> None:
    """Written aside and renamed: complete, or not at all."""
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    aside.write_text(json.dumps(keys, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    aside.rename(file)
