"""A real PgBouncer in front of a PostgreSQL of the tests: Debian's package, which is looked for and not installed."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from config.processes.embedded import dies_with_parent
from tests.conftest import START_SECONDS, until

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

PORT = 6432
"""Names the socket; nothing listens on a network."""


class Pooler(NamedTuple):
    """One that runs."""

    url: str
    """Of the same database, through it."""
    version: str
    log: Path


def version() -> str:
    """Of the program that was found."""
    assert PROGRAM is not None
    said = subprocess.run(
        [PROGRAM, "--version"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    found = re.search(r"[\d.]+", said)
    assert found is not None
    return found[0]


@contextlib.contextmanager
def pgbouncer(database_url: str, mode: str, connections: int = 40) -> Iterator[Pooler]:
    """In front of that database, with so many connections to it, until the block ends. `mode`: session, transaction."""
    assert PROGRAM is not None
    url = sa.make_url(database_url)
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    # It does not run as root.
    user = "embedded_postgres" if os.geteuid() == 0 else None
    (folder / "users").write_text(f'"{url.username}" ""\n')
    (folder / "bouncer.ini").write_text(
        f"[databases]\n* = host={url.query['host']}\n"
        f"[pgbouncer]\nunix_socket_dir={folder}\nlisten_addr=\nlisten_port={PORT}\n"
        f"auth_type=trust\nauth_file={folder / 'users'}\npool_mode={mode}\n"
        f"default_pool_size={connections}\nmax_client_conn=200\nlogfile={folder / 'log'}\n"
    )
    if user is not None:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)
    process = subprocess.Popen(
        [PROGRAM, "-q", str(folder / "bouncer.ini")],
        user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=dies_with_parent(),
    )  # fmt: skip
    try:
        until((folder / f".s.PGSQL.{PORT}").exists, START_SECONDS, "PgBouncer listens")
        through = url.set(query={"host": str(folder), "port": str(PORT)})
        yield Pooler(through.render_as_string(hide_password=False), version(), folder / "log")
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
