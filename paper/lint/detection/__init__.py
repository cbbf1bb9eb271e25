"""The protocol check of a detection run: where its specification differs from sec. 4.3, App. A and [32]."""

from paper.findings import Finding
from paper.lint.detection import data, networks, training
from paper.lint.detection.sources import DetectionSubject
from paper.lint.rule import Rule
from trainer.detection.spec import DetectionSpec

RULES: tuple[Rule[DetectionSubject], ...] = (*data.RULES, *networks.RULES, *training.RULES)

ORDER = {field: position for position, field in enumerate(DetectionSpec.model_fields)}


def findings(spec: DetectionSpec) -> list[Finding]:
    """Every finding on a detection specification, in the order of its fields."""
    subject = DetectionSubject(spec)
    unsorted = [finding for rule in RULES for finding in rule.findings(subject)]
    return sorted(unsorted, key=lambda finding: ORDER.get(finding.field.partition(".")[0], len(ORDER)))
