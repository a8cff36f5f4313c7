"""Consent: what the family agreed to share, with whom, until when, and whether they changed their mind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import ASKED_AGAIN, HOW_GIVEN, KINDS, NOT_FOUND, NOTHING, SHARED, STOPPED
from engine.casework.family_sharing import Sharing
from engine.errors import Invalid
from engine.operations import assessments
from engine.operations.competence import require_old_enough
from engine.operations.consent_cover import draw_back
from engine.operations.consenting_parents import keep_consenting_parent
from engine.operations.family_shares import decided, share
from engine.operations.handovers import end_for_who_is_left_out
from engine.operations.held_letters import look_again
from engine.operations.reading import as_id, day, optional_day, people, text
from engine.operations.resting import let_rest
from engine.store.consent_cover import in_force, why_not_shared
from engine.store.tables.people import agencies
from engine.store.tables.record import cases, children, consent_parties, consents, family_members
from engine.work import Work

WITHDRAWAL: Final = "consent_withdrawn"
"""The process that follows a consent that is taken back."""
STOPPED_BEFORE: Final = {"stopped_before": True}
"""What that process is told when it starts later than sharing stopped: the family may have agreed again since."""

_NOTHING_SHARED: Final = (
    "The family does not agree to information being shared, so nothing can go to the Multi-Agency Group. "
    "Record first that they agree to sharing again, or choose another answer"
)

_NOBODY_TOLD: Final = (
    "The family does not agree to information being shared, so nobody can be asked or invited. "
    "Once the line manager has checked for harm, close the case or ask them: “Ask the family about consent again” on "
    "the case's page"
)
_REFUSED: Final = "The family refused, so nobody can be asked or invited, and this case closes"

_NOBODY_TOLD_YET: Final = (
    "The family cannot be reached, so sharing rests and nobody can be asked or invited. "
    "Record first that the family was found"
)

_ONLY_THEIRS: Final = (
    "This consent is the young person’s own: they were judged to understand. Only they can take it back; "
    "nobody can do it for them"
)
_SAY_WHO: Final = "This consent is the young person’s own, and only they can take it back: say whether they did"

_LAPSED: Final = (
    "The family's consent was for a time that is over, so nobody can be asked or invited. "
    "Ask them first: “Ask the family about consent again” on the case's page"
)


def record_consent(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on sharing; gives back as `record_sharing`. With a yes the assessment's days begin."""
    kept = record_sharing(work, answers, variables)
    if kept["consent"] in SHARED:
        assessments.start_assessment(work, {"started_on": day(answers, "signed_on", work.today)}, {})
    return kept


