"""Disagreements between professionals: kept with who settles them and until when; the plan goes on meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.errors import Conflict
from engine.operations.reading import text
from engine.store.tables.changes import disagreements
from engine.work import Work


def raise_disagreement(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what is disagreed about; gives back `raised_by`, a practitioner's id.

    Raises `Conflict` while one is open.
    """
    if work.connection.execute(sa.select(disagreements.c.id).where(_open(work))).first() is not None:
        raise Conflict("A disagreement is being settled on this case already", case_id=work.case.id)
    raised_by = work.actor.practitioner_id if work.actor else None
    work.connection.execute(
        sa.insert(disagreements).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            raised_by=raised_by,
            raised_on=work.today,
            stage_on=work.today,
            about=text(answers, "about"),
            wanted=text(answers, "wanted"),
        )
    )
    work.changed()
    work.record("disagreement_raised", payload={"why": text(answers, "about")})
    return {"raised_by": None if raised_by is None else str(raised_by)}


def settle_disagreement(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a stage came to; gives back `settled` as yes or no. Without a no it is settled."""
    outcome = text(answers, "outcome")
    if text(answers, "settled") == "no":
        work.record("disagreement_not_settled", payload={"why": outcome})
        return {"settled": "no"}
    _keep(work, outcome=outcome, settled_on=work.today)
    work.record("disagreement_settled", payload={"why": outcome})
    return {"settled": "yes"}


def pass_disagreement_on(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pass it to the next stage: the diagram's property `stage` is `managers` or `senior_officers`."""
    stage = str(inputs.get("stage") or "managers")
    _keep(work, stage=stage, stage_on=work.today)
    work.record("disagreement_passed_on", detail={"stage": stage})
    return {}


def _open(work: Work) -> sa.ColumnElement[bool]:
    return (disagreements.c.case_id == work.case.id) & disagreements.c.settled_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(disagreements).where(_open(work)).values(**values))
    work.changed()
