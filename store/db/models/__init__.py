"""The tables, a file for each noun. The verbs are in the file or folder of the same noun in `store`.

Times are UTC and always the database's; errors are percent; ids are UUIDv7.
"""

from store.db.models.artifacts import Artifact
from store.db.models.audit import AuditEntry
from store.db.models.base import Base
from store.db.models.curves import Evaluation, SampleChunk, StepChunk
from store.db.models.datasets import Dataset, SampleSheet
from store.db.models.keys import ApiKey, DashboardSession
from store.db.models.logs import Log, LogChunk
from store.db.models.notices import Channel, Delivery, Notice, NoticePosition
from store.db.models.people import Membership, Person, Project
from store.db.models.quotas import Quota, Usage
from store.db.models.retention import RetentionRule
from store.db.models.runs import Attempt, Event, IdempotencyKey, Run
from store.db.models.starts import StartWeights
from store.db.models.studies import Study, StudyMember, StudyRegistration
from store.db.models.workers import Worker

__all__ = [
    "ApiKey",
    "Artifact",
    "Attempt",
    "AuditEntry",
    "Base",
    "Channel",
    "DashboardSession",
    "Dataset",
    "Delivery",
    "Evaluation",
    "Event",
    "IdempotencyKey",
    "Log",
    "LogChunk",
    "Membership",
    "Notice",
    "NoticePosition",
    "Person",
    "Project",
    "Quota",
    "RetentionRule",
    "Run",
    "SampleChunk",
    "SampleSheet",
    "StartWeights",
    "StepChunk",
    "Study",
    "StudyMember",
    "StudyRegistration",
    "Usage",
    "Worker",
]
