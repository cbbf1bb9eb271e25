"""`reslab audit FILE`: trains a part of a certified run again, in a process of its own, and compares the results.

Exit codes: 0 if the part comes out as certified, 1 if it does not or if the certificate does not hold, 2 if the audit
can't be made.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reslab.command.terminal import fail
from reslab.command.trust import signature
from reslab.screen.text import printable

if TYPE_CHECKING:  # numpy, scipy and OpenSSL cost a second, and no other command needs them
    from studies.certificate.contents import CertifiedMember
    from studies.certificate.replay import Comparison, Replay
    from studies.certificate.stretch import Stretch

app = typer.Typer()
# As for a wrong option: nothing was compared.
EXIT_NOT_AUDITED = 2
# A seed is short enough to be read out.
SEEDS = 2**32


@app.command()
def audit(  # noqa: PLR0913 - as `submit`
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study's certificate.")],
    *,
    run: Annotated[int | None, typer.Option(metavar="K", help="The run, by its number in the list.")] = None,
    start: Annotated[
        int, typer.Option("--from", metavar="ITERATION", min=0, help="Audit the iterations after this one.")
    ] = 0,
    iterations: Annotated[int, typer.Option(metavar="N", min=1, help="How many iterations to audit.")] = 100,
    spot_check: Annotated[bool, typer.Option("--spot-check", help="Draw the run and the iteration at random.")] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat the spot check with this seed. Default: a new one, which is said.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The folder of the data sets.")] = Path(".reslab/data"),
    folder: Annotated[Path | None, typer.Option(help="Your own data set: a folder or an archive.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the outcome as JSON, for scripts; the sentences go to standard error.")
    ] = False,
) -> None:
    """Train a part of a certified run again and compare.

    Without --run and --spot-check, lists the runs and the iterations from which each can be trained again: 0, which
    needs the seed only, and each checkpoint in the certificate (`reslab study certificate --checkpoints`).

    The exit code is 0 if losses, test errors and checkpoints are as certified, 1 if they differ or the certificate does
    not hold, and 2 if the audit can't be made.
    """
    from studies.certificate import stretch as stretches
    from studies.certificate.bundle import InvalidCertificate
    from studies.certificate.checking import check

    if not file.is_file():
        _give_up(f"There is no file {file}.")
    if run is not None and (spot_check or seed is not None):
        _give_up("--run names the run to audit and --spot-check draws one: use only one of them.")
    try:
        checked = check(file)
    except InvalidCertificate as error:
        fail(printable(f"{file} does not hold. {error}"))
    members = checked.contents.members
    try:
        stretches.refuse_detectors(checked.contents.question.recipe)
    except stretches.CannotReplay as error:
        _give_up(f"{file} can't be audited. {error}")
    _say(signature(checked.fingerprint), aside=as_json)
    if run is None and not spot_check and seed is None:
        _list(members, as_json)
        return
    try:
        if run is None:
            seed = secrets.randbelow(SEEDS) if seed is None else seed
            stretch = stretches.draw(members, seed, iterations)
            _say(f"spot check with --seed {seed}", aside=as_json)
        else:
            stretch = stretches.find(members, run, start, iterations)
        _say(f"{_label(stretch)}: training iterations {_span(stretch)} again", aside=as_json)
        comparison = _audit(file, stretch, _data_options(data, folder))
    except stretches.CannotReplay as error:
        _give_up(f"{file} can't be audited. {error}")
    _report(stretch, comparison, as_json)


def _say(text: str, *, aside: bool) -> None:
    """Prints one line, or says it on standard error. Its parts may come from the file, whose signer may be anybody."""
    print(printable(text), flush=True, file=sys.stderr if aside else sys.stdout)


def _give_up(message: str) -> NoReturn:
    typer.echo(f"reslab: {printable(message)}", err=True)
    raise typer.Exit(EXIT_NOT_AUDITED)


def _list(members: "Sequence[CertifiedMember]", as_json: bool) -> None:
    from studies.certificate.stretch import auditable

    rows = auditable(members).items()
    if as_json:
        answer = [
            {"run": number, "label": member.label, "seed": member.seed, "iterations": run.iteration, "from": [*starts]}
            for number, (member, run, starts) in rows
        ]
        print(json.dumps(answer, indent=2))
        return
    for number, (member, run, starts) in rows:
        _say(f"{number:4}  {member.label}, seed {member.seed}, {run.iteration:,} iterations; from "
              f"{', '.join(f'{start:,}' for start in starts)}", aside=False)  # fmt: skip


def _report(stretch: "Stretch", comparison: "Comparison", as_json: bool) -> None:
    from studies.certificate.stretch import next_checkpoint

    sentences = [f"{comparison.outcome}: {'; '.join(comparison.sentences)}."]
    if (checkpoint := next_checkpoint(stretch)) and comparison.outcome == "identical":
        sentences.append(f"The weights were not compared: the next checkpoint is at iteration {checkpoint:,}.")
    if as_json:
        answer = {"label": stretch.member.label, "seed": stretch.member.seed, "outcome": comparison.outcome}
        answer |= {"from": stretch.start, "to": stretch.end, "sentences": sentences}
        print(json.dumps(answer, indent=2))
    else:
        for sentence in sentences:
            _say(sentence, aside=False)
    if comparison.outcome == "DIFFERS":
        raise typer.Exit(1)


def _label(stretch: "Stretch") -> str:
    return f"{stretch.member.label}, seed {stretch.member.seed}"


def _span(stretch: "Stretch") -> str:
    return f"{stretch.start + 1:,} to {stretch.end:,}"


def _data_options(data: Path, folder: Path | None) -> list[str]:
    return ["--data", str(data.absolute()), *(["--folder", str(folder.absolute())] if folder else [])]


def _audit(file: Path, stretch: "Stretch", data_options: Sequence[str]) -> "Comparison":
    from studies.certificate import curve, replay
    from studies.certificate.opening import opened

    with opened(file) as files:
        certified = replay.certified_points(stretch, curve.records(files.content(stretch.run.curve or "")))
    with tempfile.TemporaryDirectory() as folder:
        workdir = Path(folder)
        _place_files(file, stretch, workdir)
        return replay.compare(stretch, certified, _train(stretch, workdir, data_options))


def _place_files(file: Path, stretch: "Stretch", workdir: Path) -> None:
    """Writes the specification and the checkpoint, whose hash `check` has compared with the certified one."""
    from studies.certificate.opening import opened
    from trainer.spec import RunSpec
    from trainer.workdir import checkpoint_path

    (workdir / "spec.json").write_text(RunSpec.model_validate(stretch.run.spec).canonical_json())
    if stretch.checkpoint is not None:
        with opened(file) as files, checkpoint_path(workdir, stretch.start).open("wb") as out:
            out.writelines(files.parts(stretch.checkpoint.file or ""))


def _train(stretch: "Stretch", workdir: Path, data_options: Sequence[str]) -> "Replay":
    """Trains the stretch. Raises CannotReplay with the trainer's reason if it fails."""
    from studies.certificate.replay import Replay
    from studies.certificate.stretch import CannotReplay
    from trainer import events
    from trainer.events import EXIT_FINISHED, EXIT_STOPPED, Failed, Saved

    command = [
        *(sys.executable, "-P", "-m", "trainer", "run", *data_options, *_machine_options(stretch)),
        *("--spec", str(workdir / "spec.json"), "--workdir", str(workdir), "--until", str(stretch.end)),
        *("--supervised", str(os.getpid())),
    ]
    replay, reason = Replay(), "The trainer gave no reason."
    with (workdir / "log").open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        for line in process.stdout or ():
            event = events.parse(line)
            replay.add(event)
            if isinstance(event, Saved):
                (workdir / event.file).unlink()  # its hash is enough; a long audit would fill the disk
            reason = event.message if isinstance(event, Failed) else reason
    if process.returncode not in (EXIT_FINISHED, EXIT_STOPPED):
        raise CannotReplay(reason)
    _refuse_other_images(stretch, replay)
    return replay


def _machine_options(stretch: "Stretch") -> list[str]:
    """A CPU's result depends on the number of its threads."""
    from studies.certificate.stretch import trainers_of

    certified = next(trainers_of(stretch), None)
    if certified is None or certified["device_kind"] != "cpu":
        return []
    return ["--device", "cpu", "--threads", str(certified["threads"])]


def _refuse_other_images(stretch: "Stretch", replay: "Replay") -> None:
    from studies.certificate.stretch import CannotReplay, trainers_of

    here = replay.started.data_hash if replay.started else ""
    if any(trainer["data_hash"] != here for trainer in trainers_of(stretch)):
        raise CannotReplay("The data set here has other images than the one that the run was trained on.")
