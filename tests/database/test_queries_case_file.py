"""The case file and the board: what people recorded comes back whole, in words, after a line says who read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases, concerns, plan_actions, user_tasks
from engine.errors import Invalid, NotFound
from engine.queries import (
    case_file,
    case_where,
    definitions,
    health,
    incidents,
    overdue,
    people,
    timeline,
    why,
    words,
    worklist,
)
from engine.queries.view import viewing
from engine.store.tables import keeping, record, running
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world on both databases."""
    with open_world(database_url) as world:
        yield world


def read(world: World, case_id, key: str = "hana"):
    return case_file.read(world.engine, actor=world.actor(key), case_id=case_id)


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Give the statements that are sent in the block."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        said.append(statement)

    sa.event.listen(world.engine.sessions.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(world.engine.sessions.engine, "before_cursor_execute", note)


def statements(world: World, ask) -> list[str]:
    """Return the statements that `ask()` sends, once everything that is kept has been read."""
    ask()
    with counted(world) as said:
        ask()
    return said


def test_a_new_case_says_what_is_next_and_that_nobody_was_asked(world):
    case = read(world, world.start_case())
    assert case.child.name == "Sam Whitlock" and case.reference.startswith("CAF-")
    assert case.lead is None and case.vacancy_since is None
    assert [(person.name, person.part) for person in case.people] == [
        ("Hana Verity", "Health visitor, Northcombe Health (assessor)")
    ]
    assert case.next and case.next.what == "Ask for the family's consent" and case.next.on == case.tasks[0].due_on
    assert case.consent_sentence == "The family has not been asked yet."
    assert not (case.late or case.plan or case.concerns or case.escalations or case.incidents)
    (instance,) = case.instances
    assert [step.element_id for step in instance.current] == ["identify_need", "record_consent"]
    assert [step.element_id for step in instance.at] == ["record_consent"]
    assert [step.element_id for step in instance.steps if step.here] == ["identify_need"]
    (inner,) = instance.called
    assert inner.process_key == "identify"
    assert [step.element_id for step in inner.steps if step.here] == ["record_consent"]
    assert "search_for_existing" in inner.done
    assert [step.name for step in inner.steps if step.done] == ["Answer the checklist", "Look for another plan"]


def test_only_the_latest_moves_of_each_process_are_read(world, monkeypatch):
    case_id = start_and_walk_to(world, "agree_action_plan")
    whole = _where(world, case_id)
    assert whole["caf_episode"].keys() == {"current", "done"} and len(whole["caf_episode"]["done"]) > 4
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    monkeypatch.setattr(case_where, "MOST_MOVES", 1)
    last = _where(world, case_id)
    assert last["caf_episode"]["current"] == whole["caf_episode"]["current"]
    assert set() < last["caf_episode"]["done"] < whole["caf_episode"]["done"]
    assert last["safeguarding_concern"]["current"], "one that moves often leaves the others their moves"
    monkeypatch.undo()
    assert _where(world, case_id)["caf_episode"] == whole["caf_episode"]
    said = [each for each in statements(world, lambda: _where(world, case_id)) if "FROM history" in each]
    assert said and not [each for each in said if "history.detail AS" in each.replace("\n", "")]


def _where(world: World, case_id) -> dict[str, dict[str, set[str]]]:
    with viewing(world.engine, world.actor("hana")) as view:
        found = case_where.processes(view, case_id)
    return {
        each.process_key: {"current": {step.element_id for step in each.current}, "done": set(each.done)}
        for each in found
    }


def test_what_was_recorded_on_the_way_comes_back(world):
    case = read(world, start_and_walk_to(world, "agree_action_plan"))
    assert case.lead and case.lead.name == "Hana Verity" and case.lead.phone == "01632 960300"
    assert case.people[0].part == "Lead professional"
    assert {person.name for person in case.people} >= {"Idris Cole", "Noor Bakar"}
    agreed = "The family agreed to information being shared (Jo Whitlock, signed on paper) on 2 March"
    assert case.consent_sentence.startswith(agreed)
    assert case.assessments[0].content["needs"] == "Sleep"
    (meeting,) = case.meetings
    assert meeting.held_on == world.today
    assert {each.name: each.attended for each in meeting.invited} == {"Idris Cole": True, "Noor Bakar": False}
    (instance,) = [each for each in case.instances if each.process_key == "caf_episode"]
    assert {"identify_need", "choose_lead_professional", "hold_first_meeting"} <= set(instance.done)
    assert "agree_action_plan" not in instance.done
    assert [step.element_id for step in instance.steps if step.here] == ["deliver_plan"]
    (inner,) = [each for each in instance.called if each.process_key == "agree_plan"]
    assert [step.element_id for step in inner.steps if step.here] == ["agree_action_plan"]


def test_a_diagram_inside_another_says_where_the_case_is(world):
    case = read(world, start_and_walk_to(world, "hold_tac_meeting"))
    (instance,) = [each for each in case.instances if each.process_key == "caf_episode"]
    assert [step.element_id for step in instance.steps if step.here] == ["hold_first_meeting"]
    (inner,) = instance.called
    assert (inner.process_key, inner.name) == ("tac_meeting", "TAC meeting")
    assert {step.element_id for step in inner.steps if step.here} == {
        "hold_tac_meeting", "reply_to_invitation", "record_family_replies",
    }  # fmt: skip
    assert "arrange_tac_meeting" in inner.done and "record_consent" not in inner.done


def test_a_meeting_of_a_review_is_shown_inside_the_review(world):
    case_id = start_and_walk_to(world, "choose_review")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    (instance,) = [each for each in read(world, case_id).instances if each.process_key == "caf_episode"]
    assert [step.element_id for step in instance.steps if step.here] == ["deliver_plan"]
    assert [each.process_key for each in instance.called] == ["deliver_plan", "review", "tac_meeting"]
    assert [[step.element_id for step in each.steps if step.here] for each in instance.called] == [
        ["review_plan"], ["meet_for_review"], ["arrange_tac_meeting"],
    ]  # fmt: skip


def test_the_plan_shows_actions_under_their_outcome_and_who_may_report(world):
    case_id = start_and_walk_to(world, "hold_review")
    world.clock.advance(timedelta(days=30))
    case = read(world, case_id)
    (outcome,) = case.plan
    (action,) = outcome.actions
    assert (outcome.outcome, action.action, action.owner) == ("Sam sleeps well", "Agree a bedtime", "Hana Verity")
    assert action.late and action.may_update
    assert any("Agree a bedtime" in sentence and "working days ago" in sentence for sentence in case.late)
    later = world.today + timedelta(days=10)
    plan_actions.report(
        world.engine, actor=world.actor("hana"), action_id=action.action_id, progress="Half done", new_due_on=later
    )
    case = read(world, case_id)
    moved = case.plan[0].actions[0]
    assert (moved.progress, moved.progress_on, moved.late) == ("Half done", world.today, False)
    assert any("its date is now" in sentence for sentence in case.late), "moving a date does not make it less late"


def test_actions_for_no_outcome_come_last(world):
    case_id = start_and_walk_to(world, "hold_review")
    world.write(sa.update(record.plan_actions).values(outcome_id=None))
    outcomes = [outcome.outcome for outcome in read(world, case_id).plan]
    assert outcomes == ["Sam sleeps well", "Other actions"]


def test_an_escalation_says_why_with_the_values_its_row_tested(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.pass_days(60)
    case = read(world, case_id)
    found = {each.reason: each for each in case.escalations}
    why = found["no_tac_held"].rows[0]
    assert why.inputs.keys() == {"closed", "weeks_since_assessment"}
    assert why.inputs["weeks_since_assessment"] >= 6
    assert (why.row, why.description) == ("5", "Lewisham: the first meeting in 6 weeks.")
    said = {fact.name: fact.value for fact in why.tested}
    assert said["Case closed"] == "no"
    assert said["Waiting for the first meeting (weeks)"] == str(why.inputs["weeks_since_assessment"])
    rules = found["no_tac_held"].rules
    assert (rules.name, rules.file, rules.version) == ("Escalation", "escalation.dmn", 1)
    assert rules.judged_at <= world.clock.now()
    source = definitions.source(
        world.engine, actor=world.actor("piet"), definition_id=found["no_tac_held"].definition_id
    )
    assert b"no_tac_held" in source
    assert found["no_tac_held"].sentence in case.late


def test_what_the_rules_said_is_told_with_why_by_which_file_and_when(world):
    case_id = start_and_walk_to(world, "choose_review")
    said = read(world, case_id).rules_said
    assert [each.rules.judged_at for each in said] == sorted((each.rules.judged_at for each in said), reverse=True)
    found = {each.rules.file: each for each in said}
    assert {"review_interval.dmn", "caf_needed.dmn"} <= found.keys() and "escalation.dmn" not in found
    review = found["review_interval.dmn"]
    assert [(each.name, each.value) for each in review.answers] == [("Weeks to the next review", "6")]
    (sentence,) = review.sentences
    assert sentence.startswith("Reviews held so far: 0: row ") and "6 weeks is the most common first" in sentence
    assert (review.decision, review.rules.version) == ("Review interval", 1)


def test_of_what_the_rules_said_the_newest_are_told(world):
    case_id = start_and_walk_to(world, "choose_review")
    first = read(world, case_id).rules_said[0]
    but_for_reasons = record.evaluations.c.decision != "escalation"
    with world.engine.sessions.read() as connection:
        for most in (1, 2):
            rows = connection.execute(why.newest(most, but_for_reasons), {"case": case_id}).all()
            assert len(rows) == most and rows[0].at == first.rules.judged_at


def test_a_delay_is_said_once_whoever_else_says_it(world):
    case_id = start_and_walk_to(world, "hold_review")
    world.pass_days(150)
    case = read(world, case_id)
    open_now = {each.reason for each in case.escalations}
    assert "review_very_late" in open_now and "hold_review" in world.open_elements(case_id)
    about_review = [line for line in case.late if "review" in line.lower() and "action" not in line.lower()]
    assert len([line for line in about_review if "overdue" in line or "was due" in line]) == 1, case.late
    (action,) = [outcome.actions[0] for outcome in case.plan if outcome.actions][:1]
    assert len([line for line in case.late if action.action in line]) == 1
    sentences = {each.sentence for each in case.escalations if each.reason in ("action_late", "action_past_review")}
    assert sentences and not sentences & set(case.late), case.late


def test_the_line_that_says_who_read_is_kept_before_the_answer(world, monkeypatch):
    case_id = world.start_case()

    class Stopped(Exception):
        """Stands for anything that stops a page on its way."""

    def stop(*_args, **_kwargs):
        raise Stopped

    monkeypatch.setattr(case_file.case_people, "lead", stop)
    with pytest.raises(Stopped):
        read(world, case_id)
    (line,) = world.rows(sa.select(keeping.record_reads))
    assert (line.case_id, line.practitioner_id, line.what) == (case_id, world.ids["hana"], "the case")
    assert line.at == world.clock.now()


def test_each_reading_is_kept_and_says_what(world):
    case_id = world.start_case()
    hana = world.actor("hana")
    read(world, case_id)
    timeline.read(world.engine, actor=hana, case_id=case_id)
    worklist.task(world.engine, actor=hana, task_id=world.task("record_consent").id)
    with pytest.raises(NotFound):
        read(world, case_id, "noor")
    said = {row.what for row in world.rows(sa.select(keeping.record_reads.c.what))}
    assert said == {"the case", "the history", "the task record_consent"}


def test_a_secret_address_is_for_the_closest_only(world):
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.write(sa.update(record.children).values(address="1 Sea Road", address_secret=True))
    shown = {key: read(world, case_id, key).child.address for key in ("hana", "cleo", "idris", "morgan")}
    assert shown == {"hana": "1 Sea Road", "cleo": "1 Sea Road", "idris": "", "morgan": ""}
    world.write(sa.update(record.children).values(address_secret=False))
    assert read(world, case_id, "idris").child.address == "1 Sea Road"


def test_a_concern_is_shown_and_marked_as_nothing_for_a_family(world):
    case_id = world.start_case()
    concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=case_id,
        answers={"harm": "Bruises", "immediate_danger": "yes", "what_happened": "Seen at school"},
    )  # fmt: skip
    case = read(world, case_id)
    (concern,) = case.concerns
    assert (concern.raised_by, concern.harm, concern.immediate_danger) == ("Hana Verity", "Bruises", True)
    marked = [event.what for event in case.timeline if event.safeguarding]
    assert marked == [
        "Line managers and safeguarding leads were alerted (2 people).",
        "A safeguarding concern was raised, with immediate danger.",
    ]
    assert not any("Bruises" in event.what or "school" in event.what for event in case.timeline)


def test_the_history_goes_back_stretch_by_stretch(world):
    case_id = start_and_walk_to(world, "agree_action_plan")
    hana = world.actor("hana")
    whole = timeline.read(world.engine, actor=hana, case_id=case_id, limit=500)
    assert whole.before is None and whole.events[-1].what == "The case was opened."
    assert [event.seq for event in whole.events] == sorted((event.seq for event in whole.events), reverse=True)
    found, before = [], None
    while True:
        part = timeline.read(world.engine, actor=hana, case_id=case_id, before=before, limit=4)
        found += part.events
        before = part.before
        if before is None:
            break
    assert tuple(found) == whole.events
    assert all("_" not in event.what for event in found), "no codes in sentences"
    with pytest.raises(Invalid):
        timeline.read(world.engine, actor=hana, case_id=case_id, limit=501)


def test_a_longer_record_takes_no_more_statements(world):
    short, long = world.start_case(), start_and_walk_to(world, "hold_review")
    assert len(statements(world, lambda: read(world, long, "hana"))) <= 5
    world.write(sa.update(record.lead_professionals).values(to_on=world.today))
    # Nobody leads: since when is asked of both. Else fewer.
    assert len(statements(world, lambda: read(world, short, "cleo"))) <= 6
    assert len(statements(world, lambda: read(world, long, "cleo"))) <= 6
    plan = world.rows(sa.select(record.plan_actions))[0]
    more = [dict(plan._mapping) | {"id": world.engine.ids.new()} for _ in range(40)]
    world.write(sa.insert(record.plan_actions).values(more))
    once = len(statements(world, lambda: read(world, long, "cleo")))
    world.write(sa.insert(record.plan_actions).values([row | {"id": world.engine.ids.new()} for row in more]))
    assert len(statements(world, lambda: read(world, long, "cleo"))) == once


def test_what_is_asked_together_is_what_each_part_asks(world):
    case_id = start_and_walk_to(world, "hold_review")
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    with viewing(world.engine, world.actor("hana")) as view:
        values, asked = case_file.asked_with(view, case_id), case_file.together(100)
        together = asked.ask(view.connection, values)
        answers = [[view.connection.execute(query, values).all() for query in asked.queries]]
        with counted(world) as said:
            answers.append([together.execute(query, values).all() for query in asked.queries])
        another = {**values, "case": world.engine.ids.new()}
        assert together.execute(asked.queries[0], another).first() is None
    assert answers[0] == answers[1] and said == []
    assert sum(map(bool, answers[0])) > 20, "this case has most of what there is"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("siân", True), ("SIAN", True), ("whitlock sian", True), ("penn", False), ("sian penn", False), ("%", False),
        ("_", False), ("", True),
    ],
)  # fmt: skip
def test_a_child_is_found_without_accents_and_capitals(world, words, found):
    case_id = world.start_case(given_name="Siân")
    rows = case_file.cases(world.engine, actor=world.actor("hana"), search=words)
    assert [row.case_id for row in rows] == ([case_id] if found else [])


