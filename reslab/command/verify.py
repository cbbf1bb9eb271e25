"""`reslab verify FILE`: checks a certificate without the service, and measures its weights' test errors again.

Exit codes: 0 if it holds and you know its key, 1 if it does not hold, 3 if it holds and you don't know its key.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command.terminal import fail
from reslab.command.trust import known_keys, signature
from reslab.screen.text import printable

if TYPE_CHECKING:  # numpy, scipy and OpenSSL cost a second, and no other command needs them
    from paper.studies import Judgement
    from reslab.client.schema import EvaluationReport
    from studies.certificate.checking import ValidCertificate
    from studies.certificate.contents import CertifiedMember, CertifiedRun

app = typer.Typer()
# The certificate holds, but anybody can have signed it. 2 is the exit code of a wrong option.
EXIT_UNKNOWN_KEY = 3


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
) -> None:
    """Check a study's certificate, the in-toto envelope of an unpacked one (.jsonl), or a registration (.json).

    Checks its signature and hashes, that its runs are the recipe's and agree with their networks, data sets and
    schedules, and that its verdicts follow from its curves.

    The exit code is 0 if it holds and you know the key that signed it (`reslab trust add`, or --fingerprint), 3 if it
    holds and you don't know the key, and 1 if it does not hold.

    If the certificate contains weights, each run's own test error is measured again. The results of examinations
    (ten-crop, multi-scale, ensembles, layer responses) are not: `python -m trainer evaluate` can measure those.
    """
    from studies.certificate.bundle import InvalidCertificate
    from studies.certificate.checking import check

    if not file.is_file():
        fail(f"There is no file {file}.")
    if file.suffix == ".json":
        _verify_registration(file, fingerprint)
        return
    try:
        checked = check(file)
    except InvalidCertificate as error:
        fail(printable(f"{file} can't be verified. {error}"))
    _refuse_another_signer(file, checked.fingerprint, fingerprint)
    _say(signature(checked.fingerprint, is_expected=fingerprint is not None))
    for line in _summary(checked):
        _say(line)
    with_weights = [member for member in checked.contents.members if member.run and _weights_file(member.run)]
    data_options = ["--data", str(data), *(["--folder", str(folder)] if folder else [])]
    if with_weights and not _errors_agree(file, with_weights, data_options):
        raise typer.Exit(1)
    _leave_if_unknown(checked.fingerprint, fingerprint)


def _say(line: str) -> None:
    """Prints one line. Its parts may come from the file, whose signer may be anybody."""
    print(printable(line))


def _verify_registration(file: Path, expected: str | None) -> None:
    """Checks a published registration on its own; its certificate says what became of it."""
    from studies.fingerprints import fingerprint
    from studies.registration.signature import InvalidRegistration, read

    try:
        signed = read(file)
    except InvalidRegistration as error:
        fail(printable(f"{file} can't be verified. {error}"))
    registration = signed.registration
    signer = fingerprint(registration.public_key)
    _refuse_another_signer(file, signer, expected)
    _say(signature(signer, is_expected=expected is not None))
    _say(f"{registration.name} ({registration.recipe}), study {registration.study}")
    _say(f"  registered  {registration.registered_at:%Y-%m-%d %H:%M:%S} UTC, SHA-256 {signed.sha256}")
    _leave_if_unknown(signer, expected)


def _refuse_another_signer(file: Path, signer: str, expected: str | None) -> None:
    if expected is not None and _normal(expected) != _normal(signer):
        fail(printable(f"{file} was signed by {signer}, not by {expected}."))


def _leave_if_unknown(signer: str, expected: str | None) -> None:
    if expected is None and _normal(signer) not in known_keys():
        raise typer.Exit(EXIT_UNKNOWN_KEY)


def _summary(checked: "ValidCertificate") -> Iterator[str]:
    contents = checked.contents
    yield f"{contents.name} ({contents.question.recipe}), {contents.created_at:%Y-%m-%d}, by {contents.owner}"
    curves = sum(member.run is not None and member.run.curve is not None for member in contents.members)
    yield f"  checked     every verdict, claim and finding, against {curves} curves of {len(contents.members)} runs"
    if contents.examinations:
        yield f"  unchecked   the results of {len(contents.examinations)} examinations: the service signed them"
    yield from _registration(checked)
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


def _errors_agree(file: Path, members: list["CertifiedMember"], data_options: list[str]) -> bool:
    """Whether every run's test error is the certified one, to within one image. Prints a line for each."""
    agree = True
    for member in members:
        run = member.run
        assert run is not None  # noqa: S101 (for mypy: the caller has checked)
        report = _evaluate(file, run, data_options)
        if isinstance(report, str):
            _say(f"  unmeasured  {member.label}, seed {member.seed}: {report}")
            continue
        certified = run.test_error or 0.0
        is_same = report.is_the_data_trained_on is True and abs(report.error - certified) <= 100 / report.images
        agree = agree and is_same
        _say(f"  {'measured' if is_same else 'DIFFERS':12}{member.label}, seed {member.seed}: {report.error:.2f} % of "
             f"{report.images:,} images; certified {certified:.2f} %")  # fmt: skip
    return agree


def _evaluate(file: Path, run: "CertifiedRun", data_options: list[str]) -> "EvaluationReport | str":
    """The trainer's report on the weights, measured in a process of its own, or why there is none."""
    from reslab.client.schema import EvaluationReport
    from studies.certificate.opening import opened

    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.safetensors"
        with opened(file) as files, weights.open("wb") as out:
            out.writelines(files.parts(_weights_file(run) or ""))
        command = [sys.executable, "-P", "-m", "trainer", "evaluate", "--weights", str(weights), *data_options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["The trainer gave no reason."])[-1]
    return EvaluationReport.model_validate_json(done.stdout)


def _weights_file(run: "CertifiedRun") -> str | None:
    return run.weights.file if run.weights else None


def _normal(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").lower()
