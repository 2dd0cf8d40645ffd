"""A Postgres of the tests' own: started once per run on a free port, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"


class NoPostgres(Exception):
    """There is no Postgres server to be started here; the text says what is missing."""


def find_binaries() -> Path:
    """Where initdb and pg_ctl are; raises NoPostgres."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        raise NoPostgres("no Postgres server on this machine (package postgresql)")
    return Path(found).parent


@contextmanager
def running_postgres(*, is_durable: bool = False) -> Iterator[str]:
    """The URL of an empty server; raises NoPostgres when it cannot be started.

    What is committed is on disk where `is_durable`; tests are faster without.
    """
    binaries, port = find_binaries(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="sapa-postgres-"))
    fsync = "on" if is_durable else "off"
    options = f"-p {port} -k {folder} -c listen_addresses={HOST} -c fsync={fsync} -c max_connections=60"
    try:
        _as_user(folder, f"{binaries}/initdb -D {folder}/data -A trust -E UTF8 -U sapa --no-sync")
        _as_user(folder, f"{binaries}/pg_ctl -D {folder}/data -o '{options}' -w -l {folder}/log start")
        try:
            yield f"postgresql+psycopg://sapa@{HOST}:{port}/postgres"
        finally:
            _as_user(folder, f"{binaries}/pg_ctl -D {folder}/data -m immediate -w stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(folder: Path, command: str) -> None:
    """Postgres refuses to run as root: there the package's own user runs it."""
    words = ["sh", "-c", command]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        words = ["su", "postgres", "-c", command]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoPostgres(f"Postgres did not start: {done.stderr.strip() or done.stdout.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
