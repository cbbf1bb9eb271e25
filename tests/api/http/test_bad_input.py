"""Bad input gets a 422 with one entry a field, in words that say what is allowed; never a 500."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import SPEC

RUNS = "/api/v1/runs"

# Fields of the spec, the field that the refusal names, and its words.
SPECS: list[tuple[dict[str, Any], str, str]] = [
    ({"depth": 21}, "spec.depth", "depth must be 6n+2: 8, 14, 20, 26, 32 …"),
    ({"depth": 2**63}, "spec.depth", "6n+2"),
    ({"depth": "20"}, "spec.depth", "depth must be a whole number, not '20'."),
    ({"depth": 20.5}, "spec.depth", "depth must be a whole number, not 20.5."),
    ({"depth": None}, "spec.depth", "depth must be a whole number, not null."),
    ({"shortcut": "D"}, "spec.shortcut", "shortcut must be 'none', 'A', 'B' or 'C'"),
    ({"dataset": "nothing-here"}, "spec.dataset", "There is no data set nothing-here. Choose one of cifar10"),
    ({"dataset": "imagenet"}, "spec.depth", "depth must be 18, 34, 50, 101 or 152 in the imagenet family"),
    ({"family": "imagenet", "depth": 18}, "spec.family", "digits can only be trained with the cifar family"),
    ({"dataset": "../etc"}, "spec.dataset", "lowercase letters, digits"),
    ({"dataset": "\0"}, "spec.dataset", "lowercase letters, digits"),
    ({"dataset": "\ud800"}, "spec.dataset", "lone surrogate"),
    ({"iterations": 0}, "spec.iterations", "iterations must be at least 1"),
    ({"iterations": 2**63}, "spec.iterations", "iterations must be at most 10,000,000"),
    ({"seed": -1}, "spec.seed", "seed must be at least 0"),
    ({"lr": float("nan")}, "spec.lr", "lr must be a finite number"),
    ({"lr": float("inf")}, "spec.lr", "lr must be a finite number"),
    ({"lr": 0}, "spec.lr", "lr must be greater than 0"),
    ({"lr": "0.1"}, "spec.lr", "lr must be a number"),
    ({"train_images": 2000}, "spec.train_images", "train_images must be at most 1437: digits has 1437 training images"),
    ({"devices": 3}, "spec.devices", "devices must divide batch_size"),
    ({"stride_in_1x1": "yes"}, "spec.stride_in_1x1", "must be true or false"),
    ({"learning_rate": 0.1}, "spec.learning_rate", "learning_rate is not a known field"),
    ({"schedule": {"kind": "cosine"}}, "spec.schedule", "must have the kind 'steps' or 'plateau', not 'cosine'"),
    ({"schedule": {"at": [1]}}, "spec.schedule", "must have a kind: 'steps' or 'plateau'"),
    ({"schedule": {"kind": "steps", "at": [300, 200]}}, "spec.schedule.at", "in ascending order"),
    ({"schedule": {"kind": "steps", "at": [200, 0]}}, "spec.schedule.at", "Entry 2 of at must be at least 1"),
    ({"schedule": {"kind": "steps", "at": [1], "x": 1}}, "spec.schedule.x", "x is not a known field"),
    ({"schedule": {"kind": "plateau", "patience": 0}}, "spec.schedule.patience", "patience must be at least 1"),
    ({"warmup": {"lr": -1}}, "spec.warmup.lr", "lr must be greater than 0"),
    ({"warmup": 3}, "spec.warmup", "warmup must be a JSON object, not 3"),
    ({"task": ["detection"]}, "spec", "task must be classification or detection"),
    ({"task": "segmentation"}, "spec", "task must be classification or detection"),
]
AROUND: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "name", "name must have at least 1 character."),
    ({"name": "a\0b"}, "name", "must not contain NUL"),
    ({"name": "a\nb"}, "name", "a single line"),
    ({"name": "\udfff"}, "name", "lone surrogate"),
    ({"notes": "\0"}, "notes", "must not contain NUL"),
    ({"notes": "x" * 10_001}, "notes", "notes must have at most 10,000 characters"),
    ({"tags": ["good", "bad\0"]}, "tags", "Entry 2 of tags must not contain NUL"),
    ({"tags": ["x"] * 21}, "tags", "tags must have at most 20 entries"),
    ({"priority": 101}, "priority", "priority must be at most 100"),
    ({"priority": 2**63}, "priority", "priority must be at most 100"),
    ({"queue": "tpu"}, "queue", "queue must be 'cpu' or 'gpu'"),
    ({"owner": "bob"}, "owner", "owner is not a known field"),
    ({"\ud800": 1}, "", "lone surrogate"),
    ({"\0": 1}, "\0", "is not a known field"),
]
RAW = [
    b"", b"{", b"null", b"[]", b'"text"', b"1e999", b"NaN", b'{"spec": NaN}', b"\xff\xfe", b'{"spec": "\xff"}',
    b'{"spec": ' + b"[" * 100_000, b'{"spec": {"depth": ' + b"9" * 5_000 + b"}}",
    b'{"spec": {"depth": 20, "shortcut": "A", "dataset": "digits", "lr": 1e999}}',
    b'{"spec": {"depth": 20, "shortcut": "A", "dataset": "digits", "lr": -Infinity}}',
]  # fmt: skip
QUERIES: list[dict[str, Any]] = [
    {"text": "\0"}, {"owner": "a\0"}, {"tag": "\0"}, {"dataset": "\0"}, {"dataset": "A b"}, {"depth": str(2**63)},
    {"depth": "0"}, {"depth": "x"}, {"depth": "NaN"}, {"limit": "0"}, {"limit": "201"}, {"limit": str(2**63)},
    {"sort": "spec"}, {"sort": "\0"}, {"cursor": "x"}, {"cursor": "\0"}, {"cursor": "é"}, {"status": "done"},
    {"cursor": "WyJjcmVhdGVkX2F0IiwgIlx1MDAwMCIsICIwIl0="}, {"colour": "red"}, {"shortcut": "D"},
    {"where": "depth"}, {"where": "depth<"}, {"where": "depth~20"}, {"where": "depth=20.5"}, {"where": "lr=NaN"},
    {"where": f"depth={2**63}"}, {"where": "lr=\0"}, {"where": "name<a"}, {"where": "warmup=null"},
    {"where": "status=x"}, {"where": "created_at=2026-13-01"}, {"where": "created_at<9999-12-31"},
    {"where": ["depth=20"] * 11},
]  # fmt: skip


def as_json(body: Any) -> bytes:
    """Also what httpx refuses to write: NaN and lone surrogates, as escapes."""
    return json.dumps(body).encode()


def send(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post(RUNS, content=content, headers={"Content-Type": "application/json"})


def test_a_bad_spec_is_refused_at_its_field_in_words(client: httpx.Client) -> None:
    for fields, field, words in SPECS:
        check(send(client, as_json({"spec": SPEC | fields})), field, words)


def test_a_bad_field_beside_the_spec_is_refused_in_words(client: httpx.Client) -> None:
    for fields, field, words in AROUND:
        check(send(client, as_json({"spec": SPEC, **fields})), field, words)


def check(answer: httpx.Response, field: str, words: str) -> None:
    assert answer.status_code == 422, (field, answer.text)
    assert answer.headers["Content-Type"] == "application/problem+json"
    errors = answer.json()["errors"]
    assert [error["field"] for error in errors] == [field], errors
    assert words in errors[0]["message"], errors


def test_each_wrong_field_has_its_entry(client: httpx.Client) -> None:
    answer = send(client, as_json({"spec": {"depth": 21, "shortcut": "D", "lr": -1}, "priority": 1000}))
    assert [error["field"] for error in answer.json()["errors"]] == [
        "spec.dataset", "spec.depth", "spec.shortcut", "spec.lr", "priority"
    ]  # fmt: skip


def test_a_closed_choice_lists_what_is_allowed(client: httpx.Client) -> None:
    answer = send(client, as_json({"spec": SPEC | {"shortcut": "D"}}))
    assert answer.json()["errors"][0]["allowed"] == ["none", "A", "B", "C"]


def test_a_body_that_is_not_a_run_is_refused_and_nothing_breaks(client: httpx.Client) -> None:
    for body in RAW:
        answer = send(client, body)
        assert answer.status_code in (400, 422), (body[:60], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get(RUNS).json()["total"] == 0


def test_a_body_of_another_content_type_is_not_read(client: httpx.Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post(RUNS, content=as_json({"spec": SPEC}), headers={"Content-Type": kind})
        assert answer.status_code == 422, kind
        assert "Send it with Content-Type: application/json" in answer.json()["detail"], kind


def test_bad_queries_are_refused_at_their_parameter(client: httpx.Client) -> None:
    for query in QUERIES:
        answer = client.get(RUNS, params=query)
        assert answer.status_code == 422, (query, answer.text)
        assert answer.json()["errors"][0]["field"] == next(iter(query)), query


def test_a_forged_cursor_is_refused(client: httpx.Client) -> None:
    run_id = "01890000-0000-7000-8000-000000000000"
    forged = [
        ["name", "\0", run_id], ["name", "\ud800", run_id], ["name", 1, run_id], ["name", "x", "\0"], ["name"], {},
        ["created_at", "9999-12-31T23:59:59-23:59", run_id], ["created_at", "now", run_id],
        ["depth", 2**63, run_id], ["depth", float("nan"), run_id], ["train_error", "x", run_id],
    ]  # fmt: skip
    texts = [json.dumps(value).encode() for value in forged] + [b"[" * 1400, b"\xff"]
    for text in texts:
        for sort in ("name", "created_at", "depth", "train_error"):
            cursor = base64.urlsafe_b64encode(text).decode()
            answer = client.get(RUNS, params={"sort": sort, "cursor": cursor})
            assert answer.status_code in (200, 422), (text, sort, answer.text)


@pytest.mark.parametrize("run_id", ["%00", "x", "1" * 400, "%ED%A0%80", str(2**63), "..%2f.."])
def test_an_invalid_id_is_refused(client: httpx.Client, run_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/events"), ("GET", "/weights")):
        assert client.request(method, f"{RUNS}/{run_id}{path}").status_code in (404, 422), path


def test_bad_headers_are_refused(client: httpx.Client) -> None:
    body = {"spec": SPEC}
    for key in ("", "x" * 201, "caf\u00e9 \u0085"):
        answer = client.post(RUNS, json=body, headers={b"Idempotency-Key": key.encode()})
        assert answer.status_code == 422, key
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    path = f"{RUNS}/{client.post(RUNS, json=body).json()['id']}/events"
    for seq in ("-1", str(2**63), "x", "NaN"):
        answer = client.get(path, headers={"Last-Event-ID": seq, "Accept": "text/event-stream"})
        assert answer.status_code == 422, seq


def test_an_invalid_iteration_of_weights_is_refused(client: httpx.Client) -> None:
    path = f"{RUNS}/{client.post(RUNS, json={'spec': SPEC}).json()['id']}/weights"
    for query in ({"at": "0"}, {"at": "first"}, {"at": "²"}, {"at": str(2**63)}, {"at": "\0"}, {"format": "onnx"}):
        answer = client.get(path, params=query)
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"] == next(iter(query))


def test_an_unknown_path_and_a_wrong_method_are_problems_too(client: httpx.Client) -> None:
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404), ("POST", "/api", 404), ("GET", "/api/v2/runs", 404), ("PUT", RUNS, 405),
        ("POST", "/somewhere", 405), ("GET", f"{RUNS}/", 404),
    ):  # fmt: skip
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), path
