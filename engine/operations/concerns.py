"""Safeguarding concerns and the manager's harm check. Nothing here waits for consent or a gate.

A concern may name several children, and each of their cases has its own: what social care is told names every child in
one referral (Lincolnshire), but they may take one on and not another, and each has their own plan, consent and closure.
So there is one answer a child; where it is the same for several, whoever writes it down says for whom, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.facts import LINKED_PLANS
from engine.errors import Invalid
from engine.operations.closures import GOES_ON, is_asked, is_being_closed, send_back
from engine.operations.kept_concerns import PROCESS, kept_of, take_up
from engine.operations.messages import alert_manager
from engine.operations.reading import as_id, text
from engine.store import locking, siblings
from engine.store.concern_answers import waiting_beside
from engine.store.tables.record import cases, concerns
from engine.work import Work, open_work

SAME_ANSWER: Final = "same_answer"


def open_for_all(
    everyone: Sequence[Work], answers: Mapping[str, Any], *, raised_by: UUID, raised_with: UUID | None = None
) -> list[UUID]:
    """Keep one concern on each of several cases in one act, the child's own first; return their ids in order.

    `raised_with` is the first of them when it is kept already.
    A child without a case, named in the answer `other_children`, stands with the first alone: whoever sees another
    child's case need not learn of them.
    """
    theirs = {name: said for name, said in answers.items() if name != "other_children"}
    opened: list[UUID] = []
    for each in everyone:
        others = [str(other.case.id) for other in everyone if other is not each]
        first = raised_with or (opened[0] if opened else None)
        said = theirs if first else answers
        opened.append(open_concern(each, said, raised_by=raised_by, raised_with=first, also=others))
    return opened


def open_concern(
    work: Work,
    answers: Mapping[str, Any],
    *,
    raised_by: UUID,
    raised_with: UUID | None = None,
    also: Sequence[str] = (),
) -> UUID:
    """Keep a concern as raised, however little was written, and return its id.

    One that names several children was `raised_with` the first of them, and is on the cases `also` too.
    """
    id_ = work.engine.ids.new()
    danger = _yes(answers, "immediate_danger")
    work.connection.execute(
        sa.insert(concerns).values(
            id=id_,
            authority_id=work.authority.id,
            case_id=work.case.id,
            raised_by=raised_by,
            raised_at=work.at,
            harm=text(answers, "harm"),
            immediate_danger=danger,
            what_happened=text(answers, "what_happened"),
            other_children=text(answers, "other_children"),
            raised_with=raised_with,
        )
    )
    work.changed()
    detail = {"immediate_danger": danger, **({"also": list(also)} if also else {})}
    work.record("concern_raised", subject=id_, detail=detail, payload=dict(answers))
    return id_


def begin(work: Work, concern_id: UUID, *, danger: bool) -> None:
    """Ask for the process that sees to social care's answer on a concern just kept, and alert the managers."""
    facts = work.facts()
    beside = bool(facts["plan_agreed"] and not facts["closed"])
    given = {"concern": str(concern_id), "immediate_danger": danger, "beside_plan": beside}
    work.starts.append((PROCESS, given))
    alert_manager(work, {"subject": "Urgent: a concern about a child has been raised"}, {})


def put_concern(work: Work, what_happened: str, answers: Mapping[str, Any]) -> str:
    """Open the concern that a diagram is about to put to social care, and return its id as the variable `concern`.

    The answer `also_about` says which brothers and sisters it is about too: the ids of their cases, or
    `WHOLE_FAMILY`. Each has a concern and a process of its own, in the same act; not who has one already that waits
    for an answer, and not a case that has closed meanwhile. One that is kept of this very step, which was undone
    before, is the one that it puts.
    """
    others = _also_about(work, answers.get("also_about") or ())
    said, raised_by, kept = {"what_happened": what_happened}, writer(work), kept_of(work, work.step)
    if kept is None:
        first, *more = open_for_all([work, *others], said, raised_by=raised_by)
    else:
        take_up(work, kept, what_happened)
        first, more = kept, open_for_all(others, said, raised_by=raised_by, raised_with=kept)
    for each, concern_id in zip(others, more, strict=True):
        begin(each, concern_id, danger=False)
    work.also.extend(others)
    return str(first)


def _also_about(work: Work, chosen: Sequence[Any]) -> list[Work]:
    """Return acts on the cases chosen beside the child's own, locked in the order that all acts keep."""
    if not chosen:
        return []
    family = set(siblings.open_cases(work.connection, work.case.id))
    named = {as_id(each, "also_about") for each in chosen if each != siblings.WHOLE_FAMILY}
    wanted = family if siblings.WHOLE_FAMILY in chosen else named & family
    asked = sa.select(concerns.c.case_id).where(concerns.c.case_id.in_(wanted), concerns.c.ended_on.is_(None))
    lines = locking.others(work.connection, wanted, after=work.case.id)
    waiting = set(work.connection.execute(asked).scalars())
    free = [line for line in lines if line.id not in waiting and not line.closed]
    return [open_work(work.engine, work.connection, line, actor=work.actor, at=work.at) for line in free]


