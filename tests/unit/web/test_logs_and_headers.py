import io
import logging

import orjson
import pytest
from flask import Flask

from web import logs, security


@pytest.fixture
def app():
    app = Flask("t")
    logs.follow(app)
    security.protect(app, secure=True)
    app.add_url_rule("/cases/<name>", "case", lambda name: "page")
    return app


@pytest.fixture
def lines():
    stream, root = io.StringIO(), logging.getLogger()
    handlers = root.handlers[:]
    touched = [root, *(logging.getLogger(name) for name in ("caf", *logs._TALKATIVE))]
    levels = [each.level for each in touched]
    logs.log_to(stream)
    yield lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    for each, level in zip(touched, levels, strict=True):
        each.setLevel(level)  # not by the attribute: loggers remember whom they may hear


def test_a_line_names_the_route_and_never_what_was_asked(app, lines):
    answer = app.test_client().get("/cases/Sam?words=Whitlock")
    (line,) = lines()
    assert (line["route"], line["status"], line["method"]) == ("/cases/<name>", 200, "GET")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "Sam" not in str(line) and "Whitlock" not in str(line)


def test_an_exception_is_logged_by_type_and_place_without_its_message(lines):
    try:
        raise ValueError("Sam Whitlock")
    except ValueError:
        logging.getLogger("caf").exception("failed")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert "test_logs_and_headers.py" in line["places"][0]
    assert "Sam" not in str(line)


@pytest.mark.parametrize("library", ["alembic.runtime.migration", "apscheduler.executors.default"])
def test_libraries_are_heard_only_when_they_warn(lines, library):
    logging.getLogger(library).setLevel(logging.DEBUG)
    logs.log_to(io.StringIO())
    talk = logging.getLogger(library)
    assert not talk.isEnabledFor(logging.INFO)
    assert talk.isEnabledFor(logging.WARNING)


def test_every_answer_is_protected_and_pages_are_not_kept(app):
    headers = app.test_client().get("/cases/x").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "max-age" in headers["Strict-Transport-Security"]


def test_a_page_that_is_not_found_is_protected_too(app):
    assert app.test_client().get("/nothing").headers["Cache-Control"] == "no-store"
