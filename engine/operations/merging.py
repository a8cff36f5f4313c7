"""Two open CAFs of one child: one plan goes on, the other case closes with a link; both records stay whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations import handovers
from engine.operations.action_plans import current_plan, open_plan, same
from engine.operations.closures import close_record
from engine.operations.consent_cover import draw_back, left_out_already, require_covered
from engine.operations.families_merged import carry_family
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.merge_conditions import require_mergeable
from engine.operations.merge_team import end_handover, join, lead_of, may_join, require_of_it, tell_who_stays_behind
from engine.operations.messages import tell_members
from engine.operations.overlaps import look_for_overlaps
from engine.operations.reading import as_person, person, text
from engine.operations.stalled_plans import carry_stage
from engine.store import locking
from engine.store.tables.changes import case_links
from engine.store.tables.record import plan_actions, plan_outcomes
from engine.work import Work, open_work

_COPIED = ("action", "help", "owner_id", "due_on", "first_due_on", "progress", "progress_on")

_ALIKE: Final = "Two plans have become one: some actions are worded alike"
_LOOK_AT_ALIKE: Final = "They have different owners, or are for different outcomes. Look whether both are still needed."
_HANDED_OVER: Final = (
    "The plan that goes on is being handed over. Choose who leads it now: the handover goes on as it was agreed"
)
_NOBODY_YET: Final = (
    "Nobody leads the plan that goes on until who was asked to lead it does. Decide then, or let both plans go on"
)
_CLOSED: Final = "One of the two cases has closed, so there is nothing to bring together: this task goes by itself"


def propose_merge(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep that two CAFs of a child should become one; gives back `other_case`, a case's id.

    Raises `Invalid` for a case that is closed, another authority's, or this one.
    """
    other = _other(work, answers.get("other_case"))
    work.record("merge_proposed", detail={"other": str(other.case.id)}, payload={"why": text(answers, "why")})
    return {"other_case": str(other.case.id)}


