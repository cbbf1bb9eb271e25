"""What one run may take of its machine, tried in a process of its own."""

import os
import subprocess
import sys

from trainer.box import limits

SCRIPT = """
import os, sys
from trainer.box import limits
limits.offer_first()
print(open("/proc/self/oom_score_adj").read().strip())
if os.getuid() == 0:  # whose processes the kernel does not count
    os.setresuid(62_016, 62_016, 62_016)
limits.PROCESSES = 20
limits.set_limits(0)
children = 0
try:
    for _ in range(100):
        if os.fork() == 0:
            sys.stdin.read()
            os._exit(0)
        children += 1
except BlockingIOError:
    pass
print(children)
"""


def test_a_fork_bomb_stops_and_the_kernel_ends_it_first() -> None:
    reading, writing = os.pipe()
    bomb = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(bomb, stdin=reading, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        score, children = process.stdout.readline(), process.stdout.readline()
        os.close(reading)
        os.close(writing)  # the children end
    assert score.strip() == "500"
    assert 0 < int(children) <= 20


def test_memory_is_limited_by_the_plan_and_by_the_machine() -> None:
    assert limits.most_bytes(planned_bytes=0, machine_bytes=64 << 30) == 32 << 30
    assert limits.most_bytes(planned_bytes=10 << 30, machine_bytes=16 << 30) == 48 << 30