def test_a_case_is_found_by_its_reference_however_it_is_typed(world):
    case_id = world.start_case()
    reference = read(world, case_id).reference
    for typed in (reference, reference.lower(), reference.replace("-", "")):
        (row,) = case_file.cases(world.engine, actor=world.actor("cleo"), search=typed)
        assert row.case_id == case_id and row.next.startswith("Ask for the family's consent, by ")


def test_a_list_says_what_was_due_and_when_the_review_is_where_no_task_waits(world):
    case_id = world.start_case()
    own, hana = {"authority_id": world.authority_id, "case_id": case_id}, world.actor("hana")
    due = {"id": UUID(int=7), "first_due_on": world.today, "due_on": world.today + timedelta(days=9), **own}
    world.write(sa.insert(record.reviews).values(**due))
    mine = sa.update(running.user_tasks).where(running.user_tasks.c.case_id == case_id)
    world.write(mine.values(name="Will you lead?", due_on=world.today - timedelta(days=1)))
    (row,) = case_file.cases(world.engine, actor=hana)
    assert row.next.startswith("Will you lead? was due ")
    world.write(mine.values(state="cancelled", closed_at=world.clock.now()))
    (row,) = case_file.cases(world.engine, actor=hana)
    assert row.next == f"Review, on {words.day(due['due_on'], today=world.today)}"


