"""Between meetings: who reports to whom and who reads it, the family's worries until answered, news for the team."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import between_meetings as acts
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import between_meetings, timeline
from engine.queries.between_meetings import BetweenMeetings
from engine.store import locking
from engine.store.tables import keeping, record
from engine.work import open_work
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def read(world: World, case_id: UUID, by: str) -> BetweenMeetings:
    return between_meetings.read(world.engine, actor=world.actor(by), case_id=case_id)


def how(world: World, case_id: UUID, by: str) -> dict[str, Any]:
    return {"actor": world.actor(by), "case_id": case_id}


def subjects(world: World, to: str) -> list[str]:
    mine = keeping.outbox.c.practitioner_id == world.ids[to]
    return [row.subject for row in world.rows(sa.select(keeping.outbox.c.subject).where(mine))]


def test_a_member_reports_back_and_who_leads_reads_and_answers(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    mine = how(world, case_id, "idris")
    said = {"report": " Sam came to school every day ", "needs": "A word with the school", "request_key": "just-once"}
    report_id = acts.report_back(world.engine, **mine, **said)
    assert acts.report_back(world.engine, **mine, **said) == report_id
    assert any("reported back" in each for each in subjects(world, "hana"))
    assert not any("school" in row.body for row in world.rows(sa.select(keeping.outbox.c.body)))
    (waits,) = between_meetings.waiting(world.engine, actor=world.actor("hana"))
    assert (waits.case_id, waits.reports, waits.worries) == (case_id, 1, 0)
    assert between_meetings.waiting(world.engine, actor=world.actor("idris")) == ()
    with pytest.raises(NotPermitted):
        acts.answer_report(world.engine, **mine, report_id=report_id, request_key=None)
    lead = how(world, case_id, "hana")
    acts.answer_report(world.engine, **lead, report_id=report_id, answer="I ring them", request_key=None)
    with pytest.raises(Conflict):
        acts.answer_report(world.engine, **lead, report_id=report_id, request_key=None)
    (report,) = read(world, case_id, "idris").reports
    assert (report.report, report.answer) == ("Sam came to school every day", "I ring them")
    assert report.seen_by == world.actor("hana").name
    assert between_meetings.waiting(world.engine, actor=world.actor("hana")) == ()
    told = timeline.read(world.engine, actor=world.actor("idris"), case_id=case_id).events
    assert any("reported back" in each.what for each in told) and not any("I ring" in each.what for each in told)
    assert not world.verified().findings


def test_a_report_back_is_news_on_its_local_day(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.pass_days(20)

    def known() -> tuple[Any, ...]:
        with world.engine.sessions.act() as connection:
            facts = open_work(
                world.engine, connection, locking.case(connection, case_id), actor=None, at=world.engine.clock.now()
            ).facts()
            return facts["last_progress_on"], facts["days_silent"]

    assert known()[1] > 0
    acts.report_back(world.engine, **how(world, case_id, "idris"), report="Sam came to school every day")
    assert known() == (world.today, 0)


def test_a_report_is_for_its_writer_and_who_is_close_to_the_case(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    acts.report_back(world.engine, **how(world, case_id, "hana"), report="My own note")
    assert read(world, case_id, "idris").reports == ()
    assert len(read(world, case_id, "cleo").reports) == 1
    with pytest.raises(Invalid) as refused:
        acts.report_back(world.engine, **how(world, case_id, "idris"), report="  ")
    assert refused.value.details["field"] == "report"


def test_a_worry_stays_until_the_family_was_answered(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    mine = how(world, case_id, "idris")
    worry_id = acts.log_worry(world.engine, **mine, worry="Nobody rings back", said_on=date(2026, 3, 1))
    (waits,) = between_meetings.waiting(world.engine, actor=world.actor("hana"))
    assert waits.worries == 1
    with pytest.raises(NotPermitted):
        acts.answer_worry(world.engine, **mine, worry_id=worry_id, answer="Later", request_key=None)
    lead = how(world, case_id, "hana")
    with pytest.raises(Invalid):
        acts.answer_worry(world.engine, **lead, worry_id=worry_id, answer=" ", request_key=None)
    acts.answer_worry(world.engine, **lead, worry_id=worry_id, answer="I ring on Fridays", request_key=None)
    (worry,) = read(world, case_id, "idris").worries
    assert (worry.said_by, worry.answer, worry.answered_on) == (
        "the child or young person", "I ring on Fridays", world.today
    )  # fmt: skip
    with pytest.raises(NotFound):
        acts.answer_worry(world.engine, **lead, worry_id=case_id, answer="What", request_key=None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"said_on": date(2030, 1, 1)}, "said_on"), ({"member_id": UUID(int=7)}, "member_id"), ({"worry": ""}, "worry")],
)
def test_a_worry_that_cannot_be_is_refused(world: World, wrong: dict[str, Any], field: str) -> None:
    case_id = world.start_case()
    with pytest.raises(Invalid) as refused:
        acts.log_worry(world.engine, **how(world, case_id, "hana"), **{"worry": "Nobody rings back", **wrong})
    assert refused.value.details["field"] == field


def test_news_goes_to_the_chosen_of_the_team_and_its_words_stay_here(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    lead = how(world, case_id, "hana")
    assert world.ids["idris"] in [each.practitioner_id for each in read(world, case_id, "hana").team]
    acts.write_to_team(world.engine, **lead, body="The review is on Monday", to=[world.ids["idris"]])
    (message,) = read(world, case_id, "idris").messages
    assert (message.body, message.to) == ("The review is on Monday", (world.actor("idris").name,))
    assert "There is news for the team around a child" in subjects(world, "idris")
    assert not any("Monday" in row.body for row in world.rows(sa.select(keeping.outbox.c.body)))
    for wrong in ([], [world.ids["morgan"]]):
        with pytest.raises(Invalid) as refused:
            acts.write_to_team(world.engine, **lead, body="News", to=wrong)
        assert refused.value.details["field"] == "to"
    with pytest.raises(NotPermitted):
        acts.write_to_team(
            world.engine, **how(world, case_id, "idris"), body="News", to=[world.ids["hana"]]
        )  # fmt: skip


def test_nothing_is_written_to_the_team_without_consent_or_to_whom_it_leaves_out(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    lead = how(world, case_id, "hana")
    world.write(sa.update(record.consents).values(answer="limited"))
    assert world.ids["idris"] not in [each.practitioner_id for each in read(world, case_id, "hana").team]
    with pytest.raises(Invalid):
        acts.write_to_team(world.engine, **lead, body="News", to=[world.ids["idris"]])
    world.write(sa.update(record.consents).values(answer="withdrawn"))
    with pytest.raises(Invalid) as refused:
        acts.write_to_team(world.engine, **lead, body="News", to=[world.ids["hana"]])
    assert "consent" in refused.value.message
