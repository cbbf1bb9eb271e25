"""PostgreSQL, Valkey and SeaweedFS on hosts, configured by the lines of docs/deployment.md."""

import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
from obstore.exceptions import BaseError

from reslab.stack.postgres import Postgres
from reslab.stack.valkey import Valkey
from store.db.database import libpq
from store.db.objects import Objects
from tests.hosts import page
from tests.hosts.host import Host
from tests.hosts.waiting import wait_until


def start_postgres(host: Host, password: str) -> str:
    """Returns the URL of the empty database that the page's lines name, for its owner."""
    server = Postgres(host.srv / "postgres", host.log("postgres"), 5432, password, durable=False)
    server.prepare()
    setting, access = page.lines("PostgreSQL", host.prefix).splitlines()
    with (server.data / "pg_hba.conf").open("a") as file:
        # The second line is for this test, which creates the database.
        file.write(f"{access}\nhost postgres reslab {host.prefix}0/24 scram-sha-256\n")
    service = server.service()
    options = ("-c", setting.replace(" = ", "=").replace("'", ""))
    child = host.start_service(
        replace(service, argv=(*service.argv, *options), folder=Path("/srv/postgres"), user=None), as_nobody=True
    )
    child.wait_until_ready()
    url = server.url.replace("127.0.0.1", host.address)
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("CREATE DATABASE reslab")
    return f"{url.rpartition('/')[0]}/reslab"


def start_valkey(host: Host, password: str) -> None:
    lines = page.lines("Valkey", host.prefix).replace("VALKEY_PASSWORD", password)
    service = Valkey(host.log("valkey"), 6379, password).service()
    # `dir`: Valkey saves nothing, but must be able to enter the folder that it would save in.
    configuration = f"{lines}dir /srv\nio-threads 1\n"
    host.start_service(replace(service, stdin=configuration, ready=lambda: True))
    wait_until(lambda: _listens(host.address, 6379))


def start_objects(host: Host, environment: Mapping[str, str]) -> Objects:
    """The object store as this process sees it, whose environment must have the credentials."""
    host.run("s3", page.lines("Objects", host.prefix), environment)
    objects = Objects(os.environ["RESLAB_STORAGE_URL"])
    wait_until(lambda: _answers(objects))
    return objects


def _listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _answers(objects: Objects) -> bool:
    try:
        objects.check()
    except BaseError:
        return False
    return True
