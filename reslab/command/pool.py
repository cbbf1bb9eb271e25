"""`reslab pool`: several labs' results on one network as one. Certificates are checked here, runs are the service's."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, connected, fail
from reslab.command.trust import known_keys
from reslab.screen.text import printable

if TYPE_CHECKING:  # numpy, scipy and OpenSSL cost a second, and no other command needs them
    from studies.pooling import Pool, PoolEntry

app = typer.Typer()


@app.command()
def pool(
    results: Annotated[
        list[str], typer.Argument(metavar="RESULT…", help="Certificates (files), and ids of imports or other runs.")
    ],
    network: Annotated[
        str | None, typer.Option(help="The network, if the results are of several: 'ResNet-20 A on cifar10'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the pool as JSON, for scripts.")] = False,
    home: HomeOption = HOME,
) -> None:
    """Pool the results of several labs on one network and protocol, and say how much the labs differ.

    For example: reslab pool lab-a.zip lab-b.zip 01a2b3c4

    Results that differ in network, protocol or data, or of which nobody said it, are refused. A run that comes twice
    counts once. The labs are the signers of certificates (`reslab trust`) and the labs that imports name.
    """
    from reslab.screen.pools import text
    from studies.pooling import pool as pooled
    from studies.pooling.agreement import NotPoolable

    files = [Path(result) for result in results if Path(result).is_file()]
    runs = [result for result in results if not Path(result).is_file()]
    entries = [entry for file in files for entry in _certified(file)]
    try:
        answer = _by_service(home, runs, entries, network) if runs else pooled(entries, network)
    except NotPoolable as error:
        fail(printable(str(error)))
    print(answer.model_dump_json(indent=2) if as_json else text(answer))


def _certified(file: Path) -> Iterator["PoolEntry"]:
    from studies.certificate.bundle import InvalidCertificate
    from studies.certificate.checking import check
    from studies.pooling import of_certificate

    try:
        checked = check(file)
    except InvalidCertificate as error:
        fail(printable(f"{file} can't be verified. {error}"))
    if any(member.run and member.run.test_map is not None for member in checked.contents.members):
        fail(printable(f"{file} certifies detectors. Only errors of classifiers can be pooled."))
    signer = known_keys().get(checked.fingerprint.replace(" ", "").lower())
    lab = signer or f"unknown key {checked.fingerprint}"
    return of_certificate(checked.contents, lab, printable(file.name, 100))


def _by_service(home: Path, prefixes: list[str], entries: list["PoolEntry"], network: str | None) -> "Pool":
    """The service pools its own runs and imports with the results of the certificates."""
    from studies.pooling import Pool

    with connected(home) as client:
        runs = [client.find(prefix) for prefix in prefixes]
        answer = client.pool(runs, [entry.model_dump(mode="json") for entry in entries], network)
        return Pool.model_validate(answer.model_dump(mode="json"))
