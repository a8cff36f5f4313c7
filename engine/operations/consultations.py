"""Advice asked of social care about a plan that does not reach its outcomes: with the family's yes, or no names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.consent_cover import STOPPED
from engine.errors import Invalid
from engine.operations.concerns import put_concern
from engine.operations.reading import day, optional_day, text
from engine.store.tables.changes import consultations
from engine.work import Work

NAMED: Final = "named"
REFER: Final = "refer"


def ask_family_about_consultation(
    work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Keep whether the family agrees that social care is asked with their name; gives back `consultation_consent`."""
    answer = text(answers, "consultation_consent")
    asked_on = None if answer == "not_asked" else day(answers, "asked_on", work.today)
    said = text(answers, "family_view")
    values = {
        "consent": answer,
        "consent_by": text(answers, "given_by"),
        "family_view": said,
        "family_asked_on": asked_on,
    }
    _open_or_keep(work, values)
    work.record("consultation_consent_recorded", detail={"answer": answer}, payload={"why": said})
    return {"consultation_consent": answer}


def record_consultation(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep who was asked, when, with or without names, what they advised and what is done next by when.

    Gives back `advice_next`, `next_step_on`, and the `concern` that a referral puts to social care. Raises `Invalid`
    for names without the family's yes.
    """
    way, kind = text(answers, "way"), text(answers, "advice_next")
    if way == NAMED and not _agreed(work):
        raise Invalid("The family has not said yes to this: ask without their names", field="way")
    on, step_on = day(answers, "asked_on", work.today), optional_day(answers, "next_step_on")
    values = {
        "way": way,
        "asked_whom": text(answers, "asked_whom"),
        "asked_on": on,
        "recorded_by": work.actor.practitioner_id if work.actor else None,
        "advice": text(answers, "advice"),
        "next_kind": kind,
        "next_step": text(answers, "next_step"),
        "next_step_on": step_on,
    }
    _open_or_keep(work, values)
    detail = {"way": way, "next": kind, "next_step_on": step_on}
    work.record("consultation_recorded", detail=detail, payload={"why": text(answers, "advice")}, effective_on=on)
    routing: dict[str, Any] = {"advice_next": kind, "next_step_on": step_on}
    return routing | {"concern": put_concern(work, text(answers, "advice"), answers)} if kind == REFER else routing


def report_next_step(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether what was agreed after the advice is done; gives back `step_done` and, when not, `next_step_on`.

    Raises `Invalid` for a not yet without another day.
    """
    done, on = text(answers, "step_done"), optional_day(answers, "next_step_on")
    if done != "yes" and on is None:
        raise Invalid("Enter the day by which it will be done", field="next_step_on")
    detail = {"done": done == "yes", "next_step_on": None if done == "yes" else on}
    if done != "yes":
        last = sa.select(consultations.c.id).where(consultations.c.case_id == work.case.id)
        latest = last.order_by(consultations.c.asked_on.desc(), consultations.c.id.desc()).limit(1).scalar_subquery()
        work.connection.execute(sa.update(consultations).where(consultations.c.id == latest).values(next_step_on=on))
        work.changed()
    work.record("consultation_step_reported", detail=detail, payload={"why": text(answers, "note")})
    return {"step_done": done, "next_step_on": on}


def _agreed(work: Work) -> bool:
    """Tell whether the family said yes to this, and has not ended all sharing since."""
    current = _current(work)
    return current is not None and current.consent == "yes" and work.facts()["consent"] not in STOPPED


def _open_or_keep(work: Work, values: Mapping[str, Any]) -> None:
    """Write to the consultation under way, opening one when there is none."""
    current = _current(work)
    if current is None:
        row: dict[str, Any] = {"id": work.engine.ids.new(), "consent": "not_asked"} | dict(values)
        row |= {"authority_id": work.authority.id, "case_id": work.case.id}
        work.connection.execute(sa.insert(consultations).values(**row))
    else:
        work.connection.execute(sa.update(consultations).where(consultations.c.id == current.id).values(**values))
    work.changed()


def _current(work: Work) -> Any:
    under_way = consultations.c.asked_on.is_(None) & consultations.c.ended_on.is_(None)
    mine = consultations.c.case_id == work.case.id
    return work.connection.execute(
        sa.select(consultations.c.id, consultations.c.consent).where(mine, under_way)
    ).first()
