"""The choices that form fields take from the record: people of the authority, outcomes, other cases of the child."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import checklists, family_letters, profiles
from engine.casework.help_kinds import HELP_KINDS
from engine.casework.permissions import Actor, Relation, may_read_case
from engine.errors import Invalid
from engine.forms import FILES_OF_TASK, Form, Option
from engine.store import meeting_places, relations, siblings
from engine.store.concern_answers import answerable_beside
from engine.store.meeting_options import letters_to_hand, substitutes
from engine.store.overlapping_cases import overlapping_cases
from engine.store.people_offered import Offered, people_offered
from engine.store.relatives import Limits, from_age, relatives
from engine.store.sibling_meetings import sibling_meetings
from engine.store.tables.files import attachments
from engine.store.tables.people import agencies, authorities, practitioners
from engine.store.tables.record import (
    action_plans,
    cases,
    children,
    family_members,
    plan_actions,
    plan_outcomes,
)
from engine.store.tables.running import user_tasks

ONLY_GROUP: Final = "Multi-Agency Group"
NEAR, OTHERS = "People round this child", "Everybody else"
TO_SHARE_WITH: Final = "to_share_with"
DECIDES_FROM: Final = "decides_from_on"
FACTS: Final = frozenset({DECIDES_FROM})
BROTHERS_AND_SISTERS: Final = "brothers_and_sisters"
SAME_CONCERN: Final = "same_concern"
ROUND_THE_CHILD: Final = "round_the_child"
"""Who else works with the child: nobody disagrees with themselves."""
INVITED: Final = "invited"
"""Who was asked to the meeting, with who comes in whose place."""
ABOUT_OTHERS: Final = frozenset({BROTHERS_AND_SISTERS, SAME_CONCERN})
"""Choices of other children: they depend on whose cases the person who is asked may see."""
EVERY_CHILD: Final = "Yes, every child of this family who has a plan here"
INTERIM_LEADS: Final = "interim_leads"
"""Who leads in between: while nothing is shared, of whoever keeps the record their colleagues too."""
OUTSIDE: Final = "Not covered by the family’s consent: ask the family first"


def options_for(
    connection: sa.Connection,
    form: Form,
    *,
    authority_id: UUID,
    case_id: UUID,
    actor: Actor | None = None,
    suggestions: bool = True,
) -> Mapping[str, list[Option]]:
    """Return the choices of every source the form names, on one case; other cases only as far as `actor` sees them.

    Answers are judged without the `suggestions`: anything may be written there. Raises `Invalid` naming an unknown
    source.
    """
    named = form.sources if suggestions else form.choice_sources
    unknown = sorted(named - SOURCES)
    if unknown:
        raise Invalid(f"The form '{form.key}' asks for the choices '{unknown[0]}', which do not exist", form=form.key)
    found = {name: read(connection, authority_id, case_id) for name, read in _READ.items() if name in named}
    decided = sorted(named & _DECIDED.keys())
    if decided:
        profile = connection.execute(_PROFILE, {"authority": authority_id}).scalar() or {}
        found |= {source: _DECIDED[source](profile) for source in decided}
    if BROTHERS_AND_SISTERS in named:
        found[BROTHERS_AND_SISTERS] = _brothers_and_sisters(connection, actor, case_id)
    if SAME_CONCERN in named:
        found[SAME_CONCERN] = _same_concern(connection, actor, case_id, form)
    people = _people_for(connection, sorted(named & _PEOPLE.keys()), authority_id, case_id, actor)
    if suggestions and INVITED in people and (instead := substitutes(connection, case_id)):
        people[INVITED] = [_with_who_comes(each, instead.get(each.value, "")) for each in people[INVITED]]
    return found | people


def _people_for(
    connection: sa.Connection, sources: Sequence[str], authority_id: UUID, case_id: UUID, actor: Actor | None
) -> dict[str, list[Option]]:
    found: dict[str, list[Option]] = {}
    known = people_offered(connection, authority_id, case_id) if sources else []
    for source in sources:
        # Where the family says whom a consent is to cover, whom the one before left out is nothing to go by.
        told = [replace(each, outside=False) for each in known] if source == TO_SHARE_WITH else known
        if source in _ASKED_IN:
            told = [replace(each, outside=each.outside or each.new) for each in known]
        if source == INTERIM_LEADS:
            told = [replace(each, outside=each.outside or (each.new and not each.colleague)) for each in known]
        found[source] = _grouped([each for each in told if _PEOPLE[source](each)])
    if actor is not None and ROUND_THE_CHILD in found:
        me = str(actor.practitioner_id)
        found[ROUND_THE_CHILD] = [each for each in found[ROUND_THE_CHILD] if each.value != me]
    return found


def _with_who_comes(asked: Option, instead: str) -> Option:
    return replace(asked, label=f"{asked.label} ({instead} in their place)") if instead else asked


def options_for_start(
    connection: sa.Connection, form: Form, *, authority_id: UUID, case_id: UUID, actor: Actor | None = None
) -> Mapping[str, list[Option]]:
    """Return as `options_for` the choices of a form that comes before any task.

    Files are those that the actor keeps with the case itself. Raises as `options_for`.
    """
    found = options_for(connection, form, authority_id=authority_id, case_id=case_id, actor=actor)
    return {**found, FILES_OF_TASK: _own_files(connection, actor, case_id)} if FILES_OF_TASK in found else found


def facts_for(connection: sa.Connection, form: Form, *, case_id: UUID, host: Limits) -> Mapping[str, Any]:
    """Return what the conditions of `form` read of the record itself, by the names of `FACTS`.

    `decides_from_on` is the day from which the child is old enough to decide themself on one person's judgement;
    null before the birth.
    """
    if DECIDES_FROM not in form.names_used:
        return {}
    found = relatives(connection, case_id)
    return {DECIDES_FROM: found[0].reaches(from_age(host)) if found else None}


def _grouped(people: Sequence[Offered]) -> list[Option]:
    """Offer people, those round this child first and under a heading of their own; by name within each.

    Last those whom the family's consent leaves out: chosen, they are refused with what to do.
    """
    groups = {
        NEAR: [each for each in people if each.near and not each.outside],
        OTHERS: [each for each in people if not each.near and not each.outside],
        OUTSIDE: [each for each in people if each.outside],
    }
    alone = sum(map(bool, groups.values())) < 2 and not groups[OUTSIDE]
    headed = [("" if alone else name, each) for name, group in groups.items() for each in group]
    return [Option(str(each.id), each.words, group=name, within=each.agency or "") for name, each in headed]


def _sits_round_tables(person: Offered) -> bool:
    """Tell whether somebody works with children, as far as their role says; without an account there is none."""
    return person.works or not person.has_account


def _outcomes(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the outcomes of the plan in force that are not met yet."""
    rows = connection.execute(_OPEN_OUTCOMES, {"case": case_id})
    return [Option(row.outcome, row.outcome) for row in rows]


