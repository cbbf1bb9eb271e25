"""Makes the schemas of the answers in openapi.json lenient: `make openapi` generates the types of the client from them.

A client must be able to read the answers of a newer service. So bounds and patterns are removed, which only the service
checks, and a closed choice also takes any other text. The fields' descriptions are removed too: `/docs` has them, and
importing them takes time.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]  # Any: JSON Schema
_KEYWORDS = ("type", "format", "const", "default", "required", "discriminator", "prefixItems")
_PAIR_KEYWORDS = ("minItems", "maxItems")
_SUBSCHEMAS = ("items", "anyOf", "oneOf", "additionalProperties")


def main() -> None:
    document = json.load(sys.stdin)
    schemas: dict[str, Schema] = document["components"]["schemas"]
    answers = _reachable(schemas, _answers(document["paths"]))
    lenient = {
        name: {"description": schema["description"]} | lenient_schema(schema, schemas)
        if "description" in schema
        else lenient_schema(schema, schemas)
        for name, schema in schemas.items()
        if name in answers and "enum" not in schema
    }
    json.dump(document | {"paths": {}, "components": {"schemas": lenient}}, sys.stdout)


def lenient_schema(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """The schema without the restrictions that a newer service may lift. `schemas` are those that it may refer to."""
    if "$ref" in schema:
        target = schemas[_name(schema["$ref"])]
        return lenient_schema(target, schemas) if "enum" in target else {"$ref": schema["$ref"]}
    if "enum" in schema:
        return {"anyOf": [{"type": "string", "enum": schema["enum"]}, {"type": "string"}]}
    keywords = _KEYWORDS + (_PAIR_KEYWORDS if "prefixItems" in schema else ())
    lenient: Schema = {keyword: schema[keyword] for keyword in keywords if keyword in schema}
    for key in _SUBSCHEMAS:
        if isinstance(schema.get(key), dict):
            lenient[key] = lenient_schema(schema[key], schemas)
        elif isinstance(schema.get(key), list):
            lenient[key] = [lenient_schema(branch, schemas) for branch in schema[key]]
    if "properties" in schema:
        lenient["properties"] = {name: lenient_schema(field, schemas) for name, field in schema["properties"].items()}
    return lenient


def _answers(paths: dict[str, dict[str, Schema]]) -> Iterator[str]:
    """The names of the schemas of successful responses."""
    for operations in paths.values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    yield from _references(response)


def _reachable(schemas: dict[str, Schema], names: Iterator[str]) -> set[str]:
    reachable: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reachable:
            reachable.add(name)
            waiting += _references(schemas[name])
    return reachable


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield _name(node["$ref"])
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


if __name__ == "__main__":
    main()
