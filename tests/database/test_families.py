"""The family: two addresses, what each parent may be told, a young person's own decision; a baby who is born."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.family_sharing import Sharing
from engine.commands import case_processes, cases, families
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_file, timeline
from engine.store.tables import record
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

FATHER = families.Member(
    name="Mark Whitlock",
    relationship="Father",
    parental_responsibility=True,
    address="2 Mill Lane",
    address_secret=True,
)
OBJECTS = Sharing(
    told="nothing", decided_by="young_person", reason="Sam does not want him to know", competence="Hana Verity, 2 March"
)
FIFTEEN = date(2010, 9, 4)
"""The birthday of a child of 15, who may understand."""
BORN = families.Birth(born_on=date(2026, 3, 1), given_name=" Bea ", family_name="Whitlock", sex="female")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def keep(world: World, case_id: UUID, by: str = "hana", **how: Any) -> UUID:
    how = {"member_id": None, "member": FATHER, "sharing": OBJECTS, **how}
    return families.keep_member(world.engine, actor=world.actor(by), case_id=case_id, **how)


def family(world: World, case_id: UUID, by: str = "hana") -> list[Any]:
    return list(case_file.read(world.engine, actor=world.actor(by), case_id=case_id).child.family)


def of_family(world: World, case_id: UUID, member_id: UUID, by: str = "hana") -> Any:
    return next(each for each in family(world, case_id, by) if each.member_id == member_id)


def expected(world: World) -> UUID:
    child = cases.Child(family_name="Whitlock", expected_on=date(2026, 3, 9))
    return cases.start(world.engine, actor=world.actor("hana"), child=child).case_id


def test_what_a_parent_may_be_told_is_kept_with_who_decided_and_earlier_decisions_stay(world: World) -> None:
    case_id = world.start_case(born=FIFTEEN)
    father = keep(world, case_id)
    (member,) = family(world, case_id)
    assert (member.name, member.address, member.sharing) == ("Mark Whitlock", "2 Mill Lane", OBJECTS)
    assert member.told_sentence.startswith(
        "Tell them nothing, and keep every copy from them. Decided by the young person"
    )
    assert keep(world, case_id, member_id=father, sharing=OBJECTS) == father  # the same again is no new decision
    later = Sharing(told="part", part="School", decided_by="young_person", reason="Sam", competence="Hana Verity")
    keep(world, case_id, member_id=father, sharing=later)
    rows = world.rows(sa.select(record.family_sharing).order_by(record.family_sharing.c.told))
    assert [(row.told, row.from_on, row.to_on) for row in rows] == [
        ("nothing", world.today, world.today), ("part", world.today, None),
    ]  # fmt: skip
    assert rows[0].recorded_by == world.ids["hana"]
    told = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events[1].what
    assert told == (
        "Somebody of the family was written down: they are told nothing and get no copies, decided by the young person "
        "(Sam does not want him to know)."
    )
    assert not world.verified().findings


def test_a_child_of_eight_decides_nothing_of_this_alone(world: World) -> None:
    case_id = world.start_case()
    with pytest.raises(Invalid) as refused:
        keep(world, case_id)
    said = refused.value.details["errors"]["decided_by"]
    assert said.startswith("Sam is 8 years old. Below 12, one person’s judgement that they understand is not enough.")
    keep(world, case_id, sharing=replace(OBJECTS, decided_by="practitioner"))


def test_a_secret_address_is_shown_to_the_closest_only(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting", born=FIFTEEN)
    father = keep(world, case_id)
    seen = {by: of_family(world, case_id, father, by).address for by in ("hana", "idris", "cleo", "morgan")}
    assert seen == {"hana": "2 Mill Lane", "cleo": "2 Mill Lane", "idris": "", "morgan": ""}


def test_a_decision_for_one_child_is_none_for_a_brother(world: World) -> None:
    first = world.start_case(born=FIFTEEN)
    keep(world, first)
    (child,) = world.rows(sa.select(record.children.c.family_id))
    second = world.start_case(given_name="Ali", born=FIFTEEN, family_id=child.family_id)
    (member,) = family(world, second)
    assert (member.name, member.sharing, member.decided_on) == ("Mark Whitlock", Sharing(), None)


@pytest.mark.parametrize(
    ("sharing", "field"),
    [
        (replace(OBJECTS, competence=" "), "competence"),
        (replace(OBJECTS, reason=""), "reason"),
        (Sharing(told="part", reason="Asked"), "part"),
        (Sharing(told="much"), "told"),
        (Sharing(decided_by="a neighbour"), "decided_by"),
    ],
)
def test_nothing_is_kept_from_a_parent_without_who_decided_and_why(world: World, sharing: Sharing, field: str) -> None:
    case_id = world.start_case(born=FIFTEEN)
    with pytest.raises(Invalid) as refused:
        keep(world, case_id, sharing=sharing)
    assert set(refused.value.details["errors"]) == {field}
    assert family(world, case_id) == []


def test_who_may_and_whose_family(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting", born=FIFTEEN)
    with pytest.raises(NotPermitted):
        keep(world, case_id, by="idris")
    other = world.start_case(given_name="Ali", born=FIFTEEN)
    stranger = keep(world, other)
    with pytest.raises(NotFound):
        keep(world, case_id, member_id=stranger)
    with pytest.raises(Invalid) as refused:
        keep(world, case_id, member=replace(FATHER, name=" "))
    assert set(refused.value.details["errors"]) == {"name"}
    assert keep(world, case_id, request_key="only-once") == keep(world, case_id, request_key="only-once")
    assert sorted(each.name for each in family(world, case_id)) == ["Jo Whitlock", "Mark Whitlock"]


def test_what_is_kept_from_a_parent_holds_on_the_plan_that_goes_on_after_a_merge(world: World) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    families_of = world.rows(sa.select(record.cases.c.id, record.children.c.family_id).join(record.children))
    one = next(row.family_id for row in families_of if row.id == ids[0])
    world.write(sa.update(record.children).values(family_id=one))
    keep(world, ids[1])
    merge(world, *ids)
    told = {each.name: each.sharing for each in family(world, ids[0])}
    assert told == {"Jo Whitlock": Sharing(), "Mark Whitlock": OBJECTS}


@pytest.mark.parametrize("one_family", [True, False])
@pytest.mark.parametrize("decided", [True, False])
def test_a_parent_who_agreed_on_one_plan_is_told_no_more_than_the_other_plan_let_them(
    world: World, *, one_family: bool, decided: bool
) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    if one_family:
        one = world.rows(sa.select(record.children.c.family_id))[0].family_id
        world.write(sa.update(record.children).values(family_id=one))
    jo = next(each for each in family(world, ids[1]) if each.name == "Jo Whitlock")
    keep(world, ids[1], member_id=jo.member_id, member=families.Member(name="Jo Whitlock"))
    if decided:
        (here,) = family(world, ids[0])
        less = Sharing(told="part", part="School", reason="They asked")
        keep(world, ids[0], member_id=here.member_id, member=families.Member(name="Jo Whitlock"), sharing=less)
    merge(world, *ids)
    assert [(each.name, each.sharing) for each in family(world, ids[0])] == [("Jo Whitlock", OBJECTS)]
    world.tick()
    assert any("Look at what somebody of the family" in each.subject for each in world.mailbox.messages)


@pytest.mark.parametrize("court_first", [True, False])
def test_of_two_parts_only_what_both_plans_allow_is_told(world: World, *, court_first: bool) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    asked = Sharing(told="part", part="Health", reason="They asked")
    court = Sharing(told="part", part="Dates of meetings", decided_by="court", reason="An order")
    for case_id, sharing in zip(ids, (court, asked) if court_first else (asked, court), strict=True):
        keep(world, case_id, sharing=sharing)
    merge(world, *ids)
    holds = {each.name: each.sharing for each in family(world, ids[0])}["Mark Whitlock"]
    parts = "Dates of meetings; Health" if court_first else "Health; Dates of meetings"
    assert holds == replace(court, part=f"Only what both plans allowed: {parts}")


def test_an_address_that_one_plan_keeps_secret_stays_so_after_a_merge(world: World) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    plain = replace(FATHER, address_secret=False)
    keep(world, ids[0], member=plain, sharing=Sharing())
    keep(world, ids[1], sharing=Sharing())
    about(world, ids[0], address="3 Mill Lane")
    about(world, ids[1], address="3 Mill Lane", address_secret=True)
    world.mailbox.messages.clear()
    merge(world, *ids)
    father = next(each for each in family(world, ids[0]) if each.name == "Mark Whitlock")
    assert father.address_secret and child(world, ids[0], "hana").address_secret
    world.tick()
    assert any("Look at what somebody of the family" in each.subject for each in world.mailbox.messages)


def test_who_was_told_less_on_the_plan_that_goes_on_is_told_no_more_by_a_merge(world: World) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    keep(world, ids[0])
    keep(world, ids[1], sharing=Sharing())
    merge(world, *ids)
    assert {each.name: each.sharing for each in family(world, ids[0])}["Mark Whitlock"] == OBJECTS


def test_whom_only_the_other_plan_has_comes_over_with_what_they_may_be_told(world: World) -> None:
    ids = [start_and_walk_to(world, "arrange_tac_meeting", born=FIFTEEN) for _ in range(2)]
    keep(world, ids[1])
    keep(world, ids[1], member=families.Member(name="Nan", relationship="Grandmother"), sharing=Sharing())
    keep(world, ids[0], member=families.Member(name="nan"), sharing=Sharing())
    home = sa.select(record.children.c.family_id).join(record.cases).where(record.cases.c.id == ids[0])
    sister = world.start_case(given_name="Ali", family_id=world.rows(home)[0].family_id)
    merge(world, *ids)
    beside = {each.name: each.sharing for each in family(world, sister)}
    assert (beside["Mark Whitlock"].told, beside["Mark Whitlock"].decided_by) == (OBJECTS.told, "practitioner")
    assert OBJECTS.reason not in beside["Mark Whitlock"].reason and beside["nan"] == Sharing()
    assert [event.detail["told"] for event in world.history(sister, "family_member_kept")] == [OBJECTS.told]
    found = {each.name: each for each in family(world, ids[0])}
    assert {name: each.sharing for name, each in found.items()} == {
        "Jo Whitlock": Sharing(), "Mark Whitlock": OBJECTS, "nan": Sharing(),
    }  # fmt: skip
    father = found["Mark Whitlock"]
    assert (father.address, father.address_secret, father.parental_responsibility) == ("2 Mill Lane", True, True)
    assert "Mark Whitlock" in [each.name for each in family(world, ids[1])], "the record that closed stays whole"


def merge(world: World, staying: UUID, closing: UUID) -> None:
    case_processes.start(
        world.engine, actor=world.actor("cleo"), case_id=staying, process_key="merge_cafs",
        answers={"other_case": str(closing), "why": "Two for one child"},
    )  # fmt: skip
    world.do("ask_family", "hana", case_id=staying, merge_agreed="yes", family_view="Fine")
    world.do(
        "decide_merge", "cleo", case_id=staying, continues="this", merged_lead=str(world.ids["hana"]),
    )  # fmt: skip
    assert world.case(closing).closed_on is not None


def about(world: World, case_id: UUID, by: str = "hana", **how: Any) -> None:
    families.keep_child(world.engine, actor=world.actor(by), case_id=case_id, about=families.About(**how))


def child(world: World, case_id: UUID, by: str) -> Any:
    return case_file.read(world.engine, actor=world.actor(by), case_id=case_id).child


def test_a_childs_own_address_may_be_secret_and_who_is_not_shown_it_cannot_lose_it(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting", born=FIFTEEN)
    about(world, case_id, known_as="Sammy ", address=" 3 Mill Lane ", address_secret=True)
    assert (child(world, case_id, "hana").address, child(world, case_id, "hana").known_as) == ("3 Mill Lane", "Sammy")
    manager = child(world, case_id, "morgan")
    assert (manager.address, manager.address_secret, manager.sees_address) == ("", True, False)
    about(world, case_id, by="morgan", known_as="Sam")
    hana = child(world, case_id, "hana")
    assert (hana.address, hana.address_secret) == ("3 Mill Lane", True)
    (first, second) = world.history(case_id, "child_kept")
    assert first.detail["changed"] == ["address", "address_secret", "known_as"]
    assert second.detail["changed"] == ["known_as"]
    events = timeline.read(world.engine, actor=world.actor("morgan"), case_id=case_id).events
    assert "the address is secret now" in events[1].what and not any("Mill" in each.what for each in events)
    assert not world.verified().findings


def test_what_has_not_changed_is_no_event(world: World) -> None:
    case_id = world.start_case(born=FIFTEEN)
    found = child(world, case_id, "hana")
    about(world, case_id, known_as=found.known_as, address=found.address)
    assert world.history(case_id, "child_kept") == []


def test_the_day_a_baby_is_expected_may_change_until_it_is_born(world: World) -> None:
    case_id = expected(world)
    about(world, case_id, expected_on=date(2026, 4, 1))
    assert child(world, case_id, "hana").expected_on == date(2026, 4, 1)
    (event,) = world.history(case_id, "child_kept")
    assert event.detail["expected_on"] == "2026-04-01"
    families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=BORN)
    about(world, case_id, address="3 Mill Lane")
    assert child(world, case_id, "hana").expected_on == date(2026, 4, 1)
    with pytest.raises(Invalid) as refused:
        about(world, case_id, expected_on=date(2026, 4, 2))
    assert refused.value.details["errors"].keys() == {"expected_on"}


@pytest.mark.parametrize("day", [None, date(2027, 3, 2), date(2025, 3, 2)])
def test_a_day_on_which_no_baby_can_be_expected_is_refused(world: World, day: date | None) -> None:
    with pytest.raises(Invalid) as refused:
        about(world, expected(world), expected_on=day)
    assert refused.value.details["errors"].keys() == {"expected_on"}


def test_a_manager_who_is_not_shown_a_parents_secret_address_cannot_lose_it(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting", born=FIFTEEN)
    father = keep(world, case_id)
    unseen = replace(FATHER, address="", address_secret=False, phone="07700 900123")
    keep(world, case_id, by="morgan", member_id=father, member=unseen)
    kept = of_family(world, case_id, father)
    assert (kept.address, kept.address_secret, kept.phone) == ("2 Mill Lane", True, "07700 900123")


def test_a_baby_who_was_expected_is_born(world: World) -> None:
    case_id = expected(world)
    families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=BORN, request_key="once-only")
    families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=BORN, request_key="once-only")
    child = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).child
    assert (child.name, child.sex, child.born_on, child.expected_on) == (
        "Bea Whitlock", "female", date(2026, 3, 1), date(2026, 3, 9),
    )  # fmt: skip
    (event,) = world.history(case_id, "child_born")
    assert event.effective_on == date(2026, 3, 1)
    found = case_file.case_page(world.engine, actor=world.actor("hana"), search="bea").rows
    assert [row.case_id for row in found] == [case_id]
    with pytest.raises(Conflict):
        families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=BORN)


def test_who_assesses_is_asked_once_for_a_birth_whose_day_has_passed_and_again_for_another_day(world: World) -> None:
    case_id = expected(world)

    def asked_after(days: int) -> list[str]:
        world.mailbox.messages.clear()
        world.pass_days(days)
        return [letter.recipient for letter in world.mailbox.messages if "A baby was expected" in letter.subject]

    assert asked_after(7) == [], "on the day itself nobody is asked"
    assert asked_after(1) == ["hana@northcombe.example"]
    assert asked_after(3) == []
    about(world, case_id, expected_on=world.today + timedelta(days=2))
    assert asked_after(3) == ["hana@northcombe.example"]
    families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=BORN)
    assert asked_after(3) == []
    assert len(world.history(case_id, "birth_asked_for")) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"born_on": date(2026, 3, 3)}, "born_on"),
        ({"born_on": date(2025, 2, 28)}, "born_on"),
        ({"given_name": " "}, "given_name"),
        ({"family_name": ""}, "family_name"),
        ({"sex": "boy"}, "sex"),
    ],
)
def test_a_birth_that_cannot_be_is_refused(world: World, wrong: dict[str, Any], field: str) -> None:
    case_id = expected(world)
    with pytest.raises(Invalid) as refused:
        families.record_birth(world.engine, actor=world.actor("hana"), case_id=case_id, birth=replace(BORN, **wrong))
    assert set(refused.value.details["errors"]) == {field}
