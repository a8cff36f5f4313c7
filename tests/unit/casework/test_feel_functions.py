"""The functions lent to FEEL, called from compiled expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import WorkingCalendar
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.errors import NotFound
from engine.feel import Environment, compile_expression, to_plain


@dataclass(frozen=True)
class Host:
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    def time_limit(self, name: str) -> Any:
        if name == "unheard_of":
            raise NotFound("no such limit")
        return {"review_days": 10}.get(name)


def evaluate(text: str, **variables: Any) -> tuple[Any, Environment]:
    environment = Environment(
        now=datetime(2026, 4, 2, 22, 30, tzinfo=UTC), zone=ZoneInfo("Europe/London"), host=variables.pop("host", Host())
    )
    expression = compile_expression(text, names=variables, functions=HOST_FUNCTIONS)
    return to_plain(expression.evaluate(variables, environment)), environment


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('add working days(date("2026-04-02"), 1)', date(2026, 4, 7)),
        ("add working days(from: start, n: -1)", date(2026, 4, 1)),
        ("add working days(today(), 0)", date(2026, 4, 2)),
        ('working days between(start, date("2026-04-08"))', 2),
        ('is working day(date("2026-04-03"))', False),
        ('next working day(date("2026-04-03"))', date(2026, 4, 7)),
        ('next working day(date and time("2026-04-03T10:00:00"))', date(2026, 4, 7)),
        ('time limit("review_days")', 10),
        ('add working days(start, -time limit("review_days"))', date(2026, 3, 19)),
    ],
)
def test_answers(text: str, answer: object) -> None:
    found, environment = evaluate(text, start=date(2026, 4, 2))
    assert (found, environment.warnings) == (answer, [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("add working days(null, 1)", "from must be a date"),
        ("add working days(start, 1.5)", "n must be a whole number"),
        ('add working days(start, "ten")', "n must be a whole number"),
        ("add working days(start, 1e30)", "n must be a whole number"),
        ("working days between(start, 3)", "to must be a date"),
        ("is working day(3)", "date must be a date"),
        ('time limit("nothing")', "no limit called 'nothing'"),
        ('time limit("unheard_of")', "no such limit"),
        ("time limit(3)", "name must be text"),
    ],
)
def test_arguments_that_cannot_be_used_give_null_and_a_warning(text: str, says: str) -> None:
    found, environment = evaluate(text, start=date(2026, 4, 2))
    assert found is None
    assert [warning.code for warning in environment.warnings] == ["host-function"]
    assert says in environment.warnings[0].message


def test_without_an_authority_there_is_a_warning() -> None:
    found, environment = evaluate('time limit("review_days")', host=None)
    assert found is None
    assert "no authority" in environment.warnings[0].message


def test_only_limits_are_kept_for_hosts_of_one_key() -> None:
    assert {name for name, lent in HOST_FUNCTIONS.items() if lent.fixed} == {"time limit"}
