"""The site: these pages and those of the repository's root, as HTML that loads nothing from elsewhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from sphinx.application import Sphinx

import reslab.command

ROOT = Path(__file__).parent.parent
project = "Reslab"
copyright = "the Reslab authors, Apache License 2.0"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "README.md"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Reslab"
html_show_sphinx = False
html_copy_source = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Links into the source tree (`../tests/…`) have no page here.
suppress_warnings = ["myst.xref_missing", "myst.header"]
nitpicky = False

# The root's pages are included by those in root/; a link to one of them must lead there.
ROOT_PAGES = "README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY"


def _to_root_pages(_app: Sphinx, page: str, source: list[str]) -> None:
    """`](../ARCHITECTURE.md)`, and `](docs/x.md)` in an included page, as links between the site's pages."""
    source[0] = re.sub(rf"\]\((?:\.\./)*({ROOT_PAGES})\.md", r"](/root/\1.md", source[0])
    if page.startswith("reference/"):
        source[0] = source[0].replace("{{fields}}", _fields()).replace("{{command}}", _command())


def _to_site(_app: Sphinx, _path: Path, _docname: str, source: list[str]) -> None:
    """The same in a page of the root that is included."""
    source[0] = re.sub(rf"\]\((?:\.\./)*({ROOT_PAGES})\.md", r"](/root/\1.md", source[0])
    source[0] = re.sub(r"\[([^\]]+)\]\((?:LICENSE|CITATION\.cff|notebooks)\)", r"\1", source[0]).replace(
        "](docs/", "](/"
    )


def _fields() -> str:
    """Each field of a run's specification with its type and meaning, from openapi.json."""
    schema = json.loads((ROOT / "openapi.json").read_text())["components"]["schemas"]["RunSpec"]
    rows = [
        f"| `{name}` | {'required' if name in schema['required'] else 'optional'} | {_about(field)} |"
        for name, field in schema["properties"].items()
    ]
    return "\n".join(["| field | | meaning |", "|---|---|---|", *rows])


def _about(field: dict[str, str]) -> str:
    return field.get("description", field.get("title", "")).replace("|", "\\|").replace("\n", " ")


def _command() -> str:
    """The help of every subcommand, as the command prints it."""
    command = typer.main.get_command(reslab.command.app)
    return "\n\n".join(_help(command, "reslab"))


def _help(command: Any, path: str) -> Iterator[str]:  # Any: Typer's own copy of Click
    context = command.make_context(path, [], resilient_parsing=True)
    if not hasattr(command, "commands"):
        yield f"## {path}\n\n```text\n{command.get_help(context)}\n```"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _help(inner, f"{path} {name}")


def setup(app: Sphinx) -> None:
    app.connect("source-read", _to_root_pages)
    app.connect("include-read", _to_site)