def acknowledge_concern(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep social care's answer to the one concern that the variable `concern` names; it is then no longer open.

    In a diagram that names none, it answers the one that has waited longest. Gives back `accepted` as yes or no, and
    `beside_plan`: whether it was raised beside a plan, which no diagram closes then by itself, and nobody is asked yet
    what becomes of it. The answer `SAME_ANSWER`
    names the tasks on other children's cases that it finishes too: of the same concern, each on its own record.
    """
    _answer_beside(work, answers)
    accepted, concern_id = _yes(answers, "accepted"), _asked_about(work, variables)
    work.connection.execute(
        sa.update(concerns)
        .where(concerns.c.id == concern_id, concerns.c.case_id == work.case.id, concerns.c.ended_on.is_(None))
        .values(acknowledged_at=work.at, accepted=accepted, note=text(answers, "note"), ended_on=work.today)
    )
    work.changed()
    work.record("concern_acknowledged", subject=concern_id, detail={"accepted": accepted})
    beside = variables.get("beside_plan") is True and not is_asked(work, "decide_with_social_care")
    return {"accepted": "yes" if accepted else "no", "beside_plan": beside}


def _answer_beside(work: Work, answers: Mapping[str, Any]) -> None:
    """Give the same answer to the tasks chosen on other children's cases, in this act.

    Raises `Invalid` for one that waits no more, as somebody has answered it meanwhile.
    """
    chosen = {as_id(each, SAME_ANSWER) for each in answers.get(SAME_ANSWER) or ()}
    if not chosen:
        return
    case_of = {each.task_id: each.case_id for each in waiting_beside(work.connection, work.case.id)}
    if chosen - case_of.keys():
        raise Invalid("One of these has been answered meanwhile. Choose again", field=SAME_ANSWER)
    same = {name: said for name, said in answers.items() if name != SAME_ANSWER}
    for line in locking.others(work.connection, {case_of[each] for each in chosen}, after=work.case.id):
        other = open_work(work.engine, work.connection, line, actor=work.actor, at=work.at)
        other.answered.extend((each, same) for each in sorted(chosen) if case_of[each] == line.id)
        work.also.append(other)


def record_harm_check(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the manager's finding; gives back `finding`, and the `concern` opened when there is one."""
    finding = text(answers, "finding")
    work.record("harm_check_recorded", detail={"finding": finding})
    if finding == "concern":
        return {"finding": finding, "concern": put_concern(work, text(answers, "note"), answers)}
    return {"finding": finding}


def decide_with_social_care(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the lead agreed for a plan whose child social care has taken on, and link the plan that leads now.

    Gives back `plan_with_social_care`. The link stays when this case closes: who opens its record sees where to go.
    When the plan goes on and a closing of the case waits all the same, who leads and their line manager are told.
    Raises `Invalid` for a plan that is not on the list.
    """
    decision = text(answers, "plan_with_social_care")
    linked = {"linked_plan": text(answers, "linked_plan"), "key_worker": text(answers, "key_worker")}
    if linked["linked_plan"] not in LINKED_PLANS:
        raise Invalid("Choose the plan from the list", field="linked_plan")
    work.connection.execute(sa.update(cases).where(cases.c.id == work.case.id).values(**linked))
    work.changed()
    detail: dict[str, Any] = {"decision": decision, "plan": linked["linked_plan"]}
    if decision == "goes_on" and is_being_closed(work):
        detail["closing"] = True
        _say_that_both_stand(work)
    work.record("plan_with_social_care", detail=detail, payload={"why": text(answers, "why")})
    return {"plan_with_social_care": decision}


def _say_that_both_stand(work: Work) -> None:
    send_back(work, why=GOES_ON)
    facts = work.facts()
    told = (facts["lead_professional"] or facts["assessor"], facts["line_manager"])
    for each in dict.fromkeys(each for each in told if each):
        work.send(UUID(each), subject=BOTH_STAND, body=f"{GOES_ON}.")


BOTH_STAND: Final = "A plan goes on beside social care’s, and its case is being closed"


def _asked_about(work: Work, variables: Mapping[str, Any]) -> UUID | None:
    named = variables.get("concern")
    if named:
        return UUID(str(named))
    return work.connection.execute(
        sa.select(concerns.c.id)
        .where(concerns.c.case_id == work.case.id, concerns.c.ended_on.is_(None))
        .order_by(concerns.c.raised_at, concerns.c.id)
        .limit(1)
    ).scalar()


def _yes(answers: Mapping[str, Any], key: str) -> bool:
    return answers.get(key) in (True, "yes", "true")


def writer(work: Work) -> UUID:
    """Return who is writing: the actor, or the lead professional or assessor when the service itself acts."""
    if work.actor is not None:
        return work.actor.practitioner_id
    facts = work.facts()
    return UUID(facts["lead_professional"] or facts["assessor"])
