"""What every answer is made of: pages, and problems.

Errors are percent, times are UTC, sizes are bytes, iterations are completed ones and count from 1.
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
        default=None, description="Pass it as `cursor` for the next page; null on the last."
    )
    total: int = Field(description="All that the filters let through, on every page.")


class FieldError(Response):
    field: str = Field(description="A dotted path into the body, or a parameter's name.")
    message: str
    allowed: tuple[str, ...] | None = Field(default=None, description="Every value that would do, where they are few.")


class Problem(Response):
    """RFC 9457. `errors` has one entry a field where the input was refused."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