def test_closed_cases_are_found_but_not_listed(world):
    case_id = world.start_case()
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed_on=world.today))
    cleo = world.actor("cleo")
    assert not case_file.cases(world.engine, actor=cleo)
    assert [row.closed_on for row in case_file.cases(world.engine, actor=cleo, search="whitlock")] == [world.today]


NAMES = ["zoë", "Ash", "ash", "Émile", "De la Cruz", "d'Arcy", "Smith-Jones", "Smith", "Ångström", "Whitlock"]


def _start(world: World, family_name: str, by: str = "hana"):
    child = cases.Child(family_name=family_name, born_on=date(2018, 3, 2))
    return cases.start(world.engine, actor=world.actor(by), child=child).case_id


def _list(world: World, key: str, limit: int, search: str | None = None) -> list[list[case_file.CaseRow]]:
    """Return every page of a list of cases, following `next`."""
    found, after = [], None
    while True:
        page = case_file.case_page(world.engine, actor=world.actor(key), search=search, after=after, limit=limit)
        found.append(list(page.rows))
        after = page.next
        if after is None:
            return found


def test_pages_of_cases_joined_are_the_whole_list_by_name(world):
    ids = [_start(world, name) for name in (*NAMES, *NAMES)]
    world.write(sa.update(record.cases).where(record.cases.c.id == ids[7]).values(closed_on=world.today))
    (whole,) = _list(world, "cleo", 200)
    assert {row.case_id for row in whole} == set(ids) - {ids[7]}
    names = [row.child_name for row in whole]
    spread = [names.index(name) for name in ("Ash", "Émile", "Smith", "Whitlock", "zoë")]
    assert spread == sorted(spread), "capitals and accents do not change a name's place"
    for limit in (1, 7):
        paged = _list(world, "cleo", limit)
        assert [row for page in paged for row in page] == whole
        assert all(len(page) == limit for page in paged[:-1])
    found = [row for page in _list(world, "cleo", 3, "SMITH") for row in page]
    assert [row.case_id for row in found][-1] == ids[7], "closed ones come after the open ones"
    assert [row.child_name for row in found] == ["Smith", "Smith-Jones", "Smith-Jones", "Smith"]
    assert len({row.case_id for row in found}) == 4
    assert [row for page in _list(world, "cleo", 3, "smithjones") for row in page] == [
        row for row in whole if row.child_name == "Smith-Jones"
    ]


