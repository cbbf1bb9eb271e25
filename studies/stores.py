"""The stores that the rules of studies read and write, opened once by the process that serves."""

from dataclasses import dataclass

from store.curves.outcomes import RunOutcomes
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings


@dataclass(frozen=True)
class Stores:
    settings: Settings
    database: Database
    objects: Objects
    outcomes: RunOutcomes
