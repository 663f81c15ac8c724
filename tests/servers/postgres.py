"""A PostgreSQL server for tests: in a folder of its own, reachable from this machine only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "branch_reader"
PASSWORD = "s3cret-Pa55"  # noqa: S105 - of a server that lives for a test
START_SECONDS = 60.0


@contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Start a server and return the URL of its database; it is gone after the block."""
    account = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="branchwise-test-postgres-"))
    folder.chmod(0o755)
    data, secret = folder / "data", folder / "password"
    data.mkdir()
    secret.write_text(PASSWORD, encoding="utf-8")
    if account:
        for path in (folder, data, secret):
            shutil.chown(path, account)
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", "-N",
             "--pwfile", secret, "-E", "UTF8", "--locale", "C.UTF-8"],
            check=True, capture_output=True, user=account, cwd=folder,
        )  # fmt: skip
        port = free_port()
        options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", "fsync=off", "-c", "log_min_messages=panic"]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=account, cwd=folder,
        )  # fmt: skip
        try:
            url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
            wait_for(url, server)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # at once, whoever is still connected
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server lets people in."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