def test_a_page_is_of_those_the_actor_may_see(world):
    mine = [_start(world, name) for name in NAMES[:3]]
    other = [_start(world, name, by="noor") for name in NAMES]
    assert {row.case_id for page in _list(world, "hana", 2) for row in page} == set(mine)
    assert {row.case_id for page in _list(world, "noor", 3) for row in page} == set(other)
    with pytest.raises(Invalid):
        case_file.case_page(world.engine, actor=world.actor("hana"), after=world.engine.ids.new())
    for limit in (0, 201):
        with pytest.raises(Invalid):
            case_file.case_page(world.engine, actor=world.actor("hana"), limit=limit)


def test_the_board_has_one_row_a_child_worst_first_with_every_reason(world):
    late = world.start_case(given_name="Robin")
    world.clock.advance(timedelta(days=60))
    slow = world.start_case(given_name="Kit")
    fresh = world.start_case(given_name="Sam")
    table = running.user_tasks
    world.write(
        sa.update(table).where(table.c.case_id == slow).values(due_on=world.today - timedelta(days=4)),
        sa.insert(record.escalations).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=slow, reason="no_lead",
            level="line_manager", addressee="line_manager",
            sentence="nobody leads this plan", first_true_on=world.today,
        ),
        sa.insert(record.manager_discussions).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=slow, opened_on=world.today,
            next_step="Ask the school", next_step_on=world.today + timedelta(days=1),
        ),
    )  # fmt: skip
    rows = overdue.board(world.engine, actor=world.actor("cleo")).rows
    assert [(row.case_id, row.state) for row in rows] == [
        (late, "critically_overdue"), (slow, "overdue"), (fresh, "due_soon"),
    ]  # fmt: skip
    assert (rows[2].days, rows[2].since) == (0, None), "nothing is late there: the row says what comes next"
    assert [reason.partition(", due ")[0] for reason in rows[2].reasons] == ["Next: “Ask for the family's consent”"]
    assert rows[1].child_name == "Kit Whitlock" and len(rows[1].reasons) == 2
    assert "Nobody leads this plan." in rows[1].reasons
    assert rows[1].doing.startswith("Ask the school, by ") and "passed" not in rows[1].doing
    world.write(sa.update(record.manager_discussions).values(next_step_on=world.today - timedelta(days=1)))
    rows = overdue.board(world.engine, actor=world.actor("cleo")).rows
    assert rows[1].doing.endswith(" (that day has passed)")
    cost = len(statements(world, lambda: overdue.board(world.engine, actor=world.actor("cleo"))))
    for name in ("Ash", "Bo", "Cam"):
        world.start_case(given_name=name)
    world.write(sa.update(table).where(table.c.case_id != fresh).values(due_on=world.today - timedelta(days=30)))
    rows = overdue.board(world.engine, actor=world.actor("cleo")).rows
    assert [row.state for row in rows] == ["critically_overdue"] * 5 + ["due_soon"]
    assert len(statements(world, lambda: overdue.board(world.engine, actor=world.actor("cleo")))) == cost


