import logging

import pytest
from flask import Flask
from werkzeug.exceptions import UnprocessableEntity

from engine.errors import BudgetExceeded, Conflict, EngineError, Invalid, NotFound, NotPermitted
from web import errors, logs


@pytest.fixture
def app():
    app = Flask("t")
    app.template_folder = "."
    errors.install(app)
    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (NotPermitted("x"), 403),
        (Conflict("x"), 409),
        (Invalid("x"), 422),
        (BudgetExceeded("x"), 422),
        (EngineError("x"), 500),
    ],
)
def test_each_family_has_one_status(error, status):
    assert errors.status_of(error) == status


def raising(app, error):
    def view():
        raise error

    app.add_url_rule("/api/thing", "thing", view, methods=["POST"])
    return app.test_client().post("/api/thing")


def test_an_engine_error_is_problem_details_that_name_the_field(app):
    answer = raising(app, Invalid("Enter a date", errors={"due_on": "Enter a date"}))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["errors"] == {"due_on": "Enter a date"}
    assert answer.json["detail"] == "Enter a date"


def test_what_nobody_foresaw_says_nothing_of_the_inside_and_logs_no_message(app, caplog):
    # By its own name, and heard for itself: what else the process logs meanwhile is not asked about here.
    with caplog.at_level(logging.ERROR, logger="caf.web"):
        answer = raising(app, KeyError("Sam Whitlock"))
    assert answer.status_code == 500
    assert b"Sam" not in answer.data and b"KeyError" not in answer.data
    (record,) = [each for each in caplog.records if each.name == "caf.web"]
    assert record.getMessage() == "unexpected failure" and record.exc_info[0] is KeyError
    assert "Sam" not in logs.JsonLines().format(record)


def test_a_wrong_method_says_which_are_allowed(app):
    raising(app, Invalid("x"))
    answer = app.test_client().get("/api/thing")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_fields_of_webargs_errors_come_without_their_place():
    error = UnprocessableEntity()
    error.data = {"messages": {"json": {"to": ["Unknown field."]}}}
    assert errors._messages(error) == {"to": ["Unknown field."]}


def test_an_unknown_address_under_api_is_problem_details(app):
    answer = app.test_client().get("/api/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
