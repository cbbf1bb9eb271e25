"""What a request may say besides its subject: the keywords of the client's methods."""

from collections.abc import Sequence
from typing import TypedDict


class RunOptions(TypedDict, total=False):
    """`POST /runs`, besides the specification."""

    name: str
    project: str
    tags: Sequence[str]
    notes: str
    priority: int
    queue: str
    machines: int


class RunFilters(TypedDict, total=False):
    """`GET /runs`. None means no filter."""

    status: str | Sequence[str] | None
    archived: bool | None
    depth: int | Sequence[int] | None
    shortcut: str | Sequence[str] | None
    dataset: str | Sequence[str] | None
    tag: str | None
    owner: str | None
    project: str | None
    study: str | None
    text: str | None
    where: str | Sequence[str] | None
    sort: str | None


class KeyOptions(TypedDict, total=False):
    """`POST /keys`, besides the name and the scopes. None means the default."""

    owner: str | None
    project: str | None
    role: str
    expires_in_days: int | None


class RegistrationOptions(TypedDict, total=False):
    """The registration of `POST /studies`. None means the default."""

    question: str | None
    exclusion_rule: str | None


class StudyOptions(TypedDict, total=False):
    """`POST /studies`, besides the recipe."""

    seeds: int
    scale: float
    dataset: str | None
    name: str
    networks: Sequence[str]
    budget: int | None
    reuse: bool
    registration: RegistrationOptions | None
    project: str
    priority: int
    queue: str


class EvaluationOptions(TypedDict, total=False):
    """`POST /runs/{run_id}/examinations`: `refine`, `vote` and `sides` are of a detector's test, the first two of an
    evaluation. `together_with` names the other runs of an ensemble.
    """

    views: str | None
    recompute_bn: bool | None
    refine: bool | None
    vote: bool | None
    sides: Sequence[int] | None
    together_with: Sequence[str]
