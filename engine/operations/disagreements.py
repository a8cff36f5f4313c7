"""Disagreements between professionals: both sides are asked at each stage, and both are told what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.consent_cover import may_hear
from engine.operations.reading import person, text
from engine.store import people
from engine.store.tables.changes import disagreement_answers, disagreements
from engine.work import Work

MANAGERS: Final = "managers"
OFFICERS: Final = ("senior_officer", "senior_officers")
"""The role of those who decide in the end, and their candidate group."""
_WITHOUT_OFFICERS: Final = ["safeguarding_leads", "coordinators"]
"""Who is asked to decide in an authority that has named no senior officers."""


def raise_disagreement(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what is disagreed about, and with whom; gives back `raised_by` and `sides`, practitioners' ids.

    The other side is told. Somebody outside the team is kept in words and has no part in the record. Raises `Invalid`
    for oneself as the other side, `Conflict` while one is open.
    """
    if work.connection.execute(sa.select(disagreements.c.id).where(_open(work))).first() is not None:
        raise Conflict("A disagreement is being settled on this case already", case_id=work.case.id)
    raised_by = work.actor.practitioner_id if work.actor else None
    other = person(work, answers, "other_side", anybody=True) if text(answers, "other_side") else None
    if other is not None and other == raised_by:
        raise Invalid("Choose whom you disagree with, not yourself", field="other_side")
    work.connection.execute(
        sa.insert(disagreements).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            raised_by=raised_by,
            other_side_id=other,
            other_side=text(answers, "other_side_words"),
            raised_on=work.today,
            stage_on=work.today,
            about=text(answers, "about"),
            wanted=text(answers, "wanted"),
        )
    )
    work.changed()
    work.record("disagreement_raised", subject=other, payload={"why": text(answers, "about")})
    _tell(work, [other] if other else [], "Somebody sees something about a child's plan differently from you")
    sides = [str(side) for side in (raised_by, other) if side is not None]
    return {"raised_by": None if raised_by is None else str(raised_by), "sides": sides}


def answer_disagreement(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what one side says at this stage; gives back their `settled`. See `look_at_disagreement`."""
    settled, outcome = text(answers, "settled") or "yes", text(answers, "outcome")
    _answer(work, settled, outcome)
    work.record("disagreement_answered", detail={"settled": settled}, payload={"why": outcome})
    return {"settled": settled}


def look_at_disagreement(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `settled`: yes when everybody who answered at this stage says so, and then it is over; else no."""
    said = work.connection.execute(
        sa.select(disagreement_answers.c.settled, disagreement_answers.c.outcome)
        .join(disagreements, disagreements.c.id == disagreement_answers.c.disagreement_id)
        .where(_open(work), disagreement_answers.c.stage == disagreements.c.stage)
        .order_by(disagreement_answers.c.id)
    ).all()
    if not said or any(row.settled == "no" for row in said):
        return {"settled": "no"}
    outcome = "\n".join(dict.fromkeys(row.outcome for row in said if row.outcome))
    _keep(work, outcome=outcome, settled_on=work.today)
    work.record("disagreement_settled", payload={"why": outcome})
    return {"settled": "yes"}


def settle_disagreement(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what one person settles for both sides; gives back `settled` as yes or no. Without a no it is settled."""
    outcome, settled = text(answers, "outcome"), text(answers, "settled") or "yes"
    _answer(work, settled, outcome)
    if settled == "no":
        work.record("disagreement_not_settled", payload={"why": outcome})
        return {"settled": settled}
    _keep(work, outcome=outcome, settled_on=work.today)
    work.record("disagreement_settled", payload={"why": outcome})
    return {"settled": "yes"}


def pass_disagreement_on(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pass it to the next stage: the diagram's property `stage` is `managers` or `senior_officers`.

    Gives back `managers`, the ids of each side's manager (a coordinator for a side that has none), or `officers`, the
    groups that decide.
    """
    stage = str(inputs.get("stage") or MANAGERS)
    _keep(work, stage=stage, stage_on=work.today)
    work.record("disagreement_passed_on", detail={"stage": stage})
    if stage == MANAGERS:
        return {"managers": [str(manager) for manager in _managers(work, _latest(work))]}
    role, group = OFFICERS
    known = people.with_role(work.connection, work.authority.id, role)
    return {"officers": [group] if known else _WITHOUT_OFFICERS}


def tell_disagreement_sides(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell both sides what came of it, and their managers when it went to them."""
    row = _latest(work)
    told = _sides(row) if row is not None else []
    if row is not None and row.stage != "practitioners":
        told += _managers(work, row)
    _tell(work, told, str(inputs.get("subject") or "A disagreement about a child's plan is settled"))
    work.record("disagreement_sides_told", detail={"told": len(set(told))})
    return {}


def _sides(row: Any) -> list[UUID]:
    return [side for side in (row.raised_by, row.other_side_id) if side is not None]


def _managers(work: Work, row: Any) -> list[UUID]:
    """Return each side's manager, once; a coordinator stands in for a side that has none or is outside the team."""
    found = [people.manager_of(work.connection, side) for side in _sides(row)]
    if row.other_side_id is None:
        found.append(None)
    stand_in = people.with_role(work.connection, work.authority.id, "coordinator")[:1]
    filled = [[manager] if manager is not None else stand_in for manager in found]
    return list(dict.fromkeys(manager for each in filled for manager in each))


def _latest(work: Work) -> Any:
    return work.connection.execute(
        sa.select(disagreements)
        .where(disagreements.c.case_id == work.case.id)
        .order_by(disagreements.c.raised_on.desc(), disagreements.c.id.desc())
        .limit(1)
    ).first()


def _answer(work: Work, settled: str, outcome: str) -> None:
    row = _latest(work)
    if row is None or row.settled_on is not None:
        raise Conflict("This disagreement is over", case_id=work.case.id)
    work.connection.execute(
        sa.insert(disagreement_answers).values(
            id=work.engine.ids.new(),
            disagreement_id=row.id,
            authority_id=work.authority.id,
            case_id=work.case.id,
            stage=row.stage,
            answered_by=work.actor.practitioner_id if work.actor else None,
            settled=settled,
            outcome=outcome,
            answered_on=work.today,
        )
    )


def _tell(work: Work, whom: Sequence[UUID], subject: str) -> None:
    for practitioner in may_hear(work, list(dict.fromkeys(whom))):
        work.send(practitioner, subject=subject)


def _open(work: Work) -> sa.ColumnElement[bool]:
    return (disagreements.c.case_id == work.case.id) & disagreements.c.settled_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(disagreements).where(_open(work)).values(**values))
    work.changed()
