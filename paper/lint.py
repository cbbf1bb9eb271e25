"""Reads a specification beside the paper's protocol and says where the two differ, field by field.

The paper's values are those of `RunSpec` with every optional field left out: they stand in one place.
"""

from paper.findings import Finding, Severity
from trainer.catalog import BUILT_IN, Family
from trainer.spec import PlateauSchedule, RunSpec, Shortcut, StepSchedule

# Sec. 4.2 and Table 6: n = 3, 5, 7, 9, 18, 200. Plain nets: Fig. 6 (left), n = 3, 5, 7, 9 and 110.
DEPTHS = (20, 32, 44, 56, 110, 1202)
PLAIN_DEPTHS = (20, 32, 44, 56, 110)
# Tables 2 and 3, and sec. 4.1: option A for 18 layers, all three for 34, B from 50 on. Plain nets: 18 and 34.
IMAGENET_SHORTCUTS: dict[int, tuple[Shortcut, ...]] = {
    18: ("none", "A"),
    34: ("none", "A", "B", "C"),
    50: ("B",),
    101: ("B",),
    152: ("B",),
}
# Sec. 4.2: 45k for training, 5k for validation.
SPLIT = 45_000

# Field, and the sentence's subject. The section that fixes it is the family's.
FIXED = (
    ("iterations", "iterations"),
    ("batch_size", "the batch size"),
    ("lr", "the learning rate"),
    ("momentum", "the momentum"),
    ("weight_decay", "the weight decay"),
    ("augment", "the augmentation"),
)
DATA: dict[Family, str] = {"cifar": "cifar10", "imagenet": "imagenet"}
NAMES = {"cifar10": "CIFAR-10", "imagenet": "ImageNet"}
SECTIONS: dict[Family, str] = {"cifar": "4.2", "imagenet": "3.4"}


def findings(spec: RunSpec) -> list[Finding]:
    """Every difference worth a sentence, in the order of the spec's fields."""
    paper = RunSpec(depth=spec.depth, shortcut=spec.shortcut, dataset=DATA[spec.family])
    found = [
        *(_network(spec) if spec.family == "cifar" else _imagenet_network(spec)),
        *_data(spec, paper),
        *_fixed(spec, paper),
        *_unsaid(spec),
        *_schedule(spec, paper),
        *_warmup(spec, paper),
        *_split(spec),
        *_precision(spec),
    ]
    order = list(RunSpec.model_fields)
    return sorted(found, key=lambda finding: order.index(finding.field))


def deviations(spec: RunSpec) -> list[Finding]:
    """Those that keep a result from standing beside the paper's unmarked."""
    return [finding for finding in findings(spec) if finding.severity == "deviation"]


def _network(spec: RunSpec) -> list[Finding]:
    found = []
    if spec.shortcut in ("B", "C"):
        found.append(
            _finding("shortcut", "deviation", f"the paper uses option A on CIFAR-10, this is {spec.shortcut}", "4.2")
        )
    published = PLAIN_DEPTHS if spec.shortcut == "none" else DEPTHS
    if spec.depth not in published:
        listed = ", ".join(map(str, published))
        what = "plain nets" if spec.shortcut == "none" else "ResNets"
        found.append(
            _finding("depth", "info", f"the paper trains {what} of depth {listed}: there is no result for this", "4.2")
        )
    return found


def _imagenet_network(spec: RunSpec) -> list[Finding]:
    found = []
    published = IMAGENET_SHORTCUTS[spec.depth]
    if spec.shortcut == "none" and spec.shortcut not in published:
        text = "the paper says that plain nets of bottlenecks degrade as well, and prints no result (footnote 4)"
        found.append(_finding("shortcut", "info", text, "4.1"))
    elif spec.shortcut not in published:
        text = f"the paper uses option {published[-1]} at depth {spec.depth}, this is {spec.shortcut}"
        found.append(_finding("shortcut", "deviation", text, "4.1"))
    if spec.depth >= 50 and not spec.stride_in_1x1:
        text = "the paper's bottlenecks have their stride in the first 1×1 layer; in the 3×3 it is v1.5"
        found.append(_finding("stride_in_1x1", "deviation", text, "Table 1"))
    return found


