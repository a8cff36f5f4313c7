"""Structured log lines, one JSON object each, without personal data.

A line names the route's pattern, never the address asked for, and never what was typed.
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import TextIO

import orjson
from flask import Flask, Response, g, request

_log = logging.getLogger("caf.web")
HEADER = "X-Request-Id"
_TALKATIVE = ("alembic", "alembic.runtime.migration", "apscheduler", "apscheduler.executors.default")
_FIELDS = ("request_id", "method", "route", "status", "milliseconds", "incident")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; an exception keeps its type and place, not its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `record` as JSON text."""
        line = {"at": record.created, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["places"] = _places(record)
        return orjson.dumps(line).decode()


def log_to(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send this process's log lines to `stream`: ours from `level` on, libraries' when they warn."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("caf").setLevel(level)
    # These set levels of their own, or are set by others' code, and tell of every wake-up and every migration.
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)


def follow(app: Flask) -> None:
    """Give each request an id, answer it in `X-Request-Id`, and log one line when it ends."""

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id", "-")
        if request.endpoint != "static":
            _log.info("request", extra=_line(response.status_code))
        return response


def failure() -> None:
    """Log the exception being handled, by type and place."""
    _log.error("unexpected failure", exc_info=True, extra={"request_id": g.get("request_id", "-")})


def _line(status: int) -> dict[str, object]:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    return {
        "request_id": g.get("request_id", "-"),
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "-",
        "status": status,
        "milliseconds": round(took * 1000, 1),
    }


def _places(record: logging.LogRecord) -> list[str]:
    places = []
    traceback = record.exc_info[2] if record.exc_info else None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places
