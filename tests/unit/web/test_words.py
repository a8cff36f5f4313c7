from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, g

from engine.casework.family_sharing import Sharing
from engine.store.relatives import CHILD, Relative
from web import words

TODAY = date(2026, 6, 4)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2026, 6, 4), "Thursday 4 June"),
        (date(2025, 12, 31), "Wednesday 31 December 2025"),
        (None, "not known"),
    ],
)
def test_a_day_is_said_with_its_weekday_and_a_strange_year(value, said):
    with Flask("t").app_context():
        assert words.day(value, today=TODAY) == said


def test_a_date_on_paper_has_its_year():
    assert words.paper_day(date(2026, 6, 4)) == "4 June 2026"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2026, 6, 3), "yesterday"),
        (date(2026, 6, 4), "today"),
        (date(2026, 6, 5), "tomorrow"),
        (date(2026, 6, 6), "Saturday 6 June"),
    ],
)
def test_near_days_have_names(value, said):
    with Flask("t").app_context():
        assert words.near_day(value, today=TODAY) == said


def test_an_instant_is_said_in_local_summer_time():
    with Flask("t").app_context():
        assert words.moment(datetime(2026, 6, 4, 13, 2, tzinfo=UTC)).endswith("at 14:02")


def test_a_day_of_an_instant_is_the_local_day():
    with Flask("t").app_context():
        assert words.day(datetime(2026, 6, 3, 23, 30, tzinfo=UTC), today=TODAY) == "Thursday 4 June"


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(2016, 6, 4), "10 years old"),
        (date(2016, 6, 5), "9 years old"),
        (date(2024, 6, 5), "23 months old"),
        (date(2025, 5, 1), "13 months old"),
        (date(2024, 6, 4), "2 years old"),
        (date(2026, 5, 4), "1 month old"),
        (date(2026, 6, 1), "3 days old"),
        (date(2026, 6, 4), "newborn"),
        (date(2026, 7, 1), "not born yet"),
        (None, "age not known"),
    ],
)
def test_a_childs_age(born, said):
    with Flask("t").app_context():
        assert words.age(born, today=TODAY) == said


@pytest.mark.parametrize(
    ("born", "said"),
    [(date(2025, 5, 1), "13 months old: others bring"), (date(2026, 6, 4), "Newborn: others"), (None, "Not born yet")],
)
def test_a_meeting_says_the_same_age(born, said):
    known = dict.fromkeys(("name", "relationship", "email", "address"), "")
    child = Relative(key=CHILD, member_id=None, address_secret=False, sharing=Sharing(), born_on=born, **known)
    assert child.not_usually_asked(TODAY, from_age=12).startswith(said)


def test_numbers_agree_with_their_nouns():
    assert (words.working_days(1), words.working_days(-3)) == ("1 working day", "3 working days")


def test_codes_become_words():
    assert words.plain("needs_met") == "Needs met"


def test_a_template_compiled_for_one_authority_says_the_term_of_each():
    app = Flask("t")
    words.install(app)
    said = []
    with app.app_context():
        template = app.jinja_env.from_string("{{ 'Hold the TAC' | local }}")
        for term in ("TAF", "TAYP"):
            g.authority = SimpleNamespace(meeting_term=term)
            said.append(template.render())
    assert said == ["Hold the TAF", "Hold the TAYP"]
