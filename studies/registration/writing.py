"""Registers a study: one signed row, committed in a transaction of its own before the study's runs are created."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from paper.claims import CLAIMS, Claim
from paper.detection.claims import CLAIMS as DETECTION_CLAIMS
from paper.detection.claims import DetectionClaim
from paper.detection.recipes import DetectionRecipe
from paper.planner import LOOKS
from paper.power import LEVEL
from paper.recipes import Recipe
from store import studies
from store.db.errors import NotFound
from store.runs import idempotency
from store.studies import NewMember, NewStudy
from studies import plans
from studies.certificate import key
from studies.models import StudyCreate
from studies.registration.contents import (
    PlannedClaim,
    PlannedNetwork,
    PlannedRun,
    Registration,
    SignedRegistration,
    canonical,
    signed,
)
from studies.registration.signature import sign
from studies.stores import Stores
from trainer import identity

NO_EXCLUSION = (
    "No run is excluded. A run that diverges, fails or is cancelled has no result; it is counted beside the verdict."
)


def register(stores: Stores, study: NewStudy, body: StudyCreate, idempotency_key: str | None) -> None:
    """Writes the registration of a study that is about to be created. A POST that is repeated registers nothing.

    If the service stops before the study is created, the registration stays, of a study without runs. Raises NotFound,
    and Refused if the data set is unknown or does not fit.
    """
    signing = key.private(stores.settings.signing_key)
    with stores.database.transaction() as session:
        if idempotency.is_used(session, study.owner, idempotency_key):
            return
        members = plans.expand(session, body, study.owner)
        content = canonical(_registration(study, body, members, studies.now(session), key.public(signing)))
        studies.register(session, study.study_id, content, sign(content, signing))


def read(stores: Stores, study_id: UUID) -> SignedRegistration:
    """Returns the registration, also of a study that was deleted. Raises NotFound if the study was not registered."""
    with stores.database.transaction() as session:
        row = studies.registration(session, study_id)
    if row is None:
        raise NotFound(f"Study {study_id} was not registered.")
    return signed(row.content, row.signature)


def _registration(
    study: NewStudy, body: StudyCreate, members: Sequence[NewMember], now: datetime, public_key: str
) -> Registration:
    recipe, request = plans.recipe_named(study.recipe), body.registration
    return Registration(
        study=study.study_id,
        name=study.name,
        owner=study.owner,
        registered_at=now,
        question=(request and request.question) or recipe.about,
        claims=tuple(PlannedClaim(id=claim.id, sentence=claim.sentence) for claim in _claims(recipe)),
        recipe=study.recipe,
        dataset=study.dataset,
        scale=study.scale,
        seeds=study.seeds,
        budget=study.budget,
        networks=_networks(members),
        stopping_rule=_stopping_rule(study.seeds, study.budget),
        exclusion_rule=(request and request.exclusion_rule) or NO_EXCLUSION,
        source=identity.source_digest(),
        public_key=public_key,
    )


def _claims(recipe: Recipe | DetectionRecipe) -> list[Claim | DetectionClaim]:
    if isinstance(recipe, DetectionRecipe):
        return [claim for claim in DETECTION_CLAIMS if claim.recipe == recipe.name]
    return [claim for claim in CLAIMS if recipe.name in claim.recipes]


def _networks(members: Sequence[NewMember]) -> tuple[PlannedNetwork, ...]:
    networks: dict[str, list[PlannedRun]] = {}
    for member in sorted(members, key=lambda member: (member.position, member.seed)):
        run = PlannedRun(seed=member.seed, spec_hash=member.submission.spec.hash())
        networks.setdefault(member.label, []).append(run)
    return tuple(PlannedNetwork(label=label, runs=tuple(runs)) for label, runs in networks.items())


def _stopping_rule(seeds: int, budget: int | None) -> str:
    count = "1 seed" if seeds == 1 else f"{seeds} seeds"
    if budget is None:
        return (
            f"{count} per network, and none are added. The verdict is read once all runs have ended, at level {LEVEL}."
        )
    return (
        f"{count} per network first. Once all runs have ended, the planner adds seeds where a verdict is open, at most "
        f"{LOOKS - 1} times and up to {budget} seeds per network. Each of the {LOOKS} looks has a level of {LEVEL} / "
        f"{LOOKS}."
    )