def test_a_board_too_long_to_show_keeps_the_worst_and_says_how_many_more(world):
    ids = [world.start_case(given_name=name) for name in ("Ash", "Bo", "Cam", "Dee", "Eli")]
    table = running.user_tasks
    for case_id, days in zip(ids, (5, 40, 10, 60, 0), strict=True):
        late = sa.update(table).where(table.c.case_id == case_id).values(due_on=world.today - timedelta(days=days))
        world.write(late)
    cleo = world.actor("cleo")
    worst_first = [ids[3], ids[1], ids[2], ids[0], ids[4]]
    whole = overdue.board(world.engine, actor=cleo)
    assert ([row.case_id for row in whole.rows], whole.more) == (worst_first, 0)
    assert [row.state for row in whole.rows][-1] == "due_soon", "due today is not late"
    found = overdue.board(world.engine, actor=cleo, limit=2)
    assert ([row.case_id for row in found.rows], found.more) == (worst_first[:2], 3)
    after = overdue.board(world.engine, actor=cleo, page=2, limit=2)
    assert ([row.case_id for row in after.rows], after.more) == (worst_first[2:4], 1)
    assert found.rows[0].reasons and "“Ask for the family's consent” was due" in found.rows[0].reasons[0]


def page(world: World, element: str, key: str = "hana"):
    return worklist.task(world.engine, actor=world.actor(key), task_id=world.task(element).id)


