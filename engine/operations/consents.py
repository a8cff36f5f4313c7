"""Consent: what the family agreed to share, with whom, and whether they changed their mind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import assessments
from engine.operations.reading import day, text
from engine.store.tables.changes import family_searches
from engine.store.tables.record import consents
from engine.work import Work

_NOTHING_SHARED: Final = (
    "The family does not agree to information being shared, so nothing can go to the Multi-Agency Group. "
    "Record first that they agree to sharing again, or choose another answer"
)

_NOBODY_TOLD: Final = (
    "The family does not agree to information being shared, so nobody can be asked or invited. "
    "The line manager's check comes first"
)

_NOBODY_TOLD_YET: Final = (
    "The family cannot be reached, so sharing rests and nobody can be asked or invited. "
    "Record first that the family was found"
)


def record_consent(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on sharing; gives back as `record_sharing`. With a yes the assessment's days begin."""
    kept = record_sharing(work, answers, variables)
    if kept["consent"] in ("given", "limited"):
        assessments.start_assessment(work, {"started_on": day(answers, "signed_on", work.today)}, {})
    return kept


def record_sharing(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on sharing where no assessment follows; gives back `consent`.

    With a refusal `closure_reason` too.
    """
    answer, on = text(answers, "consent"), day(answers, "signed_on", work.today)
    _replace(work, "sharing", answer, answers, on=on)
    return {"consent": answer, "closure_reason": "consent_refused"} if answer == "refused" else {"consent": answer}


def record_mag_consent(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on referral to the Multi-Agency Group; gives back `mag_consent`.

    Raises `Invalid` for a yes while the family lets nothing be shared: it would lead to papers that nobody may send.
    """
    answer = text(answers, "mag_consent")
    if answer == "yes" and work.facts()["consent"] in ("refused", "withdrawn"):
        raise Invalid(_NOTHING_SHARED, field="mag_consent")
    _replace(work, "mag", answer, answers, on=day(answers, "asked_on", work.today))
    return {"mag_consent": answer}


def stop_sharing(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make sure that nothing is shared any more: consent to share is withdrawn, and a yes to the group becomes a no."""
    agreed_to_mag = work.facts()["mag_consent"] == "yes"
    _replace(work, "sharing", "withdrawn", {}, on=work.today)
    if agreed_to_mag:
        _replace(work, "mag", "no", {}, on=work.today)
    return {"consent": "withdrawn"}


def require_sharing(work: Work, field: str) -> None:
    """Raise `Invalid` for the answer `field`, which would tell others of a family that lets nothing be shared.

    The same for a family that nobody can reach: sharing rests until it is found.
    """
    current = (consents.c.purpose == "sharing") & consents.c.to_on.is_(None)
    stopped = sa.select(
        sa.exists().where(
            consents.c.case_id == work.case.id, current, consents.c.answer.in_(["refused", "withdrawn"])
        ).label("refused"),
        sa.exists().where(
            family_searches.c.case_id == work.case.id, family_searches.c.ended_on.is_(None)
        ).label("not_found"),
    )  # fmt: skip
    found = work.connection.execute(stopped).one()
    if found.refused:
        raise Invalid(_NOBODY_TOLD, field=field)
    if found.not_found:
        raise Invalid(_NOBODY_TOLD_YET, field=field)


def _replace(work: Work, purpose: str, answer: str, answers: Mapping[str, Any], *, on: date) -> None:
    current = (consents.c.case_id == work.case.id) & (consents.c.purpose == purpose) & consents.c.to_on.is_(None)
    work.connection.execute(sa.update(consents).where(current).values(to_on=on))
    id_ = work.engine.ids.new()
    work.connection.execute(
        sa.insert(consents).values(
            id=id_,
            authority_id=work.authority.id,
            case_id=work.case.id,
            purpose=purpose,
            answer=answer,
            given_by=text(answers, "given_by"),
            competence=text(answers, "competence"),
            scope=text(answers, "scope"),
            reason=text(answers, "reason"),
            from_on=on,
        )
    )
    work.changed()
    work.record("consent_recorded", subject=id_, detail={"purpose": purpose, "answer": answer}, effective_on=on)
