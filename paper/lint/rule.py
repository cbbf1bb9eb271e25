"""A rule of the protocol check: its name, severity, sentence of the paper, known casualty, and check.

A rule is written as a generator of (field, message) under the decorator `rule`; its docstring is what it demands. Its
subject is a `Specification`, or a `Result`: a run that has ended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from paper import published
from paper.findings import Casualty, Finding, Severity
from paper.printed import Sentence
from trainer.catalog import Family
from trainer.spec import RunSpec, Shortcut

DATA: dict[Family, str] = {"cifar": "cifar10", "imagenet": "imagenet"}
NAMES: dict[Family, str] = {"cifar": "CIFAR-10", "imagenet": "ImageNet"}

Remark = tuple[str, str]  # the field, and the message
Subject = TypeVar("Subject", bound="HasFamily")
ByFamily = Mapping[Family, str]


class HasFamily(Protocol):
    """What a rule checks. Its family of networks decides which sentence is quoted."""

    @property
    def family(self) -> Family: ...


class LintSubject:
    """A classifier's specification, or a result with one."""

    spec: RunSpec

    @property
    def family(self) -> Family:
        return self.spec.family


@dataclass(frozen=True)
class Specification(LintSubject):
    """A specification, and the paper's: the same network with every optional field left out.

    `unknown` are the fields of a result made elsewhere that nobody declared. There the specification has the paper's
    values, which count for nothing.
    """

    spec: RunSpec
    paper: RunSpec
    unknown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, spec: RunSpec, unknown: frozenset[str] = frozenset()) -> "Specification":
        return cls(spec, _paper(spec.depth, spec.shortcut, spec.family), unknown)


@lru_cache(maxsize=256)
def _paper(depth: int, shortcut: Shortcut, family: Family) -> RunSpec:
    return RunSpec(depth=depth, shortcut=shortcut, dataset=DATA[family])


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """`sentences` are by family, as the paper may say it once for each. `demands` is one line for a list of rules."""

    name: str
    severity: Severity
    demands: str
    check: Callable[[Subject], Iterator[Remark]]
    sentences: ByFamily
    casualties: Mapping[Family, Casualty]

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for field, message in self.check(subject):
            sentence = self.sentence(subject.family)
            yield Finding(
                rule=self.name,
                field=field,
                severity=self.severity,
                message=message,
                section=sentence.section if sentence else None,
                quote=sentence.text if sentence else None,
                casualty=self.casualties.get(subject.family),
            )

    def sentence(self, family: Family) -> Sentence | None:
        sentence_id = self.sentences.get(family)
        return published.sentence(sentence_id) if sentence_id else None

    @property
    def quotes(self) -> list[Sentence]:
        """The sentences of the paper that the rule rests on, each once."""
        return [published.sentence(sentence_id) for sentence_id in dict.fromkeys(self.sentences.values())]

    @property
    def listed_casualties(self) -> list[Casualty]:
        return list(dict.fromkeys(self.casualties.values()))


def rule(
    name: str,
    severity: Severity,
    sentence: str | ByFamily | None = None,
    casualty: Casualty | Mapping[Family, Casualty] | None = None,
) -> Callable[[Callable[[Subject], Iterator[Remark]]], Rule[Subject]]:
    """Turns a check into a rule."""

    def decorate(check: Callable[[Subject], Iterator[Remark]]) -> Rule[Subject]:
        demands = (check.__doc__ or "").strip()
        return Rule(name, severity, demands, check, _by_family(sentence), _by_family(casualty))

    return decorate


Content = TypeVar("Content", str, Casualty)


def _by_family(content: Content | Mapping[Family, Content] | None) -> Mapping[Family, Content]:
    if content is None:
        return {}
    return content if isinstance(content, Mapping) else dict.fromkeys(DATA, content)