def test_a_task_page_says_why_what_is_known_and_what_follows(world):
    world.start_case()
    task = page(world, "record_consent")
    assert task.form is not None and task.form.key == "record_consent"
    assert task.prefill == {"signed_on": "2026-03-02"}
    assert task.next_step == "“Complete the assessment”, or this part of the work ends: “No assessment”."
    assert task.documentation.startswith("Explain to the family why") and task.why == "You are assessing."
    assert task.can == {"release", "complete", "reassign", "delegate"}
    school = {"Sunniva Rao", "Noor Bakar"}  # Another agency is given work once the family has agreed.
    assert {each.name for each in task.people} == _names(world) - {"Hana Verity", "Ada Stone", "Piet Dahl"} - school
    assert task.draft is None and task.saved_at is None


def _names(world: World) -> set[str]:
    return {each.name for each in people.practitioners(world.engine, actor=world.actor("hana"))}


def test_the_record_fills_in_what_it_knows(world):
    start_and_walk_to(world, "arrange_tac_meeting")
    world.write(
        sa.insert(record.case_members).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=world.tasks()[0].case_id,
            practitioner_id=world.ids["idris"],
            role="member", from_on=world.today,
        )
    )  # fmt: skip
    sam = {"person": "child", "invite": "no", "why_not": "8 years old: others bring what they wish"}
    (jo,) = world.rows(sa.select(record.family_members).where(record.family_members.c.name == "Jo Whitlock"))
    assert page(world, "arrange_tac_meeting").prefill == {
        "invited": [str(world.ids["idris"])], "family": [sam, {"person": str(jo.id), "invite": "yes"}],
    }  # fmt: skip
    world.do(
        "arrange_tac_meeting", "hana", planned_on="2026-03-16", starts_at="16:00", venue="School",
        invited=[str(world.ids["idris"]), str(world.ids["noor"])],
    )  # fmt: skip
    world.do("reply_to_invitation", "idris", reply="attending")
    assert page(world, "hold_tac_meeting").prefill == {
        "held_on": "2026-03-02", "attended": [str(world.ids["idris"])],
        "family": [{"person": "child", "came": "no", "views": ""}, {"person": str(jo.id), "views": ""}],
    }  # fmt: skip
    world.clock.advance(timedelta(days=20))
    assert page(world, "hold_tac_meeting").prefill["held_on"] == "2026-03-16", "the day that was planned"
    offered = [option.value for option in page(world, "hold_tac_meeting").options["invited"]]
    assert offered == [str(world.ids[who]) for who in ("idris", "noor")]


