"""Several ranks of a run, joined by gloo, each in a process of its own that does what a test says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

JOIN = """
import json
import sys
from pathlib import Path
import torch
import torch.distributed as dist
from trainer.process.ranks import join
folder, count, rank = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
ranks = join(count, torch.device("cpu"), dist.FileStore(str(folder / "store"), count), rank)
"""
LEAVE = "\ndist.destroy_process_group()\n"


def together(count: int, folder: Path, source: str) -> list[Any]:
    """Run the source on each of `count` ranks, with `ranks` and `folder`. Returns what each prints last, from JSON."""
    folder.mkdir()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", JOIN + source + LEAVE, folder, str(count), str(rank)],
            env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    try:
        lines = [process.communicate(timeout=200)[0].splitlines() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert [process.returncode for process in processes] == [0] * count
    return [json.loads(each[-1]) for each in lines]
