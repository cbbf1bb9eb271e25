"""VOC's average precision, against a slow transcription of the devkit's VOCevaldet and cases counted by hand."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from trainer.data.annotated.boxes import Detections, Objects
from trainer.detection.voc_metric import Form, average_precision

BOX = (0.0, 0.0, 10.0, 10.0)
ELSEWHERE = (50.0, 50.0, 60.0, 60.0)


def objects(*boxes: tuple[float, ...], difficult: Sequence[bool] = (), label: int = 1) -> Objects:
    count = len(boxes)
    flags = np.array(difficult or [False] * count, dtype=bool)
    return Objects(np.array(boxes).reshape(-1, 4), np.full(count, label), flags, np.zeros(count, bool))


def detections(*scored: tuple[float, tuple[float, ...]], label: int = 1) -> Detections:
    boxes = np.array([box for _, box in scored]).reshape(-1, 4)
    return Detections(boxes, np.array([score for score, _ in scored], dtype=float), np.full(len(scored), label))


def slow(images: list[tuple[Detections, Objects]], label: int, form: Form) -> float:
    """VOCevaldet.m, line by line, in exact fractions."""
    npos = sum(1 for _, gt in images for k in range(len(gt)) if gt.labels[k] == label and not gt.difficult[k])
    lines = [(-s, i, tuple(map(Fraction, map(float, b)))) for i, (d, _) in enumerate(images)
             for s, b, c in zip(d.scores, d.boxes, d.labels, strict=True) if c == label]  # fmt: skip
    taken, tp, fp = set(), [], []
    for _, i, bb in sorted(lines, key=lambda line: line[0]):
        ovmax, jmax = Fraction(-1), None
        gt = images[i][1]
        for j in range(len(gt)):
            if gt.labels[j] != label:
                continue
            g = tuple(map(Fraction, map(float, gt.boxes[j])))
            iw, ih = min(bb[2], g[2]) - max(bb[0], g[0]), min(bb[3], g[3]) - max(bb[1], g[1])
            if iw > 0 and ih > 0:
                ua = (bb[2] - bb[0]) * (bb[3] - bb[1]) + (g[2] - g[0]) * (g[3] - g[1]) - iw * ih
                if iw * ih / ua > ovmax:
                    ovmax, jmax = iw * ih / ua, j
        hit = ovmax >= Fraction(1, 2) and jmax is not None
        is_difficult = hit and gt.difficult[jmax]
        tp.append(int(hit and not is_difficult and (i, jmax) not in taken))
        fp.append(int(not is_difficult and not tp[-1]))
        if hit:
            taken.add((i, jmax))
    rec = [Fraction(sum(tp[: k + 1]), npos) for k in range(len(tp))]
    prec = [Fraction(sum(tp[: k + 1]), max(sum(tp[: k + 1]) + sum(fp[: k + 1]), 1)) for k in range(len(tp))]
    if form == "voc07":
        points = (
            max((p for r, p in zip(rec, prec, strict=True) if r >= Fraction(t, 10)), default=0) for t in range(11)
        )
        return float(100 * sum(points) / Fraction(11))
    mrec, mpre = [Fraction(0), *rec, Fraction(1)], [Fraction(0), *prec, Fraction(0)]
    for k in reversed(range(len(mpre) - 1)):
        mpre[k] = max(mpre[k], mpre[k + 1])
    return float(100 * sum((mrec[k] - mrec[k - 1]) * mpre[k] for k in range(1, len(mrec))))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("form", ["voc07", "area"])
def test_equals_the_devkit_on_random_images(seed: int, form: Form) -> None:
    chance = np.random.default_rng(seed)
    images = []
    for _ in range(6):
        many, some = int(chance.integers(0, 12)), int(chance.integers(0, 5))
        corners, sizes = chance.integers(0, 20, (many + some, 2)), chance.integers(4, 16, (many + some, 2))
        boxes = np.hstack((corners, corners + sizes)).astype(float)
        labels = chance.integers(1, 3, many + some)
        # Few distinct scores, so that there are ties.
        scored = Detections(boxes[:many], chance.integers(1, 8, many) / 8, labels[:many])
        truth = Objects(boxes[many:], labels[many:], chance.random(some) < 0.3, np.zeros(some, bool))
        images.append((scored, truth))
    scored_images, truths = [image[0] for image in images], [image[1] for image in images]
    if not any((image.labels == 1)[~image.difficult].any() for image in truths):
        assert average_precision(scored_images, truths, 1, form) is None
    else:
        assert average_precision(scored_images, truths, 1, form) == pytest.approx(slow(images, 1, form), abs=1e-9)


def test_a_second_detection_of_an_object_is_wrong() -> None:
    twice = detections((0.9, BOX), (0.8, BOX))
    assert average_precision([twice], [objects(BOX, ELSEWHERE)], 1, "area") == 50
    # Recalls 0 to 0.5 are reached with precision 1.
    assert average_precision([twice], [objects(BOX, ELSEWHERE)], 1, "voc07") == pytest.approx(100 * 6 / 11)


@pytest.mark.parametrize("form", ["voc07", "area"])
def test_detections_of_a_difficult_object_count_neither_way_however_many(form: Form) -> None:
    truth = objects(BOX, ELSEWHERE, difficult=(True, False))
    around = detections((0.9, BOX), (0.8, BOX), (0.7, ELSEWHERE))
    assert average_precision([around], [truth], 1, form) == 100
    # A difficult object that is missed is not a miss.
    assert average_precision([detections((0.7, ELSEWHERE))], [truth], 1, form) == 100


def test_an_overlap_of_exactly_a_half_is_right() -> None:
    assert average_precision([detections((0.9, (0, 0, 10, 5)))], [objects(BOX)], 1, "area") == 100
    assert average_precision([detections((0.9, (0, 0, 10, 4.99)))], [objects(BOX)], 1, "area") == 0


def test_three_of_ten_objects_reach_the_recall_of_three_tenths() -> None:
    boxes = [(float(20 * k), 0.0, 20.0 * k + 10, 10.0) for k in range(10)]
    three = detections(*((0.9 - k / 100, box) for k, box in enumerate(boxes[:3])))
    assert average_precision([three], [objects(*boxes)], 1, "voc07") == pytest.approx(100 * 4 / 11)


def test_a_class_without_objects_has_no_average_precision() -> None:
    assert average_precision([detections((0.9, BOX))], [objects()], 1, "area") is None
    assert average_precision([detections((0.9, BOX))], [objects(BOX, difficult=(True,))], 1, "voc07") is None
    assert average_precision([detections()], [objects(BOX)], 1, "voc07") == 0