def test_what_one_person_typed_on_two_pages_is_brought_together_before_either_is_kept(world):
    world.start_case()
    mine = {"actor": world.actor("hana"), "task_id": world.task("record_consent").id}

    def keep(words, base, **how):
        return user_tasks.save_draft(world.engine, **mine, answers={"given_by": words}, base=base, **how)

    desk = keep("Jo", "0", by_itself=True).base
    phone = keep("Jo, on the phone", desk, by_itself=True).base
    assert keep("Jo, at the desk", desk, by_itself=True).aside
    assert keep("Jo, at the desk", desk).aside, "pressing a button passes over no merge that was asked for"
    assert worklist.task(world.engine, **mine).draft == {"given_by": "Jo, on the phone"}
    both = keep("Jo, on the phone and at the desk", phone, settles=world.ids["hana"])
    ahead = keep("Jo Whitlock, said twice", both.base, by_itself=True).base
    keep("Jo Whitlock, said three times", ahead, by_itself=True)
    assert keep("Jo Whitlock", ahead).aside, "what another page saved is looked at first, though one writing ahead"


def test_a_draft_is_for_those_who_may_finish_the_task(world):
    case_id = world.start_case()
    task_id = world.task("record_consent").id
    for text in ("first", "second"):
        user_tasks.save_draft(world.engine, actor=world.actor("hana"), task_id=task_id, answers={"given_by": text})
    mine = page(world, "record_consent")
    assert mine.draft == {"given_by": "second"} and mine.saved_at == world.clock.now()
    managers = page(world, "record_consent", "morgan")
    assert managers.draft is None and managers.prefill == {} and managers.can == {"reassign"}
    world.do("record_consent", "hana", case_id=case_id, consent="given", given_by="Jo", signed_on="2026-03-02")
    done = worklist.task(world.engine, actor=world.actor("hana"), task_id=task_id)
    assert (done.state, done.completed_by, done.completed_at) == ("completed", "Hana Verity", world.clock.now())
    assert done.can == frozenset() and done.people == () and done.draft is None


