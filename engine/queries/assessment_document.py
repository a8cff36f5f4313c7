"""The common assessment as a document: every version whole, with what it rests on, and two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.assessment_parts import PARTS, Question, parts_of
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import case_record, consent_limits, visibility, words
from engine.queries.case_record import Consent
from engine.queries.view import View, viewing
from engine.store import kept_addresses, relations
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import assessments, cases, children

NO_CONSENT: Final = "No consent to sharing was on record on that day."


@dataclass(frozen=True, slots=True)
class AssessmentAnswer:
    """What was said to one question; `own_words` are the child's or a parent's."""

    key: str
    question: str
    text: str
    own_words: bool


@dataclass(frozen=True, slots=True)
class AssessmentPart:
    """A heading with its answers."""

    heading: str
    answers: tuple[AssessmentAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentVersion:
    """One completed assessment, `number` 1 being the first. `consent` is what sharing rested on when it was completed.

    `social_worker` is named where social care's summary stands in its place.
    """

    assessment_id: UUID
    number: int
    assessor: str
    completed_on: date
    signed_by: str
    social_worker: str
    consent: str
    parts: tuple[AssessmentPart, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One question of two versions; `changed` tells whether the answers differ."""

    question: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDocument:
    """All versions of a child's assessment, the latest first."""

    case_id: UUID
    reference: str
    child_name: str
    born_on: date | None
    versions: tuple[AssessmentVersion, ...]

    def version(self, number: int | None) -> AssessmentVersion | None:
        """Return a version by its number, the latest for None. Raises `NotFound`; None while there is none at all."""
        if number is None:
            return self.versions[0] if self.versions else None
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise NotFound("There is no such version of this assessment", case_id=self.case_id)
        return found


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> AssessmentDocument:
    """Return the versions of a case's assessment, after keeping that it was read.

    Raises `NotFound` when the actor may not see the case, `NotPermitted` where the family's consent keeps it from them.
    """
    visibility.record_read(engine, actor, case_id, "the assessment")
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        if "assessment" in consent_limits.kept_from(view, case_id, relation):
            raise NotPermitted("The family’s consent does not cover what the assessment says")
        case = view.connection.execute(_CASE.where(cases.c.id == case_id)).one()
        consents = [each for each in case_record.consent(view, case_id) if each.purpose == "sharing"]
        return AssessmentDocument(
            case_id=case_id,
            reference=case.reference,
            child_name=words.child_name(case.given_name, case.family_name, case.known_as),
            born_on=case.born_on,
            versions=kept_addresses.left_out(view, case_id, _versions(view, case_id, consents), relation),
        )


def side_by_side(before: AssessmentVersion, after: AssessmentVersion) -> tuple[Compared, ...]:
    """Return the questions that either version answers, in the order of the document, both answers of each."""
    first, second = _texts(before), _texts(after)
    order = [question.key for part in PARTS for question in part.questions]
    keys = sorted(first.keys() | second.keys(), key=lambda key: (order.index(key) if key in order else len(order), key))
    return tuple(_compared(first.get(key), second.get(key)) for key in keys)


def _texts(version: AssessmentVersion) -> dict[str, AssessmentAnswer]:
    return {answer.key: answer for part in version.parts for answer in part.answers}


def _compared(before: AssessmentAnswer | None, after: AssessmentAnswer | None) -> Compared:
    either = after or before
    was, now = before.text if before else "", after.text if after else ""
    return Compared(either.question if either else "", was, now, was != now)


def _versions(view: View, case_id: UUID, consents: Sequence[Consent]) -> tuple[AssessmentVersion, ...]:
    rows = view.connection.execute(
        sa.select(assessments, practitioners.c.name, practitioners.c.job_title, agencies.c.name.label("agency"))
        .outerjoin(practitioners, practitioners.c.id == assessments.c.assessor_id)
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(assessments.c.case_id == case_id, assessments.c.completed_on.is_not(None))
        .order_by(assessments.c.completed_on, assessments.c.id)
    ).all()
    found = [_version(row, number, consents) for number, row in enumerate(rows, 1) if row.content]
    return tuple(reversed(found))


def _version(row: Any, number: int, consents: Sequence[Consent]) -> AssessmentVersion:
    content = row.content
    parts = tuple(
        AssessmentPart(part.heading, tuple(_answer(each, content) for each in part.questions))
        for part in parts_of(content)
    )
    return AssessmentVersion(
        assessment_id=row.id,
        number=number,
        assessor=", ".join(each for each in (row.name, row.job_title, row.agency) if each),
        completed_on=row.completed_on,
        signed_by=str(content.get("signed_by") or ""),
        social_worker=str(content.get("social_worker") or ""),
        consent=_consent_on(consents, row.completed_on),
        parts=parts,
    )


def _answer(question: Question, content: Mapping[str, Any]) -> AssessmentAnswer:
    return AssessmentAnswer(question.key, question.words, str(content[question.key]).strip(), question.own_words)


def _consent_on(consents: Sequence[Consent], on: date) -> str:
    """Return what the family had said by a day: a later answer is no basis for it."""
    held = (each for each in consents if each.from_on <= on and (each.to_on is None or on < each.to_on))
    return next((each.sentence for each in held), NO_CONSENT)


_CASE: Final = sa.select(
    cases.c.reference, children.c.given_name, children.c.family_name, children.c.known_as, children.c.born_on
).join(children, children.c.id == cases.c.child_id)
