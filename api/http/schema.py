"""The base of every request and response: pages and problems.

Errors are percent, times are UTC, sizes are bytes. Iterations count from 1 and are completed.
"""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Response(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(Response, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` to get the next page; null on the last page."
    )
    total: int = Field(description="The number of items that match the filters, on all pages.")


class FieldError(Response):
    field: str = Field(description="A dotted path into the body, or the name of a parameter.")
    message: str
    allowed: tuple[str, ...] | None = Field(default=None, description="Every allowed value, if they are few.")


class Problem(Response):
    """RFC 9457. For invalid input, `errors` has an entry for each field."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
