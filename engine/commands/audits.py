"""Audits: a random sample of open cases is drawn and kept, and each is judged item by item."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import audit_items, oversight, permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.overseeing import Said, record_note, require_overseer, write_note
from engine.process_engine import ProcessEngine
from engine.store import locking, relations, requests
from engine.store.tables.oversight import audit_answers, audit_cases, audits
from engine.work import Work, open_work, require_on_case

MOST: Final = 50
"""How many cases one audit holds at most: what one person looks at in a month."""
LONGEST: Final = 1_000
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of a case: `answers` by item, `scores` by section, `notes` by item (`casework.audit_items`).

    `action` is what is to be done about it; it becomes a note of oversight on the case.
    """

    answers: Mapping[str, str]
    scores: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)
    action: Said | None = None


def draw(
    engine: ProcessEngine, *, actor: Actor, name: str, size: int, seed: str, drawn_from: Sequence[UUID]
) -> UUID:
    """Keep a sample of `size` of the open cases `drawn_from` (those the actor oversees); return the audit's id.

    The same seed draws the same sample from the same cases: `sample`. Raises `NotPermitted`, `Invalid` naming the
    field, `Conflict` when a case of the sample is not open to the actor any more.
    """
    if not oversight.may_see_supervision(actor):
        raise NotPermitted("Line managers and coordinators audit cases")
    _require_sample(name, size, seed, drawn_from)
    chosen = sample(drawn_from, size=size, seed=seed)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        _require_visible(connection, actor, chosen)
        audit_id = _keep(work, actor, name.strip(), seed, drawn_from, chosen)
        work.record("audit_drawn", subject=audit_id, detail={"number": len(chosen), "seed": seed})
        work.finish()
    return audit_id


def sample(drawn_from: Sequence[UUID], *, size: int, seed: str) -> list[UUID]:
    """Return the cases that `seed` draws, in the order in which they are looked at."""
    # A sample has to be drawn again by whoever doubts it, so chance is seeded; nothing secret hangs on it.
    return random.Random(seed).sample(sorted(drawn_from), size)  # noqa: S311


def digest(drawn_from: Sequence[UUID]) -> str:
    """Return the SHA-256 (hexadecimal) of the cases that a sample was drawn from."""
    return hashlib.sha256("".join(each.hex for each in sorted(drawn_from)).encode()).hexdigest()


def _require_sample(name: str, size: int, seed: str, drawn_from: Sequence[UUID]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Invalid(f"Give the audit a name of at most {LONGEST_NAME} characters", field="name")
    if not 1 <= size <= MOST:
        raise Invalid(f"Choose 1 to {MOST} cases", field="size")
    if size > len(drawn_from):
        raise Invalid(f"Choose at most {len(drawn_from)}: that is how many open cases you oversee", field="size")
    if not seed.strip() or len(seed) > LONGEST_NAME:
        raise Invalid("Give the seed, any short text", field="seed")


def _require_visible(connection: sa.Connection, actor: Actor, chosen: Sequence[UUID]) -> None:
    stands = relations.of_many(connection, actor, chosen)
    if not all(each in stands and permissions.may_see_case(actor, stands[each]) for each in chosen):
        raise Conflict("The cases have changed meanwhile. Draw the sample again.")


def _keep(
    work: Work, actor: Actor, name: str, seed: str, drawn_from: Sequence[UUID], chosen: Sequence[UUID]
) -> UUID:
    new, authority_id = work.engine.ids.new, work.authority.id
    row = {"id": new(), "authority_id": authority_id, "made_by": actor.practitioner_id, "made_at": work.at}
    about = {"name": name, "seed": seed, "drawn_from": len(drawn_from), "drawn_from_digest": digest(drawn_from)}
    work.connection.execute(sa.insert(audits).values(**row, **about))
    rows = [
        {"id": new(), "authority_id": authority_id, "audit_id": row["id"], "case_id": case_id, "place": place}
        for place, case_id in enumerate(chosen, 1)
    ]
    work.connection.execute(sa.insert(audit_cases), rows)
    return row["id"]  # type: ignore[return-value]


def judge(
    engine: ProcessEngine, *, actor: Actor, audit_case_id: UUID, judged: Judged, request_key: str | None = None
) -> None:
    """Keep what somebody judged of a case of an audit; judged again, the last judgement counts, history has both.

    Notes are the event's, and can be erased. What is to be done becomes a note of oversight in the same act. A repeated
    `request_key` keeps it once. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid`.
    """
    audit_items.check(judged.answers, judged.scores, judged.notes, longest=LONGEST)
    content = [judged.answers, judged.scores, judged.notes, str(judged.action)]
    request = requests.asked(actor, request_key, "judge in an audit", about=audit_case_id, content=content)
    with engine.sessions.act() as connection:
        row = _audit_case(connection, actor, audit_case_id)
        case = locking.case(connection, row.case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        require_overseer(work)
        if requests.answered(connection, request) is not None:
            return
        detail = {"answers": dict(judged.answers), "scores": dict(judged.scores)}
        notes = {item: said.strip() for item, said in judged.notes.items() if said.strip()}
        event_id = work.record("oversight_audited", subject=audit_case_id, detail=detail, payload={"notes": notes})
        note = record_note(work, judged.action) if judged.action else None
        work.finish()
        _write(work, audit_case_id, judged, event_id)
        if note is not None:
            write_note(work, note)


def _audit_case(connection: sa.Connection, actor: Actor, audit_case_id: UUID) -> Any:
    own = [audit_cases.c.id == audit_case_id, audit_cases.c.authority_id == actor.authority_id]
    if not permissions.sees_whole_authority(actor):
        own.append(audits.c.made_by == actor.practitioner_id)
    query = sa.select(audit_cases).join(audits, audits.c.id == audit_cases.c.audit_id).where(*own)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such case in an audit", audit_case_id=audit_case_id)
    return row


def _write(work: Work, audit_case_id: UUID, judged: Judged, event_id: UUID) -> None:
    connection, new = work.connection, work.engine.ids.new
    who = work.actor.practitioner_id if work.actor else None
    done = {"judged_by": who, "judged_on": work.today, "event_id": event_id}
    connection.execute(sa.update(audit_cases).where(audit_cases.c.id == audit_case_id).values(**done))
    connection.execute(sa.delete(audit_answers).where(audit_answers.c.audit_case_id == audit_case_id))
    given = {item: judged.answers[item] for item in audit_items.ITEMS}
    given |= {section.key: judged.scores[section.key] for section in audit_items.SECTIONS}
    of_case = {"authority_id": work.authority.id, "audit_case_id": audit_case_id}
    rows = [{"id": new(), **of_case, "item": item, "answer": answer} for item, answer in given.items()]
    connection.execute(sa.insert(audit_answers), rows)
