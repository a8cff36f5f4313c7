"""Who may, as truth tables: each answer is written out by hand, everything not written out is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import product
from uuid import UUID

import pytest

from engine.casework import permissions
from engine.casework.permissions import GROUP_ROLES, ROLES, Actor, Relation

ME, OTHER, MANAGED, AUTHORITY, COVERED = (UUID(int=number) for number in range(1, 6))
APART = {"same_authority", "outside", "rests", "elsewhere", "emergency", "restricted"}
"""What changes how somebody stands to a case; each has tests of its own."""
RELATIONS = tuple(field.name for field in fields(Relation) if field.name not in APART)
GROUPS = frozenset(GROUP_ROLES)
NO_GROUP: frozenset[str] = frozenset()


def somebody(*roles: str) -> Actor:
    return Actor(
        ME, ME, AUTHORITY, "Hana Verity", frozenset(roles), manages=frozenset({MANAGED}), covers=frozenset({COVERED})
    )


def stands(*names: str) -> Relation:
    return Relation(same_authority=True, **dict.fromkeys(names, True))


def test_the_roles_are_those_the_tables_below_were_written_for() -> None:
    assert ROLES == (
        "case_worker", "line_manager", "coordinator", "mag_member", "safeguarding_lead", "senior_officer", "designer",
        "administrator",
    )  # fmt: skip
    assert RELATIONS == (
        "leads", "assesses", "member", "manages_someone", "manages_holder", "covers_someone", "holds_task", "mag_open",
        "concern_open", "mag_elsewhere", "managed_elsewhere", "covers_close",
    )  # fmt: skip


MAY: dict[Callable[[Actor], bool], set[str]] = {
    permissions.may_start_case: {"case_worker", "line_manager", "coordinator"},
    permissions.may_ask_index: {"case_worker", "line_manager", "coordinator", "safeguarding_lead"},
    permissions.may_restrict: {"coordinator"},
    permissions.may_raise_concern: {
        "case_worker", "line_manager", "coordinator", "mag_member", "safeguarding_lead", "senior_officer",
    },
    permissions.may_see_overdue: {"case_worker", "line_manager", "coordinator"},
    permissions.may_keep_mag_seats: {"coordinator", "administrator"},
    permissions.sees_whole_authority: {"coordinator"},
    permissions.may_deploy: {"designer"},
    permissions.may_operate: {"administrator", "coordinator"},
    permissions.may_keep_accounts: {"administrator"},
    permissions.may_keep_authority: {"administrator"},
    permissions.may_erase: {"administrator"},
}
"""Each question that depends on roles alone, and the roles that are told yes."""


@pytest.mark.parametrize("question", MAY, ids=lambda question: question.__name__)
@pytest.mark.parametrize("role", [*ROLES, "not_a_role"])
def test_each_role_alone(question: Callable[[Actor], bool], role: str) -> None:
    assert question(somebody(role)) is (role in MAY[question])


@pytest.mark.parametrize("question", MAY, ids=lambda question: question.__name__)
def test_somebody_without_a_role_may_nothing_and_one_with_all_roles_everything(
    question: Callable[[Actor], bool],
) -> None:
    assert not question(somebody())
    assert question(somebody(*ROLES))


ANYBODY = {"leads", "assesses", "member", "manages_someone", "covers_someone", "holds_task", "covers_close"}
"""Standing to a case that opens its record whatever the role."""
SEES = {(role, relation) for role in (*ROLES, "") for relation in ANYBODY}
SEES |= {("coordinator", relation) for relation in (*RELATIONS, "")}
SEES |= {("mag_member", "mag_open"), ("safeguarding_lead", "concern_open")}
"""(role, standing) whose holder reads a case; "" is none."""


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_who_sees_a_case(role: str, relation: str) -> None:
    actor, stand = somebody(*filter(None, [role])), stands(*filter(None, [relation]))
    assert permissions.may_see_case(actor, stand) is ((role, relation) in SEES)


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_a_restricted_case_is_nobodys_by_their_office(role: str, relation: str) -> None:
    actor, stand = somebody(*filter(None, [role])), stands("restricted", "emergency", *filter(None, [relation]))
    by_office = relation in {"manages_someone", "mag_open"} and role != "coordinator"
    expected = (role, relation) in SEES and not by_office
    assert permissions.may_read_case(actor, permissions.confined(stand)) is expected


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_an_emergency_lets_somebody_read_and_nothing_else(role: str) -> None:
    actor = somebody(*filter(None, [role]))
    assert permissions.may_read_case(actor, stands("emergency"))
    assert not permissions.may_read_case(actor, replace(stands("emergency"), same_authority=False))
    assert permissions.may_see_case(actor, stands("emergency")) is (role == "coordinator")
    assert not permissions.reads_as_team(actor, stands("emergency", "member")), "an emergency shows the whole record"
    for task in (ME, None):
        seen = permissions.may_see_task(actor, stands("emergency"), assignee=task, groups=NO_GROUP)
        assert seen is (task == ME or role == "coordinator")


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_who_may_open_a_record_in_an_emergency(role: str) -> None:
    actor = somebody(*filter(None, [role]))
    expected = role in {"case_worker", "line_manager", "coordinator", "safeguarding_lead"}
    assert permissions.may_open_in_emergency(actor, stands()) is expected
    assert not permissions.may_open_in_emergency(actor, stands("restricted"))
    assert not permissions.may_open_in_emergency(actor, Relation())


def test_who_checks_emergencies_coordinates_or_manages_somebody() -> None:
    assert permissions.may_check_access(somebody())
    nobodys = replace(somebody(), manages=frozenset())
    assert [role for role in ROLES if permissions.may_check_access(replace(nobodys, roles=frozenset({role})))] == [
        "coordinator"
    ]


CLOSE = {"leads", "assesses", "manages_someone", "covers_close"}
"""Standing to a case that a family's limited consent never leaves out: who works with the record itself."""
OVERSEES = {"line_manager", "coordinator", "mag_member", "safeguarding_lead", "senior_officer", "administrator"}


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_whom_a_limited_consent_leaves_out_sees_nothing_unless_the_record_is_theirs(role: str, relation: str) -> None:
    actor = somebody(*filter(None, [role]))
    stand = replace(stands(*filter(None, [relation])), outside=True)
    sees = relation in CLOSE or role == "coordinator" or (role, relation) in {
        ("mag_member", "mag_open"), ("safeguarding_lead", "concern_open")
    }  # fmt: skip
    assert permissions.may_see_case(actor, stand) is (sees or (relation == "holds_task" and role in OVERSEES))
    task = permissions.may_see_task(actor, stand, assignee=ME, groups=frozenset({"case_workers"}))
    assert task is (sees or role in OVERSEES)


