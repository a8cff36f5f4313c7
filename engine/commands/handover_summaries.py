"""Change what a successor reads before they agree to lead, or put it together from the record anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from engine.acts import settle
from engine.casework import permissions
from engine.casework.handover_summaries import LONGEST, SECTIONS
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.operations import handover_summaries, handovers
from engine.process_engine import ProcessEngine
from engine.store import handover_summaries as kept
from engine.store import locking, relations
from engine.work import Work, open_work, require_on_case

YOUNG: Final = timedelta(minutes=10)


def change(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    sections: Mapping[str, str],
    expected_version: int,
    by_itself: bool = False,
) -> int:
    """Keep the summary of the proposal under way as somebody words it; return its version.

    `sections` is part -> text, by `engine.casework.handover_summaries.SECTIONS`; parts that are left out stay. What is
    saved `by_itself` while somebody types is one version as long as it is theirs and no older than `YOUNG`.
    Raises `NotFound`, `NotPermitted`, `Conflict` when nobody is proposed or somebody changed it since
    `expected_version`, `Invalid` naming the part that is too long.
    """
    said = {name: text.replace("\r\n", "\n").strip() for name, text in sections.items() if name in SECTIONS}
    for name, text in said.items():
        if len(text) > LONGEST:
            raise Invalid(f"Use at most {LONGEST:,} characters", field=name)
    with _act(engine, actor, case_id) as (work, proposed):
        before = kept.newest(work.connection, proposed.id)
        if before is None or before.version != expected_version:
            raise Conflict("Somebody changed this summary a moment ago. Look at it again before you go on.")
        whole = {**before.sections, **said}
        if whole == before.sections:
            return expected_version
        if by_itself and before.written_by == actor.practitioner_id and work.at - before.written_at < YOUNG:
            handover_summaries.amend(work, before.id, whole)
            return expected_version
        return _keep(work, proposed.id, whole)


def renew(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> int:
    """Put the summary together from the record as it is now, with the note that it has; return its version.

    Raises as `change`.
    """
    with _act(engine, actor, case_id) as (work, proposed):
        before = kept.newest(work.connection, proposed.id)
        note = before.sections["note"] if before is not None else proposed.reasons
        return _keep(work, proposed.id, handover_summaries.composed(work, note))


def _keep(work: Work, handover_id: UUID, sections: Mapping[str, str]) -> int:
    by = work.actor.practitioner_id if work.actor else None
    version = handover_summaries.keep(work, handover_id, sections, by=by)
    # Its words stand in the summary's own versions: history keeps that there is one.
    work.record("handover_summary_changed", subject=handover_id, detail={"version": version})
    return version


@contextmanager
def _act(engine: ProcessEngine, actor: Actor, case_id: UUID) -> Iterator[tuple[Work, Any]]:
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        require_on_case(work)
        if not permissions.may_keep_family(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator changes this summary")
        proposed = handovers.current(work)
        if proposed is None or proposed.cause == "first":
            raise Conflict("No handover is proposed on this case now", case_id=case_id)
        yield work, proposed
        settle(work)
