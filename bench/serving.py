"""`caf serve` as a process of its own on a database, for what is measured over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.furnished import ROOT
from engine.settings import Settings

READY_SECONDS: Final = 60


@contextmanager
def served(settings: Settings, *, workers: int) -> Iterator[tuple[int, int]]:
    """Run `caf serve` with so many web workers and its scheduler; give its port and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The URL holds a password: it goes by the environment, where no list of processes shows it.
    own = {"CAF_DATABASE_URL": settings.database_url, "CAF_FOLDER": str(settings.variable_folder)}
    command = [sys.executable, "-m", "web", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("caf serve is not ready")
