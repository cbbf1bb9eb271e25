"""Where the processes of a run meet: the options of a machine, and what a wrong one is told."""

import argparse
import os

import pytest

from trainer.failure import Failure
from trainer.process.meeting import Meeting, add_meeting_options, meeting_of


def meeting(*options: str) -> Meeting:
    parser = argparse.ArgumentParser()
    add_meeting_options(parser)
    return meeting_of(parser.parse_args(options))


@pytest.fixture(autouse=True)
def unassigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)


def test_without_options_all_devices_are_here() -> None:
    assert meeting() == Meeting()
    assert meeting().devices_here(4) == 4


def test_each_machine_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    second = meeting("--machines", "2", "--machine", "1", "--meet", "10.0.0.1:4711", "--interface", "eth0")
    assert second.devices_here(4) == 2
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "")  # restored after the test
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "")
    monkeypatch.setenv("NCCL_SOCKET_IFNAME", "ib0")
    monkeypatch.delenv("RANK")
    assert second.take_first_place(4) is None
    assigned = {name: os.environ[name] for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")}
    assert assigned == {"RANK": "2", "LOCAL_RANK": "0", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}
    assert (os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"]) == ("10.0.0.1", "4711")
    assert (os.environ["GLOO_SOCKET_IFNAME"], os.environ["NCCL_SOCKET_IFNAME"]) == ("eth0", "ib0")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--machines", "2", "--machine", "2", "--meet", "a:1"), "--machine must be from 0 to 1, not 2."),
        (("--machine", "-1"), "--machine must be from 0 to 0, not -1."),
        (("--machines", "2"), "--machines needs --meet HOST:PORT: where machine 0 listens."),
    ],
)
def test_a_machine_without_its_place_is_refused(options: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Failure) as refused:
        meeting(*options)
    assert (refused.value.reason, refused.value.message) == ("invalid", sentence)


def test_devices_that_cannot_be_shared_equally_are_refused() -> None:
    with pytest.raises(Failure, match="2 devices can't be divided equally among 3 machines"):
        meeting("--machines", "3", "--meet", "a:1").devices_here(2)
