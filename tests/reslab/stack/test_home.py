"""The home folder: one process locks it, its owner alone reads its secrets, and its ports stay while they are free."""

import os
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reslab.stack.home import Home, HomeTakenError, free_port
from tests.reslab.conftest import Launch
from trainer.box.privileges import TRAINER_USER
from trainer.box.walls import has_own_user


def test_a_second_start_is_refused_with_the_process_that_uses_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    refused = pytest.raises(HomeTakenError, match=rf"process {os.getpid()}, which serves http://127.0.0.1:1234")
    with home.locked(), home.announced("http://127.0.0.1:1234", "token") as announce:
        announce({})
        with refused, Home(tmp_path).locked():
            pass


def test_a_home_is_free_once_its_process_was_killed(launch: Launch, tmp_path: Path) -> None:
    holder = launch(f"""
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from reslab.stack.home import Home
home = Home(Path({str(tmp_path)!r}))
with home.locked(), home.announced("http://127.0.0.1:1", "token") as announce:
    announce({{}})
    print("locked", flush=True)
    time.sleep(60)
""")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    holder.kill()
    holder.wait()
    with Home(tmp_path).locked():
        assert not (tmp_path / "state.json").exists()


def test_secrets_and_state_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    settings = home.settings()
    with home.announced("http://127.0.0.1:1", settings.token) as announce:
        announce({})
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secrets.json", "state.json")}
    assert modes == {0o600}
    assert not (tmp_path / "state.json").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's trainers can have another user")
def test_root_owns_the_data_below_a_folder_that_is_closed_to_its_trainers(tmp_path: Path) -> None:
    """There trainers stay root without root's rights (trainer/box/privileges.py), as in /root."""
    assert Home(tmp_path / "home").data.stat().st_uid == 0
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home = Home(Path(folder) / "home")
        # Python itself may be below /root.
        assert home.data.stat().st_uid == (TRAINER_USER if has_own_user(home.root) else 0)


def test_the_token_the_passwords_and_free_ports_stay_between_starts(tmp_path: Path) -> None:
    assert Home(tmp_path).settings() == Home(tmp_path).settings()


def test_no_outgoing_connection_can_take_a_free_port_first() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(free_port() < lowest for _ in range(100))


def test_a_port_that_another_program_took_is_replaced(tmp_path: Path) -> None:
    before = Home(tmp_path).settings().ports
    with socket.create_server(("127.0.0.1", before.postgres)):
        after = Home(tmp_path).settings().ports
    assert after.postgres != before.postgres
    assert after.valkey == before.valkey


def test_a_port_that_the_user_chose_is_never_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        port = server.getsockname()[1]
        with pytest.raises(OSError, match=f"Port {port} of 127.0.0.1 is in use"):
            Home(tmp_path).settings(api_port=port)


def test_a_database_without_its_password_is_an_error_that_names_both_files(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.postgres.mkdir()
    with pytest.raises(RuntimeError, match="with its password does not"):
        home.settings()


@pytest.mark.parametrize("torn", ['{"token": "rsl_', "[]", '{"token": 7}', '{"ports": []}', '{"role_passwords": 1}'])
def test_torn_secrets_are_a_sentence(tmp_path: Path, torn: str) -> None:
    (tmp_path / "secrets.json").write_text(torn)
    with pytest.raises(RuntimeError, match=r"secrets.json is damaged\. Restore it from a backup"):
        Home(tmp_path).settings()
