"""Every way of tampering that we know, with and without the signer's key, and what catches it.

docs/certificates.md has the same table; the last test holds the two in step.
"""

from pathlib import Path

import pytest

from studies.certificate import checking
from studies.certificate.bundle import InvalidCertificate
from tests.studies.certificate.conftest import Forgery
from tests.studies.certificate.tampering import envelope, file, results, study
from tests.studies.certificate.tampering.cases import Tampering

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "certificates.md"
CASES = [*file.CASES, *results.CASES, *study.CASES, *envelope.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_tampering_is_caught(case: Tampering, forgery: Forgery, tmp_path: Path) -> None:
    file = tmp_path / "certificate.zip"
    file = case.change(forgery, file) or file
    with pytest.raises(InvalidCertificate, match=case.message):
        checking.check(file)


def test_the_untouched_certificate_holds(forgery: Forgery, tmp_path: Path) -> None:
    assert checking.check(forgery.sign(tmp_path / "certificate.zip")).contents.name == forgery.contents["name"]


def test_the_untouched_envelope_holds(forgery: Forgery, tmp_path: Path) -> None:
    assert checking.check(forgery.unpack(tmp_path)) == checking.check(forgery.sign(tmp_path / "certificate.zip"))


def test_there_are_at_least_forty_each_with_a_name_of_its_own() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 40


def test_the_page_has_the_same_table() -> None:
    """`python -m tests.studies.certificate.test_tampering` prints it."""
    assert "\n".join(table()) in PAGE.read_text()


def table() -> list[str]:
    rows = [f"| {number} | {case.what} | {case.key} | {case.catch} |" for number, case in enumerate(CASES, 1)]
    return ["| | what is changed | signed with | caught by |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    print("\n".join(table()))
