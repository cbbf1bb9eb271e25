"""The schema that the client's types are generated from."""

from reslab.client.lenient import Schema, lenient_schema

STATUS = {"type": "string", "enum": ["queued", "running"], "title": "Status"}
ANY_STATUS = {"anyOf": [{"type": "string", "enum": ["queued", "running"]}, {"type": "string"}]}


def lenient(schema: Schema) -> Schema:
    return lenient_schema(schema, {"Status": STATUS, "Run": {"type": "object"}})


def test_bounds_and_descriptions_go_and_types_stay() -> None:
    field = {"type": "integer", "minimum": 1, "maximum": 9, "title": "Depth", "description": "6n+2", "default": 8}
    assert lenient(field) == {"type": "integer", "default": 8}


def test_a_closed_choice_takes_any_other_text() -> None:
    assert lenient({"type": "string", "enum": ["queued", "running"]}) == ANY_STATUS
    assert lenient({"$ref": "#/components/schemas/Status"}) == ANY_STATUS


def test_other_references_stay() -> None:
    assert lenient({"type": "array", "items": {"$ref": "#/components/schemas/Run"}, "minItems": 1}) == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Run"},
    }


def test_a_field_may_have_the_name_of_a_keyword() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "items": {"type": "array", "items": {}}}}
    assert lenient(schema) == schema
