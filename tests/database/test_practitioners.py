"""People who leave, who are away and who stand in: what becomes of their accounts, plans and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import telling
from engine.casework.facts import derive
from engine.casework.permissions import may_see_case
from engine.commands import accounts, lead_professionals, practitioners, sessions, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_file, covering, directory, overdue, staff, timeline, worklist, workload
from engine.queries.sessions import actor_of
from engine.store import administration as offices
from engine.store import facts as fact_store
from engine.store import people as stored_people
from engine.store import relations
from engine.store.authorities import load
from engine.store.tables import keeping, people, record
from engine.work import open_work
from tests.episodes import start_and_walk_to
from tests.unit.bpmn.diagrams import element, message, user
from tests.worlds import PASSWORD, World, model, open_world

YESTERDAY = date(2026, 3, 1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def leaves(world: World, who: str, *, by: str = "morgan", last_day: date | None = None) -> practitioners.Leaving:
    on = last_day or world.today - timedelta(days=1)
    return practitioners.record_leaving(
        world.engine, actor=world.actor(by), practitioner_id=world.ids[who], last_day=on
    )


def away(world: World, who: str, days: int | None = 20, *, by: str = "morgan", cover: str | None = None) -> UUID:
    return practitioners.record_absence(
        world.engine,
        actor=world.actor(by),
        practitioner_id=world.ids[who],
        from_on=world.today,
        expected_to_on=None if days is None else world.today + timedelta(days=days),
        covered_by=None if cover is None else world.ids[cover],
    )


def facts(world: World, case_id: UUID) -> dict[str, Any]:
    with world.engine.sessions.read() as connection:
        recorded = fact_store.gather(connection, [case_id])[case_id]
        calendar = load(connection, world.authority_id).calendar
    return derive(recorded, today=world.today, calendar=calendar)


def kinds(world: World, case_id: UUID) -> list[str]:
    return [event.kind for event in world.history(case_id)]


def administration(world: World) -> UUID:
    return world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None)))[0].id


def signed_in(world: World, who: str):
    token = sessions.sign_in(world.engine, username=who, password=PASSWORD).token
    actor = actor_of(world.engine, token)
    assert actor is not None
    return actor, token


def test_a_leaver_s_account_ends_and_their_tasks_go_back_with_the_days_promised(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    _, token = signed_in(world, "hana")
    before = world.task("hold_tac_meeting", case_id)
    assert before.assignee_id == world.ids["hana"]
    left = leaves(world, "hana")
    assert (left.over, left.cases, left.vacant, left.tasks) == (True, 1, 1, 2)
    assert actor_of(world.engine, token) is None
    with pytest.raises(NotPermitted):
        sessions.sign_in(world.engine, username="hana", password=PASSWORD)
    after = world.task("hold_tac_meeting", case_id)
    assert after.due_on == before.due_on and after.version == before.version + 1
    assert (after.assignee_id, after.queue) == (world.ids["morgan"], None)
    assert after.meant_for_id == world.ids["hana"]
    assert after.asked_because == "Hana Verity has left: find an interim lead, or do it."
    assert {"task_returned", "lead_professional_left"} <= set(kinds(world, case_id))
    assert kinds(world, administration(world))[-2:] == ["leaving_recorded", "left"]
    assert not world.verified().findings
    (told,) = world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.subject.contains("come back from somebody")))
    assert told.practitioner_id == world.ids["morgan"] and "Hana" not in told.body
    with pytest.raises(Conflict, match="has left already"):
        leaves(world, "hana")


def test_the_plan_of_a_leaver_is_vacant_until_somebody_is_appointed(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    leaves(world, "hana", last_day=YESTERDAY - timedelta(days=2))
    found = facts(world, case_id)
    assert found["lead_professional"] is None and found["lead_vacant"]
    assert (found["lead_vacant_since"], found["days_without_lead"]) == (date(2026, 2, 27), 1)
    assert found["line_manager"] == str(world.ids["morgan"])
    current = sa.select(record.lead_professionals).where(record.lead_professionals.c.to_on.is_(None))
    assert [row.practitioner_id for row in world.rows(current)] == [world.ids["hana"]]
    moved = lead_professionals.appoint_interim(
        world.engine, actor=world.actor("morgan"), case_id=case_id, practitioner_id=world.ids["idris"], reasons="Near"
    )
    assert moved == 2 and world.task("hold_tac_meeting", case_id).assignee_id == world.ids["idris"]
    (row,) = world.rows(current)
    assert (row.practitioner_id, row.interim, row.from_on) == (world.ids["idris"], True, world.today)
    assert not facts(world, case_id)["lead_vacant"] and facts(world, case_id)["days_without_lead"] == 0
    assert "interim_lead_appointed" in kinds(world, case_id)
    with pytest.raises(Conflict, match="leads this plan and is here"):
        lead_professionals.appoint_interim(
            world.engine, actor=world.actor("cleo"), case_id=case_id, practitioner_id=world.ids["noor"]
        )
    assert not world.verified().findings


def test_for_who_cannot_sign_in_any_more_somebody_leads_in_between(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.tick()
    world.mailbox.messages.clear()
    accounts.end_account(world.engine, actor=world.actor("piet"), practitioner_id=world.ids["hana"])
    world.tick()
    told = [each.recipient for each in world.mailbox.messages if "can no longer sign in" in each.subject]
    assert [each.split("@")[0] for each in told] == ["morgan"]
    moved = lead_professionals.appoint_interim(
        world.engine, actor=world.actor("morgan"), case_id=case_id, practitioner_id=world.ids["idris"], reasons="Near"
    )
    assert moved and world.task("hold_tac_meeting", case_id).assignee_id == world.ids["idris"]


def test_that_a_manager_cannot_sign_in_any_more_the_coordinators_hear(world: World) -> None:
    accounts.end_account(world.engine, actor=world.actor("piet"), practitioner_id=world.ids["morgan"])
    world.tick()
    told = [each.recipient for each in world.mailbox.messages if "can no longer sign in" in each.subject]
    assert [each.split("@")[0] for each in told] == ["cleo"]


def test_a_last_day_to_come_is_carried_out_the_night_after(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    planned = leaves(world, "hana", last_day=world.today + timedelta(days=2))
    assert not planned.over
    _, token = signed_in(world, "hana")
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids["hana"]
    world.pass_days(2)
    assert not facts(world, case_id)["lead_vacant"]
    # Past midnight the account is closed whether or not the night's work has been done.
    world.clock.advance(timedelta(hours=16))
    assert actor_of(world.engine, token) is None
    world.clock.advance(timedelta(hours=8))
    world.tick()
    assert facts(world, case_id)["lead_vacant_since"] == world.today - timedelta(days=1)
    assert world.task("hold_tac_meeting", case_id).assignee_id != world.ids["hana"]
    assert not world.incidents()


def test_somebody_may_stay_after_all(world: World) -> None:
    leaves(world, "hana", last_day=world.today + timedelta(days=2))
    practitioners.take_back_leaving(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
    world.pass_days(5)
    signed_in(world, "hana")
    with pytest.raises(Conflict, match="No last day"):
        practitioners.take_back_leaving(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])


@pytest.mark.parametrize(("by", "error"), [("sunniva", NotPermitted), ("idris", NotPermitted), ("hana", NotPermitted)])
def test_others_record_no_leaving_and_nobody_their_own(world: World, by: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        leaves(world, "hana", by=by)
    with pytest.raises(error):
        away(world, "hana", by=by)
    assert leaves(world, "noor", by="piet").over and leaves(world, "idris", by="cleo").over


def test_slips_of_the_pen_are_refused(world: World) -> None:
    with pytest.raises(Invalid, match="two years"):
        leaves(world, "hana", last_day=date(2062, 3, 1))
    with pytest.raises(NotFound):
        practitioners.record_leaving(
            world.engine, actor=world.actor("cleo"), practitioner_id=UUID(int=4), last_day=world.today
        )
    with pytest.raises(Invalid, match="not before the first"):
        away(world, "hana", -3)
    away(world, "hana", 10)
    with pytest.raises(Conflict, match="away from 2 March 2026 already"):
        away(world, "hana", 3)
    with pytest.raises(Invalid, match="is away"):
        away(world, "idris", 3, cover="hana")


def test_nobody_covers_for_a_lead_the_rules_count_the_days_and_an_end_stops_them(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    absence = away(world, "hana", None)
    world.pass_days(3)
    found = facts(world, case_id)
    assert (found["lead_absent_since"], found["days_without_lead"]) == (date(2026, 3, 2), 3)
    assert not found["lead_vacant"]
    world.pass_days(14)
    reasons = world.rows(sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None)))
    assert "lead_away" in {row.reason for row in reasons}
    practitioners.end_absence(world.engine, actor=world.actor("morgan"), absence_id=absence)
    assert facts(world, case_id)["days_without_lead"] == 0
    world.tick()
    reasons = world.rows(sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None)))
    assert "lead_away" not in {row.reason for row in reasons}
    with pytest.raises(Conflict, match="over already"):
        practitioners.end_absence(world.engine, actor=world.actor("morgan"), absence_id=absence)


def test_an_absence_ends_by_itself_after_its_last_day(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", 4)
    world.pass_days(4)
    assert facts(world, case_id)["days_without_lead"] == 4
    world.pass_days(1)
    assert facts(world, case_id)["lead_absent_since"] is None
    assert kinds(world, case_id).count("lead_back") == 1


def test_who_covers_sees_the_plan_and_does_the_tasks_on_those_days_only(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    task = world.task("hold_tac_meeting", case_id)
    away(world, "hana", 4, cover="noor")
    assert facts(world, case_id)["days_without_lead"] == 0
    told = sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject == practitioners.AWAY)
    assert [row.practitioner_id for row in world.rows(told)] == [world.ids["hana"]], "nobody covers unseen"
    noor, _ = signed_in(world, "noor")
    assert noor.covers == {world.ids["hana"]}
    with world.engine.sessions.read() as connection:
        assert relations.of(connection, noor, case_id).covers_someone
    assert task.id in {row.task_id for row in worklist.tasks(world.engine, actor=noor).rows}
    assert case_id in {row.case_id for row in case_file.cases(world.engine, actor=noor)}
    user_tasks.save_draft(world.engine, actor=noor, task_id=task.id, answers={"notes": "Begun"})
    world.pass_days(5)
    noor, _ = signed_in(world, "noor")
    assert not noor.covers
    with world.engine.sessions.read() as connection:
        assert not relations.of(connection, noor, case_id).covers_someone


def test_only_who_works_on_cases_covers_for_who_does(world: World) -> None:
    with pytest.raises(Invalid, match="Piet Dahl does not work on cases") as refused:
        away(world, "hana", 4, cover="piet")
    assert refused.value.details["field"] == "covered_by"
    with pytest.raises(Invalid):
        away(world, "hana", 4, cover="ada")
    found = covering.choices(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
    assert [each.practitioner.name for each in found if not each.elsewhere] == ["Idris Cole", "Morgan Hale"]
    assert [each.practitioner.name for each in found if each.elsewhere] == ["Cleo Marsh", "Noor Bakar", "Sunniva Rao"]
    assert away(world, "piet", 4, by="cleo", cover="idris")


def test_a_cover_who_leaves_covers_nobody(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", 20, cover="idris")
    leaves(world, "idris")
    assert facts(world, case_id)["lead_absent_since"] == world.today
    assert "lead_uncovered" in kinds(world, case_id)


def test_no_task_is_given_to_somebody_it_would_not_reach(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    task, cleo = world.task("hold_tac_meeting", case_id), world.actor("cleo")

    def give(who: str) -> str:
        return user_tasks.reassign(world.engine, actor=cleo, task_id=task.id, to=world.ids[who])

    leaves(world, "idris")
    with pytest.raises(Invalid, match="Idris Cole no longer works here"):
        give("idris")
    own = people.account_roles.c.account_id == world.accounts["ada"]
    world.write(
        sa.delete(people.account_roles).where(own),
        sa.delete(people.accounts).where(people.accounts.c.username == "ada"),
    )
    with pytest.raises(Invalid, match="Ada Stone cannot sign in"):
        give("ada")
    away(world, "noor", 4, by="sunniva")
    assert give("noor") == "Noor Bakar is away until 6 March. Nobody covers for them."
    assert give("cleo") == ""


NAMES_SOMEBODY = model(user("visit", camunda_assignee="${person}"), way="start visit; visit end", key="names")


def test_a_diagram_asks_the_manager_of_somebody_who_left(world: World) -> None:
    world.deploy({"names.bpmn": NAMES_SOMEBODY})
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    leaves(world, "idris")
    world.start_process(case_id, "names", person=str(world.ids["idris"]))
    assert world.task("visit", case_id).assignee_id == world.ids["morgan"]
    (event,) = world.history(case_id, "asked_instead")
    assert (event.subject_id, event.detail["given_to"]) == (world.ids["idris"], str(world.ids["morgan"]))


def test_a_manager_who_left_manages_nobody(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    leaves(world, "morgan", by="cleo")
    assert facts(world, case_id)["line_manager"] is None
    letters = world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.subject.contains("come back")))
    assert world.ids["cleo"] in {row.practitioner_id for row in letters}


def test_an_interim_lead_takes_over_from_somebody_away_and_who_may_appoint(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    task = world.task("hold_tac_meeting", case_id)

    def appoint(by: str, who: str) -> int:
        return lead_professionals.appoint_interim(
            world.engine, actor=world.actor(by), case_id=case_id, practitioner_id=world.ids[who]
        )

    with pytest.raises(Conflict, match="leads this plan and is here"):
        appoint("morgan", "idris")
    away(world, "hana", 20)
    with pytest.raises(NotPermitted):
        appoint("hana", "idris")
    with pytest.raises(Invalid, match="is away"):
        appoint("morgan", "hana")
    for nobody in ("piet", "cleo", "ada", "sunniva"):
        with pytest.raises(Invalid, match="is no case worker, so leads no plan"):
            appoint("morgan", nobody)
    assert appoint("morgan", "idris") == 2, "the meeting, and what the family answers to it"
    after = world.task("hold_tac_meeting", case_id)
    assert (after.assignee_id, after.due_on) == (world.ids["idris"], task.due_on)
    with world.engine.sessions.read() as connection:
        assert may_see_case(world.actor("idris"), relations.of(connection, world.actor("idris"), case_id))
    assert not world.verified().findings


HEARS = model(
    element("intermediateCatchEvent", "hear", message("m_news")),
    user("find_lead", camunda_candidateGroups="coordinators"),
    way="start hear; hear find_lead; find_lead end", key="hears",
).replace(b'"news"', b'"lead_professional_left"')  # fmt: skip


def test_the_diagrams_hear_that_the_lead_left(world: World) -> None:
    world.deploy({"hears.bpmn": HEARS})
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.start_process(case_id, "hears")
    leaves(world, "hana")
    assert "find_lead" in world.open_elements(case_id)


def test_what_only_a_later_tick_passes_on_names_whose_act_it_follows(world: World) -> None:
    world.deploy({"hears.bpmn": HEARS})
    case_id, deaf = start_and_walk_to(world, "hold_tac_meeting"), world.start_case()
    world.start_process(case_id, "hears")
    with world.engine.sessions.act() as connection:  # the machine stops before what is queued is given
        case = offices.lock(connection, world.authority_id)
        work = open_work(world.engine, connection, case, actor=world.actor("morgan"), at=world.engine.clock.now())
        telling.queue(work, [case_id], "lead_professional_left")
        telling.queue(work, [deaf], "nobody_waits_for_this")
    world.tick()
    assert "find_lead" in world.open_elements(case_id)
    (told,) = world.history(case_id, "message_passed_on")
    assert (told.practitioner_id, told.subject_id) == (None, world.ids["morgan"])
    assert world.history(deaf, "message_passed_on") == [], "nobody there waited for it"
    events = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    said = [event.what for event in events if event.kind == "message_passed_on"]
    assert said == ["What Morgan Hale did was passed on: lead professional left."]


def test_a_cover_who_is_away_too_covers_nobody_until_they_are_back(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", 60, cover="idris")
    world.pass_days(2)
    assert facts(world, case_id)["days_without_lead"] == 0
    second, since = away(world, "idris", 60, cover="noor"), world.today
    assert facts(world, case_id)["lead_absent_since"] == since
    told = world.rows(
        sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject.contains("nobody covers"))
    )
    assert world.ids["morgan"] in {row.practitioner_id for row in told}
    world.pass_days(19)
    assert facts(world, case_id)["days_without_lead"] >= 10
    reasons = sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None))
    assert "lead_away" in {row.reason for row in world.rows(reasons)}
    practitioners.end_absence(world.engine, actor=world.actor("morgan"), absence_id=second)
    assert facts(world, case_id)["lead_absent_since"] is None
    world.tick()
    assert "lead_away" not in {row.reason for row in world.rows(reasons)}
    assert kinds(world, case_id).count("lead_uncovered") == kinds(world, case_id).count("lead_covered") == 1


def test_while_who_covers_is_away_too_every_page_says_so_and_then_they_have_the_tasks(world: World) -> None:
    case_id, morgan = start_and_walk_to(world, "hold_tac_meeting"), world.actor("morgan")
    hers = {each.id for each in world.tasks(case_id) if each.assignee_id == world.ids["hana"]}

    def holders() -> set[UUID | None]:
        return {each.assignee_id for each in world.tasks(case_id) if each.id in hers}

    away(world, "hana", 30, cover="idris")
    assert holders() == {world.ids["idris"]}
    second = away(world, "idris", 9)

    def pages() -> list[tuple[str, str]]:
        with world.engine.sessions.read() as connection:
            stands = stored_people.standings(connection, morgan.authority_id, [world.ids["hana"]], today=world.today)
        cover = stands[world.ids["hana"]].cover
        rows = overdue.board(world.engine, actor=morgan).rows
        (row,) = [each for each in rows if each.case_id == case_id]
        load = workload.of_one(world.engine, actor=morgan, practitioner_id=world.ids["hana"]).away
        (kept,) = staff.member(world.engine, actor=morgan, practitioner_id=world.ids["hana"])[0].absences
        (listed,) = directory.read(world.engine, actor=morgan, words="hana").colleagues
        found = [(each.covered_by, each.cover_away) for each in (row, load, kept, listed)]
        return [(cover.here, cover.away), *found]

    until = world.today + timedelta(days=9)
    said = f"Idris Cole, who covers, is away too until {until.day} {until:%B}"
    assert set(pages()) == {("", said)}
    assert world.ids["idris"] not in holders(), "nobody is asked who is away"
    practitioners.end_absence(world.engine, actor=morgan, absence_id=second)
    assert set(pages()) == {("Idris Cole", "")}
    assert holders() == {world.ids["idris"]}, "as if they had been here all the time"
    assert world.verified().findings == ()


def test_a_cover_s_absence_on_other_days_uncovers_nobody(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", 5, cover="idris")
    later = world.today + timedelta(days=6)
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], from_on=later
    )
    assert facts(world, case_id)["lead_absent_since"] is None