def record_merge_answer(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the family agrees to one plan; gives back `merge_agreed` as yes or no."""
    agrees = "yes" if text(answers, "merge_agreed") == "yes" else "no"
    work.record("merge_answered", detail={"answer": agrees}, payload={"why": text(answers, "family_view")})
    return {"merge_agreed": agrees}


def decide_merge(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep which plan goes on and who leads it, or that both go on; gives back `continues` and `merged_lead`.

    `continues` is this, other or both; the variable `other_case` names the other case. Raises `Invalid` while the one
    must not close into the other (`require_mergeable`), a family's consent leaves the lead out or a restriction keeps
    the plan from them, `Conflict` when one of the two has closed since.
    """
    continues = text(answers, "continues")
    if continues == "both":
        work.record("merge_decided", detail={"continues": continues})
        return {"continues": continues, "merged_lead": None}
    other = _other(work, variables.get("other_case"))
    closing, staying = (work, other) if continues == "other" else (other, work)
    require_mergeable(closing, staying)
    lead = person(work, answers, "merged_lead")
    require_of_it(staying, lead)
    for each in (staying, closing):
        require_covered(each, [lead], "merged_lead")
    leads = staying.facts()["lead_professional"]
    if handovers.current(staying) is not None and str(lead) != leads:
        raise Invalid(_HANDED_OVER if leads else _NOBODY_YET, field="merged_lead")
    work.record("merge_decided", subject=lead, detail={"continues": continues})
    return {"continues": continues, "merged_lead": str(lead)}


def merge_cases(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close one case into the other: open actions go over with their dates and owners, the team and the family too.

    So does how long a plan has not moved. Takes `other_case`, `continues` and `merged_lead`. Raises `Invalid` while the
    one must not close into the other, `Conflict` when it has closed since.
    """
    known = {**variables, **inputs}
    other = _other(work, known.get("other_case"))
    closing, staying = (work, other) if known.get("continues") == "other" else (other, work)
    require_mergeable(closing, staying)
    chosen = as_person(known.get("merged_lead"), "merged_lead")
    require_of_it(staying, chosen)
    told = left_out_already(staying)
    came = _copy_actions(closing, staying, chosen)
    carry_stage(closing, staying)
    successor = end_handover(closing)
    join(closing, staying, came.owners, chosen)
    if lead_of(staying) != chosen:
        appoint_lead_professional(staying, {"lead_professional": chosen}, {}, stays=True)
    draw_back(staying, told=told)  # an action that came over may be somebody's whom this child's consent leaves out
    beside = carry_family(closing, staying)
    _link(closing, staying)
    closing.record("case_merged_into", detail={"other": str(staying.case.id)})
    behind = tell_who_stays_behind(closing, staying, successor)
    counts = {"actions": len(came.owners), "twice": came.twice, "alike": came.alike}
    if behind and staying.case.restricted:
        counts["behind"] = behind
    staying.record("case_merged_from", detail={"other": str(closing.case.id), **counts})
    if came.alike:
        staying.send(chosen, subject=_ALIKE, body=_LOOK_AT_ALIKE)
    close_record(closing, {"closure_reason": "merged"}, {})
    tell_members(staying, {"subject": "Two plans for a child have become one"}, {})
    work.also.extend([other, *beside])
    return {}


def _other(work: Work, value: Any) -> Work:
    """Return an act on the other case within this one, its row locked."""
    try:
        other_id = UUID(str(value))
    except ValueError as error:
        raise Invalid("Choose the other CAF from the list", field="other_case") from error
    if other_id == work.case.id:
        raise Invalid("Choose the other CAF, not this one", field="other_case")
    line = locking.another(work.connection, other_id, after=work.case.id)
    if line.authority_id != work.authority.id:
        raise Invalid("Choose the other CAF from the list", field="other_case")
    if line.closed or work.case.closed:
        raise Conflict(_CLOSED, case_id=other_id)
    return open_work(work.engine, work.connection, line, actor=work.actor, at=work.at)


@dataclass(frozen=True, slots=True)
class _Came:
    """Whose actions came over; how many stood there already, and how many only their words."""

    owners: list[UUID]
    twice: int
    alike: int


def _copy_actions(closing: Work, staying: Work, lead: UUID) -> _Came:
    """Copy the open actions and their outcomes to the plan that goes on.

    Of whom a restriction keeps that plan from, what they had is the `lead`'s until somebody else is found. One that
    stands there in the same words, for the same outcome and owner, stands once: due on the earlier day, with the later
    news.
    """
    rows, here = _open_actions(closing), {_said(row): row for row in _open_actions(staying)}
    kept_from = _kept_from(staying, [row.owner_id for row in rows])
    for row in rows:
        if twin := here.get(_said(row)):
            _join_action(staying, twin, row)
    new = [row for row in rows if _said(row) not in here]
    if new:
        plan = current_plan(staying) or open_plan(staying)
        outcomes = {text_: _outcome(staying, plan, text_) for text_ in dict.fromkeys(row.outcome for row in new)}
        copies = [
            {
                **{name: row._mapping[name] for name in _COPIED},
                "id": staying.engine.ids.new(),
                "authority_id": staying.authority.id,
                "case_id": staying.case.id,
                "plan_id": plan,
                "outcome_id": outcomes[row.outcome],
                "owner_id": lead if row.owner_id in kept_from else row.owner_id,
            }
            for row in new
        ]
        staying.connection.execute(sa.insert(plan_actions), copies)
        look_for_overlaps(staying, {copy["id"] for copy in copies})
    staying.changed()
    worded = {same(row.action) for row in here.values()}
    alike = sum(same(row.action) in worded for row in new)
    return _Came([lead if row.owner_id in kept_from else row.owner_id for row in new], len(rows) - len(new), alike)


def _kept_from(staying: Work, owners: Sequence[UUID]) -> set[UUID]:
    return set(owners) - set(may_join(staying, owners)) if staying.case.restricted else set()


def _open_actions(work: Work) -> Sequence[Any]:
    return work.connection.execute(
        sa.select(plan_actions, plan_outcomes.c.outcome)
        .outerjoin(plan_outcomes, plan_outcomes.c.id == plan_actions.c.outcome_id)
        .where(plan_actions.c.case_id == work.case.id, plan_actions.c.closed_on.is_(None))
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
    ).all()


def _said(row: Any) -> tuple[str, str, UUID | None]:
    """Return what tells an action from others: its words, its outcome's and its owner."""
    return same(row.action), same(row.outcome or ""), row.owner_id


def _join_action(staying: Work, mine: Any, theirs: Any) -> None:
    known = [row for row in (mine, theirs) if row.progress_on is not None]
    news = max(known, key=lambda row: row.progress_on, default=mine)
    values = {name: min(mine._mapping[name], theirs._mapping[name]) for name in ("due_on", "first_due_on")}
    values |= {name: news._mapping[name] for name in ("progress", "progress_on")}
    staying.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == mine.id).values(**values))


def _outcome(staying: Work, plan: UUID, outcome: str | None) -> UUID | None:
    if outcome is None:
        return None
    known = sa.select(plan_outcomes.c.id).where(plan_outcomes.c.plan_id == plan, plan_outcomes.c.outcome == outcome)
    found = staying.connection.execute(known.limit(1)).scalar()
    if found is None:
        found = staying.engine.ids.new()
        row = {"id": found, "authority_id": staying.authority.id, "plan_id": plan, "case_id": staying.case.id}
        staying.connection.execute(sa.insert(plan_outcomes).values(**row, outcome=outcome))
    return found


def _link(closing: Work, staying: Work) -> None:
    closing.connection.execute(
        sa.insert(case_links).values(
            id=closing.engine.ids.new(),
            authority_id=closing.authority.id,
            case_id=closing.case.id,
            linked_id=staying.case.id,
            kind="merged",
            linked_on=closing.today,
        )
    )
