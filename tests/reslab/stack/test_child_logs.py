"""The log of a child of the local stack, which may run for years."""

import os
import sys
from pathlib import Path

from reslab.stack.child import Child, Service

WRITER = """
import sys
for line in sys.stdin:
    print(line, end="", flush=True)
"""


def test_a_log_that_has_grown_is_moved_aside_and_the_child_writes_on(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", buffering=1) as pipe:
        source = f"import os; os.dup2({reading}, 0)\n{WRITER}"
        child = Child(Service("child", (sys.executable, "-c", source), log, pass_fds=(reading,)))
        os.close(reading)
        pipe.write("early " * 20 + "\n")
        while log.stat().st_size < 100:
            pass
        child.rotate_log(limit_bytes=1000)
        assert not log.with_suffix(".log.1").exists()
        child.rotate_log(limit_bytes=100)
        pipe.write("late\n")
    child.wait_until_done()
    assert log.with_suffix(".log.1").read_text().startswith("early")
    assert log.read_text() == "late\n"
