"""Strings from outside: limited in length, and without characters that Postgres, HTTP or a screen can't carry."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


def _check_characters(text: str) -> str:
    """Refuses NUL, which Postgres can't store, and lone surrogates, which UTF-8 can't encode."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise PydanticCustomError("unclean_text", "it must not contain NUL or a lone surrogate")
    return text


def _check_single_line(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("unprintable", "it must be a single line of printable characters")
    return text


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_check_characters)]
ShortText = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_check_characters), AfterValidator(_check_single_line)
]
Tag = Annotated[
    str, Field(min_length=1, max_length=50), AfterValidator(_check_characters), AfterValidator(_check_single_line)
]
