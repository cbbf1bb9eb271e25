"""Pre-registration: what a study will do, frozen and signed before its first run exists, and what departed from it."""

from studies.registration.contents import Registration, SignedRegistration
from studies.registration.outcome import NetworkOutcome, RegisteredRun, RegistrationOutcome, outcome

__all__ = [
    "NetworkOutcome", "RegisteredRun", "Registration", "RegistrationOutcome", "SignedRegistration", "outcome",
]  # fmt: skip
