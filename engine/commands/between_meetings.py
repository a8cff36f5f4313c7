"""Between meetings: practitioners report back to who leads, the family's worries are answered, the team gets news."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.consent_cover import SHARED
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.operations import tac_meetings
from engine.operations.consent_cover import may_hear
from engine.process_engine import ProcessEngine
from engine.store import locking, relations, requests, team
from engine.store.tables.between_meetings import family_worries, reports_back, team_message_readers, team_messages
from engine.store.tables.record import cases, children, family_members
from engine.work import Work, open_work, require_on_case

LONGEST: Final = 10_000
_NOT_YOURS: Final = "Who leads or assesses, their line manager or a coordinator does this"
_NOT_SHARED: Final = (
    "The family’s consent does not cover sharing now, so nothing is written to the team. Ask the family first"
)
_NOT_REACHED: Final = (
    "The family cannot be reached, so nothing is written to the team. Record first that the family was found"
)


def report_back(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, report: str, needs: str = "", request_key: str | None = None
) -> UUID:
    """Report to who leads an open case what one has done and seen, and what one `needs`; return the report's id.

    Anybody who may see the case reports; who leads (or assesses) is written to, without the report's words. The coming
    meeting takes it for the report that it waits for of who does not come. A repeated `request_key` reports once.
    Raises `NotFound`, `Conflict` for a closed case, `Invalid` (field `report`).
    """
    said = {"report": _said(report, "report", "Say what you have done and seen"), "needs": needs.strip()}
    with _on_case(engine, actor, case_id, "report back", request_key, said) as (work, first):
        if first is not None:
            return first
        row = {**_own(work), "written_by": actor.practitioner_id, "written_at": work.at, **said}
        work.connection.execute(sa.insert(reports_back).values(**row))
        # What they need is for who leads; the family may read the report.
        tac_meetings.report_to_meeting(work, actor.practitioner_id, said["report"])
        work.record("reported_back", subject=row["id"], payload=said)
        for who in _closest(work):
            if who != actor.practitioner_id:
                work.send(who, subject="Somebody of a team you lead has reported back")
        work.finish()
    return UUID(str(row["id"]))


def answer_report(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, report_id: UUID, answer: str = "", request_key: str | None
) -> None:
    """Keep that a report was read by who leads, with an `answer` to its writer if there is one.

    Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case or a report that was read already.
    """
    said = answer.strip()
    with _on_case(engine, actor, case_id, "answer a report", request_key, [report_id, said]) as (work, first):
        if first is not None:
            return
        _require_close(work, actor)
        row = _row(work, reports_back, report_id)
        if row.seen_at is not None:
            raise Conflict("Somebody has read and answered this report already", report_id=report_id)
        seen = {"seen_by": actor.practitioner_id, "seen_at": work.at, "answer": said}
        work.connection.execute(sa.update(reports_back).where(reports_back.c.id == report_id).values(**seen))
        work.record("report_back_answered", subject=report_id, payload={"answer": said})
        for who in may_hear(work, [row.written_by] if said else []):
            work.send(who, subject="What you reported back was answered")
        work.finish()


def log_worry(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    worry: str,
    said_on: date | None = None,
    member_id: UUID | None = None,
    request_key: str | None = None,
) -> UUID:
    """Keep what worries somebody of the family (None: the child) about the help, said on a day; return its id.

    Anybody who may see the case writes it down. Raises `NotFound`, `Conflict` for a closed case, `Invalid`.
    """
    said = _said(worry, "worry", "Say what worries them, in their words")
    sent = [said, said_on, member_id]
    with _on_case(engine, actor, case_id, "log a worry", request_key, sent) as (work, first):
        if first is not None:
            return first
        on = said_on or work.today
        if on > work.today:
            raise Invalid("This day is still to come", field="said_on")
        _require_family(work, member_id)
        row = {**_own(work), "member_id": member_id, "written_by": actor.practitioner_id, "said_on": on, "worry": said}
        work.connection.execute(sa.insert(family_worries).values(**row))
        work.record("family_worry_logged", subject=row["id"], payload={"worry": said}, effective_on=on)
        for who in _closest(work):
            if who != actor.practitioner_id:
                work.send(who, subject="A family has said what worries them: please answer")
        work.finish()
    return UUID(str(row["id"]))


def answer_worry(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, worry_id: UUID, answer: str, request_key: str | None
) -> None:
    """Keep what the family was answered about a worry.

    Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case or a worry that was answered, `Invalid`.
    """
    said = _said(answer, "answer", "Say what the family was answered")
    with _on_case(engine, actor, case_id, "answer a worry", request_key, [worry_id, said]) as (work, first):
        if first is not None:
            return
        _require_close(work, actor)
        if _row(work, family_worries, worry_id).answered_on is not None:
            raise Conflict("The family was answered about this already", worry_id=worry_id)
        answered = {"answer": said, "answered_by": actor.practitioner_id, "answered_on": work.today}
        work.connection.execute(sa.update(family_worries).where(family_worries.c.id == worry_id).values(**answered))
        work.record("family_worry_answered", subject=worry_id, payload={"answer": said})
        work.finish()


def write_to_team(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    body: str,
    to: Sequence[UUID],
    request_key: str | None = None,
) -> UUID:
    """Write once to all or some of the team whom the family's consent covers; return the message's id.

    Each gets an e-mail without its words, and reads them signed in. Raises `NotFound`, `NotPermitted`, `Conflict` for
    a closed case, `Invalid` (fields `body`, `to`) while nothing may be shared or for somebody outside.
    """
    said, chosen = _said(body, "body", "Say what is new"), list(dict.fromkeys(to))
    if not chosen:
        raise Invalid("Choose whom you write to", field="to")
    with _on_case(engine, actor, case_id, "write to the team", request_key, [said, sorted(chosen)]) as (work, first):
        if first is not None:
            return first
        _require_close(work, actor)
        if work.facts()["consent"] not in SHARED:
            raise Invalid(_NOT_SHARED, field="to")
        if work.facts()["family_not_found"]:
            raise Invalid(_NOT_REACHED, field="to")
        if not set(chosen) <= set(team.covered(work.connection, case_id)):
            raise Invalid("Choose people of the team whom the family’s consent covers", field="to")
        row = {**_own(work), "written_by": actor.practitioner_id, "written_at": work.at, "body": said}
        work.connection.execute(sa.insert(team_messages).values(**row))
        work.connection.execute(sa.insert(team_message_readers), [_reader(work, row["id"], who) for who in chosen])
        whom = {"people": len(chosen), "who": chosen}
        work.record("team_written_to", subject=row["id"], detail=whom, payload={"body": said})
        for who in chosen:
            work.send(who, subject="There is news for the team around a child")
        work.finish()
    return UUID(str(row["id"]))


@contextmanager
def _on_case(
    engine: ProcessEngine, actor: Actor, case_id: UUID, act: str, request_key: str | None, sent: Any
) -> Iterator[tuple[Work, UUID | None]]:
    """Open an act on a case; give with it the id that the very same request was answered with before, or None."""
    request = requests.asked(actor, request_key, act, about=case_id, content=sent)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        first = requests.answered(connection, request)
        yield work, None if first is None else first.subject_id


def _require_close(work: Work, actor: Actor) -> None:
    if not permissions.may_keep_in_touch(actor, relations.of(work.connection, actor, work.case.id)):
        raise NotPermitted(_NOT_YOURS)


def _closest(work: Work) -> list[UUID]:
    """Return who leads, or who assesses while nobody does."""
    facts = work.facts()
    found = facts["lead_professional"] or facts["assessor"]
    return [UUID(str(found))] if found else []


def _require_family(work: Work, member_id: UUID | None) -> None:
    if member_id is None:
        return
    own = (
        sa.select(family_members.c.id)
        .join(children, children.c.family_id == family_members.c.family_id)
        .join(cases, cases.c.child_id == children.c.id)
        .where(family_members.c.id == member_id, cases.c.id == work.case.id)
    )
    if work.connection.execute(own).first() is None:
        raise Invalid("Choose somebody of the family", field="member_id")


def _said(text: str, field: str, wanted: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(wanted, field=field)
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field=field)
    return said


def _own(work: Work) -> dict[str, Any]:
    return {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}


def _reader(work: Work, message_id: UUID, who: UUID) -> dict[str, Any]:
    return {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "message_id": message_id,
        "practitioner_id": who,
    }


def _row(work: Work, table: sa.Table, id_: UUID) -> Any:
    found = work.connection.execute(sa.select(table).where(table.c.id == id_, table.c.case_id == work.case.id)).first()
    if found is None:
        raise NotFound("There is no such entry on this case", id=id_)
    return found
