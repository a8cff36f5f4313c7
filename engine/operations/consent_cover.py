"""Whom the family's consent covers: asked before anything is shared, and drawn on when it becomes narrower."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import ASKED_AGAIN, nobody_new, not_covered
from engine.errors import Invalid
from engine.operations import handing_on
from engine.operations.invitations import open_replies
from engine.store import consent_cover
from engine.store.strangers import strangers
from engine.store.tables.record import case_members, invitations, plan_actions
from engine.store.tables.running import user_tasks
from engine.work import Work

NOT_COVERED: Final = "A family’s consent no longer covers you"
NO_LONGER: Final = "The family’s consent no longer covers them"
_LOOK: Final = "The case says who it is, and what is yours now."


def require_covered(work: Work, practitioners: Sequence[UUID], field: str | None = None) -> None:
    """Raise `Invalid` for the answer `field` when the family's consent leaves one of `practitioners` out.

    The error's detail `ask_again` is the case on which the family can be asked. Who works with the record in any case
    (who leads or assesses, their line manager, a coordinator) is always covered.
    """
    left_out = consent_cover.left_out(work.connection, work.case.id, list(dict.fromkeys(practitioners)))
    if left_out:
        details = {"ask_again": str(work.case.id), **({"field": field} if field else {})}
        raise Invalid(not_covered([each.words for each in left_out]), **details)


def require_all_covered(work: Work, chosen: Mapping[str, UUID]) -> None:
    """Raise `Invalid`, as `require_covered`, for the first of the answers `chosen` that names somebody left out."""
    left_out = consent_cover.left_out(work.connection, work.case.id, list(dict.fromkeys(chosen.values())))
    if left_out:
        gone = {each.id for each in left_out}
        field = next(field for field, person in chosen.items() if person in gone)
        require_covered(work, sorted(gone), field)


def require_known(work: Work, chosen: Mapping[str, UUID], *, to_lead_between: bool = False) -> None:
    """Raise `Invalid` for the first of the answers `chosen` that names somebody new while nothing is shared.

    Who works with the record in any case may be named, and who stands in for them; `to_lead_between` a colleague of
    theirs too (`strangers`). The error's detail `ask_again` as of `require_covered`.
    """
    wanted = list(dict.fromkeys(chosen.values()))
    found = strangers(work.connection, work.case.id, wanted, today=work.today, to_lead_between=to_lead_between)
    new = {each.id: each for each in found}
    field = next((field for field, person in chosen.items() if person in new), None)
    if field is None:
        return
    why = consent_cover.why_not_shared(work.connection, work.case.id)
    again = {"ask_again": str(work.case.id)} if why in ASKED_AGAIN else {}
    said = nobody_new(why, [new[chosen[field]].words], to_lead_between=to_lead_between)
    raise Invalid(said, field=field, **again)


def covered(work: Work, practitioners: Sequence[UUID]) -> list[UUID]:
    """Return those of `practitioners` whom the consent in force covers, in order."""
    left_out = {each.id for each in consent_cover.left_out(work.connection, work.case.id, practitioners)}
    return [each for each in practitioners if each not in left_out]


def may_hear(work: Work, practitioners: Sequence[UUID]) -> list[UUID]:
    """Return those of `practitioners` who may be written to about the case now, in order; nobody of whom it is kept.

    Whom the consent in force covers; while sharing rests, who keeps the record and who stands in for them.
    """
    given = covered(work, practitioners)
    strange = {each.id for each in strangers(work.connection, work.case.id, given, today=work.today)}
    return [each for each in given if each not in strange]


def left_out_already(work: Work) -> frozenset[UUID]:
    """Return those with a part in the case whom the consent in force leaves out; they were told when it was given."""
    return frozenset(each.id for each in consent_cover.left_out(work.connection, work.case.id, _involved(work)))


def draw_back(work: Work, among: Sequence[UUID] | None = None, *, told: Collection[UUID] = ()) -> None:
    """Take from everybody, or from those `among` them, whom the consent now leaves out what shows them the case.

    They are told so. Invitations to the coming meeting end, with the question whether they come; their actions pass to
    who leads until somebody else is found, and so do the tasks they have; those of the service itself stay. What was
    shared stays recorded. Those who were `told` before, or in this act, hear nothing again, nor does who leads, unless
    something passes.
    """
    left_out = consent_cover.left_out(work.connection, work.case.id, _involved(work) if among is None else among)
    heard = {*told, *(event.subject_id for event in work.events if event.kind == "consent_leaves_out")}
    lead, news = handing_on.keeper(work) if left_out else None, False
    for each in left_out:
        handing_on.uninvite(work, each.id, why=NO_LONGER)
        work.released.extend(open_replies(work, each.id))
        detail = handing_on.pass_on(work, each.id, to=lead) if lead else {"actions": 0, "tasks": 0}
        if each.id not in heard:
            work.send(each.id, subject=NOT_COVERED, body="You are no longer part of a plan. There is nothing to do.")
        if each.id not in heard or any(detail.values()):
            work.record("consent_leaves_out", subject=each.id, detail=detail)
            news = True
    if news and lead is not None:
        work.send(lead, subject="A family’s consent leaves somebody of the team out", body=_LOOK)
    work.changed()


def _involved(work: Work) -> list[UUID]:
    """Return everybody who is on the team, has an open action or task, or is asked to the coming meeting."""
    mine = (
        sa.select(table.c[who].label("who")).where(table.c.case_id == work.case.id, *more)
        for table, who, more in (
            (case_members, "practitioner_id", (case_members.c.role == "member", case_members.c.to_on.is_(None))),
            (plan_actions, "owner_id", (plan_actions.c.closed_on.is_(None),)),
            (invitations, "practitioner_id", (invitations.c.meeting_id.in_(handing_on.not_held(work)),)),
            (user_tasks, "assignee_id", (user_tasks.c.state == "open", user_tasks.c.assignee_id.is_not(None))),
        )
    )
    found = sa.union(*mine).subquery()
    return list(work.connection.execute(sa.select(found.c.who).order_by(found.c.who)).scalars())
