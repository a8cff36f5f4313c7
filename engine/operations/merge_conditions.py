"""What must hold before two CAFs become one: both families' consent, and nothing left open on the case that closes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition
from engine.casework.consent_cover import NOT_ASKED, NOT_FOUND
from engine.errors import Invalid
from engine.operations.closures import asked, refuse_at_risk
from engine.store import merge_matters
from engine.store.consent_cover import why_not_shared
from engine.work import Work

FIELD: Final = "continues"
_NO_CONSENT: Final = (
    "The plan that goes on needs the consent of the family to information being shared. "
    "Choose the other plan, or record their consent on this one first"
)
_NOT_FOUND: Final = (
    "The family cannot be reached on the plan that goes on, so nothing of it is shared. "
    "Choose the other plan, or record first that the family was found"
)
_TAKEN_BACK: Final = (
    "The family does not agree to information of the case that would close being shared, so nothing of it can go to "
    "another plan. Ask them about consent again on that case first, or choose that both go on"
)
_LOOKED_FOR: Final = (
    "The family cannot be reached on the case that would close, so nothing of it can go to another plan. "
    "Record first that the family was found, or choose that both go on"
)
_NARROWER: Final = (
    "The family lets less be shared of the case that would close: the plan that goes on is shared {ways}. Choose the "
    "other plan, or ask the family about consent again on one of the two cases first, so that it says what holds for "
    "one plan"
)
_UNDER_WAY: Final = (
    "On the case that would close is still under way: {what}. Choose the plan of that case, or end this first"
)
_KEPT_CLOSER: Final = (
    "Fewer people may know of the case that would close than of the other. Choose the plan of that case, or that both "
    "go on"
)


MAG_QUESTION: Final = "record_mag_consent"
"""What a step at which a family is asked about the Multi-Agency Group does to the record."""


def under_way(connection: sa.Connection, case_id: UUID, process: Callable[[UUID], ProcessDefinition]) -> list[str]:
    """Return in words what would be left without an end if the case closed into another.

    `process` gives a deployed definition by its id.
    """
    left = merge_matters.under_way(connection, case_id)
    question = asked(connection, case_id, process, (MAG_QUESTION,))
    return [*left, "the question to the family about the Multi-Agency Group"] if question else left


def require_mergeable(closing: Work, staying: Work) -> None:
    """Raise `Invalid`, for the answer which plan goes on, while `closing` must not close into `staying`.

    What is kept of the one must not be read by whom its family, or a restriction, kept from it: the plan that goes on
    is shared no further than the other. What runs on the case that closes has an end of its own.
    """
    refuse_at_risk(closing, FIELD)
    _require_consents(closing, staying)
    if closing.case.restricted and not staying.case.restricted:
        raise Invalid(_KEPT_CLOSER, field=FIELD)
    process = partial(closing.engine.library.process, closing.connection)
    if left := under_way(closing.connection, closing.case.id, process):
        raise Invalid(_UNDER_WAY.format(what="; ".join(left)), field=FIELD)


def _require_consents(closing: Work, staying: Work) -> None:
    here = why_not_shared(staying.connection, staying.case.id)
    if here:
        raise Invalid(_NOT_FOUND if here == NOT_FOUND else _NO_CONSENT, field=FIELD)
    there = why_not_shared(closing.connection, closing.case.id)
    if there not in ("", NOT_ASKED):
        raise Invalid(_LOOKED_FOR if there == NOT_FOUND else _TAKEN_BACK, field=FIELD)
    if ways := merge_matters.wider(staying.connection, staying.case.id, than=closing.case.id):
        raise Invalid(_NARROWER.format(ways=", ".join(ways)), field=FIELD)
