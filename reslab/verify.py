"""`reslab verify FILE`: a certificate checked without the service, its weights evaluated again where it has them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reslab.terminal import fail

if TYPE_CHECKING:  # numpy, scipy and OpenSSL cost a second, and no other command needs them
    from studies.certificate.checked import Checked
    from studies.certificate.contents import CertifiedMember, CertifiedRun

app = typer.Typer()


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study's certificate.")],
    fingerprint: Annotated[
        str | None, typer.Option(help="The service's, as it was told to you: refuse any other signature.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The folder of the data sets, to evaluate the weights again.")] = Path(
        ".reslab/data"
    ),
    folder: Annotated[Path | None, typer.Option(help="Your own data set: a folder or an archive.")] = None,
) -> None:
    """Check a certificate: its signature, its hashes, and that its verdicts follow from its curves.

    Where it holds weights, each run's own test error is measured again. What examinations found (ten-crop, multi-scale,
    ensembles, layer responses) is taken from it as it was signed: `python -m trainer evaluate` measures it again.
    """
    from studies.certificate.bundle import Forged
    from studies.certificate.checked import check

    try:
        checked = check(file)
    except (Forged, FileNotFoundError) as error:
        fail(f"{file} does not hold: {error}")
    if fingerprint is not None and _bare(fingerprint) != _bare(checked.fingerprint):
        fail(f"{file} was signed by {checked.fingerprint}, not by {fingerprint}")
    print("\n".join(_told(checked)))
    with_weights = [member for member in checked.contents.members if member.run and _file(member.run)]
    if with_weights and not _evaluated_again(file, with_weights, ["--data", str(data), *_folder(folder)]):
        raise typer.Exit(1)


def _told(checked: "Checked") -> Iterator[str]:
    contents = checked.contents
    yield f"{contents.name} ({contents.question.recipe}), {contents.created_at:%Y-%m-%d}, by {contents.owner}"
    yield f"  signature   of {checked.fingerprint}; compare it with the service's GET /api/v1/signing-key"
    curves = sum(member.run is not None and member.run.curve is not None for member in contents.members)
    yield f"  follows     every verdict, claim and finding, from {curves} curves of {len(contents.members)} runs"
    if contents.examinations:
        yield f"  as signed   what {len(contents.examinations)} examinations found, which is not measured again here"
    for cell in checked.judgement.cells:
        if cell.verdict:
            yield f"  {cell.network:24}{cell.ours or '–':22} paper {cell.theirs}: {cell.verdict.sentence}"
    for claim in checked.judgement.claims:
        yield f"  {claim.status:24}{claim.sentence}"


def _evaluated_again(file: Path, members: list["CertifiedMember"], data: list[str]) -> bool:
    """Whether every run's error comes out again, to an image."""
    agree = True
    for member in members:
        run = member.run
        assert run is not None  # noqa: S101 (for mypy: who asked)
        answer = _evaluate(file, run, data)
        if isinstance(answer, str):
            print(f"  not again   {member.label}, seed {member.seed}: {answer}")
            continue
        error, expected = answer["error"], run.test_error or 0.0
        is_same = answer["is_the_data_trained_on"] and abs(error - expected) <= 100 / answer["images"]
        agree = agree and is_same
        print(f"  {'again' if is_same else 'OTHERWISE':12}{member.label}, seed {member.seed}: {error:.2f} % of "
              f"{answer['images']} images; certified {expected:.2f} %")  # fmt: skip
    return agree


def _evaluate(file: Path, run: "CertifiedRun", data: list[str]) -> dict[str, Any] | str:
    """What the trainer says of the weights in a process of its own, or why it says nothing. Any: its JSON."""
    from studies.certificate.bundle import parts

    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.safetensors"
        with weights.open("wb") as out:
            out.writelines(parts(file, _file(run) or ""))
        command = [sys.executable, "-P", "-m", "trainer", "evaluate", "--weights", str(weights), *data]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["the trainer gave no reason"])[-1]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _file(run: "CertifiedRun") -> str | None:
    return run.weights.file if run.weights else None


def _folder(folder: Path | None) -> list[str]:
    return ["--folder", str(folder)] if folder else []


def _bare(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").lower()
