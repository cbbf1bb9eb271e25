"""All settings of a process, read once from `RESLAB_…` variables."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MEBIBYTE = 1024 * 1024
LOG_LIMIT_BYTES = 20 * MEBIBYTE


class Settings(BaseSettings):
    """Settings, in seconds unless a name says otherwise. The three URLs decide where the service stores its data."""

    model_config = SettingsConfigDict(env_prefix="RESLAB_", frozen=True)

    database_url: str = Field(description="postgresql://user:password@host/name")
    broker_url: str = Field(default="", description="redis://:password@host:6379/0; required by control and workers")
    storage_url: str = Field(default="", description="file:///folder or s3://bucket/prefix")

    data: Path = Field(default=Path(".reslab/data"), description="data sets on this machine")
    work: Path = Field(default=Path(".reslab/work"), description="the trainers' working directories")
    signing_key: Path = Field(default=Path(".reslab/signing.key"), description="the key that signs certificates")

    # Where other workers reach this one, for runs on several machines. Empty: its address towards the database.
    address: str = ""

    # A worker that sends no heartbeat for one lease loses its run (tests use 6 and 1.5).
    lease_s: float = Field(default=60, gt=0)
    heartbeat_s: float = Field(default=15, gt=0)
    # Attempts in a row without a new checkpoint before a run fails.
    max_attempts: int = Field(default=5, ge=1)

    # A trainer without output for this long is killed, except while it prepares data or evaluates (worker/silence.py).
    stall_s: float = Field(default=600, gt=0)

    # A worker that has been idle for this long checks its machine, once per device and version; 0: never.
    check_after_s: float = Field(default=30, ge=0)

    # A worker whose disk or memory has less left takes no runs, and the service is not ready.
    free_disk_bytes: int = Field(default=512 * MEBIBYTE, ge=0)
    free_memory_bytes: int = Field(default=256 * MEBIBYTE, ge=0)

    # What a worker says of the memory of its device; by default what the device has. A run that needs more waits.
    device_memory_bytes: int | None = Field(default=None, gt=0)

    # Off: trainers keep all rights of their user (docs/security.md).
    box: bool = True

    # Per run: beyond the limit, the log keeps its first half and its newest lines. The trainer writes some MiB a day.
    log_limit_bytes: int = Field(default=LOG_LIMIT_BYTES, ge=64 * 1024)
    # `store upgrade` creates a database role for each process that has a password here (store/db/roles.py).
    api_password: str | None = None
    control_password: str | None = None
    worker_password: str | None = None

    # How soon an open event stream ends after its key or session.
    stream_check_s: float = Field(default=20, gt=0)
    # How soon after its last run a study with a budget is analysed and given more seeds (studies/watch.py).
    study_look_s: float = Field(default=5, gt=0)

    # An OpenID provider for signing in; without an issuer there is none. Its rules are in store/people/groups.py.
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_name: str = "your organisation"
    oidc_scope: str = "openid profile email groups"
    oidc_groups_claim: str = "groups"
    oidc_roles: Annotated[tuple[str, ...], NoDecode] = ()

    # Of one key or session, and of wrong keys from one address, to each API process. More are refused with 429.
    requests_per_minute: int = Field(default=6000, ge=1)
    failures_per_minute: int = Field(default=600, ge=1)

    # NoDecode: a comma-separated list reads better in a compose file than JSON.
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost", "[::1]")
    # Folders below which a data set may be registered by its path. Empty by default: a path gives access to a disk.
    dataset_folders: Annotated[tuple[Path, ...], NoDecode] = ()
    # Connections at once, seconds for a request's head, and seconds between two parts of its body.
    connections: int = Field(default=1000, ge=10)
    header_s: float = Field(default=10, gt=0)
    body_s: float = Field(default=30, gt=0)
    # Event streams at once, of one person and of all.
    streams_of_person: int = Field(default=64, ge=1)
    streams: int = Field(default=600, ge=1)
    body_limit_bytes: int = Field(default=1 * MEBIBYTE, gt=0)
    picture_limit_bytes: int = Field(default=4 * MEBIBYTE, gt=0)
    # A curve of at most 64 MiB, and weights: ResNet-152's have 240 MB.
    import_limit_bytes: int = Field(default=640 * MEBIBYTE, gt=0)
    upload_limit_bytes: int = Field(default=4096 * MEBIBYTE, gt=0)

    # Notices: the service's address in links, the mail server, and hosts of the inner network that may be told.
    public_url: str = ""
    smtp_url: str = ""
    mail_from: str = "reslab@localhost"
    notice_hosts: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("allowed_hosts", "dataset_folders", "notice_hosts", "oidc_roles", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("oidc_roles")
    @classmethod
    def _rules(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        if rules:
            from store.people.groups import Rule  # the tables, which a setting doesn't need otherwise

            for rule in rules:
                Rule.parse(rule)
        return rules

    @field_validator("database_url")
    @classmethod
    def _psycopg_3(cls, url: str) -> str:
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url
