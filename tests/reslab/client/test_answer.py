"""The typed answers of the API: attributes to read, and the same JSON back."""

import json

import httpx
import pytest
from pydantic import ValidationError

from reslab.client import ApiError, UnexpectedAnswerError
from reslab.client.connection import Connection
from reslab.client.schema import Best, ClassProbability, Event

BEST = {"val_error": None, "val_iteration": None, "test_error": 6.97, "evaluations": 3}
EVENT = {"seq": 1, "kind": "created", "attempt": None, "actor": "api", "at": "2026-11-29T11:30:07Z", "body": {}}


def test_a_field_of_a_newer_service_can_be_read_and_is_sent_back() -> None:
    answer = Best.model_validate(BEST | {"top5_error": 0.3})
    assert answer.model_extra == {"top5_error": 0.3}
    assert answer.model_dump(by_alias=True, exclude_unset=True) == BEST | {"top5_error": 0.3}


def test_a_choice_of_a_newer_service_can_be_read() -> None:
    assert Event.model_validate(EVENT | {"kind": "teleported"}).kind == "teleported"


def test_a_field_whose_name_is_a_keyword_ends_in_an_underscore() -> None:
    assert ClassProbability.model_validate({"class": "cat", "probability": 0.9}).class_ == "cat"


def test_an_answer_cannot_be_changed() -> None:
    answer = Best.model_validate(BEST)
    with pytest.raises(ValidationError, match="frozen"):
        answer.test_error = 0.0  # type: ignore[misc] # that is the test


def test_an_answer_that_lacks_a_field_is_an_error_that_names_it() -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"answer to GET /best can't be read: test_error: Field required"):
        answered(200, '{"val_error": null, "val_iteration": null, "evaluations": 0}').get(Best, "/best")


def test_a_refusal_is_an_error_in_the_service_s_words() -> None:
    problem = '{"detail": "The specification is invalid.", "errors": [{"field": "depth", "message": "must be 6n+2"}]}'
    with pytest.raises(ApiError, match=r"The specification is invalid\.\n  depth: must be 6n\+2") as refusal:
        answered(422, problem).get(Best, "/best")
    assert refusal.value.status == 422


def test_a_refusal_says_each_sentence_once() -> None:
    problem = '{"detail": "depth must be 6n+2.", "errors": [{"field": "depth", "message": "depth must be 6n+2."}]}'
    with pytest.raises(ApiError, match=r"^depth must be 6n\+2\.$"):
        answered(422, problem).get(Best, "/best")


def test_several_refused_fields_are_each_said_once() -> None:
    messages = ("lr is 0.", "momentum is 5.")
    errors = [{"field": message.split()[0], "message": message} for message in messages]
    problem = json.dumps({"detail": " ".join(messages), "errors": errors})
    with pytest.raises(ApiError, match=r"^lr is 0\. momentum is 5\.$"):
        answered(422, problem).get(Best, "/best")


def test_an_answer_of_a_proxy_is_an_error_with_its_status() -> None:
    with pytest.raises(ApiError, match="The service answered 502 Bad Gateway"):
        answered(502, "<html>").get(Best, "/best")


def answered(status: int, content: str) -> Connection:
    """A connection to a service that always gives this answer."""
    connection = Connection("http://localhost", "token")
    connection.http.close()
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=content))
    connection.http = httpx.Client(base_url="http://localhost", transport=transport)
    return connection
