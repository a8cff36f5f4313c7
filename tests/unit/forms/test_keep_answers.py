"""Clean answers go to the store as JSON and come back the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from engine.feel import Environment
from engine.forms import from_jsonable, jsonable, read_form

LONDON = ZoneInfo("Europe/London")
FORM = read_form(json.dumps({"id": "kept", "components": [
    {"type": "textfield", "key": "note", "label": "Note"},
    {"type": "number", "key": "hours", "label": "Hours"},
    {"type": "datetime", "key": "at", "label": "At", "subtype": "datetime"},
    {"type": "group", "label": "Loose", "components": [
        {"type": "datetime", "key": "time_of_day", "label": "Time", "subtype": "time"}]},
    {"type": "group", "path": "who", "components": [{"type": "datetime", "key": "born_on", "label": "Born"}]},
    {"type": "dynamiclist", "path": "rows", "components": [{"type": "number", "key": "cost", "label": "Cost"}]},
]}).encode(), name="kept.form")
CALM = Environment(now=None, zone=LONDON)

_NUMBERS = st.integers(-10**20, 10**20) | st.decimals(
    min_value=-10**9, max_value=10**9, allow_nan=False, places=7).filter(lambda each: each != int(each))


def test_values_become_json() -> None:
    clean = {"a": date(2026, 6, 4), "b": time(9, 30), "c": Decimal("12.5"), "d": [1, None, True], "e": {"f": "g"}}
    assert jsonable(clean) == {"a": "2026-06-04", "b": "09:30", "c": 12.5, "d": [1, None, True], "e": {"f": "g"}}


def test_a_number_that_a_float_would_spoil_becomes_text() -> None:
    assert jsonable(Decimal("0.1234567890123456789")) == "0.1234567890123456789"


def test_keys_the_form_does_not_have_are_kept() -> None:
    assert from_jsonable(FORM, {"old": "x", "note": None}, environment=CALM) == {"old": "x", "note": None}


@given(
    note=st.text() | st.none(), hours=_NUMBERS,
    at=st.integers(-600_000_000, 5_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    time_of_day=st.times().map(lambda each: each.replace(microsecond=0)),
    born_on=st.dates(date(1900, 1, 1), date(2199, 12, 31)), costs=st.lists(_NUMBERS, max_size=3),
)
def test_stored_answers_come_back_the_same(
    note: Any, hours: Any, at: Any, time_of_day: Any, born_on: Any, costs: Any
) -> None:
    clean = {"note": note, "hours": hours, "at": at.astimezone(LONDON), "time_of_day": time_of_day,
             "who": {"born_on": born_on}, "rows": [{"cost": each} for each in costs]}
    stored = json.loads(json.dumps(jsonable(clean)))
    assert from_jsonable(FORM, stored, environment=CALM) == clean
