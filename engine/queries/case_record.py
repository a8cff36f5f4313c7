"""What was recorded on a case, kind by kind: consent, assessments, reviews, the way of a stalled plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import HOW_GIVEN, covered_words
from engine.queries import words
from engine.queries.view import View
from engine.store import meeting_options, relatives
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import (
    assessments,
    consent_parties,
    consents,
    mag_referrals,
    manager_discussions,
    reviews,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the family said about sharing information (`purpose` "sharing") or about the MAG ("mag").

    `whose` consent it is: "parent", or "young_person", who was judged to understand (`competence`; of one who is very
    young, a `second_judgement`). A limited one is shared `shared_with` agencies and people alone, and only the `kinds`
    of information named (None: all). `until_on` is the last day that the family itself set. `offered`, by `offered_by`,
    is the help offered where it refused.
    """

    purpose: str
    answer: str
    sentence: str
    given_by: str
    how_given: str | None
    whose: str
    competence: str
    second_judgement: str
    shared_for: str
    scope: str
    shared_with: tuple[str, ...]
    kinds: tuple[str, ...] | None
    reason: str
    offered_by: str
    offered: str
    from_on: date
    until_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment; `content` holds its answers by question."""

    assessor: str
    started_on: date
    completed_on: date | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """A review, due or held; `outcome` is "better", "same" or "worse"."""

    due_on: date
    held_on: date | None
    outcome: str | None
    next_step: str
    notes: str


@dataclass(frozen=True, slots=True)
class ManagerStage:
    """The line manager's work on a stalled plan; `decision` and `next_step` say what is being done."""

    manager: str
    opened_on: date
    discussed_on: date | None
    tried: str
    decision: str
    next_step: str
    next_step_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class MagReferral:
    """A referral to the Multi-Agency Group.

    `missing` is what its papers lack, `mag` the group that looks at them on `meeting_on`, `put_off` how often that day
    was moved. `waiting` is how many working days it has been open since the first papers. It ends with a decision,
    or without one.
    """

    referred_on: date
    reason: str
    tried: str
    asked: str
    papers_sent_on: date | None
    missing: str
    mag: str
    meeting_on: date | None
    put_off: int
    decided_on: date | None
    decision: str
    ended_on: date | None
    waiting: int


_SAID: Final = {
    ("sharing", "given"): "The family agreed to information being shared",
    ("sharing", "limited"): "The family agreed to some information being shared",
    ("sharing", "refused"): "The family did not agree to information being shared",
    ("sharing", "withdrawn"): "The family took back their consent to sharing information",
    ("sharing", "lapsed"): "The time for which the family agreed to sharing is over, so nothing has been shared",
    ("sharing", "not_asked"): "The family has not been asked about sharing information",
    ("mag", "yes"): "The family agreed to the Multi-Agency Group",
    ("mag", "no"): "The family did not agree to the Multi-Agency Group",
    ("mag", "not_asked"): "The family has not been asked about the Multi-Agency Group",
    ("mag", "no_answer"): "The family gave no answer about the Multi-Agency Group",
}
NOT_ASKED: Final = "The family has not been asked yet."


# Statements stand ready, as writing one anew for each page takes longer than carrying it out.
_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_CONSENTS = (
    sa.select(consents)
    .where(consents.c.case_id == _CASE)
    .order_by(consents.c.to_on.is_not(None), consents.c.from_on.desc(), consents.c.id.desc())
)


def consent(view: View, case_id: UUID) -> tuple[Consent, ...]:
    """Return what the family said, the latest first; those with `to_on` no longer hold."""
    rows = view.connection.execute(_CONSENTS, {"case": case_id}).all()
    parties = _parties(view, case_id) if any(row.answer == "limited" for row in rows) else {}
    return tuple(_consent(view, row, tuple(parties.get(row.id, ()))) for row in rows)


def _consent(view: View, row: Any, shared_with: tuple[str, ...]) -> Consent:
    return Consent(
        sentence=_consent_sentence(view, row, shared_with),
        shared_with=shared_with,
        kinds=None if row.kinds is None else tuple(row.kinds),
        **{name: row._mapping[name] for name in _COPIED},
    )


_COPIED: Final = (
    "purpose", "answer", "given_by", "how_given", "whose", "competence", "second_judgement", "shared_for", "scope",
    "reason", "offered_by", "offered", "from_on", "until_on", "to_on",
)  # fmt: skip


