"""Photographs: how many a core decodes a second, what their way to the trainer costs, what JPEG's draft mode would win.

Run `python -m benchmarks.photographs`. It counts CPU time, so that other work on the machine matters little. The
pictures are drawn: noise of several octaves, as JPEG. Prints Markdown for docs/experiments.md.
"""

import argparse
import resource
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import process_time

import numpy as np
from PIL import Image

from trainer.data.decoding import CROP, Pixels, View, cut
from trainer.data.loaders import Loaders

SIDES = ((500, 375), (800, 600), (1600, 1200))
BATCH, PER_TASK = 256, 16
FED = 1000  # images a second, for the last column


def draw(path: Path, size: tuple[int, int], seed: int) -> None:
    source = np.random.default_rng(seed)
    pixels = np.zeros((size[1], size[0], 3))
    for octave in (4, 8, 16, 32, 64, 128, 256):
        noise = Image.fromarray(source.integers(0, 256, (octave, octave, 3), dtype=np.uint8))
        pixels += np.asarray(noise.resize(size, Image.Resampling.BICUBIC), dtype=float) / octave**0.25
    pixels = 255 * (pixels - pixels.min()) / (pixels.max() - pixels.min())
    Image.fromarray(pixels.astype(np.uint8)).save(path, quality=95)


def cpu_s() -> float:
    """Of this process and its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median CPU time of a round."""
    times = []
    for _ in range(rounds + 1):
        began = cpu_s()
        work()
        times.append(cpu_s() - began)
    return statistics.median(times[1:])


def decoded(path: Path, side: int | None = None) -> tuple[int, int]:
    """Decodes a file; with `side` at the smallest size not below it that JPEG offers. Returns the size."""
    with Image.open(path) as image:
        if side is not None:
            image.draft("RGB", (side, side))
        image.load()
        return image.size


def decoding(folder: Path, images: int, rounds: int) -> None:
    print("| pixels | kB | views a second a core | decoding's part | decoding in draft mode | cores for 1,000/s |")
    print("|---|---|---|---|---|---|")
    for size in SIDES:
        names = [f"{size[0]}-{number}.jpg" for number in range(images)]
        for number, name in enumerate(names):
            draw(folder / name, size, number)
        views = [View(name, 256 + 224 * number // images, 0.3, 0.6) for number, name in enumerate(names)]
        whole = seconds(lambda views=views: cut(folder, views), rounds) / images
        bare = seconds(lambda views=views: [decoded(folder / view.path) for view in views], rounds) / images
        draft = seconds(lambda views=views: [decoded(folder / view.path, view.shorter_side) for view in views], rounds)
        smaller = sum(decoded(folder / view.path, view.shorter_side) != size for view in views)
        kilobytes = statistics.mean((folder / name).stat().st_size for name in names) / 1000
        print(
            f"| {size[0]} × {size[1]} | {kilobytes:.0f} | {1 / whole:,.0f} | {bare / whole:.0%} "
            f"| {draft / images / bare:.0%} of the time, {smaller} of {images} smaller | {FED * whole:.1f} |"
        )


def transport(rounds: int) -> None:
    """A mini-batch that costs nothing to make, through the pipe and through shared memory."""
    print("\n| the way of a mini-batch of 256 | CPU ms, the trainer | CPU ms, the loader |\n|---|---|---|")
    start_s = _carried("", 1)[1]
    for name in ("pipe", "shared memory"):
        own_s, loader_s = _carried(name, rounds)
        print(f"| {name} | {1000 * own_s:.1f} | {1000 * (loader_s - start_s) / rounds:.1f} |")


def _carried(name: str, rounds: int) -> tuple[float, float]:
    """The trainer's median CPU time a mini-batch, and the loader's of all of them, with its start."""
    batch, own_s = np.empty((BATCH, CROP, CROP, 3), dtype=np.uint8), []
    began_s = cpu_s() - process_time()
    with closing(Loaders(1)) as loaders:
        loaders.start(int).result()  # it has started
        for _ in range(rounds):
            began = process_time()
            if name:
                _carry(loaders, name, batch)
            own_s.append(process_time() - began)
    return statistics.median(own_s), cpu_s() - process_time() - began_s


def _carry(loaders: Loaders, name: str, batch: Pixels) -> None:
    shape = (PER_TASK, CROP, CROP, 3)
    firsts = range(0, BATCH, PER_TASK)
    if name == "pipe":
        pending = [loaders.start(np.zeros, shape, np.uint8) for _ in firsts]
        np.concatenate([part.result() for part in pending], out=batch)
    else:
        drawn = [loaders.start_pixels(shape, np.zeros, shape, np.uint8) for _ in firsts]
        for first, part in zip(firsts, drawn, strict=True):
            part.into(batch[first : first + PER_TASK])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=24, help="of each size (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        decoding(Path(folder), options.images, options.rounds)
    transport(4 * options.rounds)


if __name__ == "__main__":
    main()
