"""The address and key of the local service, from its home's state.json, if that file is the user's own.

A folder that came from elsewhere, such as a cloned repository, may hold a state.json as well. A key must not go to the
address in it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reslab.client.connection import NotUpError


@dataclass(frozen=True)
class LocalService:
    url: str
    token: str


def local_service(home: Path) -> LocalService:
    """Raises NotUpError if no service runs in `home`, or its state.json isn't one that `reslab up` wrote for us."""
    file = home / "state.json"
    try:
        with file.open() as opened:
            status, state = os.fstat(opened.fileno()), json.load(opened)
        service = LocalService(state["url"], state["token"])
    except (FileNotFoundError, NotADirectoryError):
        raise NotUpError(
            f"No service is running in {home}. "
            "Start one with `reslab up`, or set RESLAB_URL and RESLAB_TOKEN to use another."
        ) from None
    except PermissionError:
        raise NotUpError(f"{file} can't be read: it belongs to another user. {_ADVICE}") from None
    except (ValueError, KeyError, TypeError):
        raise NotUpError(f"{file} is damaged. Restart `reslab up`. {_ADVICE}") from None
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise NotUpError(f"{file} was not written by your own `reslab up`, so it gets no key of yours. {_ADVICE}")
    if urlsplit(service.url).hostname != "127.0.0.1":
        raise NotUpError(f"{file} names {service.url}, which is not on this machine. {_ADVICE}")
    return service


_ADVICE = "To use another service, set RESLAB_URL and RESLAB_TOKEN."
