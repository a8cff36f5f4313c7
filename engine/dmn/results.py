"""What an evaluation says: the value, and which rows gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from engine.feel import FeelWarning, to_plain

ROW: Final = "Row"
"""The annotation column in which a table names its rows, so that they keep their names wherever they stand."""
SOURCE: Final = "Source"
"""The annotation column in which a table says where its rows come from."""
_LONGEST_WHOLE = 40
"""Digits of a whole number that are written out; Python refuses to print thousands of them."""


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """One row of a decision table that matched, with what it looked at and what it said."""

    decision: str
    """Name of the decision or knowledge model that holds the table, "import.name" for an imported one."""
    table: str
    """Id of the table, empty when the file gives none."""
    row: int
    """Number of the row, counted from 1."""
    rule: str
    """Id of the row, empty when the file gives none."""
    inputs: Mapping[str, Any]
    """Text of each input expression -> the value it had."""
    outputs: Mapping[str, Any]
    """Name of each output -> the value this row gives it."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Name of each annotation column -> its text in this row."""
    description: str = ""

    @property
    def label(self) -> str:
        """What the table itself calls the row: its annotation `Row`; its number when it has none."""
        return label_of(self.annotations, self.row)

    def as_json(self) -> dict[str, Any]:
        """Return the row as a dictionary that any JSON writer takes (dates and times in ISO 8601)."""
        return {
            "decision": self.decision,
            "table": self.table,
            "row": self.row,
            "rule": self.rule,
            "inputs": jsonable(self.inputs),
            "outputs": jsonable(self.outputs),
            "annotations": dict(self.annotations),
            "description": self.description,
        }


def label_of(annotations: Mapping[str, str], row: int) -> str:
    """Return what a table calls its row (number from 1): its annotation `Row`; the number when it has none."""
    return annotations.get(ROW) or str(row)


def row_in_words(annotations: Mapping[str, str], row: int, rule: str = "") -> str:
    """Return how a sentence names a row to whoever looks for it in the table: "26b (the 42nd)".

    A row without a name of its own is its number, with its id where it has one: "42 (row_silent)".
    """
    if ROW in annotations:
        return f"{annotations[ROW]} (the {_ordinal(row)})" if annotations[ROW] != str(row) else str(row)
    return f"{row} ({rule})" if rule else str(row)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The answer of one decision, with everything needed to explain it."""

    decision: str
    """Name of the decision asked."""
    value: Any
    """The answer, a FEEL value; null (None) also when it could not be worked out: see `warnings`."""
    matched: tuple[MatchedRow, ...] = ()
    """Rows that matched, in the order in which the tables were evaluated."""
    warnings: tuple[FeelWarning, ...] = ()
    """What went wrong on the way; each went on as null, as the standard says."""
    decisions: Mapping[str, Any] = field(default_factory=dict)
    """Name of every decision evaluated on the way -> its value."""
    missing: frozenset[str] = frozenset()
    """Names of the inputs needed that were absent or null."""

    @property
    def own_rows(self) -> tuple[MatchedRow, ...]:
        """The rows that matched of the table that was asked, without those of tables asked on the way."""
        return tuple(row for row in self.matched if row.decision == self.decision)

    def as_json(self) -> dict[str, Any]:
        """Return the whole answer as a dictionary that any JSON writer takes.

        Keys: `decision`, `result`, `matched` (see `MatchedRow.as_json`), `decisions`, `warnings`
        (`code`, `message`), `missing` (sorted names). Exact decimals that are not whole are given as
        floats; dates, times and durations as ISO 8601 text.
        """
        return {
            "decision": self.decision,
            "result": jsonable(self.value),
            "matched": [row.as_json() for row in self.matched],
            "decisions": jsonable(self.decisions),
            "warnings": [{"code": warning.code, "message": warning.message} for warning in self.warnings],
            "missing": sorted(self.missing),
        }


def told_source(matched: Mapping[str, Any]) -> str:
    """Say where a row that matched (`MatchedRow.as_json`) comes from: its annotation `Source` and its description.

    Some editors show the one, some the other, so that only one of them may have been changed; most often the
    description holds the source, and is then not said twice.
    """
    source, description = matched["annotations"].get(SOURCE, ""), matched.get("description", "")
    return source if source in description and source else " ".join(said for said in (description, source) if said)


def jsonable(value: Any) -> Any:
    """Return the FEEL `value` as plain JSON data; what JSON has no word for becomes its text."""
    return _json(to_plain(value))


def _json(plain: Any) -> Any:
    if plain is None or isinstance(plain, str | bool | int | float):
        return plain
    if isinstance(plain, Decimal):
        return _number(plain)
    if isinstance(plain, Mapping):
        return {str(key): _json(item) for key, item in plain.items()}
    if isinstance(plain, list | tuple):
        return [_json(item) for item in plain]
    if isinstance(plain, date | time):
        return plain.isoformat()
    if isinstance(plain, timedelta):
        return _duration_text(plain)
    return str(plain)


def _number(value: Decimal) -> int | float | str:
    """Return a number as JSON readers can hold it: one too large even for a float is its text."""
    if value.adjusted() < _LONGEST_WHOLE and value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if isfinite(near) else str(value)


def _duration_text(span: timedelta) -> str:
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{span.days}D" if span.days else ""
    return f"{sign}P{days}T{clock}" if clock else f"{sign}P{days or '0D'}"
