"""What goes to another area when a family moves there: one paper, of what the family agreed to and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.consent_cover import STOPPED
from engine.casework.permissions import Actor
from engine.errors import Conflict, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import assessment_document, case_file, case_moves, visibility
from engine.queries.assessment_document import AssessmentVersion
from engine.queries.case_file import CaseFile
from engine.queries.plan_subject import SENT
from engine.queries.view import View, viewing
from engine.store import facts as fact_store
from engine.store import letter_warnings, relations
from engine.store.letter_warnings import Overruled, Warned
from engine.store.tables.people import practitioners

PARTS: Final = SENT
_REVIEWED: Final = MappingProxyType({"better": ": things are better", "same": ": things are the same",
                                     "worse": ": things are worse"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAreaPaper:
    """A case as another area is told of it. `case` holds more than the paper may: pages take only what it names.

    `look_by` is the day by which the other area is asked to have looked at the plan, `review_on` the review that is
    planned here. `story` are the days that counted, the first first, without what the service and its staff did.
    """

    area: str
    moves_on: date | None
    agreed_by: str
    agreed_on: date
    written_on: date
    written_by: str
    look_by: date
    born_on: date | None
    review_on: date | None
    case: CaseFile
    assessment: AssessmentVersion | None
    story: tuple[tuple[date, str], ...]
    move_id: UUID
    parts: tuple[str, ...]
    warned: Warned | None = None
    overruled: Overruled | None = None

    @property
    def held(self) -> str:
        """Why it must not go with these parts; empty when it may."""
        return self.warned.said if self.warned is not None and self.overruled is None else ""


def read(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, parts: Sequence[str] = tuple(PARTS)
) -> OtherAreaPaper:
    """Return what goes to the other area with `parts` of `PARTS`, after keeping that it was read.

    It is `held` while a text in it gives away an address that is kept secret.

    Raises `NotFound` as for the case, `NotPermitted` for who does not keep the family or from whom the family's consent
    keeps a part of the case, `Conflict` while the family has not agreed that papers are sent.
    """
    visibility.record_read(engine, actor, case_id, "the paper for the other area")
    with viewing(engine, actor) as view:
        if not permissions.may_keep_family(actor, relations.of(view.connection, actor, case_id)):
            raise NotPermitted("Who leads, or their line manager, sends papers to another area")
        recorded = fact_store.gather(view.connection, [case_id])[case_id]
        move = _agreed_move(view, case_id, shared=recorded.consent not in STOPPED)
        look_by = case_moves.look_by(view, move.sent_on or view.today)
        writer = view.connection.execute(_NAME, {"who": actor.practitioner_id}).scalar() or ""
        today = view.today
    case = case_file.read(engine, actor=actor, case_id=case_id)
    if case.left_out:
        raise NotPermitted("The family’s consent keeps a part of this case from you: who sees it whole sends it")
    paper = OtherAreaPaper(
        area=move.area,
        moves_on=move.moves_on,
        agreed_by=move.consent_by,
        agreed_on=move.asked_on,
        written_on=today,
        written_by=writer,
        look_by=look_by,
        born_on=case.child.born_on,
        review_on=next((each.due_on for each in case.reviews if each.held_on is None), None),
        case=case,
        assessment=assessment_document.read(engine, actor=actor, case_id=case_id).version(None),
        story=_story(case, recorded.plan_agreed_on),
        move_id=move.id,
        parts=tuple(name for name in PARTS if name in parts),
    )
    return _looked_at(engine, actor, paper)


def _looked_at(engine: ProcessEngine, actor: Actor, paper: OtherAreaPaper) -> OtherAreaPaper:
    """Return the paper with the secret address that somebody's words in it give away, and whether that was overruled.
    """
    with viewing(engine, actor) as view:
        known = letter_warnings.addresses(view.connection, paper.case.case_id)
        found = letter_warnings.warning("\n".join(_typed(paper)), known)
        if found is None:
            return paper
        marks = letter_warnings.marks(view.connection, paper.case.case_id)
        overruled = None if found.sure else marks.get((paper.move_id, found.mark))
    if found.sure:
        said = f"{found.said}: leave out the part that says it, or correct what was typed"
        found = replace(found, said=said)
    return replace(paper, warned=found, overruled=overruled)


def _typed(paper: OtherAreaPaper) -> Iterator[str]:
    """Give everything on the paper that somebody typed, of the parts that go."""
    case = paper.case
    yield from (case.child.first_language, case.child.interpreter, case.child.access_needs, case.consent_sentence)
    yield from (paper.area, paper.agreed_by, *(each.scope for each in case.consents))
    for each in case.child.family:
        yield from (each.name, each.relationship, each.first_language, each.interpreter, each.access_needs)
    if "assessment" in paper.parts and paper.assessment is not None:
        yield paper.assessment.signed_by
        yield from (answer.text for part in paper.assessment.parts for answer in part.answers)
    if "plan" in paper.parts:
        for outcome in case.plan:
            yield outcome.outcome
            yield from (text for action in outcome.actions for text in (action.action, action.progress or ""))
    if "minutes" in paper.parts:
        yield from (meeting.notes or "" for meeting in case.meetings if meeting.held_on)
        yield from (review.notes or "" for review in case.reviews if review.held_on)
    if "chronology" in paper.parts:
        yield from (what for _, what in paper.story)


_NAME = sa.select(practitioners.c.name).where(practitioners.c.id == sa.bindparam("who", type_=sa.Uuid))


def _agreed_move(view: View, case_id: UUID, *, shared: bool) -> Any:
    row = case_moves.under_way(view, case_id)
    if row is None or row.consent != "yes" or not shared:
        raise Conflict("The family has not agreed that papers are sent to another area. Nothing may be sent")
    return row


def _story(case: CaseFile, plan_agreed_on: date | None) -> tuple[tuple[date, str], ...]:
    """Tell what became of the child: no staff, no escalations, and nothing of why somebody is told less."""
    days = [(case.opened_on, "The case was opened")]
    days += [(plan_agreed_on, "The action plan in force was agreed")] if plan_agreed_on else []
    days += [(each.from_on, each.sentence) for each in case.consents if each.purpose == "sharing"]
    days += [(each.completed_on, "The assessment was finished") for each in case.assessments if each.completed_on]
    days += [(each.held_on, f"A {case.meeting_term} meeting was held") for each in case.meetings if each.held_on]
    days += [
        (each.held_on, f"A review was held{_REVIEWED.get(each.outcome or '', '')}")
        for each in case.reviews
        if each.held_on
    ]
    days += [(each.met_on, f"“{each.outcome}” was reached") for each in case.plan if each.met_on]
    return tuple(sorted(days, key=lambda each: each[0]))
