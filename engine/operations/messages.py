"""Messages to people. None carries a child's details: they say what to look at, signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import SHARED, STOPPED
from engine.operations.family_copies import write_plan
from engine.operations.vacancies import is_led, is_to_be_led_today
from engine.store import people
from engine.store.consent_cover import outside, rests
from engine.store.tables.people import line_managers
from engine.store.tables.record import case_members
from engine.store.tables.running import user_tasks
from engine.work import Work

WHO_MAY: Final = "Look first who of the family may have a copy: the case says so."
"""In messages about copies: a parent may be one who is told a part only, or nothing."""


def send_plan_to_family(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write each of the family who may have it their copy of the plan, and ask the lead to hand over the others.

    E-mail takes the copies of those who have an address; the others wait on the case's page. While nobody leads, the
    line manager is asked, and the coordinators where there is none or the case is restricted.
    """
    facts, copies = work.facts(), write_plan(work)
    asked = facts["lead_professional"] or (None if work.case.restricted else facts["line_manager"])
    for each in [UUID(asked)] if asked else people.with_role(work.connection, work.authority.id, "coordinator"):
        work.send(
            each,
            subject="Give the family their copy of the plan",
            body=f"The plan has changed. Print it or hand it over at the next visit. {WHO_MAY}",
        )
    work.record("plan_sent_to_family", detail={"copies": copies})
    return {}


def tell_members(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell every member of the team around the child that there is news; only as far as consent to share stands.

    While the family cannot be reached only who leads and who assesses. With the property `but_lead` not who leads, who
    knows it already.
    """
    if work.facts()["consent"] not in SHARED:
        work.record("members_not_told", why="there is no consent to share")
        return {}
    subject = str(inputs.get("subject") or "There is news on a plan you are part of")
    known = work.facts()["lead_professional"] if inputs.get("but_lead") == "yes" else None
    members = [each for each in _members(work) if str(each) != known]
    for member in members:
        work.send(member, subject=subject)
    work.record("members_told", detail={"members": len(members), "who": members})
    return {}


def tell_line_manager(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the line manager of the lead professional (or assessor) that something needs them.

    With the property `rests`, nobody while the plan rests or nothing may be shared, and with `late`, the id of a user
    task, nobody until the day has passed by which that is due: for what is said again later.
    """
    if (inputs.get("rests") == "yes" and _rests(work)) or _in_time(work, str(inputs.get("late") or "")):
        return {}
    subject = str(inputs.get("subject") or "A plan in your team needs you")
    return _tell(work, _managers_up(work)[:1], subject, "line_manager_told")


def _rests(work: Work) -> bool:
    facts = work.facts()
    return bool(facts["paused"] or facts["family_not_found"] or facts["consent"] in STOPPED)


def _in_time(work: Work, element: str) -> bool:
    """Tell whether the open task of a diagram is not late yet: a pause may have moved the day by which it is due."""
    found = {"case": work.case.id, "element": element, "today": work.today}
    return bool(element) and work.connection.execute(_NOT_LATE, found).first() is not None


_NOT_LATE = sa.select(user_tasks.c.id).where(
    user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid),
    user_tasks.c.element_id == sa.bindparam("element"),
    user_tasks.c.state == "open",
    user_tasks.c.due_on >= sa.bindparam("today", type_=sa.Date),
)


def remind_lead(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind the lead professional, or the assessor while nobody leads, of what the diagram's subject says."""
    facts = work.facts()
    role = next((each for each in ("lead_professional", "assessor") if facts[each]), None)
    subject = str(inputs.get("subject") or "Something on a plan waits for you")
    wanted = [] if role is None else [UUID(facts[role])]
    return _tell(work, wanted, subject, "lead_reminded", role=role or "coordinator")


def tell_manager_above(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the line manager's own manager that the line manager has not acted; the coordinators where there is none."""
    subject = str(inputs.get("subject") or "A plan waits for a line manager")
    return _tell(work, _managers_up(work)[1:], subject, "manager_above_told")


def alert_manager(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Alert the line manager, the manager above and the safeguarding leads at once, with the diagram's subject.

    With the property `unless_led`, nobody once somebody leads, or is to lead today.
    """
    if _is_led_after_all(work, inputs):
        return {}
    subject = str(inputs.get("subject") or "Urgent: a concern has had no answer")
    leads = people.with_role(work.connection, work.authority.id, "safeguarding_lead")
    return _tell(work, [*_managers_up(work), *leads], subject, "manager_alerted")


def alert_coordinator(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Alert the coordinators and the safeguarding leads: those who were asked first have not acted.

    `unless_led` as of `alert_manager`.
    """
    if _is_led_after_all(work, inputs):
        return {}
    subject = str(inputs.get("subject") or "Urgent: a case needs somebody else to act")
    roles = ("coordinator", "safeguarding_lead")
    wanted = [id_ for role in roles for id_ in people.with_role(work.connection, work.authority.id, role)]
    return _tell(work, wanted, subject, "coordinator_alerted")


def _is_led_after_all(work: Work, inputs: Mapping[str, Any]) -> bool:
    return inputs.get("unless_led") == "yes" and (is_led(work) or is_to_be_led_today(work))


def tell_coordinators(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the authority's coordinators that there is news on a case."""
    subject = str(inputs.get("subject") or "There is news on a case")
    wanted = people.with_role(work.connection, work.authority.id, "coordinator")
    return _tell(work, wanted, subject, "coordinators_told")


def _tell(work: Work, wanted: list[UUID], subject: str, kind: str, **detail: str) -> Mapping[str, Any]:
    """Write to everybody wanted, once; to the coordinators when nobody is known: an alert never reaches nobody."""
    told = list(dict.fromkeys(wanted)) or people.with_role(work.connection, work.authority.id, "coordinator")
    for practitioner in told:
        work.send(practitioner, subject=subject)
    work.record(kind, detail={"told": len(told), **detail})
    return {}


def _managers_up(work: Work) -> list[UUID]:
    """Return the line manager and, when known, the manager above."""
    first = work.facts()["line_manager"]
    if first is None:
        return []
    return [UUID(first), *work.connection.execute(_ABOVE, {"who": UUID(first)}).scalars()]


_ABOVE = sa.select(line_managers.c.manager_id).where(
    line_managers.c.practitioner_id == sa.bindparam("who"), line_managers.c.to_on.is_(None)
)


def _members(work: Work) -> list[UUID]:
    """Return everybody on the team whom the consent covers, the lead professional first, without repeats."""
    lead = work.facts()["lead_professional"]
    team = work.connection.execute(_TEAM, {"case": work.case.id}).scalars()
    return list(dict.fromkeys([*([UUID(lead)] if lead else []), *team]))


_LEFT_OUT = outside(case_members.c.case_id, case_members.c.practitioner_id)
_TEAM = sa.select(case_members.c.practitioner_id).where(
    case_members.c.case_id == sa.bindparam("case"),
    case_members.c.to_on.is_(None),
    # Who assesses keeps the record, whatever the family lets be shared with others.
    sa.or_(case_members.c.role == "assessor", ~sa.or_(_LEFT_OUT, rests(case_members.c.case_id))),
)
