"""A month's return and the log of events, recomputed from the raw history, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.errors import Invalid, NotPermitted
from engine.queries import event_log, monthly_return
from engine.queries.monthly_return import SHARES, MonthlyReturn
from engine.queries.stage_times import Period
from engine.queries.view import viewing
from engine.store.tables import access, keeping, record
from tests.episodes import STRAIGHT_ROAD, answers_for
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world in which one case has closed after a review, and another waits for its assessment too long."""
    with open_world(database_url) as world:
        _walk(world, "Bel", "complete_assessment")
        _walk(world, "Cai", "close_case")
        yield world


def _walk(world: World, name: str, last: str) -> None:
    case_id = world.start_case(given_name=name)
    for step in STRAIGHT_ROAD:
        if step == last:
            break
        world.clock.advance(timedelta(weeks=13) if step == "choose_review" else timedelta(days=2))
        world.tick()
        if step != "finish_tac_meeting" or world.tasks(case_id, element=step):
            world.do(step, "hana", case_id=case_id, **answers_for(world, step))
            world.tick()
    if last == "close_case":
        world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
        world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")


def _return(world: World, month: date, who: str = "cleo") -> MonthlyReturn:
    return monthly_return.read(world.engine, actor=world.actor(who), month=month)


def _months(world: World) -> list[date]:
    opened = min(row.opened_on for row in world.rows(sa.select(record.cases.c.opened_on))).replace(day=1)
    months = [opened]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= world.today:
        months.append(following)
    return months


def _told(world: World) -> Counter[tuple[str, date]]:
    """Count what the history tells, by what it is and the first of its month."""
    children = {row.id for row in world.rows(sa.select(record.cases)) if row.child_id}
    names = {
        "case_opened": "opened", "case_closed": "closed", "assessment_completed": "assessments",
        "escalation_begun": "escalations", "referred_to_mag": "referrals", "tac_meeting_held": "first_meetings",
    }  # fmt: skip
    found: Counter[tuple[str, date]] = Counter()
    met: set[object] = set()
    for event in world.rows(sa.select(keeping.history).order_by(keeping.history.c.case_id, keeping.history.c.seq)):
        again = event.kind == "tac_meeting_held" and event.case_id in met
        met |= {event.case_id} if event.kind == "tac_meeting_held" else set()
        if event.case_id in children and event.kind in names and not again:
            found[names[event.kind], event.effective_on.replace(day=1)] += 1
    return found


def test_each_month_is_what_the_history_tells_of_it(world):
    told, open_ = _told(world), 0
    assert {name for name, _ in told} >= {"opened", "closed", "assessments", "first_meetings", "escalations"}
    for month in _months(world):
        found = _return(world, month).total
        open_ += told["opened", month] - told["closed", month]
        assert found.open_at_end == open_, month
        for name in ("opened", "closed", "escalations", "referrals"):
            assert getattr(found, name) == told[name, month], (name, month)
        for name in ("assessments", "first_meetings"):
            assert getattr(found, name).number == told[name, month], (name, month)


def test_what_a_group_wrote_of_a_family_is_not_in_the_return(world):
    case_id = next(row.id for row in world.rows(sa.select(record.cases)) if row.child_id)
    world.write(
        sa.insert(record.mag_referrals).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, referred_on=world.today,
            mag="North MAG", decided_on=world.today, ended_on=world.today, decision="Housing moves Bel's mother",
        )
    )  # fmt: skip
    found = _return(world, world.today)
    assert found.group_decisions == (("North MAG", 1),)
    assert "mother" not in repr(found)