def _data(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    if spec.dataset == paper.dataset:
        return []
    text = f"the paper's data is {NAMES[paper.dataset]}, this is {spec.dataset}"
    return [_finding("dataset", "deviation", text, "4.2" if spec.family == "cifar" else "4.1")]


def _fixed(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    found = [
        _finding(field, "deviation", f"{subject}: the paper uses {wanted}, this is {given}", SECTIONS[spec.family])
        for field, subject in FIXED
        if (given := getattr(spec, field)) != (wanted := getattr(paper, field))
    ]
    if spec.nesterov:
        text = "the paper's momentum is plain, this is Nesterov's"
        found.append(_finding("nesterov", "deviation", text, SECTIONS[spec.family]))
    return found


def _unsaid(spec: RunSpec) -> list[Finding]:
    """What the paper leaves open and implementations do in two ways."""
    found = []
    if not spec.decay_batch_norm:
        text = "γ and β of BN are not decayed; the paper does not say whether they are"
        found.append(_finding("decay_batch_norm", "info", text, None))
    if spec.init != "fan_out":
        text = f"the initialisation is {spec.init}; the paper names the method and neither of its two forms"
        found.append(_finding("init", "info", text, SECTIONS[spec.family]))
    return found


def _schedule(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    if spec.schedule == paper.schedule:
        return []
    if isinstance(paper.schedule, PlateauSchedule):
        # How long the error must stand still, and how still, the paper does not say.
        kept = isinstance(spec.schedule, PlateauSchedule) and spec.schedule.factor == paper.schedule.factor
        text = "the paper divides the rate by 10 when the error plateaus"
        return [] if kept else [_finding("schedule", "deviation", text, "3.4")]
    if not isinstance(spec.schedule, StepSchedule) or not isinstance(paper.schedule, StepSchedule):
        return [_finding("schedule", "deviation", "the paper drops the rate at fixed iterations on CIFAR-10", "4.2")]
    if spec.schedule == _in_proportion(spec):
        drops = " and ".join(map(str, spec.schedule.at)) or "never"
        text = f"the drops are kept in proportion to the iterations: at {drops}"
        return [_finding("schedule", "info", text, "4.2")]
    late = [at for at in spec.schedule.at if at >= spec.iterations]
    found = [_finding("schedule", "deviation", "the paper divides the rate by 10 at 32000 and 48000 of 64000", "4.2")]
    if late:
        text = f"a drop at {late[0]} is never reached: training stops at {spec.iterations}"
        found.append(_finding("schedule", "warning", text, None))
    return found


def _warmup(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    if spec.warmup == paper.warmup:
        return []
    if spec.warmup is None:
        text = "the paper warms up at this depth: rate 0.01 until the training error is below 80 %"
    elif paper.warmup is None:
        text = "the paper warms up only the 110-layer net and deeper ones"
    else:
        text = f"the paper warms up with {paper.warmup.lr} until {paper.warmup.until_train_error:g} % training error"
    return [_finding("warmup", "deviation", text, "4.2")]


def _split(spec: RunSpec) -> list[Finding]:
    if spec.dataset == "imagenet" and spec.train_images is not None:
        text = f"the paper trains on all of ImageNet's training images; this is {spec.train_images}"
        return [_finding("train_images", "deviation", text, "4.1")]
    data = BUILT_IN.get(spec.dataset)
    if spec.train_images is None or (data and spec.train_images == data.train_images):
        text = "no training image is kept apart, so there is no validation error and no best"
        text += "; the paper's split keeps 5000" if spec.family == "cifar" else ""
        return [_finding("train_images", "info", text, "4.2" if spec.family == "cifar" else None)]
    if spec.dataset == "cifar10" and spec.train_images != SPLIT:
        text = f"the paper trains on 50000 images, or on {SPLIT} of them; this is {spec.train_images}"
        return [_finding("train_images", "deviation", text, "4.2")]
    return []


def _precision(spec: RunSpec) -> list[Finding]:
    found = []
    if spec.precision != "fp32":
        text = f"arithmetic is {spec.precision}; the protocol here is fp32 (assumption: the paper does not say)"
        found.append(_finding("precision", "deviation", text, None))
    if not spec.deterministic:
        found.append(_finding("deterministic", "warning", "a second run with this seed may end differently", None))
    if spec.evaluate_every > spec.iterations:
        text = "the errors are measured only once, at the end: evaluate_every is beyond the last iteration"
        found.append(_finding("evaluate_every", "info", text, None))
    return found


def _in_proportion(spec: RunSpec) -> StepSchedule | PlateauSchedule:
    short = RunSpec(
        depth=spec.depth,
        shortcut=spec.shortcut,
        dataset=spec.dataset,
        family=spec.family,
        iterations=spec.iterations,
    )
    return short.schedule


def _finding(field: str, severity: Severity, message: str, section: str | None) -> Finding:
    return Finding(field=field, severity=severity, message=message, section=section)
