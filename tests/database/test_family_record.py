"""What is kept about child and family changes after the start: what it was, since when, by whom; and who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.family_sharing import Sharing
from engine.commands import families
from engine.errors import Invalid, NotFound
from engine.queries import family_record
from engine.queries.family_record import UNSEEN, FamilyRecord
from engine.store.tables import record
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def about(world: World, case_id: UUID, by: str = "hana", **how: Any) -> None:
    families.keep_child(world.engine, actor=world.actor(by), case_id=case_id, about=families.About(**how))


def read(world: World, case_id: UUID, by: str = "hana") -> FamilyRecord:
    return family_record.read(world.engine, actor=world.actor(by), case_id=case_id)


def test_facts_change_after_the_start_and_say_what_they_were_and_by_whom(world: World) -> None:
    case_id = world.start_case(given_name="Sam")
    about(world, case_id, first_language="Polish", sex="male", disability="Asthma", born_on=date(2017, 9, 5))
    about(world, case_id, by="cleo", first_language="Polish and English")
    found = read(world, case_id)
    child = found.child
    assert (child.first_language, child.sex, child.disability) == ("Polish and English", "male", "Asthma")
    assert child.born_on == date(2017, 9, 5)
    newest = found.changes[0]
    assert (newest.what, newest.was, newest.now) == ("First language", "Polish", "Polish and English")
    assert (newest.by, newest.whose) == (world.actor("cleo").name, child.name)
    said = {(each.what, each.now) for each in found.changes}
    assert {("Sex", "Male"), ("Disability or long illness", "Asthma")} <= said
    (first, _second) = world.history(case_id, "child_kept")
    assert "Asthma" not in str(first.detail)
    assert not world.verified().findings


def test_what_is_not_said_stays_as_it_was(world: World) -> None:
    case_id = world.start_case(given_name="Sam")
    about(world, case_id, ethnicity="White and Asian")
    about(world, case_id, known_as="Sammy")
    assert read(world, case_id).child.ethnicity == "White and Asian"


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"sex": "boy"}, "sex"),
        ({"born_on": date(1980, 1, 1)}, "born_on"),
        ({"born_on": date(2027, 1, 1)}, "born_on"),
        ({"given_name": "", "family_name": ""}, "family_name"),
    ],
)
def test_facts_that_cannot_be_are_refused(world: World, how: dict[str, Any], field: str) -> None:
    case_id = world.start_case()
    with pytest.raises(Invalid) as refused:
        about(world, case_id, **how)
    assert set(refused.value.details["errors"]) == {field}


def test_a_family_member_has_language_and_needs_and_a_change_of_address_is_for_the_closest(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    how: dict[str, Any] = {"actor": world.actor("hana"), "case_id": case_id, "sharing": Sharing()}
    first = families.Member(name="Ada", relationship="Mother", address="1 Mill Lane", interpreter="Polish")
    ada = families.keep_member(world.engine, member_id=None, member=first, **how)
    moved = families.Member(name="Ada", relationship="Mother", address="9 Elm Row", email="ada@example.org")
    families.keep_member(world.engine, member_id=ada, member=moved, **how)
    (member,) = [each for each in read(world, case_id).child.family if each.member_id == ada]
    assert (member.interpreter, member.email) == ("Polish", "ada@example.org")
    for by, was, now in (("hana", "1 Mill Lane", "9 Elm Row"), ("idris", UNSEEN, UNSEEN)):
        seen = next(each for each in read(world, case_id, by).changes if each.what == "Address")
        assert (seen.was, seen.now) == (was, now)
    with pytest.raises(Invalid) as refused:
        families.keep_member(world.engine, member_id=ada, member=families.Member(name="Ada", email="ada"), **how)
    assert set(refused.value.details["errors"]) == {"email"}


def test_the_team_sees_no_disability_where_the_consent_does_not_cover_the_assessment(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    about(world, case_id, disability="Asthma", access_needs="Ground floor")
    assert read(world, case_id, "idris").child.disability == "Asthma"
    world.write(sa.update(record.consents).values(answer="limited", kinds=["plan"]))
    agency = world.rows(sa.select(record.consents.c.id, record.consents.c.authority_id))[0]
    world.write(
        sa.insert(record.consent_parties).values(
            id=world.engine.ids.new(), authority_id=agency.authority_id, consent_id=agency.id,
            practitioner_id=world.ids["idris"],
        )
    )  # fmt: skip
    seen = read(world, case_id, "idris")
    assert (seen.child.disability, seen.child.access_needs) == ("", "Ground floor")
    assert "Asthma" not in str(seen.changes)
    assert read(world, case_id).child.disability == "Asthma"


def test_the_family_is_in_rows_and_a_siblings_case_only_for_who_may_see_it(world: World) -> None:
    case_id = world.start_case(given_name="Sam")
    (child,) = world.rows(sa.select(record.children.c.family_id))
    world.start_case(given_name="Ali", family_id=child.family_id)
    for name, relationship in (("Gus", "Grandfather"), ("Ada", "Mother"), ("Ben", "neighbour")):
        families.keep_member(
            world.engine, actor=world.actor("hana"), case_id=case_id, member_id=None,
            member=families.Member(name=name, relationship=relationship), sharing=Sharing(),
        )  # fmt: skip
    found = read(world, case_id)
    assert [(each.name.split()[0], each.row) for each in found.kin] == [
        ("Gus", 0), ("Ada", 1), ("Ben", 1), ("Sam", 2), ("Ali", 2)
    ]  # fmt: skip
    assert [each.child_name.split()[0] for each in found.siblings] == ["Ali"]
    with pytest.raises(NotFound):
        read(world, case_id, "idris")
