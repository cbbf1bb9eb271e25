"""Owns the speed at which this machine decodes photographs, and how many cores one device keeps busy."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from PIL import Image

from trainer.acceptance.conditions import Conditions
from trainer.acceptance.report import Measurement
from trainer.data import decoding
from trainer.data.decoding import View

TOPIC = "photographs"
SIZE = (500, 375)  # a usual size in ImageNet (assumption)
FILES, SHORT_FILES = 32, 4
# The middle of the shorter sides that training draws (sec. 3.4).
SIDE = 368


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """One core decodes, resizes and crops JPEG files made of smooth noise."""
    files = draw(conditions.workdir / "photographs", SHORT_FILES if conditions.is_short else FILES)
    views = [View(file.name, SIDE, decoding.MIDDLE, decoding.MIDDLE) for file in files]
    start_s, start_cpu_s = perf_counter(), process_time()
    for _ in range(1 if conditions.is_short else 4):
        decoding.cut(files[0].parent, views)
    seconds, cpu_s = perf_counter() - start_s, process_time() - start_cpu_s
    images = len(views) * (1 if conditions.is_short else 4)
    cores = len(os.sched_getaffinity(0))
    yield Measurement(
        topic=TOPIC,
        what=f"JPEG files of {SIZE[0]} × {SIZE[1]}, decoded, resized and cropped",
        measured=f"{images / seconds:,.0f} images/s on one core, {images / cpu_s:,.0f} a second of its CPU time",
        verdict="measured",
        reason=f"The {cores} cores feed a device that trains up to {cores * images / cpu_s:,.0f} photographs a second.",
    )


def draw(folder: Path, count: int) -> list[Path]:
    """JPEG files with the detail of photographs, about 100 kB each."""
    folder.mkdir()
    chance, files = np.random.default_rng(2015), []
    for number in range(count):
        coarse = chance.integers(0, 256, (SIZE[1] // 8, SIZE[0] // 8, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC), dtype=np.int16)
        grain = chance.integers(-12, 13, smooth.shape, dtype=np.int16)
        file = folder / f"{number}.jpg"
        Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(file, quality=90)
        files.append(file)
    return files
