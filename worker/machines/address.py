"""Where other machines reach this one, for runs on several: an address, and the network interface that has it."""

import socket

import psutil
from sqlalchemy.engine import make_url

from store.db.settings import Settings

LOOPBACK = "127.0.0.1"


def own_address(settings: Settings) -> str:
    """RESLAB_ADDRESS, or the address from which this machine reaches the database."""
    if settings.address:
        return settings.address
    database = make_url(settings.database_url)
    if not database.host or database.host.startswith("/"):  # a socket on this machine
        return LOOPBACK
    try:
        # Connecting a UDP socket sends nothing: the kernel only looks up the route.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
            route.connect((database.host, database.port or 5432))
            name: str = route.getsockname()[0]
    except OSError:  # its name can't be looked up now, or it has no IPv4 address
        return LOOPBACK
    return name


def interface(address: str) -> str:
    """The interface that has this address. Raises LookupError."""
    for name, addresses in psutil.net_if_addrs().items():
        if any(known.address == address for known in addresses):
            return name
    raise LookupError(f"No network interface of this machine has the address {address}. Set RESLAB_ADDRESS.")
