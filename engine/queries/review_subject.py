"""What somebody decides on when a plan is reviewed: reports, who is silent, what was said between meetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.queries import between_meetings, consent_limits, words
from engine.queries.view import View
from engine.store import relations
from engine.store.tables.people import practitioners
from engine.store.tables.record import lead_professionals, plan_actions, reviews

Subject = tuple[tuple[str, str], ...]
MOST: Final = 5
"""How many reports or worries stand beside a task, the newest; all of them stand on a page of their own."""


def reviewing(view: View, row: Any) -> Subject:
    """Say what the owners of open actions last reported, who said nothing, and what was said between meetings."""
    relation = relations.of(view.connection, view.actor, row.case_id)
    if "plan" in consent_limits.kept_from(view, row.case_id, relation):
        return said_between(view, row.case_id)
    return (*_reports(view, row.case_id), *_updates(view, row.case_id), *said_between(view, row.case_id))


def said_between(view: View, case_id: UUID) -> Subject:
    """Say what the team reported since the last review, or nobody has read yet, and which worries wait for an answer.

    As far as the reader may see either.
    """
    found = between_meetings.of_case(view, case_id, relations.of(view.connection, view.actor, case_id))
    since = view.connection.execute(_LAST_REVIEW, {"case": case_id}).scalar()
    zone, today = view.authority.zone, view.today
    dated = ((each.written_at.astimezone(zone).date(), each) for each in found.reports)
    reports = [
        f"{each.written_by}, {words.day(day, today=today)}: {_asking(each)}"
        for day, each in dated
        if not each.seen_at or since is None or day >= since
    ]
    worries = [
        f"{words.capital(each.said_by)}, {words.day(each.said_on, today=today)}: {each.worry.strip()}"
        for each in found.worries
        if each.answered_on is None
    ]
    return ("Reported between meetings", _newest(reports)), ("The family’s worries, not answered yet", _newest(worries))


def _asking(report: between_meetings.Report) -> str:
    needs = f" Asked for: {report.needs.strip()}" if report.needs.strip() else ""
    return f"{words.sentence(report.report) if needs else report.report.strip()}{needs}"


def _newest(lines: Sequence[str]) -> str:
    more = len(lines) - MOST
    return "\n".join([*lines[:MOST], *([f"And {more} more"] if more > 0 else [])])


def _reports(view: View, case_id: UUID) -> Subject:
    rows = view.connection.execute(_REPORTED, {"case": case_id})
    return tuple(
        (f"{each.name}, {words.day(each.progress_on, today=view.today)}", f"{each.action.rstrip('.')}: {each.progress}")
        for each in rows
    )


def _updates(view: View, case_id: UUID) -> Subject:
    """Say of a review by updates who has not said how their actions go since they were asked."""
    asked_on = view.connection.execute(_ASKED_ON, {"case": case_id}).scalar()
    if asked_on is None:
        return ()
    silent = list(view.connection.execute(_SILENT, {"case": case_id, "asked_on": asked_on}).scalars())
    since = f"since updates were asked for on {words.day(asked_on, today=view.today)}"
    if not silent:
        return (("Updates", f"Everybody with an open action has said how it goes {since}"),)
    return (("Updates", f"Nothing from {words.listed(silent)} {since}"),)


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_LAST_REVIEW: Final = sa.select(sa.func.max(reviews.c.held_on)).where(reviews.c.case_id == _CASE)
_ASKED_ON: Final = sa.select(reviews.c.asked_on).where(
    reviews.c.case_id == _CASE, reviews.c.held_on.is_(None), reviews.c.way == "updates"
)
_OPEN: Final = (plan_actions.c.case_id == _CASE) & plan_actions.c.closed_on.is_(None)
_REPORTED: Final = (
    sa.select(practitioners.c.name, plan_actions.c.action, plan_actions.c.progress, plan_actions.c.progress_on)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(_OPEN, plan_actions.c.progress != "")
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)
_LEADS: Final = sa.select(lead_professionals.c.practitioner_id).where(
    lead_professionals.c.case_id == _CASE, lead_professionals.c.to_on.is_(None)
)
_HEARD_ON: Final = sa.func.max(plan_actions.c.progress_on)
_SILENT: Final = (
    sa.select(practitioners.c.name)
    .join(plan_actions, plan_actions.c.owner_id == practitioners.c.id)
    .where(_OPEN, plan_actions.c.owner_id.not_in(_LEADS))
    .group_by(practitioners.c.id, practitioners.c.name)
    .having(sa.or_(_HEARD_ON.is_(None), sa.bindparam("asked_on", type_=sa.Date) > _HEARD_ON))
    .order_by(practitioners.c.name)
)
