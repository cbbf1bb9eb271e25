"""What a trainer gives up, in a process of its own."""

import subprocess
import sys

SCRIPT = """
import resource
from trainer.process import box
box.offer_first()
box.give_up_privileges()
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(status["NoNewPrivs"].strip(), open("/proc/self/oom_score_adj").read().strip())
print(resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_a_trainer_gains_no_privileges_dies_first_and_leaves_no_core() -> None:
    out = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60).stdout
    assert out.splitlines() == ["1 500", "(0, 0)"]