@pytest.mark.parametrize("kept", ["rests", "elsewhere"])
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_while_nothing_is_shared_a_task_shows_the_case_to_the_service_s_own_offices_alone(role: str, kept: str) -> None:
    """Once the family said no or cannot be reached; before it is asked, to nobody else of another agency."""
    actor, stand = somebody(*filter(None, [role])), stands("holds_task", kept)
    assert permissions.may_see_case(actor, stand) is (role in OVERSEES)
    task = permissions.may_see_task(actor, stand, assignee=ME, groups=frozenset({"case_workers"}))
    assert task is (role in OVERSEES)
    assert all(permissions.may_see_case(actor, stands(close, kept)) for close in CLOSE)


def test_the_oversight_is_every_role_that_no_team_is_made_of() -> None:
    assert permissions.OVERSIGHT == OVERSEES
    assert "case_worker" not in permissions.OVERSIGHT


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_who_reads_as_far_as_the_consent_goes(role: str, relation: str) -> None:
    whole = relation in CLOSE or role == "coordinator" or (relation == "holds_task" and role in OVERSEES)
    whole |= (role, relation) in {("mag_member", "mag_open"), ("safeguarding_lead", "concern_open")}
    reads = permissions.reads_as_team(somebody(*filter(None, [role])), stands(*filter(None, [relation])))
    assert reads is not whole


@pytest.mark.parametrize(("role", "first", "second"), list(product(ROLES, RELATIONS, RELATIONS)))
def test_two_standings_open_no_more_than_the_better_of_them(role: str, first: str, second: str) -> None:
    expected = bool(SEES & {(role, first), (role, second)})
    assert permissions.may_see_case(somebody(role), stands(first, second)) is expected


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_another_authority_s_case_is_closed_to_everybody(role: str, relation: str) -> None:
    actor = somebody(*filter(None, [role]))
    stand = replace(stands(*filter(None, [relation])), same_authority=False)
    assert not permissions.may_see_case(actor, stand)
    assert not permissions.may_see_task(actor, stand, assignee=ME, groups=GROUPS)


HOLDERS = {
    "mine": ME, "another's": OTHER, "of somebody I manage": MANAGED, "of somebody I cover": COVERED, "nobody's": None,
}  # fmt: skip
MEMBER_OF = {
    ("case_worker", "case_workers"),
    ("line_manager", "line_managers"),
    ("coordinator", "coordinators"),
    ("mag_member", "mag_members"),
    ("safeguarding_lead", "safeguarding_leads"),
    ("senior_officer", "senior_officers"),
    ("administrator", "administrators"),
}
"""(role, candidate group) where the role makes a member."""


