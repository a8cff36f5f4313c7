"""The morning's message: to whom it goes, what is in it, and that nothing sends it twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.casework.profiles import digest_hour
from engine.commands import accounts, digest, practitioners
from engine.errors import Invalid
from engine.queries import worklist
from engine.store.tables import keeping, people, record, running
from tests.worlds import World, open_world

TODAY = date(2026, 3, 2)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world at six of a Monday morning, whose messages go at seven, with a task of Hana's due today."""
    with open_world(database_url, at=datetime(2026, 3, 2, 6, tzinfo=UTC)) as world:
        set_hour(world, "7")
        world.start_case()
        world.write(sa.update(running.user_tasks).values(due_on=TODAY))
        world.tick()
        world.mailbox.messages.clear()
        yield world


def set_hour(world: World, hour: str, **more: str) -> None:
    table = people.authorities
    profile = {"digest_hour": hour, **more}
    world.write(sa.update(table).values(profile=profile, version=table.c.version + 1))


def digests(world: World) -> list[str]:
    """Return whom the messages of all mornings went to."""
    return [each.recipient for each in world.mailbox.messages if each.subject == digest.SUBJECT]


def test_it_comes_once_from_the_hour_on_and_not_before(world):
    world.clock.advance(timedelta(minutes=59))
    world.tick()
    assert digests(world) == []
    world.clock.advance(timedelta(minutes=1))
    for _ in range(3):
        world.tick()
        world.restart()
    assert len(digests(world)) == 1
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert len(digests(world)) == 2


def test_it_holds_counts_and_the_way_and_nobodys_name(world):
    set_hour(world, "7", service_address="https://support.example/")
    world.clock.advance(timedelta(hours=1))
    world.tick()
    (message,) = [each for each in world.mailbox.messages if each.subject == digest.SUBJECT]
    assert "1 due today" in message.body and "https://support.example/tasks" in message.body
    whole = f"{message.subject} {message.body}"
    assert not any(word in whole for word in ("Sam", "Whitlock", "Hana", "consent"))


def test_none_at_the_weekend_and_the_next_one_on_monday(world):
    world.clock.advance(timedelta(days=5, hours=2))
    world.tick()
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert digests(world) == []
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert len(digests(world)) == 1


def test_the_hour_is_a_local_one(world):
    world.clock.advance(datetime(2026, 6, 1, 5, 59, tzinfo=UTC) - world.clock.now())
    world.tick()
    before = len(digests(world))
    world.clock.advance(timedelta(minutes=1))
    world.tick()
    assert len(digests(world)) > before, "seven in London is six in UTC in summer"


def test_who_wants_none_or_has_nothing_that_presses_gets_none(world):
    digest.choose(world.engine, actor=world.actor("hana"), wanted=False)
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert digests(world) == []
    digest.choose(world.engine, actor=world.actor("hana"), wanted=True)
    world.write(sa.update(running.user_tasks).values(due_on=TODAY + timedelta(days=30)))
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert digests(world) == []


def test_an_action_is_counted_only_for_who_may_see_its_case(world):
    world.write(sa.update(running.user_tasks).values(due_on=TODAY + timedelta(days=60)))
    case = world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_not(None)))[0].id
    plan, own = world.engine.ids.new(), {"authority_id": world.authority_id, "case_id": case}
    action = {"action": "Ring the school", "due_on": TODAY, "first_due_on": TODAY, "owner_id": world.ids["noor"]}
    member = {"practitioner_id": world.ids["noor"], "role": "member", "from_on": TODAY}
    world.write(
        sa.insert(record.action_plans).values(id=plan, agreed_on=TODAY, **own),
        sa.insert(record.plan_actions).values(id=world.engine.ids.new(), plan_id=plan, **action, **own),
    )
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert digests(world) == [], "Noor is not of the team"
    world.write(sa.insert(record.case_members).values(id=world.engine.ids.new(), **member, **own))
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert [each.split("@")[0] for each in digests(world)] == ["noor"]


def test_a_task_whose_page_is_closed_to_who_has_it_is_not_counted(world):
    (case,) = world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_not(None)))
    given = {"assignee_id": world.ids["noor"], "queue": None, "due_on": TODAY}
    world.write(sa.update(running.user_tasks).values(**given))
    world.agree(case.id)
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert [each.split("@")[0] for each in digests(world)] == ["noor"]
    world.write(sa.update(record.consents).values(answer="withdrawn"))
    assert worklist.tasks(world.engine, actor=world.actor("noor")).rows == ()
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert len(digests(world)) == 1
    world.write(sa.update(running.user_tasks).values(assignee_id=world.ids["hana"]))
    world.clock.advance(timedelta(days=1))
    world.tick()
    assert [each.split("@")[0] for each in digests(world)] == ["noor", "hana"], "who assesses goes on"


def test_who_covers_hears_nothing_of_what_is_asked_of_one_person_alone(world):
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=TODAY,
        expected_to_on=TODAY + timedelta(days=3), covered_by=world.ids["idris"],
    )  # fmt: skip
    own = {"assignee_id": world.ids["hana"], "queue": None, "personal": True, "due_on": TODAY}
    world.write(sa.update(running.user_tasks).values(**own))
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert digests(world) == []


def test_who_is_away_gets_none_and_who_covers_hears_of_it(world):
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=TODAY,
        expected_to_on=TODAY + timedelta(days=3), covered_by=world.ids["idris"],
    )  # fmt: skip
    world.write(sa.update(running.user_tasks).values(assignee_id=world.ids["hana"], queue=None))
    world.mailbox.messages.clear()
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert [each.split("@")[0] for each in digests(world)] == ["idris"]


def test_who_cannot_sign_in_gets_none(world):
    accounts.end_account(world.engine, actor=world.actor("piet"), practitioner_id=world.ids["hana"])
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert digests(world) == []


def test_killed_before_the_commit_it_comes_whole_the_next_time(world, monkeypatch):
    world.clock.advance(timedelta(hours=2))
    with monkeypatch.context() as broken:

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(digest.outbox, "queue", die)
        with pytest.raises(KeyboardInterrupt):
            digest.queue(world.engine, authority_id=world.authority_id)
    assert not world.rows(sa.select(keeping.outbox.c.id).where(keeping.outbox.c.subject == digest.SUBJECT))
    world.tick()
    assert len(digests(world)) == 1


@pytest.mark.parametrize("hour", ["24", "-1", "seven", "7.5"])
def test_an_hour_that_is_none_is_refused(hour):
    with pytest.raises(Invalid):
        digest_hour({"digest_hour": hour})
    assert digest_hour({}) is None and digest_hour({"digest_hour": "0"}) == 0
