"""What a batch is to do, worked out before anything is done: from whom each piece of work goes to whom, or why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.casework.sharing_out import Helper, Wanted, allot
from engine.giving import (
    CHOOSE,
    Recipient,
    not_a_case_worker,
    not_a_lead,
    not_near,
    not_shared,
    own_closure,
    recipient,
)
from engine.library import Library
from engine.routing import asked_by
from engine.store import batches, confining, consent_cover, own_closures, own_work, people, relations, resting
from engine.store.sets import among
from engine.store.strangers import strangers
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases

UNDONE_WITHIN: Final = timedelta(days=1)
"""For how long after its end a batch can be taken back."""
NOT_YOURS: Final = "This task is not yours to give to somebody else"
HAS_IT: Final = "They have it already"
NOBODY: Final = "Nobody of the same agency and role is here who may have it"
IN_PERSON: Final = "It asks this person in particular. Give it to somebody by hand, if they can answer it instead"
NOT_COVERED: Final = "The family’s consent does not cover them"
NOT_SHARED: Final = "Nothing may be shared with their agency now. Choose somebody of the agency of who led or assesses"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work of a plan: `refused` says why it cannot be done, empty when it can."""

    case_id: UUID
    task_id: UUID | None
    from_id: UUID | None
    to_id: UUID | None
    version: int
    refused: str = ""


@dataclass(slots=True)
class Chosen:
    """Open tasks chosen to be given to others, and what decides who may have them, read set-wise."""

    connection: sa.Connection
    actor: Actor
    today: date
    rows: Sequence[Any]
    stands: Mapping[UUID, Relation]
    limited: frozenset[UUID]
    restricted: frozenset[UUID]
    _asked: dict[tuple[str, UUID, UUID], bool] = field(default_factory=dict)

    def reads(self, case_id: UUID) -> bool:
        """Tell whether a case is the actor's to read, and not only a task of whom they manage."""
        return case_id in self.stands and permissions.may_read_case(self.actor, self.stands[case_id])

    def may_give(self, row: Any) -> bool:
        """Tell whether the actor may give a task to somebody else."""
        relation, groups = self.stands.get(row.case_id), frozenset(row.candidate_groups)
        if relation is None:
            return False
        held = {"assignee": row.assignee_id, "personal": row.personal}
        known = permissions.may_know_of_task(self.actor, relation, groups=groups, **held)
        return known and permissions.may_reassign(self.actor, **held)

    def _sees(self, row: Any) -> bool:
        """Tell whether a task is the actor's to see, and not only to put right."""
        held = {"assignee": row.assignee_id, "groups": frozenset(row.candidate_groups), "personal": row.personal}
        return permissions.may_see_task(self.actor, self.stands[row.case_id], **held)

    def why_not(self, row: Any, who: UUID, name: str, roles: frozenset[str]) -> str:
        """Say why somebody who is here cannot be given a task; empty when they can."""
        if row.assignee_id == who:
            return HAS_IT
        if not self._sees(row) and (said := not_near(self.connection, self.actor, row.case_id, who, row.assignee_id)):
            return said
        if not roles & permissions.task_takers(frozenset(row.candidate_groups)):
            return not_a_case_worker(name)
        if not roles & permissions.OVERSIGHT and self.is_left_out(row.case_id, who):
            return NOT_COVERED
        if row.case_id in self.limited and self._is_shut_out(row, who, roles):
            return not_shared(self.connection, row.case_id)
        own = own_closures.SIGN_OFFS
        if row.element_id in own and own_closures.is_own(
            self.connection, who, element_id=row.element_id, case_id=row.case_id
        ):
            return own_closure(name)
        return ""

    def may_propose(self, row: Any, helper: Helper) -> bool:
        """Tell whether somebody may be proposed for a task: on a restricted case only who works on it already."""
        if self.why_not(row, helper.id, helper.name, helper.roles):
            return False
        return row.case_id not in self.restricted or self._is("works", row.case_id, helper.id)

    def may_lead(self, wanted: Wanted, who: UUID) -> bool:
        """Tell whether somebody may be proposed to lead a plan: whom the family's consent covers, as for tasks."""
        case_id = wanted.case_id
        if self.why_not_lead(case_id, who):
            return False
        return case_id not in self.restricted or self._is("works", case_id, who)

    def why_not_lead(self, case_id: UUID, who: UUID) -> str:
        """Say why somebody cannot lead a plan in between, as the family or its silence keeps it from them; or empty."""
        if case_id not in self.limited:
            return ""
        if self.is_left_out(case_id, who):
            return NOT_COVERED
        return NOT_SHARED if self._is("strange", case_id, who) else ""

    def is_left_out(self, case_id: UUID, who: UUID) -> bool:
        """Tell whether the family's consent does not cover somebody."""
        return case_id in self.limited and self._is("out", case_id, who)

    def _is_shut_out(self, row: Any, who: UUID, roles: frozenset[str]) -> bool:
        groups, people = frozenset(row.candidate_groups), {who: roles}
        return bool(resting.shut_out(self.connection, row.case_id, row.id, groups, people, today=self.today))

    def _is(self, what: str, case_id: UUID, who: UUID) -> bool:
        """Tell whether the consent leaves somebody `out`, they are `strange` to a case or `works` on it; asked once."""
        key = (what, case_id, who)
        if key not in self._asked:
            ask: Mapping[str, Callable[[], object]] = {
                "out": lambda: consent_cover.left_out(self.connection, case_id, [who]),
                "strange": lambda: strangers(self.connection, case_id, [who], today=self.today, to_lead_between=True),
                "works": lambda: own_work.works_on(self.connection, case_id, who),
            }
            self._asked[key] = bool(ask[what]())
        return self._asked[key]


