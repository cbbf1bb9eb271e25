"""What every answer of the API is: typed, frozen, and open to the fields of a newer service."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of the types in `schema.py`. A field that this client doesn't know yet is an attribute all the same."""

    # Deferred: a call uses a few of the hundred types, and building all of them takes longer than the call.
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)
