"""What a rule of the lint is: a name, a severity, the paper's sentence, a known casualty, and a check.

A rule is written as a generator of (field, message) under the decorator `rule`; its docstring is what it demands. It
looks at one subject: `Asked`, a specification, or `Result`, a run that has ended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from paper import published
from paper.findings import Casualty, Finding, Severity
from paper.printed import Sentence
from trainer.catalog import Family
from trainer.spec import RunSpec, Shortcut

DATA: dict[Family, str] = {"cifar": "cifar10", "imagenet": "imagenet"}
NAMES: dict[Family, str] = {"cifar": "CIFAR-10", "imagenet": "ImageNet"}

Said = tuple[str, str]  # the field, and the message
Subject = TypeVar("Subject", bound="Judged")
ByFamily = Mapping[Family, str]


class Judged:
    """Whatever a rule looks at belongs to a family of networks, which decides the sentence that is quoted."""

    spec: RunSpec

    @property
    def family(self) -> Family:
        return self.spec.family


@dataclass(frozen=True)
class Asked(Judged):
    """A specification, and what it would be with every optional field left out: the paper's."""

    spec: RunSpec
    paper: RunSpec

    @classmethod
    def by(cls, spec: RunSpec) -> "Asked":
        return cls(spec, _paper(spec.depth, spec.shortcut, spec.family))


@lru_cache(maxsize=256)
def _paper(depth: int, shortcut: Shortcut, family: Family) -> RunSpec:
    return RunSpec(depth=depth, shortcut=shortcut, dataset=DATA[family])


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """`sentences` are by family where the paper says it twice. `demands` is one line for a list of rules."""

    name: str
    severity: Severity
    demands: str
    check: Callable[[Subject], Iterator[Said]]
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
        named = self.sentences.get(family)
        return published.sentence(named) if named else None

    @property
    def quotes(self) -> list[Sentence]:
        """Each sentence of the paper that it rests on, once."""
        return [published.sentence(named) for named in dict.fromkeys(self.sentences.values())]

    @property
    def known(self) -> list[Casualty]:
        return list(dict.fromkeys(self.casualties.values()))


def rule(
    name: str,
    severity: Severity,
    sentence: str | ByFamily | None = None,
    casualty: Casualty | Mapping[Family, Casualty] | None = None,
) -> Callable[[Callable[[Subject], Iterator[Said]]], Rule[Subject]]:
    """Makes a rule of a check."""

    def made(check: Callable[[Subject], Iterator[Said]]) -> Rule[Subject]:
        demands = (check.__doc__ or "").strip()
        return Rule(name, severity, demands, check, _for_each_family(sentence), _for_each_family(casualty))

    return made


Told = TypeVar("Told", str, Casualty)


def _for_each_family(said: Told | Mapping[Family, Told] | None) -> Mapping[Family, Told]:
    if said is None:
        return {}
    return said if isinstance(said, Mapping) else dict.fromkeys(DATA, said)