def chosen(
    connection: sa.Connection, actor: Actor, task_ids: Sequence[UUID], *, today: date, case_ids: Sequence[UUID] = ()
) -> Chosen:
    """Return those of `task_ids` that are open tasks the actor may know of, the soonest due first.

    What decides who may have work is read for their cases, and for `case_ids` besides.
    """
    rows = batches.open_tasks(connection, actor.authority_id, task_ids)
    case_ids = sorted({*case_ids, *(row.case_id for row in rows)})
    stands = relations.of_many(connection, actor, case_ids)
    known = [row for row in rows if row.case_id in stands and _knows(actor, stands[row.case_id], row)]
    limited = frozenset(connection.execute(_LIMITED, {"ids": case_ids}).scalars())
    restricted = confining.among_cases(connection, case_ids)
    return Chosen(connection, actor, today, known, stands, limited, restricted)


_LIMITED = sa.select(cases.c.id).where(
    among(cases.c.id),
    sa.or_(
        consent_cover.is_limited(cases.c.id), consent_cover.rests(cases.c.id), consent_cover.unasked(cases.c.id)
    ),
)


def by_hand(found: Chosen, to: UUID) -> list[Piece]:
    """Plan to give each task to one person who is here. Raises `Invalid` for who has left or cannot sign in."""
    given = recipient(found.connection, found.actor.authority_id, to, today=found.today)
    return [_piece(found, row, given) for row in found.rows]


def by_room(found: Chosen, library: Library) -> list[Piece]:
    """Plan to give each task to whoever of the holder's agency and role is here and has least for their hours.

    A question to one person in particular, as whether they will lead, is proposed to nobody.
    """
    refused = {row.id: NOT_YOURS for row in found.rows if not found.may_give(row)}
    refused |= {row.id: IN_PERSON for row in found.rows if row.id not in refused and _in_person(found, library, row)}
    givable = [row for row in found.rows if row.id not in refused]
    by_id = {row.id: row for row in givable}
    helpers = helpers_for(found.connection, found.actor, today=found.today)
    holders = sorted({row.assignee_id for row in givable if row.assignee_id is not None})
    roles = _roles_of(found.connection, holders)
    wanted = [_wanted(row, roles) for row in givable]
    proposed = allot(wanted, helpers, lambda each, helper: found.may_propose(by_id[each.key], helper))
    pieces = []
    for row in found.rows:
        to = proposed.get(row.id)
        said = "" if to else refused.get(row.id, NOBODY)
        pieces.append(Piece(row.case_id, row.id, row.assignee_id, to, row.version, said))
    return pieces


def of_leads(connection: sa.Connection, actor: Actor, leads: Mapping[UUID, UUID], *, today: date) -> list[Piece]:
    """Plan who is to lead plans, by the case's id: of open ones that the actor may see, and may appoint somebody on.

    Nobody who is away, cannot sign in or is no case worker is to lead, nor whom the family's consent leaves out, or
    who is of another agency while nothing is shared with it.
    """
    now = batches.leads_of(connection, actor.authority_id, sorted(leads))
    found = chosen(connection, actor, [], today=today, case_ids=sorted(now))
    given = people.standings(connection, actor.authority_id, sorted(set(leads.values())), today=today)
    leading = {who for who in given if people.has_role(connection, who, permissions.LEADS_CASES)}

    def why_not(case_id: UUID, who: UUID) -> str:
        if who not in given:
            return CHOOSE
        if said := given[who].refusal(today) or given[who].away(today):
            return said
        if who not in leading:
            return not_a_lead(given[who].name)
        return found.why_not_lead(case_id, who)

    pieces = []
    for case_id, lead in now.items():
        if case_id in found.stands and permissions.may_appoint_interim(actor, found.stands[case_id]):
            to = leads[case_id]
            pieces.append(Piece(case_id, None, lead, to if to in given else None, 0, why_not(case_id, to)))
    return pieces


