"""The reference's parts that the code knows best: fields with the paper's sentences, API, events, command."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import typer.main

import reslab.command
from paper import fields as paper_fields
from paper import published
from trainer import events

ROOT = Path(__file__).parent.parent
Json = Mapping[str, Any]  # Any: JSON


def parts(page: str) -> dict[str, str]:
    """What stands for each `{{name}}` of a page. Empty for a page that has none."""
    write = {
        "reference/specification": lambda: {"fields": _fields()},
        "reference/command": lambda: {"command": _command()},
        "reference/api": lambda: {"operations": _operations()},
        "reference/answers": lambda: {"schemas": _schemas()},
        "reference/events": lambda: {"events": _events()},
        "what-the-paper-leaves-open": _silences,
    }
    return write[page]() if page in write else {}


def _openapi() -> Json:
    document: Json = json.loads((ROOT / "openapi.json").read_text())
    return document


# The specification


def _fields() -> str:
    """Each field of a classifier's specification: what it takes, what it means, and the paper's sentences about it."""
    return "\n\n".join(_field(name) for name in paper_fields.SENTENCES)


def _field(name: str) -> str:
    sentences = {family: paper_fields.sentence(name, family) for family in ("cifar", "imagenet")}
    quotes = [
        f"> {'ImageNet family, ' if family == 'imagenet' else ''}sec. {sentence.section}: “{sentence.text}”"
        for family, sentence in sentences.items()
        if sentence
    ]
    about = f"{_taken(name)}. {paper_fields.about(name)}"
    silence = "The paper says nothing about it."
    return "\n\n".join([f"## `{name}`", about, "\n>\n".join(quotes) or silence])


def _taken(name: str) -> str:
    """What the field takes, by the schemas of the specification, its schedules and its warm-up."""
    whole, _, part = name.rpartition(".")
    schemas = _openapi()["components"]["schemas"]
    of = {"": ["RunSpec"], "schedule": ["StepSchedule", "PlateauSchedule"], "warmup": ["Warmup"]}[whole]
    schema = next(schemas[each] for each in of if part in schemas[each]["properties"])
    is_required = part in schema.get("required", ())
    return _type(schema["properties"][part]) + (", required" if is_required else "")


# What the paper leaves open


def _silences() -> dict[str, str]:
    """The fields about which the paper is silent, its inconsistencies, and what others have read into it."""
    described = [(name, paper_fields.about(name), sentences) for name, sentences in paper_fields.SENTENCES.items()]
    silent = [(f"`{name}`", about) for name, about, said in described if not said or "does not say" in about]
    notes = published.notes()
    misread = [(item.where, item.reading, item.paper) for item in notes.misreadings]
    return {
        "open": _table(("field", "what we do"), silent),
        "inconsistencies": "\n".join(f"- {item.text}" for item in notes.inconsistencies),
        "misreadings": _table(("where", "misreading", "the paper"), misread),
    }


# The API


def _operations() -> str:
    """Every operation, a section for each of the API's subjects."""
    listed = [
        (operation["tags"][0], method.upper(), path, operation)
        for path, methods in _openapi()["paths"].items()
        for method, operation in methods.items()
    ]
    subjects = groupby(sorted(listed, key=lambda item: item[0]), key=lambda item: item[0])
    return "\n\n".join(
        f"## {subject[0].upper()}{subject[1:]}\n\n" + "\n\n".join(_operation(*item[1:]) for item in items)
        for subject, items in subjects
    )


def _operation(method: str, path: str, operation: Json) -> str:
    rows = [
        (f"`{each['name']}`", each["in"], _type(each["schema"]), each.get("description", ""))
        for each in operation.get("parameters", ())
    ]
    exchanged = [("body", _content(operation.get("requestBody", {})))]
    exchanged += [(status, _content(answer)) for status, answer in operation["responses"].items() if status < "300"]
    lines = [f"- {name}: {schema}" for name, schema in exchanged if schema]
    table = _table(("parameter", "in", "takes", "meaning"), rows) if rows else ""
    described = [f"### {method} {path}", operation.get("description", ""), table, "\n".join(lines)]
    return "\n\n".join(filter(None, described))


def _content(message: Json) -> str:
    """The types of a body or an answer, with their media types if they are not JSON."""
    content = message.get("content", {}).items()
    return ", ".join(
        _type(media.get("schema", {})) + ("" if kind == "application/json" else f" ({kind})") for kind, media in content
    )


def _schemas() -> str:
    """Every type of a body or an answer, with its fields."""
    schemas = _openapi()["components"]["schemas"]
    return "\n\n".join(_schema(name, schema) for name, schema in sorted(schemas.items()))


def _schema(name: str, schema: Json) -> str:
    rows = [
        (f"`{field}`", _type(value), value.get("description", ""))
        for field, value in schema.get("properties", {}).items()
    ]
    body = _table(("field", "type", "meaning"), rows) if rows else _type(schema)
    return "\n\n".join(filter(None, [f"(schema-{name})=\n## {name}", schema.get("description", ""), body]))


def _type(schema: Json) -> str:
    """A JSON schema in words: a link to another type, the choices, or the kind with its limits and default."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#schema-{name})"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(map(_type, choices)) + _default(schema)
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return ", ".join(f"`{value}`" for value in values) + _default(schema)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kinds = {"null": "none", "object": "object", "integer": "integer", "number": "number", "boolean": "true or false"}
    kind = kinds.get(schema.get("type", "object"), schema.get("format", "text"))
    return kind + _limits(schema) + _default(schema)


LIMITS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def _limits(schema: Json) -> str:
    return "".join(f", {words} {schema[name]:,.15g}" for name, words in LIMITS.items() if name in schema)


def _default(schema: Json) -> str:
    value = schema.get("default")
    return "" if value in (None, [], "") else f", default `{json.dumps(value)}`"


# Events, and the command

DECLARED = re.compile(r"^    (\w+): (.+?)(?: = [^#]+?)?(?:  # (.+))?$", re.MULTILINE)


def _events() -> str:
    """The trainer's events with their fields, types and comments, as `trainer/events.py` declares them."""
    kinds = (kind for kind in vars(events).values() if inspect.isclass(kind) and hasattr(kind, "model_fields"))
    return "\n\n".join(_event(kind) for kind in kinds if "kind" in kind.model_fields)


def _event(kind: Any) -> str:  # Any: a pydantic model, whose fields' comments are in its source
    rows = [
        (f"`{name}`", f"`{type_}`", comment)
        for name, type_, comment in DECLARED.findall(inspect.getsource(kind))
        if name != "kind"
    ]
    name = kind.model_fields["kind"].default
    return "\n\n".join(filter(None, [f"### `{name}`", kind.__doc__, _table(("field", "type", "meaning"), rows)]))


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


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table. A vertical bar or a line's end in a cell would end it."""
    cells = ([" ".join(cell.split()).replace("|", r"\|") for cell in row] for row in rows)
    return "\n".join([f"| {' | '.join(row)} |" for row in ([*heads], ["---"] * len(heads), *cells)])
