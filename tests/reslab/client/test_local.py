"""A state.json is believed only if our own `reslab up` wrote it: a key must not go to an address in a cloned folder."""

import json
import os
from pathlib import Path

import pytest

from reslab.client.connection import NotUpError
from reslab.client.local import LocalService, local_service

STATE = {"url": "http://127.0.0.1:8765", "token": "rsl_own", "pid": 1, "services": {}}


def write(home: Path, state: object = STATE, mode: int = 0o600) -> Path:
    file = home / "state.json"
    file.write_text(json.dumps(state))
    file.chmod(mode)
    return file


def test_the_state_of_our_own_service_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    assert local_service(tmp_path) == LocalService("http://127.0.0.1:8765", "rsl_own")


def test_a_state_that_others_can_read_came_from_elsewhere(tmp_path: Path) -> None:
    """`git clone` and `tar` write files with mode 0644: RESLAB_TOKEN went to the address in one."""
    write(tmp_path, mode=0o644)
    with pytest.raises(NotUpError, match="was not written by your own `reslab up`"):
        local_service(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to another user")
def test_another_users_state_gets_no_key(tmp_path: Path) -> None:
    os.chown(write(tmp_path), 65534, 65534)
    with pytest.raises(NotUpError, match="was not written by your own `reslab up`"):
        local_service(tmp_path)


def test_an_address_on_another_machine_gets_no_key(tmp_path: Path) -> None:
    write(tmp_path, STATE | {"url": "https://evil.example/127.0.0.1"})
    with pytest.raises(NotUpError, match="is not on this machine"):
        local_service(tmp_path)


@pytest.mark.parametrize("state", [[], {"url": 1}, "torn"])
def test_a_damaged_state_is_a_sentence(tmp_path: Path, state: object) -> None:
    write(tmp_path, state)
    with pytest.raises(NotUpError, match=r"state.json is damaged. Restart `reslab up`"):
        local_service(tmp_path)


def test_without_a_service_the_message_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotUpError, match="Start one with `reslab up`"):
        local_service(tmp_path / "nowhere")
