"""The overdue board: its groups, order, choices and answers, against the raw record and on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.secret_addresses import LEFT_OUT
from engine.casework.severity import STATES
from engine.commands import late_answers, own_lists
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import board_choices, overdue, timeline
from engine.queries.choice import NOBODY, Choice
from engine.queries.due_states import due_state, thresholds
from engine.queries.view import viewing
from engine.standings import work_out
from engine.store.tables import access, boards, record, running
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, build_world, open_copy


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world with a case at each of four steps, judged, and days gone by."""
    with open_copy(_walked, database_url) as world:
        yield world


def _walked() -> World:
    world = build_world()
    for name, step in (("Ash", "record_consent"), ("Bel", "complete_assessment"), ("Cai", "agree_action_plan")):
        start_and_walk_to(world, step, given_name=name)
        world.pass_days(4)
    world.pass_days(17)
    world.start_case(given_name="Dot")
    world.tick()
    return world


def _board(world: World, who: str = "cleo", **choice: str) -> overdue.Board:
    return overdue.board(world.engine, actor=world.actor(who), choice=Choice(**choice))


def _named(board: overdue.Board) -> list[str]:
    return [row.child_name.split()[0] for row in board.rows]


def _counts(board: overdue.Board) -> dict[str, int]:
    return {group.state: group.number for group in board.groups}


def _recomputed(world: World) -> dict[UUID, tuple[str, date | None]]:
    """Return group and first late day of every open case, out of the raw rows alone."""
    with viewing(world.engine, world.actor("cleo")) as view:
        calendar, today = view.authority.calendar, view.today
    levels = {"safeguarding": 0, "harm_check": 0, "mag": 0, "line_manager": 1, "replan": 1, "remind": 2}
    signals = ("lead_away", "nobody_leads", "nobody_leads_coordinator", "nobody_leads_to_mag", "silent", "long_silent")
    found = {}
    for case in world.rows(sa.select(record.cases).where(record.cases.c.child_id.is_not(None))):
        tasks = [row.due_on for row in world.tasks(case.id) if row.due_on]
        actions = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == case.id))
        dues = tasks + [row.first_due_on for row in actions if row.closed_on is None]
        reasons = world.rows(sa.select(record.escalations).where(record.escalations.c.case_id == case.id))
        held = [row for row in reasons if row.ended_on is None]
        places = [STATES.index(due_state(day, today=today, calendar=calendar).state) for day in dues]
        place = min([3, *places, *(levels[row.level] for row in held)])
        if place == 1 and any(row.reason in signals for row in held):
            place = 0
        late = [day for day in dues if due_state(day, today=today, calendar=calendar).late]
        ended = {(row.reason, row.ended_on): row.first_true_on for row in reasons if row.ended_on}
        lesser = {"long_silent": "silent", "review_very_late": "review_late", "assessment_very_late": "assessment_late"}
        since = [ended.get((lesser.get(row.reason), row.first_true_on), row.first_true_on) for row in held]
        found[case.id] = STATES[place], min([*late, *since], default=None)
    return found


def test_groups_and_days_are_those_of_the_raw_record(world):
    recomputed = _recomputed(world)
    board = _board(world)
    assert {row.case_id: (row.state, row.since) for row in board.rows} == recomputed
    assert _counts(board) == {state: sum(each == state for each, _ in recomputed.values()) for state in STATES}
    assert len({state for state, _ in recomputed.values()}) >= 2, "there is something to tell apart"


def test_what_grows_worse_is_not_counted_anew(world):
    for _ in range(40):
        world.pass_days(1)
    assert {row.case_id: row.since for row in _board(world).rows} == {
        case_id: since for case_id, (_, since) in _recomputed(world).items()
    }
    silent = world.rows(sa.select(record.escalations).where(record.escalations.c.reason == "long_silent"))
    with viewing(world.engine, world.actor("cleo")) as view:
        days = view.authority.calendar.working_days_between
        assert {days(row.since_on, row.first_true_on) for row in silent} == {10}


