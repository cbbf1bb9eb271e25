"""Where a notice may go: never to an address of the inner network, unless the operator allows its host.

The name is resolved once and the connection goes to that address: a name that resolves to another one a moment later
(DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit


class Refused(Exception):
    """A notice must not go there. The message says why."""


async def resolve(url: str, inner_hosts: Collection[str]) -> str:
    """The IP address to connect to. Raises Refused, and OSError if the name can't be resolved."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise Refused(f"{url} is not an address that begins with http:// or https://.")
    if parts.username or parts.password:
        raise Refused(f"The address of {host} must not contain a user name or a password.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in answers]
    if host not in inner_hosts and not all(map(is_outside, addresses)):
        raise Refused(
            f"{host} is an address of the inner network ({', '.join(dict.fromkeys(addresses))}). The service's operator"
            " can allow it with RESLAB_NOTICE_HOSTS."
        )
    return addresses[0]


def is_outside(address: str) -> bool:
    """Whether an IP address belongs to the public internet; one of v4 inside v6 counts as itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return (inner or ip).is_global and not (inner or ip).is_multicast
