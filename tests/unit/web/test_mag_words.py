"""When a multi-agency group looks at a plan, in words that are true on the day they are read."""

from datetime import date
from types import SimpleNamespace

import pytest
from flask import g, render_template_string


def said(service, **changes):
    row = {"mag": "North group", "meeting_on": date(2026, 3, 5), "put_off": 0} | changes
    page = '{% from "macros.html" import group_meeting with context %}{{ group_meeting(row) }}'
    with service.app.test_request_context("/mag"):
        g.actor, g.today = None, date(2026, 3, 6)
        return render_template_string(page, row=SimpleNamespace(**row))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"meeting_on": date(2026, 3, 6)}, "North group looks at it today."),
        (
            {"mag": "Multi-Agency Group", "meeting_on": date(2026, 3, 9)},
            "The Multi-Agency Group looks at it on Monday ",
        ),
        ({}, "North group was to look at it yesterday;"),
        ({"meeting_on": date(2026, 3, 4)}, "North group was to look at it on Wednesday 4 March;"),
    ],
)
def test_a_meeting_that_has_passed_is_not_said_to_come(service, changes, words):
    assert said(service, **changes).startswith(words)


def test_a_passed_meeting_says_what_is_missing_and_how_often_it_was_put_off(service):
    assert said(service, put_off=2).endswith("what it decided is not recorded yet, put off 2 times.")
