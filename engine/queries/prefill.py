"""What the record already knows of a task's answers: people tell it once, and only check it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import profiles
from engine.forms import Form, Unreadable, level
from engine.forms.parsing import read_date
from engine.queries import candidates, consent_prefill, meeting_prefill, plan_prefill, words
from engine.queries.view import View
from engine.store.tables.changes import closures
from engine.store.tables.record import (
    escalations,
    mag_referrals,
    manager_discussions,
    plan_actions,
)

Answers = Mapping[str, Any]

_TODAY: Final = {
    "record_consent": "signed_on",
    "record_consent_again": "signed_on",
    "complete_assessment": "completed_on",
    "record_manager_discussion": "discussed_on",
    "record_mag_consent": "asked_on",
    "acknowledge_concern": "acknowledged_on",
    "record_family_told": "told_on",
    "record_transfer_consent": "asked_on",
    "send_transfer": "sent_on",
    "confirm_transfer": "received_on",
    "ask_family_about_consultation": "asked_on",
    "record_consultation": "asked_on",
    "settle_with_other_plan": "told_on",
}
"""The question of each record operation that asks when it was done: today, unless the person says otherwise."""


def prefill(
    view: View, *, form: Form, operation: str | None, case_id: UUID, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Return answers, as JSON has them, that the record can give to the questions of `form`; often none.

    `operation` is the record operation that the answers are for, `variables` what its task sees.
    """
    answers: dict[str, Any] = {}
    if operation is None:
        return answers
    if operation in _TODAY:
        answers[_TODAY[operation]] = view.today.isoformat()
    if operation in _KNOWN:
        answers.update(_KNOWN[operation](view, case_id))
    if operation == "give_update":
        answers.update(_own_actions(view, case_id, variables.get("owner")))
    return {key: value for key, value in answers.items() if key in form.keys and value not in ("", [], None)}


def renewed(form: Form, draft: Answers, known: Answers, *, saved_on: date, today: date) -> Answers:
    """Return a draft with the days that were filled in as today, and left so when it was saved, as the record has them.

    `known` is what the record gives now (`prefill`). Whoever chose another day than that of the saving keeps it.
    """
    return {key: _renewed(form, key, value, known.get(key), saved_on, today) for key, value in draft.items()}


def with_new_rows(form: Form, answers: Answers, known: Answers) -> Answers:
    """Return what was typed with the rows that the record has since, in lists to which nobody adds any themselves.

    `known` is what the record gives now: whoever was asked to a meeting meanwhile stands in the list of its family.
    """
    found = dict(answers)
    for each in level(form.fields):
        which = next((one.key for one in each.children if one.attributes.get("fixed")), None)
        if each.kind != "dynamiclist" or each.can_add or which is None or each.key not in answers:
            continue
        rows = list(answers[each.key] or ())
        have = {row.get(which) for row in rows}
        found[each.key] = rows + [row for row in known.get(each.key) or () if row[which] not in have]
    return found


def _renewed(form: Form, key: str, value: Any, now: Any, saved_on: date, today: date) -> Any:
    if saved_on >= today or now is None or key not in _days(form):
        return value
    try:
        return now if read_date(value) == saved_on < read_date(now) <= today else value
    except Unreadable:
        return value


def _days(form: Form) -> set[str]:
    return {each.key for each in level(form.fields) if each.kind == "date"}


def _sent_back(view: View, case_id: UUID) -> Answers:
    """Give a closure that somebody sent back as it was written; the reason that is known, of another."""
    last = view.connection.execute(
        sa.select(closures)
        .where(closures.c.case_id == case_id, closures.c.returned_on.is_not(None))
        .order_by(closures.c.returned_on.desc(), closures.c.id.desc())
        .limit(1)
    ).first()
    if last is None or last.answered_by is None:
        return consent_prefill.withdrawn(view, case_id)
    return {name: last._mapping[name] for name in ("reason", "summary", "family_told", "next_support")}


