"""The command in a shell: quiet when its reader leaves, and completed by Tab."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from reslab.command.terminal import connected

RESLAB = Path(sys.executable).parent / "reslab"


def test_a_reader_that_has_left_is_not_an_error() -> None:
    """`reslab list | head -1` printed a traceback or "Broken pipe"."""
    process = subprocess.Popen([RESLAB, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()  # type: ignore[union-attr] # it is a pipe
    assert process.communicate(timeout=200)[1] == b""


def test_a_reader_that_leaves_during_the_output_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESLAB_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("RESLAB_TOKEN", "rsl_of-nobody")
    with pytest.raises(typer.Exit) as ended, connected(tmp_path):
        raise BrokenPipeError
    assert ended.value.exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_completes_subcommands(shell: str) -> None:
    words = {
        "COMP_WORDS": "reslab stu",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "reslab stu",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    assert "_RESLAB_COMPLETE" in completion(f"source_{shell}", words)
    assert "study" in completion(f"complete_{shell}", words)


def completion(instruction: str, words: dict[str, str]) -> str:
    environment = os.environ | words | {"_RESLAB_COMPLETE": instruction}
    return subprocess.run([RESLAB], env=environment, capture_output=True, text=True, check=False, timeout=200).stdout
