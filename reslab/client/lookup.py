"""Finds the id that a person means by its beginning."""

from collections.abc import Sequence

from reslab.client.connection import ApiError


def only_match(ids: Sequence[str], prefix: str, noun: str) -> str:
    """The id in `ids`, all of which begin with `prefix`. Raises ApiError unless there is exactly one."""
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise ApiError(404, f"{len(ids)} {noun} have an id that begins with {prefix}. Type more of the id.")
    if prefix == "last":
        raise ApiError(404, f"There are no {noun} yet.")
    raise ApiError(404, f"No {noun} have an id that begins with {prefix}.")