def record_sharing(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on sharing where no assessment follows; gives back `consent`.

    With a refusal `closure_reason` too, and the history says who refused and why. A limited consent says with whom
    (`agencies`, `people`) and what (`kinds`); whom it leaves out is no longer part of the case. What a young person
    objects to binds what each of the family may be told; a parent or carer who agrees and is not written down yet is
    from now on. Raises `Invalid` naming the field.
    """
    answer, on = text(answers, "consent"), day(answers, "signed_on", work.today)
    _replace(work, "sharing", answer, answers, on=on)
    _keep_objections(work, answers)
    if answer in SHARED and _whose(answers) == "parent":
        keep_consenting_parent(work, text(answers, "given_by"))
    if answer == "limited":
        draw_back(work)
        end_for_who_is_left_out(work)
    return {"consent": answer, "closure_reason": "consent_refused"} if answer == "refused" else {"consent": answer}


def record_consent_again(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a family says that was asked again; a yes takes the place of the answer before, from the day given.

    Gives back `consent` and `sharing_again`: whether sharing, which had stopped, goes on. A no changes nothing while
    nothing is shared. Raises `Invalid` where the family has not been asked for the first time yet, where the case
    closes as it refused, and for a no that would take a consent back.
    """
    before, answer = work.facts()["consent"], text(answers, "consent")
    if before in ("not_asked", "refused"):
        raise Invalid(_ASKED_FIRST if before == "not_asked" else _CLOSING, field="consent")
    if answer not in SHARED:
        if before in SHARED:
            raise Invalid(_TAKEN_BACK, field="consent")
        whose = _decided_by(work, answers, day(answers, "signed_on", work.today))
        _keep_objections(work, answers)
        said = {"answer": "refused", "whose": whose}
        work.record("consent_asked_again", detail=said, payload={"why": _why_refused(answers, whose)})
        return {"consent": before, "sharing_again": False}
    record_sharing(work, answers, {})
    again = before not in SHARED
    if again:
        work.record("sharing_again", detail={"before": before})
    return {"consent": answer, "sharing_again": again}


_ASKED_FIRST: Final = "The family has not been asked yet: answer the task that asks for its consent"
_CLOSING: Final = (
    "The family refused, so this case closes. When they have changed their mind, start a new case with what they "
    "agree to"
)
_TAKEN_BACK: Final = (
    "This would take their consent back. Use “The family has withdrawn consent” on the case's page: the line manager "
    "is then asked whether the child may come to harm"
)


def look_at_consent(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give back `sharing_again`: whether sharing is not stopped now, as when the family changed its mind."""
    return {"sharing_again": work.facts()["consent"] not in STOPPED}


def record_mag_consent(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the family's answer on referral to the Multi-Agency Group; gives back `mag_consent`.

    Raises `Invalid` for a yes while the family lets nothing be shared: it would lead to papers that nobody may send.
    """
    answer = text(answers, "mag_consent")
    if answer == "yes" and work.facts()["consent"] in STOPPED:
        raise Invalid(_NOTHING_SHARED, field="mag_consent")
    _replace(work, "mag", answer, answers, on=day(answers, "asked_on", work.today))
    return {"mag_consent": answer}


def stop_sharing(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make sure that nothing is shared any more: consent to share is withdrawn, and a yes to the group becomes a no.

    A process that was told `STOPPED_BEFORE` leaves what holds by now.
    """
    if variables.items() >= STOPPED_BEFORE.items():
        return {"consent": work.facts()["consent"]}
    agreed_to_mag = work.facts()["mag_consent"] == "yes"
    _replace(work, "sharing", "withdrawn", {}, on=work.today, theirs=_whose_own(work))
    if agreed_to_mag:
        _replace(work, "mag", "no", {}, on=work.today)
    return {"consent": "withdrawn"}


def let_lapse(work: Work, until_on: date) -> None:
    """End a consent whose last day, set by the family, is over: nothing is shared any more until they are asked.

    Who is told of it, and asked to visit the family, the escalation rules say.
    """
    _replace(work, "sharing", "lapsed", {}, on=work.today)
    work.record("consent_lapsed", detail={"until_on": until_on}, effective_on=until_on)


def require_sharing(work: Work, field: str) -> None:
    """Raise `Invalid` for the answer `field`, which would tell others of a family that lets nothing be shared.

    The same for a family that nobody can reach: sharing rests until it is found.
    """
    why = why_not_shared(work.connection, work.case.id)
    if why in STOPPED:
        again = {"ask_again": str(work.case.id)} if why in ASKED_AGAIN else {}
        raise Invalid({"lapsed": _LAPSED, "refused": _REFUSED}.get(why, _NOBODY_TOLD), field=field, **again)
    if why == NOT_FOUND:
        raise Invalid(_NOBODY_TOLD_YET, field=field)


def require_theirs_to_take_back(work: Work, by: str) -> None:
    """Raise `Invalid` when the consent to sharing is a young person's own, and `by` is not `young_person`.

    They were judged to understand, so that a parent can neither give it for them nor take it back.
    """
    whose = _whose_own(work).get("whose")
    if whose == "young_person" and by != whose:
        raise Invalid(_ONLY_THEIRS if by else _SAY_WHO, field="taken_back_by")


def _whose_own(work: Work) -> Mapping[str, str]:
    """Return whose the consent to sharing in force is and who judged that: they alone take back a young person's."""
    kept = (consents.c.whose, consents.c.competence, consents.c.second_judgement)
    found = work.connection.execute(sa.select(*kept).where(in_force(work.case.id))).first()
    return {} if found is None else dict(found._mapping)


def _replace(
    work: Work,
    purpose: str,
    answer: str,
    answers: Mapping[str, Any],
    *,
    on: date,
    theirs: Mapping[str, str] = MappingProxyType({}),
) -> None:
    current = in_force(work.case.id, purpose)
    work.connection.execute(sa.update(consents).where(current).values(to_on=on))
    id_ = work.engine.ids.new()
    common = {"authority_id": work.authority.id}
    said = {**_agreed(work, answers, answer, on), **_limits(answers, answer), **theirs}
    own = {"id": id_, "case_id": work.case.id, "purpose": purpose, "answer": answer, "from_on": on}
    work.connection.execute(sa.insert(consents).values(**own, **common, **said))
    parties = _parties(work, answers) if answer == "limited" else []
    if parties:
        rows = [{"id": work.engine.ids.new(), "consent_id": id_, **common, **each} for each in parties]
        work.connection.execute(sa.insert(consent_parties), rows)
    work.changed()
    how = {"how": said["how_given"]} if said["how_given"] else {}
    detail = {"purpose": purpose, "answer": answer, "whose": said["whose"], **how}
    payload = _in_words(answer, answers, said)
    work.record("consent_recorded", subject=id_, detail=detail, effective_on=on, payload=payload)
    if purpose == "sharing" and answer in STOPPED:
        let_rest(work)


def _in_words(answer: str, answers: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what history keeps in words: why they refused, or what their yes is for."""
    if answer == "refused":
        return {"why": _why_refused(answers, said["whose"])}
    return {"why": f"shared for: {said['shared_for']}"} if said["shared_for"] else None


def _why_refused(answers: Mapping[str, Any], whose: str) -> str:
    """Return who refused and why, and who judged that a young person whose decision it is understands."""
    judged = text(answers, "competence") if whose == "young_person" else ""
    again = text(answers, "second_judgement") if judged else ""
    parts = (
        f"Said by {text(answers, 'given_by')}" if text(answers, "given_by") else "",
        text(answers, "reason") or "They did not say why",
        f"Understands, as judged: {judged}" if judged else "",
        f"Judged a second time: {again}" if again else "",
    )
    return ". ".join(part.strip().rstrip(".") for part in parts if part)


def _agreed(work: Work, answers: Mapping[str, Any], answer: str, on: date) -> dict[str, Any]:
    """Return who said it, whose consent it is, until when, and what is offered instead of a refused plan."""
    competence, whose = text(answers, "competence"), _decided_by(work, answers, on)
    until_on = optional_day(answers, "until_on") if answer in SHARED else None
    if until_on is not None and until_on < on:
        raise Invalid("The last day is before the day they agreed", field="until_on")
    words = ("given_by", "scope", "reason", "offered_by", "offered", "second_judgement")
    said: dict[str, Any] = {name: text(answers, name) for name in words}
    said["shared_for"] = text(answers, "shared_for") if answer in SHARED else ""
    said["how_given"] = text(answers, "how_given") or None
    if said["how_given"] not in (None, *HOW_GIVEN):
        raise Invalid("Choose from the list how they gave their answer", field="how_given")
    return {**said, "whose": whose, "competence": competence, "until_on": until_on}


def _decided_by(work: Work, answers: Mapping[str, Any], on: date) -> str:
    """Return whose decision it is. Raises `Invalid` for a child's own who is too young, or whom nobody judged."""
    whose = _whose(answers)
    if whose == "young_person":
        require_old_enough(work, answers, on)
    return whose


def _whose(answers: Mapping[str, Any]) -> str:
    # Asked in one question before there were two: who judged that a young person understands tells whose it is.
    return text(answers, "whose") or ("young_person" if text(answers, "competence") else "parent")


def _limits(answers: Mapping[str, Any], answer: str) -> dict[str, Any]:
    if answer != "limited":
        return {}
    chosen = [str(each) for each in answers.get("kinds") or ()]
    if not set(chosen) <= {*KINDS, NOTHING}:
        raise Invalid("Choose kinds of information from the list", field="kinds")
    if NOTHING in chosen and len(set(chosen)) > 1:
        raise Invalid("Tick what they may know, or that it is nothing of this, not both", field="kinds")
    if not chosen and not answers.get("nobody_else"):
        raise Invalid("Tick what they may know, or that it is nothing of this", field="kinds")
    return {"kinds": [each for each in chosen if each != NOTHING]}


def _parties(work: Work, answers: Mapping[str, Any]) -> list[dict[str, UUID | None]]:
    """Return with whom a limited consent shares: whole agencies, and people by name; nobody only when that is said."""
    chosen = [as_id(each, "agencies") for each in answers.get("agencies") or ()]
    known = sa.select(sa.func.count()).where(agencies.c.id.in_(chosen), agencies.c.authority_id == work.authority.id)
    if chosen and work.connection.execute(known).scalar_one() != len(set(chosen)):
        raise Invalid("Choose agencies from the list", field="agencies")
    named = people(work, answers, "people", anybody=True)
    if answers.get("nobody_else") and (chosen or named):
        raise Invalid(_NOT_BOTH, field="nobody_else")
    if not (answers.get("nobody_else") or chosen or named):
        raise Invalid(_WITH_WHOM, field="agencies")
    return [
        *({"agency_id": each, "practitioner_id": None} for each in dict.fromkeys(chosen)),
        *({"agency_id": None, "practitioner_id": each} for each in named),
    ]


_WITH_WHOM: Final = (
    "Tick the agencies that may know, name people, or tick “Nobody else may know”: nobody is covered who is not named"
)
_NOT_BOTH: Final = "You have named who may know: take the tick from “Nobody else may know”, or name nobody"


def _keep_objections(work: Work, answers: Mapping[str, Any]) -> None:
    """Let what a young person who understands objects to bind what each of the family may be told."""
    objected = [as_id(each, "not_told") for each in answers.get("not_told") or ()]
    if not objected:
        return
    reason = text(answers, "objection")
    competence = ". ".join(filter(None, (text(answers, name) for name in ("competence", "second_judgement"))))
    if not reason:
        raise Invalid("Say why the young person does not want them told", field="objection")
    family = sa.select(children.c.family_id).join(cases, cases.c.child_id == children.c.id)
    theirs = sa.select(family_members.c.id).where(
        family_members.c.id.in_(objected),
        family_members.c.family_id == family.where(cases.c.id == work.case.id).scalar_subquery(),
    )
    known = set(work.connection.execute(theirs).scalars())
    if known != set(objected):
        raise Invalid("Choose people of this family from the list", field="not_told")
    nothing = Sharing(told="nothing", decided_by="young_person", competence=competence, reason=reason)
    look_again(work)
    for member in dict.fromkeys(objected):
        before = decided(work, member)
        if before is not None and before.told == "nothing" and before.decided_by == "court":
            continue
        if share(work, member, nothing):
            work.record(
                "family_member_kept",
                subject=member,
                detail={"told": "nothing", "decided_by": "young_person"},
                payload={"why": reason, "competence": competence},
            )