@pytest.mark.parametrize(("role", "group"), list(product(ROLES, sorted(GROUPS))))
def test_who_belongs_to_a_candidate_group(role: str, group: str) -> None:
    assert (group in somebody(role).groups) is ((role, group) in MEMBER_OF)


@pytest.mark.parametrize(("role", "holder", "group"), list(product(ROLES, HOLDERS, ["", *sorted(GROUPS)])))
def test_doing_and_claiming_a_task(role: str, holder: str, group: str) -> None:
    offered = frozenset(filter(None, [group]))
    unclaimed_and_ours = holder == "nobody's" and (role, group) in MEMBER_OF
    actor, assignee = somebody(role), HOLDERS[holder]
    may_do = permissions.may_do_task(actor, assignee=assignee, groups=offered)
    assert may_do is (holder in ("mine", "of somebody I cover") or unclaimed_and_ours)
    personal = permissions.may_do_task(actor, assignee=assignee, groups=offered, personal=True)
    assert personal is (holder == "mine" or unclaimed_and_ours), "nobody stands in"
    assert permissions.may_claim(actor, assignee=assignee, groups=offered) is unclaimed_and_ours


OWN = ("mine", "of somebody I manage", "of somebody I cover")
REASSIGNS = {(role, holder) for role in ROLES for holder in OWN}
REASSIGNS |= {("coordinator", holder) for holder in HOLDERS} | {("line_manager", "nobody's")}
"""(role, whose task) where the holder of the role may give it to somebody else."""


@pytest.mark.parametrize(("role", "holder"), list(product(ROLES, HOLDERS)))
def test_reassigning_a_task(role: str, holder: str) -> None:
    actor, assignee = somebody(role), HOLDERS[holder]
    assert permissions.may_reassign(actor, assignee=assignee) is ((role, holder) in REASSIGNS)
    asked = role != "coordinator" and holder in OWN
    personal = permissions.may_reassign(actor, assignee=assignee, personal=True)
    assert personal is ((role, holder) in REASSIGNS and not asked), "nobody else could answer it"


@pytest.mark.parametrize(("role", "relation", "holder"), list(product(ROLES, (*RELATIONS, ""), HOLDERS)))
def test_a_task_s_page_opens_to_who_may_do_it_or_see_its_case(role: str, relation: str, holder: str) -> None:
    seen = permissions.may_see_task(
        somebody(role), stands(*filter(None, [relation])), assignee=HOLDERS[holder], groups=frozenset({"case_workers"})
    )
    does = holder == "mine" or (holder == "nobody's" and role == "case_worker")
    assert seen is (does or (role, relation) in SEES), "a task of whom one covers shows where one stands in on its case"


@pytest.mark.parametrize(("role", "relation", "holder"), list(product((*ROLES, ""), (*RELATIONS, ""), HOLDERS)))
def test_a_task_that_is_not_open_any_more_opens_with_its_case_alone(role: str, relation: str, holder: str) -> None:
    actor, held = somebody(*filter(None, [role])), {"assignee": HOLDERS[holder], "groups": GROUPS, "closed": True}
    stand = stands(*filter(None, [relation]))
    assert permissions.may_see_task(actor, stand, **held) is ((role, relation) in SEES)
    assert not permissions.may_see_task(actor, replace(stand, same_authority=False), **held)


@pytest.mark.parametrize(("role", "relation", "holder"), list(product((*ROLES, ""), (*RELATIONS, ""), HOLDERS)))
def test_who_manages_the_holder_of_a_task_knows_of_that_task_alone(role: str, relation: str, holder: str) -> None:
    actor, stand, assignee = somebody(*filter(None, [role])), stands(*filter(None, [relation])), HOLDERS[holder]
    alone = relation == "manages_holder" and holder == "of somebody I manage"
    held = {"assignee": assignee, "groups": frozenset({"case_workers"})}
    assert permissions.may_put_right(actor, stand, assignee=assignee) is alone
    seen = permissions.may_see_task(actor, stand, **held)
    assert permissions.may_know_of_task(actor, stand, **held) is (seen or alone)
    for shut in (replace(stand, outside=True), replace(stand, same_authority=False), permissions.confined(stand)):
        assert not permissions.may_put_right(actor, shut, assignee=assignee)
    if alone and role != "coordinator":
        assert not seen and not permissions.may_read_case(actor, stand)


def test_a_task_of_a_group_one_does_not_sit_on_is_not_there() -> None:
    offered = {"assignee": None, "groups": frozenset({"mag_members"})}
    chair = somebody("mag_member")
    assert permissions.may_see_task(chair, stands(), **offered)
    assert not permissions.may_see_task(chair, stands("mag_elsewhere"), **offered)
    assert permissions.may_see_task(chair, stands("mag_elsewhere"), assignee=ME, groups=frozenset({"mag_members"}))
    assert permissions.may_see_task(somebody("coordinator"), stands("mag_elsewhere"), **offered)


