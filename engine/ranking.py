"""How well each person who might lead is placed, by the rules: explained and put in order, never chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine.dmn import DecisionModel
from engine.feel import Environment, to_plain

DECISION: Final = "lead_professional"
SHOWN_AS: Final = "lead_ranking"
"""The name under which a form's table is given the order, with the columns `place`, `who`, `leads` and `reasons`."""
FACTORS: Final = ("family_wishes", "agency_involvement", "relationship", "capacity", "facilitating", "sharing")
"""The six factors of the lead professional guidance, the family's wishes first."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One person in the order. `place` counts from 1, people with the same points share one.

    `reasons` are the sentences of the rules, `rows` the ids of the rows that said them, in the rules' order.
    """

    place: int
    practitioner_id: UUID
    points: int
    reasons: tuple[str, ...]
    rows: tuple[str, ...]


def rank(
    model: DecisionModel, candidates: Sequence[Mapping[str, Any]], *, environment: Environment
) -> tuple[Placed, ...]:
    """Put candidates in order by `DECISION`; those who are equal stay as they were given.

    A candidate is a row of answers: `person` (an id), and any of `FACTORS`; one left out counts as not known. Rows
    without a person, or with one named before, are passed over.
    """
    judged: dict[UUID, tuple[int, tuple[str, ...], tuple[str, ...]]] = {}
    for row in candidates:
        person = _person(row)
        if person is not None and person not in judged:
            judged[person] = _judge(model, row, environment)
    best_first = sorted(judged.items(), key=lambda each: -each[1][0])
    return tuple(
        Placed(1 + sum(other > points for other, _, _ in judged.values()), person, points, reasons, rows)
        for person, (points, reasons, rows) in best_first
    )


def _judge(
    model: DecisionModel, row: Mapping[str, Any], environment: Environment
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    result = model.evaluate(DECISION, {name: row.get(name) or None for name in FACTORS}, environment)
    said = [each for each in _rows(to_plain(result.value)) if isinstance(each, Mapping)]
    points = sum(int(each.get("points") or 0) for each in said)
    reasons = tuple(str(each["reason"]) for each in said if each.get("reason"))
    return points, reasons, tuple(match.rule for match in result.own_rows)


def _rows(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _person(row: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(row.get("person") or ""))
    except ValueError:
        return None
