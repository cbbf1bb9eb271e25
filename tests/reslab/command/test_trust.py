"""Whose keys you know, and what `reslab verify` says of a key: by name, as unknown, and nothing that forges a line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reslab.command import app
from studies.certificate import key
from studies.fingerprints import fingerprint
from tests.studies.certificate.conftest import SIGNER, Forgery, original

__all__ = ["original"]
PUBLIC = key.public(SIGNER)
FINGERPRINT = fingerprint(PUBLIC)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "reslab" / "trusted-keys.json"


@pytest.fixture
def unsigned(original: Forgery) -> Forgery:
    """A certificate without weights, whose name forges lines and colours."""
    forgery = original.copy()
    forgery.contents["name"] = "Good\n  signed by somebody else\x1b[2K\u202egnorw"
    names = [run["weights"]["file"] for run in forgery.runs()]
    for run in forgery.runs():
        run["weights"]["file"] = None
    kept = {name: content for name, content in forgery.files.items() if name not in names}
    return Forgery(forgery.contents, kept)


@pytest.fixture
def file(unsigned: Forgery, tmp_path: Path) -> Path:
    return unsigned.sign(tmp_path / "certificate.zip")


def reslab(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_valid_certificate_with_an_unknown_key_has_an_exit_code_of_its_own(file: Path) -> None:
    result = reslab("verify", file)
    assert result.exit_code == 3, result.output
    assert result.output.startswith(f"signed by {FINGERPRINT}, a key that you don't know.")


@pytest.mark.parametrize("given", [PUBLIC, PUBLIC.upper(), FINGERPRINT, FINGERPRINT.replace(" ", "")])
def test_a_known_key_is_named_first(file: Path, given: str) -> None:
    assert reslab("trust", "add", given, "--name", "Lab of Ann").exit_code == 0
    result = reslab("verify", file)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == f"signed by {FINGERPRINT}: Lab of Ann"


def test_an_unpacked_certificate_is_said_the_same_of_with_the_same_exit_codes(
    unsigned: Forgery, file: Path, tmp_path: Path
) -> None:
    envelope = unsigned.unpack(tmp_path / "unpacked")
    assert reslab("verify", envelope).exit_code == 3
    reslab("trust", "add", PUBLIC, "--name", "Ann")
    assert reslab("verify", envelope).exit_code == 0
    assert reslab("verify", envelope).output == reslab("verify", file).output
    assert reslab("verify", envelope, "--fingerprint", "0" * 32).exit_code == 1
    envelope.write_text(envelope.read_text().replace("eyJ", "eyK", 1))
    assert reslab("verify", envelope).exit_code == 1


def test_the_expected_fingerprint_is_enough_and_another_is_refused(file: Path) -> None:
    assert reslab("verify", file, "--fingerprint", FINGERPRINT).exit_code == 0
    assert reslab("verify", file, "--fingerprint", "0" * 32).exit_code == 1


def test_nothing_in_the_file_forges_a_line(file: Path) -> None:
    lines = reslab("verify", file).output.splitlines()
    assert sum("signed by" in line for line in lines[1:]) == 1
    assert r"Good\n  signed by somebody else\x1b[2K\u202egnorw" in lines[1]
    assert all(line.isprintable() for line in lines)


def test_keys_are_listed_and_removed(config: Path) -> None:
    reslab("trust", "add", PUBLIC, "--name", "Ann")
    assert reslab("trust", "list").output == f"{FINGERPRINT}  Ann\n"
    assert "Ann" in config.read_text()
    assert reslab("trust", "remove", FINGERPRINT).exit_code == 0
    assert reslab("trust", "list").output == ""
    assert reslab("trust", "remove", FINGERPRINT).exit_code == 1


@pytest.mark.parametrize(("given", "name"), [("12", "Ann"), ("x" * 64, "Ann"), (PUBLIC, "A\nB"), (PUBLIC, " ")])
def test_what_is_no_key_or_no_name_is_refused(given: str, name: str) -> None:
    assert reslab("trust", "add", given, "--name", name).exit_code == 1


@pytest.mark.parametrize("content", ["[", "[]", '{"12": "Ann"}', "[" * 100_000])
def test_a_damaged_list_of_keys_is_reported_not_ignored(file: Path, config: Path, content: str) -> None:
    config.parent.mkdir(parents=True)
    config.write_text(content)
    assert reslab("verify", file).exit_code == 1
