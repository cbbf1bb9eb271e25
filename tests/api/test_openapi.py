"""The OpenAPI document is fresh, complete, and right about the answers to generated requests."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

if TYPE_CHECKING:  # its import takes a second, which only the process that runs these tests should spend
    from schemathesis import APIOperation, Case, GenerationMode

Post = Callable[..., dict[str, Any]]

ROOT = Path(__file__).parent.parent.parent
# Requests to each operation, of each kind; an invalid one takes 20 ms to generate. RESLAB_EXAMPLES=50 tries more.
EXAMPLES = int(os.environ.get("RESLAB_EXAMPLES", "5"))
FEW = settings(
    deadline=None,
    database=None,
    derandomize=True,  # the same examples in every run
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(warm: None) -> dict[str, Any]:
    command = [sys.executable, "-m", "api", "openapi"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded: dict[str, Any] = json.loads(printed.stdout)
    return loaded


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_the_committed_document_is_fresh(document: dict[str, Any]) -> None:
    assert json.loads((ROOT / "openapi.json").read_text()) == document, "run make openapi"


def test_every_operation_has_a_unique_name_and_a_summary(document: dict[str, Any]) -> None:
    listed = list(operations(document))
    assert len({operation["operationId"] for operation in listed}) == len(listed) > 20
    assert all(operation["summary"] and operation["tags"] for operation in listed)


def test_all_operations_except_five_document_that_they_need_a_key(document: dict[str, Any]) -> None:
    is_open = {operation["operationId"] for operation in operations(document) if not operation["security"]}
    assert is_open == {"get_health", "get_readiness", "get_logins", "start_login", "finish_login"}


@pytest.mark.parametrize("kind", ["valid", "invalid"])
@pytest.mark.parametrize("examples", [1, pytest.param(EXAMPLES, marks=pytest.mark.long)], ids=["one", "several"])
def test_the_service_answers_any_request_as_documented(
    document: dict[str, Any], client: httpx.Client, post: Post, logged: list[Any], kind: str, examples: int
) -> None:
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.core.result import Ok

    mode = GenerationMode.POSITIVE if kind == "valid" else GenerationMode.NEGATIVE
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(client.base_url))
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        with suppress(Unsatisfiable):  # an operation without parameters has no invalid request
            send(examples, result.ok(), mode, post()["id"], dict(client.headers))
    assert len([entry for entry in logged if entry["event"] == "request"]) > 100 + 20 * examples


def send(
    count: int,
    operation: "APIOperation[Any, Any, Any, Any]",
    mode: "GenerationMode",
    run_id: str,
    headers: dict[str, str],
) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    checks = [not_a_server_error, response_schema_conformance, content_type_conformance]

    @settings(FEW, max_examples=count)
    @given(case=operation.as_strategy(generation_mode=mode))
    def is_answered(case: "Case[Any]") -> None:
        if mode.is_positive and "run_id" in case.path_parameters:
            case.path_parameters["run_id"] = run_id  # a generated id would only be a 404
        case.call_and_validate(headers=headers, checks=checks)

    is_answered()