def test_what_is_offered_to_line_managers_asks_those_of_who_leads_or_assesses() -> None:
    offered = {"assignee": None, "groups": frozenset({"line_managers", "safeguarding_leads"})}
    manager = somebody("line_manager")
    assert permissions.may_see_task(manager, stands(), **offered), "nobody manages them"
    assert not permissions.may_see_task(manager, stands("managed_elsewhere"), **offered)
    for role in ("coordinator", "safeguarding_lead"):
        assert permissions.may_see_task(somebody("line_manager", role), stands("managed_elsewhere"), **offered)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_who_records_that_somebody_leaves_or_is_away(role: str) -> None:
    actor = somebody(*filter(None, [role]))
    assert permissions.may_record_away(actor, MANAGED)
    assert permissions.may_record_away(actor, OTHER) is (role in ("coordinator", "administrator"))
    assert not permissions.may_record_away(actor, ME)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_who_sees_the_list_of_people(role: str) -> None:
    actor = replace(somebody(*filter(None, [role])), manages=frozenset())
    assert permissions.may_see_people(actor) is (role in ("line_manager", "coordinator", "administrator"))
    assert permissions.may_see_people(somebody())


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_who_appoints_an_interim_lead(role: str, relation: str) -> None:
    actor, stand = somebody(*filter(None, [role])), stands(*filter(None, [relation]))
    assert permissions.may_appoint_interim(actor, stand) is (relation == "manages_someone" or role == "coordinator")
    assert not permissions.may_appoint_interim(actor, replace(stand, same_authority=False))


@pytest.mark.parametrize(("role", "relation"), list(product((*ROLES, ""), (*RELATIONS, ""))))
def test_who_sees_who_looked_at_a_record(role: str, relation: str) -> None:
    actor, stand = somebody(*filter(None, [role])), stands(*filter(None, [relation]))
    may = relation == "manages_someone" or role in ("coordinator", "administrator")
    assert permissions.may_see_readers(actor, stand) is may
    assert not permissions.may_see_readers(actor, replace(stand, same_authority=False))


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_who_takes_a_file_away(role: str) -> None:
    actor = somebody(*filter(None, [role]))
    assert permissions.may_remove_file(actor, added_by=ME)
    assert permissions.may_remove_file(actor, added_by=OTHER) is (role == "coordinator")


def test_a_claimed_task_is_closed_to_the_rest_of_its_group() -> None:
    worker = somebody("case_worker")
    assert permissions.may_do_task(worker, assignee=None, groups=frozenset({"case_workers", "coordinators"}))
    assert not permissions.may_do_task(worker, assignee=OTHER, groups=frozenset({"case_workers"}))
    assert not permissions.may_do_task(worker, assignee=None, groups=NO_GROUP)


STARTS: dict[str, tuple[Actor, Relation]] = {
    "lead": (somebody("case_worker"), stands("leads")),
    "assessor": (somebody("case_worker"), stands("assesses")),
    "member": (somebody("case_worker"), stands("member")),
    "line_manager": (somebody("line_manager"), stands("manages_someone")),
    "coordinator": (somebody("coordinator"), stands()),
    "safeguarding_lead": (somebody("safeguarding_lead"), stands("concern_open")),
    "mag_member": (somebody("mag_member"), stands("mag_open")),
}
"""Who a diagram may name as starters, and somebody who is just that."""


def test_every_starter_is_in_the_table() -> None:
    assert STARTS.keys() == permissions.STARTERS


@pytest.mark.parametrize("named", STARTS)
@pytest.mark.parametrize("who", STARTS)
def test_a_diagram_is_started_by_those_it_names(named: str, who: str) -> None:
    actor, relation = STARTS[who]
    assert permissions.may_start_on_case(actor, relation, frozenset({named})) is (named == who)


@pytest.mark.parametrize("who", STARTS)
def test_nobody_starts_a_diagram_that_names_nobody_or_on_another_authority_s_case(who: str) -> None:
    actor, relation = STARTS[who]
    assert not permissions.may_start_on_case(actor, relation, NO_GROUP)
    assert not permissions.may_start_on_case(
        actor, replace(relation, same_authority=False), permissions.STARTERS | {"unknown"}
    )


def test_a_role_alone_does_not_open_a_case_it_may_not_see() -> None:
    may = permissions.may_start_on_case
    assert not may(somebody("safeguarding_lead"), stands(), frozenset({"safeguarding_lead"}))
    assert not may(somebody("mag_member"), stands(), frozenset({"mag_member"}))