def _parties(view: View, case_id: UUID) -> dict[UUID, list[str]]:
    """Return with whom each limited consent shares, by its id: agencies first, then people, each by name."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in view.connection.execute(_PARTIES, {"case": case_id}):
        found[row.consent_id].append(row.name)
    return found


_PARTY: Final = sa.func.coalesce(agencies.c.name, practitioners.c.name)
_PARTIES = (
    sa.select(consent_parties.c.consent_id, _PARTY.label("name"))
    .join(consents, consents.c.id == consent_parties.c.consent_id)
    .outerjoin(agencies, agencies.c.id == consent_parties.c.agency_id)
    .outerjoin(practitioners, practitioners.c.id == consent_parties.c.practitioner_id)
    .where(consents.c.case_id == _CASE)
    .order_by(consent_parties.c.agency_id.is_(None), _PARTY)
)


def consent_sentence(found: tuple[Consent, ...]) -> str:
    """Return the sentence that says whether information may be shared now, or what the family last said."""
    said = (each.sentence for each in found if each.purpose == "sharing")
    return next(said, NOT_ASKED)


def _consent_sentence(view: View, row: Any, shared_with: tuple[str, ...]) -> str:
    said = _SAID.get((row.purpose, row.answer), words.plain(row.answer))
    if row.whose == "young_person":
        said = said.replace("The family", "The young person", 1)
    by = ", ".join(filter(None, (row.given_by, HOW_GIVEN.get(row.how_given, ""))))
    by = f" ({by})" if by else ""
    ended = row.to_on if row.to_on and row.to_on > row.from_on else None  # what ended the day it began never held
    until = f"; this held until {words.day(ended, today=view.today)}" if ended else ""
    scope = f": {row.scope}" if row.scope else ""
    on = "since" if row.answer == "lapsed" else "on"
    whole = words.sentence(f"{said}{by} {on} {words.day(row.from_on, today=view.today)}{until}{scope}")
    return " ".join((whole, *map(words.sentence, _limits(view, row, shared_with))))


def _limits(view: View, row: Any, shared_with: tuple[str, ...]) -> list[str]:
    """Say with whom and what is shared, what for, until when, whose consent it is, what is offered in its place."""
    said = []
    if row.answer == "limited":
        said.append(covered_words(shared_with, row.kinds))
    if row.shared_for:
        said.append(f"It is shared for this: {row.shared_for}")
    if row.until_on:
        said.append(f"Until {words.day(row.until_on, today=view.today)}, as the family wishes")
    if row.whose == "young_person":
        said.append(f"It is the young person’s own decision; understands, as judged: {row.competence}")
        if row.second_judgement:
            said.append(f"Judged a second time, as they are young: {row.second_judgement}")
    if row.offered:
        said.append(f"Offered instead by {row.offered_by}: {row.offered}")
    return said


_ASSESSMENTS = (
    sa.select(
        assessments.c.started_on, assessments.c.completed_on, assessments.c.content, practitioners.c.name
    )
    .outerjoin(practitioners, practitioners.c.id == assessments.c.assessor_id)
    .where(assessments.c.case_id == _CASE)
    .order_by(assessments.c.started_on.desc(), assessments.c.id.desc())
)


def assessed(view: View, case_id: UUID) -> tuple[Assessment, ...]:
    """Return the assessments, the latest first."""
    rows = view.connection.execute(_ASSESSMENTS, {"case": case_id})
    return tuple(Assessment(row.name or "", row.started_on, row.completed_on, row.content) for row in rows)


_REVIEWS = (
    sa.select(*(reviews.c[name] for name in ("due_on", "held_on", "outcome", "next_step", "notes")))
    .where(reviews.c.case_id == _CASE)
    .order_by(reviews.c.due_on.desc(), reviews.c.id.desc())
)


def reviewed(view: View, case_id: UUID) -> tuple[Review, ...]:
    """Return the reviews, the coming one first."""
    return tuple(Review(*row) for row in view.connection.execute(_REVIEWS, {"case": case_id}))


_STAGES = (
    sa.select(
        sa.func.coalesce(practitioners.c.name, ""),
        *(
            manager_discussions.c[name]
            for name in ("opened_on", "discussed_on", "tried", "decision", "next_step", "next_step_on", "ended_on")
        ),
    )
    .select_from(
        manager_discussions.outerjoin(practitioners, practitioners.c.id == manager_discussions.c.manager_id)
    )
    .where(manager_discussions.c.case_id == _CASE)
    .order_by(manager_discussions.c.opened_on.desc(), manager_discussions.c.id.desc())
)


def manager_stages(view: View, case_id: UUID) -> tuple[ManagerStage, ...]:
    """Return the line manager's stages of a stalled plan, the latest first."""
    return tuple(ManagerStage(*row) for row in view.connection.execute(_STAGES, {"case": case_id}))


_REFERRALS = (
    sa.select(*(mag_referrals.c[name] for name in MagReferral.__dataclass_fields__ if name != "waiting"))
    .where(mag_referrals.c.case_id == _CASE)
    .order_by(mag_referrals.c.referred_on.desc(), mag_referrals.c.id.desc())
)


def mag(view: View, case_id: UUID) -> tuple[MagReferral, ...]:
    """Return the referrals to the Multi-Agency Group, the latest first."""
    rows = view.connection.execute(_REFERRALS, {"case": case_id})
    calendar = view.authority.calendar
    found = []
    for row in rows:
        waiting = calendar.working_days_between(row.referred_on, row.ended_on or view.today)
        found.append(MagReferral(**row._mapping, waiting=max(0, waiting)))
    return tuple(found)


BY_CASE: Final = (
    _CONSENTS, _PARTIES, _ASSESSMENTS, _REVIEWS, _STAGES, _REFERRALS,
    *relatives.BY_CASE, *meeting_options.BY_CASE,
)  # fmt: skip
