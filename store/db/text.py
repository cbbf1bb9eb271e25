"""Strings that may come from outside: bounded, and nothing in them that Postgres, HTTP or a screen cannot carry."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


def _is_clean(text: str) -> str:
    """No NUL (Postgres has none) and no lone surrogate (UTF-8 has none)."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise PydanticCustomError("unclean_text", "it must hold no NUL and no lone surrogate")
    return text


def _is_one_line(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("unprintable", "it must be one line of printable letters")
    return text


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_is_clean)]
ShortText = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_is_clean), AfterValidator(_is_one_line)]
Tag = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_is_clean), AfterValidator(_is_one_line)]
