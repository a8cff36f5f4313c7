"""What is said between meetings on a case, for who may see each part of it; and what waits for who leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.process_engine import ProcessEngine
from engine.queries import case_record, consent_limits, owed_reports, visibility, words
from engine.queries.people import Practitioner
from engine.queries.view import View, viewing
from engine.store import kept_addresses, relations, team
from engine.store.tables.between_meetings import family_worries, reports_back, team_message_readers, team_messages
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases, children, family_members, lead_professionals

LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody reported back; `seen_at` None while who leads has not read it, `seen_by` then empty."""

    report_id: UUID
    written_by: str
    written_at: datetime
    report: str
    needs: str
    seen_by: str
    seen_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """What worries somebody of the family (`said_by`); `answered_on` None while nobody has answered."""

    worry_id: UUID
    said_by: str
    said_on: date
    written_by: str
    worry: str
    answer: str
    answered_by: str
    answered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamNews:
    """News that was written to the team, and to whom of it."""

    message_id: UUID
    written_by: str
    written_at: datetime
    body: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenMeetings:
    """All of it, the newest first. A reader of the team sees their own reports, and the news written to them.

    `keeps` tells whether the reader answers reports and worries and writes to the team: to some of `team`, as far as
    `consent_sentence` goes. `family` are the ids and names of those whose worry may be written down. `owed_on` is the
    day of the coming meeting when that waits for a report of the reader, who does not come. `may_write` tells whether
    the reader may report back and write down a worry: not who opened the case in an emergency.
    """

    case_id: UUID
    reference: str
    closed_on: date | None
    child_name: str
    reports: tuple[Report, ...]
    worries: tuple[Worry, ...]
    messages: tuple[TeamNews, ...]
    team: tuple[Practitioner, ...]
    family: tuple[tuple[UUID, str], ...]
    consent_sentence: str
    keeps: bool
    may_write: bool
    worries_kept: bool
    owed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Reports and worries of a case, the newest first; `worries_kept` where the consent keeps them from the reader."""

    reports: tuple[Report, ...]
    worries: tuple[Worry, ...]
    worries_kept: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case on which something that was said between meetings waits to be answered."""

    case_id: UUID
    child_name: str
    reports: int
    worries: int


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> BetweenMeetings:
    """Return what was said between meetings, after keeping that it was read. Raises `NotFound`."""
    visibility.record_read(engine, actor, case_id, "what was said between meetings")
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        case = view.connection.execute(_CASE.where(cases.c.id == case_id)).one()
        said = of_case(view, case_id, relation)
        return BetweenMeetings(
            case_id=case_id,
            reference=case.reference,
            closed_on=case.closed_on,
            child_name=words.child_name(case.given_name, case.family_name, case.known_as),
            reports=said.reports,
            worries=said.worries,
            messages=kept_addresses.left_out(
                view, case_id, _messages(view, case_id, mine_only=permissions.reads_as_team(actor, relation)), relation
            ),
            team=_team(view, case_id),
            family=_family(view, case.child_id),
            consent_sentence=case_record.consent_sentence(case_record.consent(view, case_id)),
            keeps=case.closed_on is None and permissions.may_keep_in_touch(actor, relation),
            may_write=case.closed_on is None and permissions.may_see_case(actor, relation),
            worries_kept=said.worries_kept,
            owed_on=owed_reports.by_case(view).get(case_id),
        )


def of_case(view: View, case_id: UUID, relation: Relation) -> Said:
    """Return what was reported and what worries the family, as far as the reader may see either."""
    kept = "notes" in consent_limits.kept_from(view, case_id, relation)
    said = Said(
        reports=_reports(view, case_id, own_only=permissions.reads_as_team(view.actor, relation)),
        worries=() if kept else _worries(view, case_id),
        worries_kept=kept,
    )
    return kept_addresses.left_out(view, case_id, said, relation)


def waiting(engine: ProcessEngine, *, actor: Actor) -> tuple[Waiting, ...]:
    """Return the open cases that the actor leads, or leads for somebody away, with reports or worries unanswered."""
    me = [actor.practitioner_id, *sorted(actor.covers)]
    with viewing(engine, actor) as view:
        leads = sa.select(lead_professionals.c.case_id).where(
            lead_professionals.c.practitioner_id.in_(me), lead_professionals.c.to_on.is_(None)
        )
        reports = _unanswered(view, reports_back, reports_back.c.seen_at, leads)
        worries = _unanswered(view, family_worries, family_worries.c.answered_on, leads)
        if not reports and not worries:
            return ()
        found = visibility.visible(view, sorted({*reports, *worries}))
        rows = view.connection.execute(_CASE.where(cases.c.id.in_(sorted(found)), cases.c.closed_on.is_(None)))
        return tuple(
            Waiting(
                row.id,
                words.child_name(row.given_name, row.family_name, row.known_as),
                reports.get(row.id, 0),
                worries.get(row.id, 0),
            )
            for row in rows.all()
        )