def test_a_day_filled_in_as_today_is_today_s_when_the_draft_is_opened_on_a_later_day(world):
    world.start_case()
    mine = {"actor": world.actor("hana"), "task_id": world.task("record_consent").id}

    def left_at(day):
        parts = {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
        user_tasks.save_draft(world.engine, **mine, answers={"given_by": "Jo", "signed_on": parts})

    def opened():
        found = worklist.task(world.engine, **mine)
        return found.draft["signed_on"], found.days_renewed

    begun = world.today
    left_at(begun)
    assert opened()[1] is False, "the same day"
    world.clock.advance(timedelta(days=3))
    assert opened() == (world.today.isoformat(), True), "else the consent would be kept as of the day it was begun"
    left_at(begun)
    world.clock.advance(timedelta(days=3))
    assert opened() == ({"day": "2", "month": "3", "year": "2026"}, False), "a day that somebody chose stays"


def test_an_unclaimed_task_can_be_taken_or_done_by_its_group(world):
    world.start_case()
    task = world.task("record_consent")
    user_tasks.release(world.engine, actor=world.actor("hana"), task_id=task.id)
    with pytest.raises(NotFound):
        page(world, "record_consent", "noor")
    world.agree(task.case_id)
    assert page(world, "record_consent", "noor").can == {"claim", "complete"}
    stranger = replace(world.actor("noor"), roles=frozenset({"designer"}))
    with pytest.raises(NotFound):
        worklist.task(world.engine, actor=stranger, task_id=task.id)


def test_what_is_in_force_is_the_newest_of_each(world):
    piet = world.actor("piet")
    before = {each.key: each for each in definitions.deployed(world.engine, actor=piet)}
    assert {each.kind for each in before.values()} == {"process", "rules", "form"}
    source = definitions.source(world.engine, actor=piet, definition_id=before["identify"].definition_id)
    world.deploy({"identify.bpmn": source.replace(b"Ask for the family's consent", b"Ask the family", 1)})
    after = {each.key: each for each in definitions.deployed(world.engine, actor=piet)}
    assert after.keys() == before.keys()
    assert (before["identify"].version, after["identify"].version) == (1, 2)
    read_back = definitions.read(world.engine, actor=piet, definition_id=after["identify"].definition_id)
    assert [step.who for step in read_back.steps if step.name == "Ask the family"] == ["assessor or case workers"]


def test_an_incident_says_what_where_and_what_to_do(world):
    case_id = world.start_case()
    instance = world.instance(case_id, "caf_episode")
    world.write(
        sa.insert(running.incidents).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, instance_id=instance.id,
            kind="timer", element_id="wait", message="no such rule", opened_at=world.clock.now(),
        )
    )  # fmt: skip
    (found,) = incidents.open_incidents(world.engine, actor=world.actor("cleo"))
    assert (found.sentence, found.process_name, found.element_id) == (
        "No such rule.", "Common assessment episode", "wait",
    )  # fmt: skip
    assert found.advice and found.tries == 1
    assert [each.sentence for each in read(world, case_id).incidents] == ["No such rule."]


def test_the_poller_is_quiet_until_it_is_heard_and_after_it_stops(world):
    assert health.check(world.engine).poller_is_quiet
    world.tick()
    assert not health.check(world.engine).poller_is_quiet
    world.clock.advance(timedelta(minutes=6))
    assert health.check(world.engine).poller_is_quiet
