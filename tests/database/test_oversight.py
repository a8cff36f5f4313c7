"""Managers' notes on cases, who has had no supervision on which case, and audits of a sample of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.audit_items import ITEMS, SECTIONS
from engine.commands import audits, authorities, erasures, oversight, restrictions
from engine.commands.audits import Judged
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.overseeing import Said
from engine.queries import audits as found_audits
from engine.queries import chronology, overdue, supervision
from engine.queries import oversight as notes
from engine.queries.choice import Choice
from engine.queries.chronology import Asked
from engine.queries.supervision import Supervised
from engine.store.tables import record
from tests.worlds import World, open_world

GOOD = Judged(
    answers=dict.fromkeys(ITEMS, "yes"), scores={section.key: "3" for section in SECTIONS},
    notes={"child_heard": "In Sam's own words"},
)  # fmt: skip


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def note(world: World, case_id: UUID, by: str = "morgan", **more: object) -> None:
    said = {"discussed_on": world.today, "discussed": "The school", "decided": "Hana rings it", **more}
    oversight.note(world.engine, actor=world.actor(by), case_id=case_id, said=Said(**said))  # type: ignore[arg-type]


def limit(world: World, days: str) -> None:
    actor = world.actor("piet")
    profile = {"supervision_days": days}
    authorities.change(world.engine, actor=actor, name="Northcombe", nation="england-and-wales", profile=profile)


def board(world: World, by: str = "morgan", **asked: object) -> supervision.Supervision:
    return supervision.board(world.engine, actor=world.actor(by), **asked)  # type: ignore[arg-type]


def test_a_note_stands_on_the_case_file_and_in_the_chronology_and_is_erased_as_any_words(world: World) -> None:
    case_id, by_on = world.start_case(), world.today + timedelta(days=7)
    for _ in range(2):
        said = Said(world.today, "The school", "Hana rings it", by_on, world.ids["hana"])
        oversight.note(world.engine, actor=world.actor("morgan"), case_id=case_id, said=said, request_key="k" * 20)
    found = notes.of_case(world.engine, actor=world.actor("hana"), case_id=case_id)
    (kept,) = found.notes
    assert (kept.who, kept.whom, kept.decided, kept.by_on) == ("Morgan Hale", "Hana Verity", "Hana rings it", by_on)
    assert not found.may_write
    read = chronology.read(world.engine, actor=world.actor("hana"), case_id=case_id, asked=Asked("worries"))
    (entry,) = read.entries
    assert "discussed with Hana Verity" in entry.event.what and "(Hana rings it)" in entry.event.what
    assert entry.event.safeguarding  # no copy for a family holds it
    erasures.erase(world.engine, actor=world.actor("piet"), event_id=entry.event_id, why="Asked to")
    (erased,) = notes.of_case(world.engine, actor=world.actor("hana"), case_id=case_id).notes
    assert (erased.discussed, erased.decided) == ("", "")
    assert not world.verified().findings


def test_who_manages_or_coordinates_writes_and_nobody_else(world: World) -> None:
    case_id = world.start_case()
    note(world, case_id, "cleo")
    with pytest.raises(NotPermitted):
        note(world, case_id, "hana")
    with pytest.raises(NotFound):
        note(world, case_id, "sunniva")
    with pytest.raises(NotFound):
        notes.of_case(world.engine, actor=world.actor("noor"), case_id=case_id)
    for wrong in (
        {"decided": " "}, {"discussed": ""}, {"discussed": "x" * 4001},
        {"discussed_on": world.today + timedelta(days=1)},
        {"discussed_on": world.today - timedelta(days=400)}, {"by_on": world.today - timedelta(days=1)},
        {"discussed_with": UUID(int=3)},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            note(world, case_id, **wrong)
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed_on=world.today))
    with pytest.raises(Conflict):
        note(world, case_id)


def test_supervision_counts_working_days_against_the_authoritys_own_limit(world: World) -> None:
    first, second = world.start_case(given_name="Ada"), world.start_case(given_name="Bo")
    assert (board(world).total, board(world).late, board(world).limit) == (2, 0, None)
    limit(world, "5")
    note(world, second, discussed_with=world.ids["hana"])
    world.clock.advance(timedelta(days=7))  # Monday to Monday: five working days
    assert board(world).late == 0
    world.clock.advance(timedelta(days=1))
    note(world, second, discussed_with=world.ids["idris"])  # not with who has the case
    late = board(world, only_late=True)
    assert [(row.child_name, row.days, row.last_on) for row in late.rows] == [
        ("Ada Whitlock", 6, None),
        ("Bo Whitlock", 6, date(2026, 3, 2)),
    ]
    def on_the_board(by: str = "morgan", weeks: str = "") -> dict[UUID, Supervised | None]:
        shown = overdue.board(world.engine, actor=world.actor(by), choice=Choice(unsupervised=weeks)).rows
        files = overdue.every_row(world.engine, actor=world.actor(by), choice=Choice(unsupervised=weeks))
        assert [row.case_id for row in shown] == [row.case_id for row in files]
        return {row.case_id: row.supervision for row in shown}

    six_days = {first: Supervised(None, 6, True), second: Supervised(date(2026, 3, 2), 6, True)}
    assert on_the_board() == six_days and on_the_board("sunniva") == {}
    assert on_the_board(weeks="4") == {}
    world.clock.advance(timedelta(days=20))  # four weeks to the day
    note(world, second, discussed_with=world.ids["hana"], discussed_on=world.today - timedelta(days=27))
    assert set(on_the_board(weeks="4")) == {first}
    world.write(sa.update(record.cases).values(version=record.cases.c.version + 1))  # worked out at the look
    assert set(on_the_board(weeks="4")) == {first} and on_the_board(weeks="6") == {}
    with pytest.raises(Invalid, match="weeks"):
        Choice(unsupervised="5")
    note(world, first, discussed_with=world.ids["hana"])
    assert [(row.case_id, row.late) for row in board(world).rows] == [(second, True), (first, False)]
    assert board(world, worker=world.ids["idris"]).total == 0 and board(world, worker=world.ids["hana"]).late == 1
    assert [row.case_id for row in supervision.every_row(world.engine, actor=world.actor("cleo"))] == [second, first]
    assert board(world, "sunniva").total == 0  # nobody of hers has a case
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=second, reason="A parent works here")
    assert (board(world).total, board(world).late) == (1, 0)
    with pytest.raises(NotPermitted):
        board(world, "hana")
    for wrong in ("0", "261", "five"):
        with pytest.raises(Invalid, match="working days"):
            limit(world, wrong)


def draw(world: World, by: str = "morgan", size: int = 3, seed: str = "seven") -> UUID:
    actor = world.actor(by)
    open_ones = found_audits.open_to(world.engine, actor=actor)
    return audits.draw(world.engine, actor=actor, name="Autumn", size=size, seed=seed, drawn_from=open_ones)


def test_the_same_seed_draws_the_same_sample_of_what_the_manager_may_see(world: World) -> None:
    for number in range(6):
        world.start_case(given_name=f"Child{number}")
    world.start_case(by="noor", given_name="Elsewhere")
    seen = found_audits.open_to(world.engine, actor=world.actor("morgan"))
    assert len(seen) == 6 and len(found_audits.open_to(world.engine, actor=world.actor("cleo"))) == 7
    drawn = [found_audits.read(world.engine, actor=world.actor("morgan"), audit_id=draw(world)) for _ in range(2)]
    samples = [[row.case_id for row in each.cases] for each in drawn]
    assert samples[0] == samples[1] == audits.sample(seen, size=3, seed="seven")
    assert drawn[0].audit.drawn_from == 6 and drawn[0].audit.digest == audits.digest(seen)
    other = found_audits.read(world.engine, actor=world.actor("morgan"), audit_id=draw(world, seed="eight", size=6))
    assert [row.case_id for row in other.cases] != seen
    for wrong in ({"size": 0}, {"size": 7}, {"size": 51}, {"seed": " "}):
        with pytest.raises(Invalid):
            draw(world, **wrong)
    with pytest.raises(NotPermitted):
        draw(world, "hana")
    with pytest.raises(Conflict):  # a case of another team, whoever sent its id
        hidden = set(found_audits.open_to(world.engine, actor=world.actor("cleo"))) - set(seen)
        actor = world.actor("morgan")
        audits.draw(world.engine, actor=actor, name="A", size=1, seed="s", drawn_from=list(hidden))


def test_a_judgement_is_kept_counted_and_leads_to_a_note(world: World) -> None:
    world.start_case()
    morgan, audit_id = world.actor("morgan"), draw(world, size=1)
    (row,) = found_audits.read(world.engine, actor=morgan, audit_id=audit_id).cases
    form = found_audits.form(world.engine, actor=morgan, audit_case_id=row.audit_case_id)
    assert form.may_judge and form.facts["consent_signed"] == "No consent to sharing is on record."
    assert form.facts["oversight_recorded"] == "None is on record."
    action = Said(world.today, "Looked at in an audit", "Ask for consent", world.today, world.ids["hana"])
    bad = replace(GOOD, answers={**GOOD.answers, "consent_signed": "no"}, scores={**GOOD.scores, "consent": "0"})
    for judged in (GOOD, replace(bad, action=action)):  # judged again, the last counts
        audits.judge(world.engine, actor=morgan, audit_case_id=row.audit_case_id, judged=judged)
    found = found_audits.read(world.engine, actor=morgan, audit_id=audit_id)
    assert found.audit.judged == 1 and found.cases[0].judged_by == "Morgan Hale"
    assert found.items[0].counts == {"yes": 0, "no": 1, "na": 0}
    assert (found.sections[0].average, found.sections[1].average) == (0.0, 3.0)
    again = found_audits.form(world.engine, actor=morgan, audit_case_id=row.audit_case_id)
    assert again.answers["consent_signed"] == "no" and again.notes == {"child_heard": "In Sam's own words"}
    (kept,) = notes.of_case(world.engine, actor=morgan, case_id=row.case_id).notes
    assert kept.decided == "Ask for consent"
    with pytest.raises(Invalid, match="Answer"):
        judged = replace(GOOD, answers={})
        audits.judge(world.engine, actor=morgan, audit_case_id=row.audit_case_id, judged=judged)
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=row.case_id, reason="A parent works here")
    hidden = found_audits.read(world.engine, actor=morgan, audit_id=audit_id)
    assert (hidden.cases, hidden.hidden, hidden.items[0].counts["no"]) == ((), 1, 0)
    with pytest.raises(NotFound):
        audits.judge(world.engine, actor=morgan, audit_case_id=row.audit_case_id, judged=GOOD)
    with pytest.raises(NotFound):
        found_audits.read(world.engine, actor=world.actor("sunniva"), audit_id=audit_id)
    assert not world.verified().findings
