"""`reslab verify FILE`: checks a certificate without the service, and measures its weights' test errors again.

Exit codes: 0 if it holds and you know its key, 1 if it does not hold, 3 if it holds and you don't know its key.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command.terminal import fail
from reslab.command.trust import known_keys, signature
from reslab.screen.text import printable

if TYPE_CHECKING:  # numpy, scipy and OpenSSL cost a second, and no other command needs them
    from paper.studies import Judgement
    from studies.certificate.checking import ValidCertificate
    from studies.certificate.contents import CertifiedMember, CertifiedRun

app = typer.Typer()
# The certificate holds, but anybody can have signed it. 2 is the exit code of a wrong option.
EXIT_UNKNOWN_KEY = 3
# Points of mAP: another machine's last bits may change the order of two detections with nearly equal scores.
MAP_TOLERANCE = 0.5


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A study's certificate, the in-toto envelope of an unpacked one (.jsonl), or a registration (.json).",
        ),
    ],
    fingerprint: Annotated[
        str | None, typer.Option(help="The fingerprint of the service's key. Any other signature is refused.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The folder of the data sets that the weights are tested on.")] = Path(
        ".reslab/data"
    ),
    folder: Annotated[Path | None, typer.Option(help="Your own data set: a folder or an archive.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, for scripts.")] = False,
) -> None:
    """Check a study's certificate, the in-toto envelope of an unpacked one (.jsonl), or a registration (.json).

    Checks its signature and hashes, that its runs are the recipe's and agree with their networks, data sets and
    schedules, and that its verdicts follow from its curves.

    The exit code is 0 if it holds and you know the key that signed it (`reslab trust add`, or --fingerprint), 3 if it
    holds and you don't know the key, and 1 if it does not hold.

    If the certificate contains weights, each run's own test error or mAP is measured again. The results of examinations
    (ten-crop, multi-scale, ensembles, layer responses) are not: `python -m trainer evaluate` can measure those.
    """
    from studies.certificate.bundle import InvalidCertificate
    from studies.certificate.checking import check

    if not file.is_file():
        fail(f"There is no file {file}.")
    report = Report(file, fingerprint, as_json)
    if file.suffix == ".json":
        _verify_registration(report)
        return
    try:
        checked = check(file)
    except InvalidCertificate as error:
        fail(printable(f"{file} can't be verified. {error}"))
    report.name(checked.fingerprint)
    for line in _summary(checked):
        report.say(line)
    with_weights = [member for member in checked.contents.members if member.run and _weights_file(member.run)]
    data_options = ["--data", str(data), *(["--folder", str(folder)] if folder else [])]
    report.end(holds=not with_weights or _errors_agree(report, with_weights, data_options))


class Report:
    """What the check says of a file: line by line, or with --json as one object at its end."""

    def __init__(self, file: Path, expected: str | None, as_json: bool) -> None:
        self.file, self._expected, self._as_json = file, expected, as_json
        self._signer, self._lines = "", list[str]()

    def name(self, signer: str) -> None:
        """Says who signed. Ends the command if another fingerprint was expected."""
        if self._expected is not None and _normal(self._expected) != _normal(signer):
            fail(printable(f"{self.file} was signed by {signer}, not by {self._expected}."))
        self._signer = signer
        self.say(signature(signer, is_expected=self._expected is not None))

    def say(self, line: str) -> None:
        """One line. Its parts may come from the file, whose signer may be anybody."""
        self._lines.append(printable(line))
        if not self._as_json:
            print(printable(line))

    def end(self, *, holds: bool) -> None:
        """Ends the command with its exit code."""
        name = known_keys().get(_normal(self._signer))
        if self._as_json:
            answer = {"file": str(self.file), "holds": holds, "fingerprint": self._signer, "signer": name}
            print(json.dumps(answer | {"report": [line.strip() for line in self._lines]}, indent=2))
        if not holds:
            raise typer.Exit(1)
        if name is None and self._expected is None:
            raise typer.Exit(EXIT_UNKNOWN_KEY)


def _verify_registration(report: Report) -> None:
    """Checks a published registration on its own; its certificate says what became of it."""
    from studies.fingerprints import fingerprint
    from studies.registration.signature import InvalidRegistration, read

    try:
        signed = read(report.file)
    except InvalidRegistration as error:
        fail(printable(f"{report.file} can't be verified. {error}"))
    registration = signed.registration
    report.name(fingerprint(registration.public_key))
    report.say(f"{registration.name} ({registration.recipe}), study {registration.study}")
    report.say(f"  registered  {registration.registered_at:%Y-%m-%d %H:%M:%S} UTC, SHA-256 {signed.sha256}")
    report.end(holds=True)


def _summary(checked: "ValidCertificate") -> Iterator[str]:
    from studies.provenance import provenance

    contents = checked.contents
    yield f"{contents.name} ({contents.question.recipe}), {contents.created_at:%Y-%m-%d}, by {contents.owner}"
    curves = sum(member.run is not None and member.run.curve is not None for member in contents.members)
    yield f"  checked     every verdict, claim and finding, against {curves} curves of {len(contents.members)} runs"
    if contents.examinations:
        yield f"  unchecked   the results of {len(contents.examinations)} examinations: the service signed them"
    yield from _registration(checked)
    yield from (f"  note        {sentence}" for sentence in provenance(contents.question, contents.members))
    yield from _conclusions(checked.judgement)


def _registration(checked: "ValidCertificate") -> Iterator[str]:
    """When the study was registered, what became of each network's registered runs, and the other departures."""
    signed, outcome = checked.contents.registration, checked.registration
    if signed is None or outcome is None:
        return
    yield f"  registered  {signed.registration.registered_at:%Y-%m-%d %H:%M:%S} UTC, before the first run was created"
    yield from (f"    {network.network}: {network.sentence}" for network in outcome.networks)
    yield from (f"    departure: {sentence}" for sentence in outcome.departures)


