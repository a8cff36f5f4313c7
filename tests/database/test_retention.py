"""How long records are kept: what the rules erase, what they leave, and what stays proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.casework.retention import Rule, rules, years_before
from engine.commands import attachments, authorities, retention
from engine.errors import Invalid, NotPermitted
from engine.queries import assessment_document, case_file, chronology, plan_story
from engine.queries import retention as found
from engine.queries.chronology import Asked
from engine.store import erasing
from engine.store.tables import METADATA, access, files, keeping, record
from engine.store.verification import verify
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def set_rules(world: World, wanted: dict[str, Any], kept: tuple[str, ...] = ()) -> None:
    profile = {"retention": {"rules": wanted, "kept": list(kept)}}
    actor = world.actor("piet")
    authorities.change(world.engine, actor=actor, name="Northcombe", nation="england-and-wales", profile=profile)


def erase(world: World) -> int:
    return retention.erase_due(world.engine, authority_id=world.authority_id)


def everything(world: World) -> str:
    """Return every row of every table as text."""
    return "\n".join(str(row._mapping) for table in METADATA.sorted_tables for row in world.rows(sa.select(table)))


def test_a_record_past_its_time_is_erased_to_the_last_word_and_history_stays_proven(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review", given_name="Zebedee")
    attachments.add(
        world.engine, actor=world.actor("cleo"), case_id=case_id, name="whitlock.txt", media_type="text/plain",
        content=b"Whitlock",
    )  # fmt: skip
    other = world.start_case(given_name="Bo")
    closed = {"closed_on": date(2016, 2, 29), "linked_plan": "child_in_need", "key_worker": "Zebedee's worker"}
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed))
    own_words = {"whose": "young_person", "competence": "Zebedee said who will know"}
    world.write(sa.update(record.consents).where(record.consents.c.case_id == case_id).values(own_words))
    of_case = sa.select(record.children).join(record.cases, record.cases.c.child_id == record.children.c.id)
    (child,) = world.rows(of_case.where(record.cases.c.id == case_id))
    assert child.given_name in everything(world)
    set_rules(world, {"record": {"years": 6, "age": 25}, "files": {"years": 9}})
    world.clock.advance(timedelta(days=6))
    assert erase(world) == 0 and world.rows(sa.select(files.attachment_chunks)), "seven days to change one's mind"
    world.clock.advance(timedelta(days=2))
    assert (erase(world), erase(world)) == (1, 0)
    assert not world.rows(sa.select(files.attachment_chunks)), "files go whatever the child's age"
    assert child.given_name in everything(world), "not before the child is 25"
    world.write(sa.update(record.children).where(record.children.c.id == child.id).values(born_on=date(1999, 1, 1)))
    assert (erase(world), erase(world)) == (1, 0)
    left = everything(world)
    assert [line for line in left.splitlines() if child.given_name.casefold() in line.casefold()] == []
    assert "Bo" in left
    assert [each.kind for each in world.history(case_id)][-2:] == ["files_erased", "record_erased"]
    with world.engine.sessions.read() as connection:
        assert verify(connection).findings == ()
    payloads = sa.select(keeping.history_payloads).join(keeping.history)
    payload, *_ = world.rows(payloads.where(keeping.history.c.case_id == case_id))
    own = keeping.history_payloads.c.event_id == payload.event_id
    world.write(sa.update(keeping.history_payloads).where(own).values(erased_at=None, body={"name": "Zebedee"}))
    with world.engine.sessions.read() as connection:
        assert any("is back" in each for each in verify(connection).findings)
    actor = world.actor("cleo")
    assert case_file.read(world.engine, actor=actor, case_id=case_id).child.name == "Erased"
    chronology.read(world.engine, actor=actor, case_id=case_id, asked=Asked())
    plan_story.read(world.engine, actor=actor, case_id=case_id)
    assessment_document.read(world.engine, actor=actor, case_id=case_id)
    assert case_file.read(world.engine, actor=actor, case_id=other).child.name.startswith("Bo")


CHOSEN = {
    "cases.closure_reason", "closures.reason", "instances.end", "tac_meetings.ends_with", "plan_actions.help",
    "rehearsal_cases.choice",
}  # fmt: skip
"""Of what is written about a case, the columns of words that erasing leaves: what was chosen from a list."""


def test_only_what_was_chosen_from_a_list_is_left_of_the_words_about_a_case() -> None:
    about = [each for each in METADATA.sorted_tables if "case_id" in each.c or each.name in ("cases", "children")]
    left = {
        f"{table.name}.{column.name}"
        for table in about
        for column in table.c
        if column.info.get("words") and not erasing._is_words(table, column)
    }
    assert left == CHOSEN


def test_what_is_kept_and_what_would_go_is_said_first_and_counts_no_restricted_case(world: World) -> None:
    first, second = world.start_case(given_name="Xanthe"), world.start_case(given_name="Bo")
    world.write(sa.update(record.cases).where(record.cases.c.child_id.is_not(None)).values(closed_on=date(2016, 1, 4)))
    references = {row.id: row.reference for row in world.rows(sa.select(record.cases))}
    wanted = {"retention": {"rules": {"record": {"years": 6}}, "kept": []}}

    def coming() -> list[str]:
        (each,) = found.foreseen(world.engine, actor=world.actor("piet"), profile=wanted)
        assert each.number == len(each.references)
        return sorted(each.references)

    assert coming() == sorted([references[first], references[second]])
    made = {"case_id": first, "reason": "A parent works here", "review_on": world.today}
    world.write(
        sa.insert(access.case_restrictions).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, set_by=world.ids["cleo"],
            set_at=world.clock.now(), **made,
        )
    )  # fmt: skip
    assert coming() == [references[second]]
    wanted["retention"]["kept"] = [references[second]]
    assert coming() == []
    set_rules(world, {"record": {"years": 6}}, kept=(references[second],))
    world.clock.advance(timedelta(days=8))
    assert erase(world) == 1, "the restricted one follows the rules too"
    assert not found.read(world.engine, actor=world.actor("piet")).gone, "and is told to nobody"
    assert "Bo" in everything(world) and "Xanthe" not in everything(world)
    with pytest.raises(NotPermitted):
        found.read(world.engine, actor=world.actor("cleo"))


def test_rules_are_numbers_of_years_and_begin_anew_when_they_change(world: World) -> None:
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"years": 0}, "record_years"), ({"years": "six"}, "record_years"), ({"years": 6, "age": -1}, "record_age"),
    ]  # fmt: skip
    for wrong, field in wrongs:
        with pytest.raises(Invalid) as refused:
            set_rules(world, {"record": wrong})
        assert refused.value.details["field"] == field
    with pytest.raises(Invalid, match="references"):
        set_rules(world, {}, kept=("Sam Whitlock",))
    piet = world.actor("piet")
    set_rules(world, {"record": {"years": 6}})
    begins = found.read(world.engine, actor=piet).from_on
    assert begins == world.today + timedelta(days=7)
    world.clock.advance(timedelta(days=3))
    set_rules(world, {"record": {"years": 6}}, kept=("N-1",))
    assert found.read(world.engine, actor=piet).from_on == begins
    set_rules(world, {"record": {"years": 5}})
    assert found.read(world.engine, actor=piet).from_on == world.today + timedelta(days=7)
    assert rules({"retention": {"rules": {"record": {"years": 5}}}}) == {"record": Rule(5)}
