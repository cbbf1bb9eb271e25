"""Checks the registration in a certificate, and compares it with the certified runs."""

from store.runs.states import Status
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CertifiedMember, Contents
from studies.registration import RegisteredRun, Registration, RegistrationOutcome, outcome
from studies.registration.signature import InvalidRegistration, check


def outcome_of(contents: Contents) -> RegistrationOutcome | None:
    """Returns what became of the registration; None if the study was not registered.

    Raises InvalidCertificate if the registration was tampered with, was signed by another key or for another study, or
    does not precede a run.
    """
    if contents.registration is None:
        return None
    try:
        check(contents.registration)
    except InvalidRegistration as error:
        raise InvalidCertificate(str(error)) from error
    registration = contents.registration.registration
    if registration.public_key != contents.public_key:
        raise InvalidCertificate("Its registration was signed by another key than the certificate.")
    _check_study(contents, registration)
    _check_times(contents, registration)
    return outcome(registration, contents.question, [_run(member) for member in contents.members])


def _check_study(contents: Contents, registration: Registration) -> None:
    question = contents.question
    certified = (contents.id, question.recipe, question.dataset, question.scale, question.seeds)
    registered = (
        registration.study, registration.recipe, registration.dataset, registration.scale, registration.seeds,
    )  # fmt: skip
    if certified != registered:
        raise InvalidCertificate("Its registration is of another study.")


def _check_times(contents: Contents, registration: Registration) -> None:
    for member in contents.members:
        run = member.run
        if run is not None and (run.created_at is None or run.created_at <= registration.registered_at):
            raise InvalidCertificate(
                f"Run {run.id} was not created after the study was registered "
                f"({registration.registered_at.isoformat()})."
            )


def _run(member: CertifiedMember) -> RegisteredRun:
    if member.run is None:
        return RegisteredRun(label=member.label, seed=member.seed)
    return RegisteredRun(
        label=member.label,
        seed=member.seed,
        spec_hash=member.run.spec_hash,
        status=Status(member.run.status),
        reason=member.run.reason,
        sources=frozenset(started.get("source") for started in member.run.trainers),
    )