def test_what_was_in_time_is_told_by_the_days_of_the_record(world):
    (assessed,) = [row for row in world.rows(sa.select(record.assessments)) if row.completed_on]
    month = assessed.completed_on.replace(day=1)
    assert (_return(world, month).total.assessments.in_time, _return(world, month).assessment_days) != (0, 0)
    with viewing(world.engine, world.actor("cleo")) as view:
        days = _return(world, month).assessment_days
        begun = view.authority.calendar.add_working_days(assessed.completed_on, -days)
    for began, in_time in ((begun, 1), (begun - timedelta(days=7), 0)):
        own = record.assessments.c.id == assessed.id
        world.write(sa.update(record.assessments).where(own).values(started_on=began))
        assert _return(world, month).total.assessments.in_time == in_time
    (held,) = [row for row in world.rows(sa.select(record.reviews)) if row.held_on]
    reviews = record.reviews
    for late, in_time in ((0, 1), (14, 0)):
        day = held.first_due_on + timedelta(days=late)
        world.write(sa.update(reviews).values(held_on=day).where(reviews.c.id == held.id))
        share = _return(world, held.first_due_on.replace(day=1)).total.reviews
        assert (share.in_time, share.number) == (in_time, 1), late


def test_agencies_and_teams_make_up_the_whole_and_reasons_the_closures(world):
    for month in _months(world):
        found = _return(world, month)
        for name in ("opened", "closed", "open_at_end", "escalations", "referrals"):
            assert sum(getattr(row, name) for row in found.rows) == getattr(found.total, name), (name, month)
        for name in SHARES:
            assert sum(getattr(row, name).number for row in found.rows) == getattr(found.total, name).number
        assert sum(number for _, number in found.closures) == found.total.closed
        assert sum(each.began for each in found.escalations) == found.total.escalations
        assert all(each.began == each.ended + each.hold for each in found.escalations)
    last = _return(world, world.today)
    assert last.so_far and last.period.to_on == world.today
    assert {row.agency for row in last.rows} == {"Northcombe Health"}
    with pytest.raises(Invalid):
        _return(world, world.today + timedelta(days=31))


def test_a_return_counts_only_what_is_open_to_who_makes_it(world):
    first = _months(world)[0]
    assert _return(world, first, "morgan").total == _return(world, first).total
    assert not _return(world, first, "sunniva").rows
    own = {"authority_id": world.authority_id, "set_by": world.ids["cleo"], "set_at": world.clock.now()}
    for case in world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_not(None))):
        row = {"id": world.engine.ids.new(), "case_id": case.id, "reason": "An address", "review_on": world.today}
        world.write(sa.insert(access.case_restrictions).values(**row, **own))
    assert not _return(world, first, "morgan").total.opened, "a figure must not tell of a restricted case"
    assert not list(_events(world, "morgan"))
    for who in ("hana", "ada", "piet"):
        with pytest.raises(NotPermitted):
            _return(world, first, who)
        with pytest.raises(NotPermitted):
            _events(world, who)


def _events(world: World, who: str = "cleo") -> Iterator[event_log.LoggedEvent]:
    period = Period(world.today - timedelta(days=400), world.today)
    return event_log.events(world.engine, actor=world.actor(who), period=period)


def test_the_log_holds_every_event_of_a_child_and_nobodys_name(world):
    found = list(_events(world))
    children = {row.id for row in world.rows(sa.select(record.cases)) if row.child_id}
    told = [row for row in world.rows(sa.select(keeping.history)) if row.case_id in children]
    assert len(found) == sum(row.kind != "process_moved" for row in told)
    assert len({each.case for each in found}) == len(children) == 2
    assert not {each.case for each in found} & {str(id_) for id_ in children}
    assert {"case worker", event_log.SERVICE} < {each.role for each in found}
    assert any(each.activity == "Complete the assessment: completed" for each in found)
    assert all(each.at.tzinfo is not None for each in found)
    for case in {each.case for each in found}:
        instants = [each.at for each in found if each.case == case]
        assert instants == sorted(instants)
    text = " ".join(f"{each.activity} {each.role}" for each in found)
    assert not any(name in text for name in ("Bel", "Cai", "Whitlock", "Hana", "Morgan"))
