"""UUIDv7 (RFC 9562): ids that sort by the time of their creation. Python has them from 3.14 on."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Returns an id: 48 bits of milliseconds, then 74 random bits around version and variant."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