def test_a_review_past_its_day_is_overdue_since_that_day(world: World) -> None:
    """Though the rules only remind of it at first: it never stands among what is due soon."""
    case_id, due = start_and_walk_to(world, "choose_review", given_name="Esme"), world.today + timedelta(days=2)
    own = {table: table.c.case_id == case_id for table in (record.reviews, record.plan_actions, running.user_tasks)}
    world.write(
        sa.update(record.reviews).where(own[record.reviews]).values(due_on=due, first_due_on=due),
        sa.update(record.plan_actions).where(own[record.plan_actions]).values(closed_on=world.today),
        sa.update(running.user_tasks).where(own[running.user_tasks]).values(due_on=None),
        sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1),
    )
    with viewing(world.engine, world.actor("cleo")) as view:
        days_overdue = view.authority.calendar.days_overdue
    while days_overdue(due, world.today) < 2:
        assert "2 working days" not in _late_review(world, case_id)
        world.pass_days(1)
    row = overdue.one(world.engine, actor=world.actor("cleo"), case_id=case_id)
    assert _late_review(world, case_id) == "The review is 2 working days overdue."
    assert (row.state, row.since, row.days) == ("overdue", due, 2), row


def _late_review(world: World, case_id: UUID) -> str:
    row = overdue.one(world.engine, actor=world.actor("cleo"), case_id=case_id)
    return next((said for said in row.reasons if said.startswith("The review is") and "overdue" in said), "")


def test_what_is_kept_is_what_the_record_says_after_every_kind_of_act(world):
    kept = {row.case_id: row._asdict() for row in world.rows(sa.select(boards.standings))}
    with world.engine.sessions.read() as connection:
        fresh = {each.case_id: each for each in work_out(world.engine, connection, list(kept))}
    assert {case_id: {name: getattr(fresh[case_id], name) for name in row} for case_id, row in kept.items()} == kept
    assert set(kept) == {row.case_id for row in _board(world).rows}
    gone, behind, *_ = sorted(kept)
    place = boards.standings.c.case_id
    world.write(
        sa.delete(boards.standings).where(place == gone),
        sa.update(boards.standings).where(place == behind).values(version=0, stage="review"),
        sa.update(record.cases).values(judge_on=None),
    )
    world.tick()
    world.pass_days(1)
    again = {row.case_id: row._asdict() for row in world.rows(sa.select(boards.standings))}
    assert again == {key: {**kept[key], "version": again[key]["version"]} for key in kept}


def test_the_order_is_the_same_whether_cases_were_judged_or_have_just_moved(world):
    judged = _board(world)
    world.write(sa.update(record.cases).values(version=record.cases.c.version + 1))
    moved = _board(world)
    assert [replace(row) for row in moved.rows] == list(judged.rows) and moved.groups == judged.groups
    world.write(sa.update(record.cases).where(record.cases.c.id == judged.rows[0].case_id).values(checked_version=0))
    assert _board(world).rows == judged.rows


def test_no_lead_a_worsening_child_and_no_contact_outrank_days(world):
    last = _board(world).rows[-1]
    standing, worse = boards.standings.c, {"worse": True, "escalated_on": world.today}
    world.write(
        sa.update(boards.standings).values(vacant=False, worse=False, silent=False, harm=3, escalated=1),
        sa.update(boards.standings).where(standing.case_id == last.case_id).values(**worse),
    )
    first = _board(world).rows[0]
    assert (first.case_id, first.signals, first.state) == (last.case_id, ("Getting worse",), "critically_overdue")


def test_a_page_ends_and_the_next_goes_on(world):
    whole = _board(world).rows
    pages = [overdue.board(world.engine, actor=world.actor("cleo"), page=n, limit=3) for n in (1, 2, 3)]
    assert [row for page in pages for row in page.rows] == list(whole)
    assert [page.more for page in pages] == [1, 0, 0] and {page.last for page in pages} == {2}
    assert {group.page for group in pages[0].groups} <= {1, 2}
    assert list(overdue.every_row(world.engine, actor=world.actor("cleo"), choice=Choice(), at_a_time=2)) == list(whole)
    for wrong in ({"page": 0}, {"limit": 0}, {"limit": 201}):
        with pytest.raises(Invalid):
            overdue.board(world.engine, actor=world.actor("cleo"), **wrong)


