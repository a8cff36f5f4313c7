"""Support that begins without an assessment: social care steps down, or a service meets with the family at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operations.assessments import keep_summary
from engine.operations.reading import day, optional_day, text
from engine.work import Work


def record_step_down(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the social worker's summary, which takes the assessment's place; gives back `closes_on`.

    That is the day on which social care means to close, before which the team has to have met.
    """
    closes_on = day(answers, "closes_on", work.today)
    keep_summary(work, answers)
    work.record("step_down_recorded", detail={"closes_on": closes_on}, payload={"why": text(answers, "social_worker")})
    return {"closes_on": closes_on}


def record_request(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a service is asked for, on its one form."""
    work.record("help_requested", payload={"why": text(answers, "need"), "tried": text(answers, "tried")})
    return {}


def record_intake(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the service's intake decided; gives back `intake_decision`: accepted, more or not_accepted.

    With the last of them `closure_reason` too.
    """
    decision = text(answers, "intake_decision")
    work.record(
        "intake_decided",
        detail={"decision": decision},
        payload={"why": text(answers, "why")},
        effective_on=optional_day(answers, "held_on"),
    )
    closes = decision == "not_accepted"
    return {"intake_decision": decision, **({"closure_reason": "not_taken_on"} if closes else {})}