def _conclusions(judgement: "Judgement") -> Iterator[str]:
    """Every verdict and claim, with data, scale and departures, the seeds behind it, and the others."""
    yield f"  setting     {judgement.setting.sentence}"
    departures = [finding.sentence for finding in judgement.setting.departures]
    departures += [
        f"{network.label}: {finding.sentence}"
        for network in judgement.networks
        for finding in network.findings
        if finding.severity == "departure" and finding.sentence not in departures
    ]
    yield from (f"  departs     {departure}" for departure in departures)
    for cell in judgement.cells:
        if cell.verdict and cell.attrition:
            yield f"  {cell.network:24}{cell.ours or '–':22} paper {cell.theirs}: {cell.verdict.sentence}"
            yield f"    {cell.attrition.sentence}"
    with_verdict = {cell.network for cell in judgement.cells if cell.verdict}
    for network in judgement.networks:
        if network.label not in with_verdict:
            yield f"  {network.label:24}{network.test_error or '–':22} {network.attrition.sentence}"
    for deleted in judgement.deleted_networks:
        yield f"  {deleted.label:24}{'–':22} {deleted.attrition.sentence}"
    for claim, seeds in zip(judgement.claims, judgement.claim_attrition, strict=True):
        yield f"  {claim.status:28}{claim.sentence}"
        if seeds.sentence:
            yield f"    {seeds.sentence}"
        others = (departure for departure in claim.departures if departure not in departures)
        yield from (f"    departs: {departure}" for departure in others)


def _errors_agree(report: Report, members: list["CertifiedMember"], data_options: list[str]) -> bool:
    """Whether every run's test error or mAP is the certified one. Says a line for each."""
    agree = True
    for member in members:
        run = member.run
        assert run is not None  # noqa: S101 (for mypy: the caller has checked)
        measured = _measured(report.file, run, data_options)
        if isinstance(measured, str):
            report.say(f"  unmeasured  {member.label}, seed {member.seed}: {measured}")
            continue
        agree = agree and measured.agrees
        report.say(f"  {'measured' if measured.agrees else 'DIFFERS':12}{member.label}, seed {member.seed}: "
                   f"{measured.noun}{measured.value:.2f} % of {measured.images:,} images; "
                   f"certified {measured.certified:.2f} %")  # fmt: skip
    return agree


@dataclass(frozen=True)
class Measured:
    """A test of weights in percent, and what the certificate says of the same test."""

    noun: str
    value: float
    certified: float
    tolerance: float
    images: int
    is_same_data: bool

    @property
    def agrees(self) -> bool:
        return self.is_same_data and abs(self.value - self.certified) <= self.tolerance


def _measured(file: Path, run: "CertifiedRun", data_options: list[str]) -> Measured | str:
    """The test error or the mAP, measured again, or why there is none."""
    from reslab.client.schema import DetectionReport, EvaluationReport

    is_detector = run.test_map is not None
    output = _output(file, run, ["detect" if is_detector else "evaluate", *data_options])
    if isinstance(output, str):
        return output
    if is_detector:
        tested = DetectionReport.model_validate_json(output)
        is_same = tested.is_the_data_trained_on is True
        return Measured("mAP ", tested.map, run.test_map or 0.0, MAP_TOLERANCE, tested.images, is_same)
    report = EvaluationReport.model_validate_json(output)
    tolerance, is_same = 100 / report.images, report.is_the_data_trained_on is True  # one image
    return Measured("", report.error, run.test_error or 0.0, tolerance, report.images, is_same)


def _output(file: Path, run: "CertifiedRun", arguments: list[str]) -> bytes | str:
    """What the trainer prints of the weights, in a process of its own, or why it does not."""
    from studies.certificate.opening import opened

    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.safetensors"
        with opened(file) as files, weights.open("wb") as out:
            out.writelines(files.parts(_weights_file(run) or ""))
        command = [sys.executable, "-P", "-m", "trainer", *arguments, "--weights", str(weights)]
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        return (done.stderr.decode(errors="replace").strip().splitlines() or ["The trainer gave no reason."])[-1]
    return done.stdout


def _weights_file(run: "CertifiedRun") -> str | None:
    return run.weights.file if run.weights else None


def _normal(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").lower()