def test_choices_narrow_the_board_and_its_counts(world):
    offered = board_choices.offered(world.engine, actor=world.actor("cleo"), choice=Choice())
    agencies = {name: id_ for id_, name in offered.agencies}
    teams = {name: id_ for id_, name in offered.teams}
    everybody = _named(_board(world))
    assert sorted(everybody) == ["Ash", "Bel", "Cai", "Dot"]
    assert _named(_board(world, worker=str(world.ids["hana"]))) == everybody
    assert _named(_board(world, worker=str(world.ids["noor"]))) == []
    assert _named(_board(world, agency=agencies["Northcombe School"])) == []
    assert _named(_board(world, team=teams["Northcombe Health team"])) == everybody
    assert _named(_board(world, stage="Assessment")) == ["Bel"]
    assert _counts(_board(world, stage="Assessment")) != _counts(_board(world))
    assert _named(_board(world, step="agree_action_plan")) == ["Cai"]
    states = {state: _named(_board(world, state=state)) for state in STATES}
    assert [name for names in states.values() for name in names] == everybody
    world.write(sa.update(boards.standings).values(holder_id=None))
    assert _named(_board(world, worker=NOBODY)) == everybody
    for wrong in ({"team": "x"}, {"worker": "x"}, {"stage": "x"}, {"state": "x"}):
        with pytest.raises(Invalid):
            Choice(**wrong)


def test_choices_hold_for_what_has_just_moved_too(world):
    world.write(sa.update(record.cases).values(version=record.cases.c.version + 1))
    assert _named(_board(world, stage="Assessment")) == ["Bel"]
    assert _named(_board(world, step="agree_action_plan")) == ["Cai"]
    assert _named(_board(world, worker=NOBODY)) == [] and _named(_board(world, worker=str(world.ids["noor"]))) == []
    assert len(_named(_board(world, worker=str(world.ids["hana"])))) == 4


def test_what_is_being_done_is_said_and_clears_nothing(world):
    before = _board(world).rows[0]
    by_on = world.today + timedelta(days=3)
    for said in ("The school is slow", "We go there on Monday"):
        for _ in range(2):
            asked = {"case_id": before.case_id, "said": said, "by_on": by_on, "request_key": said}
            late_answers.answer(world.engine, actor=world.actor("morgan"), **asked)
    after = _board(world).rows[0]
    assert after.answer is not None
    assert (after.answer.said, after.answer.who, after.answer.by_on) == ("We go there on Monday", "Morgan Hale", by_on)
    assert replace(after, answer=None) == before
    events = timeline.read(world.engine, actor=world.actor("morgan"), case_id=before.case_id).events
    told = [each.what for each in events]
    assert sum("The school is slow" in each for each in told) == 1, "what was said before stays in the history"
    world.tick()
    assert _board(world).rows[0] == after
    late_answers.answer(world.engine, actor=world.actor("hana"), case_id=before.case_id, said="She is in Elm Row now")
    child = sa.select(record.cases.c.child_id).where(record.cases.c.id == before.case_id).scalar_subquery()
    secret = {"address": "4 Elm Row, N1 2AB", "address_secret": True}
    world.write(sa.update(record.children).where(record.children.c.id == child).values(**secret))
    told = {who: _board(world, who).rows[0].answer for who in ("hana", "morgan", "cleo")}
    assert {who: said and said.said for who, said in told.items()} == {
        "hana": "She is in Elm Row now", "morgan": LEFT_OUT, "cleo": "She is in Elm Row now",
    }  # fmt: skip


def test_an_answer_that_is_none_is_refused(world):
    case_id = _board(world).rows[0].case_id

    def say(who: str = "morgan", said: str = "Soon", by_on: date | None = None) -> None:
        late_answers.answer(world.engine, actor=world.actor(who), case_id=case_id, said=said, by_on=by_on)

    for said, by_on in ((" ", None), ("x" * 1001, None), ("Soon", world.today - timedelta(days=1))):
        with pytest.raises(Invalid):
            say(said=said, by_on=by_on)
    with pytest.raises(NotPermitted):
        say("ada")
    with pytest.raises(NotFound):
        say("noor")
    world.write(sa.update(record.cases).values(closed_on=world.today))
    with pytest.raises(Conflict):
        say()


def test_a_restricted_case_is_not_even_counted(world):
    """Its people's manager has it by office, which does not reach a restricted one; who leads it goes on."""
    hidden = _board(world, "morgan").rows[0]
    own = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": hidden.case_id}
    world.write(
        sa.insert(access.case_restrictions).values(
            reason="An address", set_by=world.ids["cleo"], set_at=world.clock.now(), review_on=world.today, **own
        )
    )
    assert sum(_counts(_board(world, "morgan")).values()) == 3
    assert hidden.case_id not in {row.case_id for row in _board(world, "morgan").rows}
    assert sum(_counts(_board(world, "hana")).values()) == 4 == sum(_counts(_board(world, "cleo")).values())