def _in_person(found: Chosen, library: Library, row: Any) -> bool:
    """Tell whether a task asks whoever has it, and not the role in which they were asked."""
    info = library.process(found.connection, row.definition_id).element(row.process_key, row.element_id)
    asked = asked_by(info, row.assignee_id, frozenset(row.candidate_groups))
    return row.assignee_id is not None and asked.role == "member"


def propose_leads(
    connection: sa.Connection, actor: Actor, practitioner_id: UUID, case_ids: Sequence[UUID], *, today: date
) -> Mapping[UUID, UUID]:
    """Propose a case worker to lead each of a person's plans, by the case's id: as `by_room` does for their tasks.

    While they are away, that is who covers them, where these may lead.
    """
    agency = connection.execute(_AGENCY, {"who": practitioner_id}).scalar()
    wanted = [Wanted(id_, id_, practitioner_id, agency, permissions.LEADS_CASES) for id_ in sorted(case_ids)]
    found = chosen(connection, actor, [], today=today, case_ids=case_ids)
    helpers = helpers_for(connection, actor, today=today)
    proposed = dict(allot(wanted, helpers, lambda each, helper: found.may_lead(each, helper.id)))
    rows = batches.covering(connection, actor.authority_id, today=today)
    covering = {row.covered_by for row in rows if row.practitioner_id == practitioner_id}
    for cover in {row.id for row in batches.helpers(connection, actor.authority_id, today=today)
                  if row.id in covering and row.role in permissions.LEADS_CASES}:  # fmt: skip
        proposed |= {each.key: cover for each in wanted if found.may_lead(each, cover)}
    return proposed


_AGENCY = sa.select(practitioners.c.agency_id).where(practitioners.c.id == sa.bindparam("who"))


def helpers_for(connection: sa.Connection, actor: Actor, *, today: date) -> list[Helper]:
    """Return whom the actor may propose: who works with cases and is here; for a line manager those they manage."""
    roles: dict[UUID, set[str]] = defaultdict(set)
    known: dict[UUID, Any] = {}
    for row in batches.helpers(connection, actor.authority_id, today=today):
        if permissions.sees_whole_authority(actor) or row.id in actor.manages:
            roles[row.id].add(row.role)
            known[row.id] = row
    able = [who for who, held in roles.items() if held & permissions.WORK_WITH_CASES]
    load = batches.work_of(connection, able)
    covers: dict[UUID, set[UUID]] = defaultdict(set)
    for row in batches.covering(connection, actor.authority_id, today=today):
        covers[row.covered_by].add(row.practitioner_id)
    return [
        Helper(
            who, known[who].name, known[who].agency_id, frozenset(roles[who]), load[who], known[who].weekly_hours,
            frozenset(covers[who]),
        )
        for who in able
    ]  # fmt: skip


def _knows(actor: Actor, relation: Relation, row: Any) -> bool:
    groups = frozenset(row.candidate_groups)
    return permissions.may_know_of_task(actor, relation, assignee=row.assignee_id, groups=groups)


def _piece(found: Chosen, row: Any, to: Recipient) -> Piece:
    said = NOT_YOURS
    if found.may_give(row):
        said = found.why_not(row, to.id, to.standing.name, to.roles) or to.standing.away(found.today)
    return Piece(row.case_id, row.id, row.assignee_id, to.id, row.version, said)


def _roles_of(connection: sa.Connection, holders: Sequence[UUID]) -> Mapping[UUID, frozenset[str]]:
    held: dict[UUID, set[str]] = defaultdict(set)
    for row in batches.roles_once_held(connection, holders):
        held[row.practitioner_id].add(row.role)
    return {who: frozenset(roles) for who, roles in held.items()}


def _wanted(row: Any, roles: Mapping[UUID, frozenset[str]]) -> Wanted:
    """Say what a task asks for: the holder's agency and roles with cases, or the roles of its groups."""
    takers = permissions.task_takers(frozenset(row.candidate_groups))
    own = roles.get(row.assignee_id, frozenset()) & permissions.WORK_WITH_CASES
    of_groups = frozenset(permissions.GROUP_ROLES[group] for group in row.candidate_groups)
    return Wanted(row.id, row.case_id, row.assignee_id, row.agency_id, own or of_groups or takers)
