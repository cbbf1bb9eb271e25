"""The home folder: held by one, its secrets readable by one, its ports the same while they are free."""

import os
import socket
import stat
from pathlib import Path

import pytest

from reslab.stack.home import Home, HomeTakenError, free_port
from tests.reslab.conftest import Launch


def test_a_second_start_is_told_who_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    told = pytest.raises(HomeTakenError, match=rf"process {os.getpid()}, which serves http://127.0.0.1:1234")
    with home.held(), home.announced("http://127.0.0.1:1234", "token", {}), told, Home(tmp_path).held():
        pass


def test_a_home_whose_holder_was_killed_is_free(launch: Launch, tmp_path: Path) -> None:
    holder = launch(f"""
import time
from pathlib import Path
from reslab.stack.home import Home
home = Home(Path({str(tmp_path)!r}))
with home.held(), home.announced("http://127.0.0.1:1", "token", {{}}):
    print("held", flush=True)
    time.sleep(60)
""")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    with Home(tmp_path).held():
        assert not (tmp_path / "state.json").exists()


def test_secrets_and_state_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kept = home.kept()
    with home.announced("http://127.0.0.1:1", kept.token, {}):
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secrets.json", "state.json")}
    assert modes == {0o600}
    assert not (tmp_path / "state.json").exists()


def test_token_passwords_and_free_ports_are_kept_between_starts(tmp_path: Path) -> None:
    assert Home(tmp_path).kept() == Home(tmp_path).kept()


def test_a_free_port_is_none_that_an_outgoing_connection_may_take_first() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(free_port() < lowest for _ in range(100))


def test_a_port_that_somebody_took_is_replaced(tmp_path: Path) -> None:
    before = Home(tmp_path).kept().ports
    with socket.create_server(("127.0.0.1", before.postgres)):
        after = Home(tmp_path).kept().ports
    assert after.postgres != before.postgres
    assert after.valkey == before.valkey


def test_a_port_that_was_asked_for_is_never_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is in use"):
            Home(tmp_path).kept(wanted_api_port=port)


def test_a_database_whose_password_is_lost_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.postgres.mkdir()
    with pytest.raises(RuntimeError, match="holds its password, does not"):
        home.kept()