def _group_met(view: View, case_id: UUID) -> Answers:
    """Take the day on which the group was to look at the plan, unless it is still to come."""
    meets_on = view.connection.execute(
        sa.select(mag_referrals.c.meeting_on).where(
            mag_referrals.c.case_id == case_id, mag_referrals.c.ended_on.is_(None)
        )
    ).scalar()
    return {"decided_on": min(meets_on or view.today, view.today).isoformat()}


def _stalled(view: View, case_id: UUID) -> Answers:
    """Say why the plan has stalled and what has been tried, as it was recorded before."""
    raised = view.connection.execute(
        sa.select(escalations.c.sentence)
        .where(
            escalations.c.case_id == case_id,
            escalations.c.ended_on.is_(None),
            escalations.c.level.not_in(("safeguarding", "harm_check")),
        )
        .order_by(escalations.c.first_true_on, escalations.c.id)
    ).scalars()
    tried = view.connection.execute(
        sa.select(manager_discussions.c.tried).where(
            manager_discussions.c.case_id == case_id, manager_discussions.c.ended_on.is_(None)
        )
    ).scalar()
    return {"reason": " ".join(words.sentence(each) for each in raised), "tried": tried or ""}


def _papers(view: View, case_id: UUID) -> Answers:
    """Give papers that came back as they were, else what the record says of the stalled plan."""
    columns = ("reason", "tried", "asked", "discussed_on")
    sent = view.connection.execute(
        sa.select(*(mag_referrals.c[name] for name in columns)).where(
            mag_referrals.c.case_id == case_id, mag_referrals.c.ended_on.is_(None)
        )
    ).first()
    if sent is not None:
        return {**sent._mapping, "discussed_on": sent.discussed_on and sent.discussed_on.isoformat()}
    discussed_on = view.connection.execute(
        sa.select(manager_discussions.c.discussed_on).where(
            manager_discussions.c.case_id == case_id, manager_discussions.c.ended_on.is_(None)
        )
    ).scalar()
    return {**_stalled(view, case_id), "discussed_on": discussed_on and discussed_on.isoformat()}


def _group_meeting(view: View, case_id: UUID) -> Answers:
    """Take the next meeting of any group for which the papers are in time."""
    profile = view.authority.profile
    ahead = int(view.engine.library.host(view.connection, view.authority).time_limit(profiles.MAG_PAPERS_AHEAD))
    coming = profiles.next_meeting(profile, calendar=view.authority.calendar, today=view.today, ahead=ahead)
    names = [group.name for group in profiles.groups(profile)]
    if coming is None:
        return {"mag": names[0]} if len(names) == 1 else {}
    return {"mag": coming.name, "meeting_on": coming.meets_on.isoformat()}


def _own_actions(view: View, case_id: UUID, owner: Any) -> Answers:
    """Give a row for each open action of whom the task asks, the first due first; all when they are finished since."""
    actions = view.connection.execute(
        sa.select(plan_actions.c.id, plan_actions.c.closed_on)
        .where(plan_actions.c.case_id == case_id, plan_actions.c.owner_id == UUID(str(owner)))
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
    ).all()
    still_open = [row for row in actions if row.closed_on is None]
    return {"updates": [{"action_id": str(row.id)} for row in still_open or actions]}


_KNOWN: Final[Mapping[str, Callable[[View, UUID], Answers]]] = {
    "agree_action_plan": meeting_prefill.to_agree,
    "arrange_tac_meeting": meeting_prefill.to_arrange,
    "change_action_plan": plan_prefill.as_it_is,
    "complete_reassessment": plan_prefill.last_assessment,
    "settle_with_other_plan": plan_prefill.as_it_is,
    "choose_lead": candidates.known,
    "close_case": _sent_back,
    "record_consent_again": consent_prefill.last_agreed,
    "finish_tac_meeting": meeting_prefill.to_finish,
    "hold_review": meeting_prefill.to_review,
    "hold_tac_meeting": meeting_prefill.to_hold,
    "record_family_replies": meeting_prefill.to_reply,
    "record_mag_decision": _group_met,
    "refer_to_mag": _papers,
    "screen_mag_papers": _group_meeting,
}
