"""`caf serve` as a person starts it: one parent, a server that answers, one scheduler, all stopped together."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.web.service import ROOT


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def parent(tmp_path: Path, free_port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "CAF_FOLDER": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment.pop("CAF_DATABASE_URL", None)
    caf = [sys.executable, "-m", "web"]
    subprocess.run([*caf, "init"], cwd=ROOT, env=environment, check=True, capture_output=True)
    serve = [*caf, "serve", "--port", str(free_port), "--workers", "1"]
    process = subprocess.Popen(serve, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"{words!r} was never said; instead: {''.join(seen)}")


def children(pid: int) -> list[int]:
    """Return the processes that the parent started itself, without multiprocessing's own helper."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed if "resource_tracker" not in Path(f"/proc/{each}/cmdline").read_text()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_answers_keeps_its_parts_alive_and_stops_them(parent: subprocess.Popen[str], free_port: int) -> None:
    wait_for(parent, f"Ready: http://127.0.0.1:{free_port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/sign-in") as answer:
        assert answer.status == 200
    before = children(parent.pid)
    assert len(before) == 2
    os.kill(before[1], signal.SIGKILL)
    wait_for(parent, "the scheduler stopped by itself; starting it again")
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=60) == 0
    assert not any(Path(f"/proc/{each}").exists() for each in before)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_when_the_parent_is_killed_its_parts_end_too(parent: subprocess.Popen[str], free_port: int) -> None:
    wait_for(parent, f"Ready: http://127.0.0.1:{free_port}")
    parts = children(parent.pid)
    handles = [os.pidfd_open(each) for each in parts]
    parent.kill()
    try:
        for handle in handles:
            assert _ended(handle)
    finally:
        for handle in handles:
            os.close(handle)


def _ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], 60)[0])