_OPEN_OUTCOMES = (
    sa.select(plan_outcomes.c.outcome)
    .join(action_plans, action_plans.c.id == plan_outcomes.c.plan_id)
    .where(
        action_plans.c.case_id == sa.bindparam("case"),
        action_plans.c.ended_on.is_(None),
        plan_outcomes.c.met_on.is_(None),
        plan_outcomes.c.dropped_on.is_(None),
    )
    .order_by(plan_outcomes.c.id)
)


def _plan_outcomes(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer each outcome of the case; those settled too, as one may be met while somebody writes about it."""
    rows = connection.execute(_OUTCOMES, {"case": case_id})
    return [Option(str(row.id), row.outcome) for row in rows]


_OUTCOMES = (
    sa.select(plan_outcomes.c.id, plan_outcomes.c.outcome)
    .where(plan_outcomes.c.case_id == sa.bindparam("case"))
    .order_by(plan_outcomes.c.id)
)


def _actions(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the actions of the case; those finished too, as one may be finished while somebody writes about it."""
    return [
        Option(str(row.id), f"{row.action.rstrip('.')}, {'finished' if row.closed_on else f'by {_day(row.due_on)}'}")
        for row in connection.execute(_ACTIONS, {"case": case_id})
    ]


_ACTIONS = (
    sa.select(plan_actions.c.id, plan_actions.c.action, plan_actions.c.due_on, plan_actions.c.closed_on)
    .where(plan_actions.c.case_id == sa.bindparam("case"))
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)


def _open_actions(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the actions of the case that are not finished, with who has each."""
    rows = connection.execute(_OPEN_ACTIONS, {"case": case_id})
    return [Option(str(row.id), f"{row.action.rstrip('.')}, {row.name}, by {_day(row.due_on)}") for row in rows]


_OPEN_ACTIONS = (
    sa.select(plan_actions.c.id, plan_actions.c.action, plan_actions.c.due_on, practitioners.c.name)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(plan_actions.c.case_id == sa.bindparam("case"), plan_actions.c.closed_on.is_(None))
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _overlapping_cases(connection: sa.Connection, authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the other open cases of the same child."""
    return [
        Option(str(each.id), f"{each.child_name}, {each.reference}, {each.led}")
        for each in overlapping_cases(connection, authority_id, case_id)
    ]


def _brothers_and_sisters(connection: sa.Connection, actor: Actor | None, case_id: UUID) -> list[Option]:
    """Offer the brothers and sisters whose open cases the actor may see, and always all of them together.

    That stands there for an only child too: nobody learns from it that there is a case they may not see.
    """
    rows = siblings.with_names(connection, case_id)
    stands = relations.of_many(connection, actor, [row.id for row in rows]) if actor and rows else {}
    seen = [row for row in rows if actor and may_read_case(actor, stands.get(row.id, Relation()))]
    named = [Option(str(row.id), f"{row.known_as or row.given_name} {row.family_name}".strip()) for row in seen]
    every = "Every other child of this family who has a plan here" if named else EVERY_CHILD
    return [*named, Option(siblings.WHOLE_FAMILY, every)]


def _same_concern(connection: sa.Connection, actor: Actor | None, case_id: UUID, form: Form) -> list[Option]:
    """Offer the children of whom the same concern waits for the same answer, where the actor may give it."""
    if actor is None:
        return []
    waiting = answerable_beside(connection, actor, case_id, form_hash=form.hash)
    return [Option(str(each.task_id), each.child_name) for each in waiting]


def _sibling_meetings(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the coming meetings of the child's brothers and sisters, to be joined."""
    rows = sibling_meetings(connection, case_id)
    where = {row.id: meeting_places.told(connection, case_id, row.venue) for row in rows}
    said = [(row.id, _when(row), where[row.id], f"for {row.given_name}") for row in rows]
    return [Option(str(id_), ", ".join(part for part in parts if part)) for id_, *parts in said]


def _when(row: Any) -> str:
    spoken = f"{row.planned_on:%A} {row.planned_on.day} {row.planned_on:%B}"
    return spoken if row.starts_at is None else f"{spoken}, {row.starts_at:%H:%M}"


def _mags(profile: Mapping[str, Any]) -> list[Option]:
    """Offer the authority's multi-agency groups; one without a name of its own when none is set."""
    known = {group.name: group for group in profiles.groups(profile)}
    offered = [Option(name, f"{name} ({group.area})" if group.area else name) for name, group in known.items()]
    return offered or [Option(ONLY_GROUP, ONLY_GROUP)]


def _checklist(part: str, profile: Mapping[str, Any]) -> list[Option]:
    """Offer the lines of a part of the authority's own checklist of a meeting."""
    return [Option(line, line) for line in checklists.of_profile(profile, part)]


def _relatives(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the child and everybody of the family."""
    return [Option(each.key, each.words) for each in relatives(connection, case_id)]


def _family_names(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the names of the family, the child's last, to be written where a form asks for a name."""
    child, *family = relatives(connection, case_id) or (None,)
    named = [*family, *([child] if child is not None and child.born_on else [])]
    return [Option(name, name) for name in dict.fromkeys(each.name for each in named) if name]


def _letter(row: Any) -> str:
    return family_letters.KINDS[row.kind] + (", written anew" if row.instead_of_id else "")


def _letters_to_hand(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the letters to the family that nobody has posted or handed over yet."""
    return [
        Option(str(row.id), f"{_letter(row)}, {_day(row.written_on)}, for {row.addressee}")
        for row in letters_to_hand(connection, case_id)
    ]


def _kinds_of_help(_connection: sa.Connection, _authority_id: UUID, _case_id: UUID) -> list[Option]:
    return [Option(code, label) for code, label in HELP_KINDS.items()]


def _agencies(connection: sa.Connection, authority_id: UUID, _case_id: UUID) -> list[Option]:
    """Offer the agencies of the authority that somebody works in."""
    return [Option(str(row.id), row.name) for row in connection.execute(_AGENCIES, {"authority": authority_id})]


_STAFFED = sa.exists().where(practitioners.c.agency_id == agencies.c.id, practitioners.c.left_on.is_(None))
_AGENCIES = (
    sa.select(agencies.c.id, agencies.c.name)
    .where(agencies.c.authority_id == sa.bindparam("authority"), _STAFFED)
    .order_by(agencies.c.name, agencies.c.id)
)


def _family_members(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the child's family."""
    rows = connection.execute(_FAMILY, {"case": case_id})
    return [Option(str(row.id), f"{row.name}, {row.relationship}" if row.relationship else row.name) for row in rows]


_FAMILY = (
    sa.select(family_members.c.id, family_members.c.name, family_members.c.relationship)
    .join(children, children.c.family_id == family_members.c.family_id)
    .join(cases, cases.c.child_id == children.c.id)
    .where(cases.c.id == sa.bindparam("case"))
    .order_by(family_members.c.id)
)


def _files_of_task(connection: sa.Connection, _authority_id: UUID, case_id: UUID) -> list[Option]:
    """Offer the files that were kept with the open tasks of the case: those of others are seen on its page only."""
    return [Option(str(row.id), row.name) for row in connection.execute(_FILES, {"case": case_id})]


def _own_files(connection: sa.Connection, actor: Actor | None, case_id: UUID) -> list[Option]:
    by = actor.practitioner_id if actor else None
    return [Option(str(row.id), row.name) for row in connection.execute(_OWN_FILES, {"case": case_id, "by": by})]


_OWN_FILES = (
    sa.select(attachments.c.id, attachments.c.name)
    .where(
        attachments.c.case_id == sa.bindparam("case"),
        attachments.c.added_by == sa.bindparam("by"),
        attachments.c.removed_at.is_(None),
        attachments.c.task_id.is_(None),
        attachments.c.action_id.is_(None),
    )
    .order_by(attachments.c.added_at, attachments.c.id)
)
_FILES = (
    sa.select(attachments.c.id, attachments.c.name)
    .join(user_tasks, user_tasks.c.id == attachments.c.task_id)
    .where(
        attachments.c.case_id == sa.bindparam("case"),
        attachments.c.removed_at.is_(None),
        user_tasks.c.state == "open",
    )
    .order_by(attachments.c.added_at, attachments.c.id)
)


_READ: Final[Mapping[str, Callable[[sa.Connection, UUID, UUID], list[Option]]]] = {
    "agencies": _agencies,
    "family_members": _family_members,
    "overlapping_cases": _overlapping_cases,
    "actions": _actions,
    "open_actions": _open_actions,
    "outcomes": _outcomes,
    "plan_outcomes": _plan_outcomes,
    "sibling_meetings": _sibling_meetings,
    "kinds_of_help": _kinds_of_help,
    "relatives": _relatives,
    "family_names": _family_names,
    "letters_to_hand": _letters_to_hand,
    FILES_OF_TASK: _files_of_task,
}
_DECIDED: Final[Mapping[str, Callable[[Mapping[str, Any]], list[Option]]]] = {
    "mags": _mags,
    **{f"checklist_{part}": partial(_checklist, part) for part in checklists.PARTS},
}
"""What an authority has decided for itself, by its profile."""
_PROFILE = sa.select(authorities.c.profile).where(authorities.c.id == sa.bindparam("authority"))
_PEOPLE: Final[Mapping[str, Callable[[Offered], bool]]] = {
    "practitioners": lambda _: True,
    TO_SHARE_WITH: lambda person: not person.keeps_service,
    "leads": lambda person: person.leads_cases,
    "successors": lambda person: person.leads_cases and (person.interim or not person.leads),
    INTERIM_LEADS: lambda person: person.leads_cases and (person.interim or not person.leads),
    ROUND_THE_CHILD: lambda person: person.near,
    "invitees": lambda person: _sits_round_tables(person) and not person.leads,
    "action_owners": _sits_round_tables,
    INVITED: lambda person: person.invited,
    "not_invited": lambda person: _sits_round_tables(person) and not person.invited and not person.leads,
}
"""Who is on each list of people. The lead, who invites, is on no list of whom to invite."""
_ASKED_IN: Final = frozenset({"leads", "successors", "action_owners"})
"""The lists of whom a plan asks in: nobody new while nothing of it is shared."""
SOURCES: Final = frozenset((*_READ, *_DECIDED, *_PEOPLE, *ABOUT_OTHERS))
