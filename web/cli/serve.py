"""`caf serve`: one parent; under it the web server with its workers, and exactly one scheduler."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess

from engine.clock import SystemClock
from engine.errors import Invalid
from engine.settings import Settings
from web.cli.opening import ahead_of, courier_for, engine_for, opened, settings_of

STOP_SECONDS = 30
QUICK_SECONDS = 10
QUICK_DEATHS = 5
_PARENT_DIED = 1  # prctl(PR_SET_PDEATHSIG), Linux


@dataclass(slots=True)
class Child:
    """A process that the parent keeps alive. `quick` counts deaths shortly after a start, in a row."""

    name: str
    target: Callable[..., None]
    arguments: tuple[object, ...]
    process: SpawnProcess | None = None
    started: float = 0.0
    quick: int = 0

    def start(self) -> None:
        # Spawned, not forked: a child must not inherit database connections, locks or threads.
        self.process = get_context("spawn").Process(target=self.target, args=self.arguments, name=self.name)
        self.process.start()
        self.started = time.monotonic()

    def died(self) -> None:
        """Count a death; raise `Invalid` when it dies again and again right after its start."""
        self.quick = self.quick + 1 if time.monotonic() - self.started < QUICK_SECONDS else 0
        if self.quick >= QUICK_DEATHS:
            raise Invalid(f"the {self.name} stops as soon as it is started; see the messages above")


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; return 0. Raises `Invalid` when it cannot listen or a part will not run."""
    # Said once here, not by each part in turn: a database that is not there, or not ready.
    settings = settings_of(options)
    with opened(options) as engine:
        ahead = ahead_of(replace(engine, clock=SystemClock()))
    _check_free(options.host, options.port)
    if ahead is not None:
        print(f"This is a rehearsal, {ahead.days} days ahead; its messages go to files.", file=sys.stderr)
    parent = os.getpid()
    children = [
        Child("web server", run_web, (settings, options.host, options.port, options.workers, parent)),
        Child("scheduler", run_scheduler, (settings, parent)),
    ]
    try:
        with _stop_signal() as stop:
            keep_alive(children, stop)
    finally:
        end(children)
    return 0


def run_web(settings: Settings, host: str, port: int, workers: int, parent: int) -> None:
    """Be the web server: gunicorn's master and its workers, each with an engine of its own."""
    _die_with(parent)
    from web.cli.gunicorn_server import Server

    Server(settings, host=host, port=port, workers=workers).run()


def run_scheduler(settings: Settings, parent: int) -> None:
    """Be the one scheduler."""
    _die_with(parent)
    from engine import scheduler
    from engine.playing.guarding import guarded
    from web import logs

    logs.log_to(sys.stderr)
    engine = guarded(engine_for(settings))
    scheduler.run(engine, courier_for(settings, rehearsal=ahead_of(engine) is not None))


def keep_alive(children: Sequence[Child], stop: socket.socket) -> None:
    """Start every child, and again when it ends by itself, until `stop` can be read from.

    Raises `Invalid` when one of them ends again and again right after its start.
    """
    for child in children:
        child.start()
    while True:
        running = {child.process.sentinel: child for child in children if child.process is not None}
        ready = connection.wait([*running, stop])
        if stop in ready:
            return
        for child in (running[each] for each in ready if isinstance(each, int)):
            child.died()
            print(f"caf serve: the {child.name} stopped by itself; starting it again", file=sys.stderr)
            child.start()


def end(children: Sequence[Child]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    processes = [child.process for child in children if child.process is not None]
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


@contextmanager
def _stop_signal() -> Iterator[socket.socket]:
    """Give a socket that can be read from once SIGTERM or SIGINT has come.

    A handler that raised could do so in the middle of starting a child, and lose it.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        reader.close()
        writer.close()


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise Invalid(f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port") from error


def _die_with(parent: int) -> None:
    """End this process when the parent is killed, so that no scheduler is left running alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which stops everything in order
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)
