"""The stores that studies are read from and written to, opened once by the serving process."""

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
