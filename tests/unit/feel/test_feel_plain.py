"""The way between ordinary Python values and FEEL's."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.errors import BudgetExceeded, Invalid
from engine.feel import FeelRange, YearsMonths, kind_name, literal_text, parse_duration, to_feel, to_plain

LONDON = ZoneInfo("Europe/London")
LOCAL = datetime(2026, 3, 3, 10, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1, "number", "1"),
        (0.1, "number", "0.1"),
        (Decimal("1.10"), "number", "1.1"),
        (True, "boolean", "true"),
        ("a", "string", '"a"'),
        (None, "null", "null"),
        ((1, 2), "list", "[1, 2]"),
        ({"a": [1]}, "context", "{a: [1]}"),
        (OrderedDict(a=1), "context", "{a: 1}"),
        (date(2026, 3, 3), "date", "2026-03-03"),
        (LOCAL, "date and time", "2026-03-03T10:00:00"),
        (datetime(2026, 3, 3, 10, tzinfo=UTC), "date and time", "2026-03-03T10:00:00Z"),
        (datetime(2026, 7, 3, 10, tzinfo=LONDON), "date and time", "2026-07-03T10:00:00@Europe/London"),
        (datetime(2026, 3, 3, 10, tzinfo=timezone(timedelta(hours=2))), "date and time", "2026-03-03T10:00:00+02:00"),
        (time(10, 30, 0, 500), "time", "10:30:00.0005"),
        (timedelta(days=-1, hours=1), "days and time duration", "-PT23H"),
        (YearsMonths(14), "years and months duration", "P1Y2M"),
        (FeelRange(Decimal(1), True, Decimal(2), False), "range", "[1..2)"),
    ],
)
def test_python_to_feel(value: Any, kind: str, text: str) -> None:
    feel = to_feel(value)
    assert kind_name(feel) == kind
    assert literal_text(feel) == text


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), "\ud800", {"\udfff": 1},
     {1: 2}, object(), b"x", 1j, lambda: 1, [object()], pytest.param(10**7000, id="huge"), Decimal("1e9999"), int],
)  # fmt: skip
def test_what_feel_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        to_feel(value)


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Invalid):
        to_feel(loop)


def test_numbers_given_are_rounded_to_34_digits() -> None:
    assert to_feel(Decimal("1." + "3" * 50)) == Decimal("1." + "3" * 33)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Decimal("3.0"), 3),
        (Decimal("3.5"), Decimal("3.5")),
        ([Decimal(1), {"a": None}], [1, {"a": None}]),
        (YearsMonths(14), "P1Y2M"),
        (parse_duration("P1DT1H"), timedelta(days=1, hours=1)),
        (parse_duration("PT0.000000001S"), "PT0.000000001S"),
        (FeelRange(Decimal(1), True, Decimal(2), True), "[1..2]"),
    ],
)
def test_feel_to_python(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain
    assert type(to_plain(value)) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 7, 3, 10, 0, 0, 5, tzinfo=LONDON),
        datetime(2026, 7, 3, 10, tzinfo=UTC),
        datetime(2024, 10, 27, 1, 30, tzinfo=LONDON, fold=1),
        LOCAL,
        time(10, 30),
        time(10, 30, tzinfo=UTC),
        timedelta(days=400, microseconds=1),
        date(1, 1, 1),
        [1, "a", None, True, {"b": Decimal("0.5")}],
    ],
)
def test_there_and_back(value: Any) -> None:
    plain = to_plain(to_feel(value))
    assert plain == value
    assert getattr(plain, "fold", 0) == getattr(value, "fold", 0)


def test_a_huge_whole_number_stays_a_decimal() -> None:
    assert to_plain(Decimal("1e6000")) == Decimal("1e6000")
    assert isinstance(to_plain(Decimal("1e6000")), Decimal)


def test_lists_that_unfold_without_end_are_stopped() -> None:
    value: list[Any] = [Decimal(1)]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(BudgetExceeded):
        to_plain(value)
    with pytest.raises(BudgetExceeded):
        literal_text(value)