def test_a_closed_case_leaves_the_board_at_once(world):
    gone = _board(world).rows[0].case_id
    world.write(sa.update(record.cases).where(record.cases.c.id == gone).values(closed_on=world.today))
    assert gone not in {row.case_id for row in _board(world).rows}


def test_saved_boards_are_apart_from_saved_lists_of_work(world):
    hana = world.actor("hana")
    own_lists.save(world.engine, actor=hana, name="Late", query="state=overdue", place=board_choices.PLACE)
    own_lists.save(world.engine, actor=hana, name="Late", query="due=late")
    (saved,) = board_choices.offered(world.engine, actor=hana, choice=Choice()).saved
    assert (saved.name, saved.query) == ("Late", "state=overdue")


def test_the_worker_choice_offers_whom_one_answers_for(world):
    offered = board_choices.offered(world.engine, actor=world.actor("morgan"), choice=Choice())
    names = [name for _, name in offered.workers]
    assert names == ["Hana Verity", "Idris Cole", "Morgan Hale", "Nobody leads", "Nobody leads or assesses"]
    cleo = world.actor("cleo")
    names = [name for _, name in board_choices.offered(world.engine, actor=cleo, choice=Choice()).workers]
    assert {"Hana Verity", "Idris Cole"} < set(names) and "Piet Dahl" not in names, (
        "a coordinator has all to choose from"
    )
    piet = str(world.ids["piet"])
    for who in (cleo, world.actor("morgan")):
        chosen = board_choices.offered(world.engine, actor=who, choice=Choice(worker=piet)).workers
        assert piet in dict(chosen), "who is chosen is on the list"


def test_children_whom_nobody_leads_and_all_that_are_overdue_can_be_listed(world):
    """Assessed by somebody or not; also of those that have just moved, as the board says of each row."""

    def both() -> None:
        board = _board(world)
        nobody = {row.case_id for row in board.rows if row.lead_name is None}
        late = {row.case_id for row in board.rows if row.state in ("critically_overdue", "overdue")}
        assert nobody and late and len(board.rows) > len(nobody), [row.lead_name for row in board.rows]
        assert {row.case_id for row in _board(world, worker="no_lead").rows} == nobody
        assert {row.case_id for row in _board(world, only="late").rows} == late

    both()
    world.write(sa.update(record.cases).values(version=record.cases.c.version + 1))
    both()


def test_thresholds_are_where_due_states_change(world):
    with viewing(world.engine, world.actor("cleo")) as view:
        calendar = view.authority.calendar
    for offset in range(30):
        today = world.today + timedelta(days=offset)
        limits = thresholds(today, calendar)
        for ahead in range(-40, 25):
            day = today + timedelta(days=ahead)
            assert STATES[limits.place(day)] == due_state(day, today=today, calendar=calendar).state, (today, day)


def test_an_open_task_without_a_day_says_so_in_no_group_but_the_last(world):
    world.write(
        sa.update(running.user_tasks).values(due_on=None),
        sa.update(record.escalations).values(ended_on=world.today),
        sa.update(record.cases).values(version=record.cases.c.version + 1),
    )
    board = _board(world)
    assert _counts(board)["not_due"] == 4 and all(row.reasons == () for row in board.rows)


def test_a_fresh_plan_says_the_next_day_there_is(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan", given_name="Eve")
    answers = answers_for(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers)
    first = world.rows(
        sa.select(record.plan_actions).where(record.plan_actions.c.case_id == case_id).order_by(sa.text("due_on"))
    )[0]
    world.tick()

    def said() -> tuple[str, ...]:
        return overdue.one(world.engine, actor=world.actor("cleo"), case_id=case_id).reasons

    (row,) = said()
    assert row.startswith("Next: ")
    assert f"’s action “{first.action}”, due {first.due_on.day} " in row
    done = sa.update(record.plan_actions).where(record.plan_actions.c.case_id == case_id)
    world.write(done.values(closed_on=world.today))
    (row,) = said()
    assert row.startswith("Next: the review, due ")
