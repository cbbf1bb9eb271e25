"""Measures how the time and memory of `reslab verify` grow with the members of a certificate.

`python -m benchmarks.certificates` takes a real certificate (ResNet-20 and ResNet-32 on digits, 32 iterations), copies
each network's first run under other seeds with curves of their own, and checks the result in a process of its own.
"""

import argparse
import copy
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from paper.power import MOST_SEEDS
from studies.certificate import checking
from studies.certificate.curve import POINT
from trainer.spec import RunSpec

# As many checkpoints as a run of the paper's length names.
CHECKPOINTS = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--check", type=Path, help="used by the benchmark itself: check this file")
    options = parser.parse_args()
    if options.check:
        _check(options.check)
        return
    for members in options.members:
        with tempfile.TemporaryDirectory() as folder:
            file = certificate(members, Path(folder))
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.certificates", "--check", file], stdout=subprocess.PIPE, check=True
            )
            seconds, mib = json.loads(done.stdout)
            print(f"{members:,} members, {file.stat().st_size / 1e6:.1f} MB: {seconds:.2f} s, "
                  f"{1000 * seconds / members:.2f} ms each, {mib:,.0f} MiB", flush=True)  # fmt: skip


def _check(file: Path) -> None:
    started = time.process_time()
    checking.check(file)
    seconds = time.process_time() - started  # the machine may be busy
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([seconds, int(peak.split()[1]) / 1024]))


def certificate(members: int, folder: Path) -> Path:
    """A valid certificate of as many members, half of each network."""
    from tests.studies.certificate.conftest import Forgery, honest  # loads torch, which would count as a check's memory

    real = honest(folder, with_weights=False)
    firsts = [member for member in real.contents["members"] if member["seed"] == 0]
    seeds = members // len(firsts)
    contents = real.contents | {"members": [_member(first, seed) for first in firsts for seed in range(seeds)]}
    contents["question"] = contents["question"] | {"seeds": min(seeds, MOST_SEEDS)}  # the others were added later
    files = {
        _curve(member["run"]["id"]): _perturbed(real.files[first["run"]["curve"]], member["seed"])
        for first in firsts
        for member in contents["members"]
        if member["label"] == first["label"]
    }
    forgery = Forgery(contents, files | {"judgement.json": b"{}"})
    return forgery.judged(folder / "unjudged.zip").sign(folder / "certificate.zip")


def _member(first: dict[str, Any], seed: int) -> dict[str, Any]:  # Any: JSON
    member = copy.deepcopy(first)
    run, identifier = member["run"], str(uuid.uuid4())
    member["seed"] = run["spec"]["seed"] = seed
    run["id"], run["curve"] = identifier, _curve(identifier)
    run["spec_hash"] = RunSpec.model_validate(run["spec"]).hash()
    run["weights"]["sha256"] = hashlib.sha256(identifier.encode()).hexdigest()
    run["checkpoints"] = [
        {"iteration": iteration, "sha256": "0" * 64, "size_bytes": 1, "file": None} for iteration in range(CHECKPOINTS)
    ]
    return member


def _perturbed(curve: bytes, seed: int) -> bytes:
    start = curve.index(b"\n") + 1
    points = np.frombuffer(curve, POINT, offset=start).copy()
    points["loss"] *= 1 + seed * 1e-5
    return curve[:start] + points.tobytes()


def _curve(identifier: str) -> str:
    return f"curves/{identifier}.npy"


if __name__ == "__main__":
    main()