def _unanswered(view: View, table: sa.Table, answered: sa.Column[Any], leads: sa.Select[Any]) -> dict[UUID, int]:
    rows = view.connection.execute(
        sa.select(table.c.case_id, sa.func.count().label("number"))
        .where(table.c.case_id.in_(leads), answered.is_(None))
        .group_by(table.c.case_id)
        .limit(LONGEST)
    )
    return {row.case_id: row.number for row in rows}


_writer, _other = practitioners.alias("writer"), practitioners.alias("other")


def _reports(view: View, case_id: UUID, *, own_only: bool) -> tuple[Report, ...]:
    query = (
        sa.select(reports_back, _writer.c.name.label("writer"), _other.c.name.label("reader"))
        .join(_writer, _writer.c.id == reports_back.c.written_by)
        .outerjoin(_other, _other.c.id == reports_back.c.seen_by)
        .where(reports_back.c.case_id == case_id)
        .order_by(reports_back.c.written_at.desc(), reports_back.c.id.desc())
        .limit(LONGEST)
    )
    if own_only:
        query = query.where(reports_back.c.written_by == view.actor.practitioner_id)
    return tuple(
        Report(
            report_id=row.id, written_by=row.writer, written_at=row.written_at, report=row.report, needs=row.needs,
            seen_by=row.reader or "", seen_at=row.seen_at, answer=row.answer,
        )
        for row in view.connection.execute(query)
    )  # fmt: skip


def _worries(view: View, case_id: UUID) -> tuple[Worry, ...]:
    rows = view.connection.execute(
        sa.select(
            family_worries, family_members.c.name.label("member"), _writer.c.name.label("writer"),
            _other.c.name.label("answerer"),
        )
        .join(_writer, _writer.c.id == family_worries.c.written_by)
        .outerjoin(_other, _other.c.id == family_worries.c.answered_by)
        .outerjoin(family_members, family_members.c.id == family_worries.c.member_id)
        .where(family_worries.c.case_id == case_id)
        .order_by(family_worries.c.said_on.desc(), family_worries.c.id.desc())
        .limit(LONGEST)
    )  # fmt: skip
    return tuple(
        Worry(
            worry_id=row.id, said_by=row.member or "the child or young person", said_on=row.said_on,
            written_by=row.writer, worry=row.worry, answer=row.answer, answered_by=row.answerer or "",
            answered_on=row.answered_on,
        )
        for row in rows
    )  # fmt: skip


def _messages(view: View, case_id: UUID, *, mine_only: bool) -> tuple[TeamNews, ...]:
    me = view.actor.practitioner_id
    query = (
        sa.select(team_messages, _writer.c.name)
        .join(_writer, _writer.c.id == team_messages.c.written_by)
        .where(team_messages.c.case_id == case_id)
        .order_by(team_messages.c.written_at.desc(), team_messages.c.id.desc())
        .limit(LONGEST)
    )
    if mine_only:
        to_me = sa.select(team_message_readers.c.message_id).where(team_message_readers.c.practitioner_id == me)
        query = query.where(sa.or_(team_messages.c.id.in_(to_me), team_messages.c.written_by == me))
    rows = view.connection.execute(query).all()
    to: dict[UUID, list[str]] = {}
    asked = (
        sa.select(team_message_readers.c.message_id, practitioners.c.name)
        .join(practitioners, practitioners.c.id == team_message_readers.c.practitioner_id)
        .where(team_message_readers.c.message_id.in_([row.id for row in rows]))
        .order_by(practitioners.c.name)
    )
    for each in view.connection.execute(asked) if rows else ():
        to.setdefault(each.message_id, []).append(each.name)
    return tuple(
        TeamNews(
            message_id=row.id, written_by=row.name, written_at=row.written_at, body=row.body,
            to=tuple(to.get(row.id, ())),
        )
        for row in rows
    )  # fmt: skip


def _team(view: View, case_id: UUID) -> tuple[Practitioner, ...]:
    rows = view.connection.execute(
        sa.select(practitioners.c.id, practitioners.c.name, practitioners.c.job_title, agencies.c.name.label("agency"))
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(
            practitioners.c.id.in_(team.covered(view.connection, case_id)),
            practitioners.c.id != view.actor.practitioner_id,
        )
        .order_by(practitioners.c.name, practitioners.c.id)
    )
    return tuple(Practitioner(row.id, row.name, row.job_title, row.agency or "") for row in rows)


def _family(view: View, child_id: UUID) -> tuple[tuple[UUID, str], ...]:
    rows = view.connection.execute(
        sa.select(family_members.c.id, family_members.c.name)
        .join(children, children.c.family_id == family_members.c.family_id)
        .where(children.c.id == child_id)
        .order_by(family_members.c.id)
    )
    return tuple((row.id, row.name) for row in rows)


_CASE: Final = sa.select(
    cases.c.id, cases.c.reference, cases.c.closed_on, cases.c.child_id,
    children.c.given_name, children.c.family_name, children.c.known_as,
).join(children, children.c.id == cases.c.child_id)  # fmt: skip
