"""A referral to the Multi-Agency Group: papers, which group looks at them and when, what it decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import profiles
from engine.casework.consent_cover import STOPPED
from engine.errors import Invalid
from engine.operations import action_plans, stalled_plans
from engine.operations.reading import day, optional_day, rows, text
from engine.store.tables.record import mag_referrals
from engine.work import Work


def find_mag_meeting(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `papers_due_on`: so many working days before the next meeting for which papers can be in time.

    The diagram's input `papers_ahead` says how many. Without a meeting in the authority's profile they are due that
    many working days from today.
    """
    calendar, ahead = work.authority.calendar, int(inputs["papers_ahead"])
    coming = profiles.next_meeting(work.authority.profile, calendar=calendar, today=work.today, ahead=ahead)
    if coming is None:
        return {"papers_due_on": calendar.add_working_days(work.today, ahead)}
    return {"papers_due_on": calendar.add_working_days(coming.meets_on, -ahead)}


def refer_to_mag(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the papers of a referral; the lead stays lead, the line manager's stage is over. Gives back `referred_on`.

    Papers that came back are replaced: the day of the first ones stays. Raises `Invalid` without the family's consent.
    """
    facts = work.facts()
    if facts["mag_consent"] != "yes" or facts["consent"] in STOPPED:
        raise Invalid("The family has not agreed that the multi-agency group looks at this plan. Ask them first.")
    stalled_plans.end_stage(work)
    papers: dict[str, Any] = {name: text(answers, name) for name in ("reason", "tried", "asked")}
    papers |= {"discussed_on": optional_day(answers, "discussed_on"), "papers_sent_on": work.today, "missing": ""}
    waiting = work.connection.execute(
        sa.select(mag_referrals.c.id, mag_referrals.c.referred_on).where(_waits(work))
    ).first()
    if waiting is None:
        id_, referred_on = work.engine.ids.new(), work.today
        row = {"id": id_, "authority_id": work.authority.id, "case_id": work.case.id, "referred_on": referred_on}
        work.connection.execute(sa.insert(mag_referrals).values(**row, **papers))
    else:
        id_, referred_on = waiting
        work.connection.execute(sa.update(mag_referrals).where(mag_referrals.c.id == id_).values(**papers))
    work.changed()
    work.record("referred_to_mag", subject=id_, detail={"again": waiting is not None})
    return {"referred_on": referred_on}


def screen_mag_papers(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the papers are whole, and which group meets when, or what is missing.

    Gives back `papers_whole` (yes or no), with a yes `meeting_on` too. Raises `Invalid` without a day.
    """
    if text(answers, "papers_whole") == "no":
        missing = text(answers, "missing")
        _keep(work, missing=missing)
        work.record("mag_papers_sent_back", payload={"why": missing})
        return {"papers_whole": "no"}
    meeting_on = _meeting_day(work, answers)
    _keep(work, mag=text(answers, "mag"), screened_on=work.today, meeting_on=meeting_on, missing="")
    work.record("mag_papers_accepted", detail={"meeting_on": meeting_on})
    return {"papers_whole": "yes", "meeting_on": meeting_on}


def record_mag_decision(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the group decided and put its actions on the child's plan, or the day to which it was put off.

    Gives back `mag_outcome` (decided or put_off), when put off `meeting_on` too. Raises `Invalid` when an action has
    no owner or date, for a decision before the group's meeting, and here as elsewhere when no referral waits any more.
    """
    if text(answers, "mag_outcome") == "put_off":
        return _put_off(work, answers)
    on = day(answers, "decided_on", work.today)
    meets_on = work.connection.execute(sa.select(mag_referrals.c.meeting_on).where(_waits(work))).scalar()
    if meets_on is not None and on < meets_on:
        said = f"The group meets on {meets_on.day} {meets_on:%B %Y}: it cannot have decided before"
        raise Invalid(f"{said}. Put the meeting on another day first if it was moved", field="decided_on")
    _keep(work, decided_on=on, decision=text(answers, "decision"), ended_on=work.today)
    actions = rows(answers, "actions")
    work.record("mag_decided", detail={"actions": len(actions)}, effective_on=on)
    if actions:
        action_plans.agree_action_plan(work, {"actions": actions}, {})
    return {"mag_outcome": "decided"}


def has_decided_today(work: Work) -> bool:
    """Tell whether the group has decided today what is to be done about the plan."""
    today = (mag_referrals.c.case_id == work.case.id) & (mag_referrals.c.ended_on == work.today)
    decided = sa.select(mag_referrals.c.id).where(today, mag_referrals.c.decided_on.is_not(None))
    return work.connection.execute(decided).first() is not None


def end_referral(work: Work) -> UUID | None:
    """End the referral that waits without a decision, as the family takes back its yes; return its id, or None."""
    waiting = work.connection.execute(sa.select(mag_referrals.c.id).where(_waits(work))).scalar()
    if waiting is not None:
        _keep(work, ended_on=work.today)
        work.record("mag_referral_ended", subject=waiting)
    return waiting


def _put_off(work: Work, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    meeting_on, why = _meeting_day(work, answers), text(answers, "why")
    _keep(work, meeting_on=meeting_on, put_off=mag_referrals.c.put_off + 1)
    work.record("mag_put_off", detail={"meeting_on": meeting_on}, payload={"why": why})
    return {"mag_outcome": "put_off", "meeting_on": meeting_on}


def _meeting_day(work: Work, answers: Mapping[str, Any]) -> date:
    meeting_on = optional_day(answers, "meeting_on")
    if meeting_on is None:
        raise Invalid("Enter the day on which the group meets", field="meeting_on")
    referred_on = work.connection.execute(sa.select(mag_referrals.c.referred_on).where(_waits(work))).scalar()
    if referred_on is not None and meeting_on < referred_on:
        said = f"The plan was referred on {referred_on.day} {referred_on:%B %Y}"
        raise Invalid(f"{said}: the group cannot have met about it before", field="meeting_on")
    return meeting_on


def _waits(work: Work) -> sa.ColumnElement[bool]:
    return (mag_referrals.c.case_id == work.case.id) & mag_referrals.c.ended_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    kept = work.connection.execute(sa.update(mag_referrals).where(_waits(work)).values(**values))
    if not kept.rowcount:
        raise Invalid("The referral has ended: there is nothing left to decide about it")
    work.changed()
