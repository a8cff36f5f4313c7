"""gunicorn, run from Python with our settings."""

from __future__ import annotations

import gc
import sys
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication

from engine.settings import Settings
from web import create_app, logs
from web.cli.opening import engine_for

THREADS = 4
SECONDS_TO_FINISH = 20
OBJECTS_BETWEEN_COLLECTIONS: Final = 20_000
"""Python's own 700 are reached several times while one page is made, which leaves hardly anything to collect."""


def collect_seldom() -> None:
    """Look for unused objects seldom, and never among what is there for good: it takes a sixth of a page's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no type hints
    """The web server: `workers` processes of THREADS threads."""

    def __init__(self, settings: Settings, *, host: str, port: int, workers: int) -> None:
        self._settings = settings
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._workers = workers
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings."""
        chosen: dict[str, Any] = {
            "bind": self._address,
            "workers": self._workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": SECONDS_TO_FINISH,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda server: print(f"Ready: http://{self._address}", file=sys.stderr, flush=True),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application; runs in each worker, after the fork."""
        logs.log_to(sys.stderr)
        app = create_app(engine_for(self._settings))
        collect_seldom()
        return app
