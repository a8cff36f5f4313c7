"""Random people do random things on the whole engine while the clock jumps and the service restarts.

Whatever they do, these hold after every step: one lead professional at most; each timer fires once; no process
that has ended, and no closed case, leaves a task or a timer behind; history verifies; every unfinished process
has an open task, a waiting timer, a message it waits for, or an incident; every accepted answer is in history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.casework.permissions import GROUP_ROLES
from engine.commands import concerns, plan_actions, user_tasks
from engine.commands.user_tasks import TaskClosed
from engine.errors import Conflict, EngineError, Invalid, KeyUsed, NotFound, NotPermitted
from engine.forms import Option
from engine.operations.kept_concerns import PROCESS
from engine.queries import worklist
from engine.store.tables import keeping, record, running
from tests.episodes import STRAIGHT_ROAD, answers_for
from tests.postgres_cluster import PostgresCluster
from tests.worlds import MEMBERS, World, build_world

MOST_CASES = 3
MOST_CONCERNS = 2
WORKERS = [member.key for member in MEMBERS if "case_worker" in member.roles]
EVERYBODY = [member.key for member in MEMBERS]
INSTANCES, TASKS, TIMERS = running.instances, running.user_tasks, running.timers

Draw = Callable[[st.SearchStrategy[Any]], Any]
texts = st.text("abc éß'\"<&;", min_size=1, max_size=12).map(lambda text: f"x{text.strip()}x")
jumps = st.sampled_from(
    [
        timedelta(minutes=1),
        timedelta(hours=5),
        timedelta(days=1),
        timedelta(days=4),
        timedelta(days=17),
        timedelta(days=60),
    ]
)


def answers(
    world: World, element: str, draw: Draw, options: Mapping[str, list[Option]], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return answers that the form of `element` may accept; dates lie round today, people are among `options`."""

    def one_of(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    def day(*around: int) -> str:
        return (world.today + timedelta(days=one_of(*around))).isoformat()

    def people(source: str, least: int = 0) -> list[str]:
        offered = [option.value for option in options[source]]
        return draw(st.lists(st.sampled_from(offered), min_size=least, unique=True)) if offered else []

    text = draw(texts)
    makers: Mapping[str, Callable[[], dict[str, Any]]] = {
        "complete_checklist": lambda: {
            **dict.fromkeys(("healthy", "safe", "learning", "positive_impact"), one_of("yes", "no", "not_sure")),
            "free_from_poverty": one_of("yes", "no", "not_sure"), "services_needed": one_of("yes", "no"),
            "can_provide": one_of("no", "no", "yes"), "harm_suspected": one_of("no", "no", "no", "yes"), "note": text,
        },
        "confirm_no_caf": lambda: {"confirmed": one_of("yes", "no"), "why": text},
        "search_for_existing": lambda: {"found": one_of("none", "none", "none", "caf"), "where": text},
        "answer_lead": lambda: {"lead_answer": one_of("accepted", "accepted", "declined"), "reason": text},
        "record_consent": lambda: {
            "consent": one_of("given", "given", "limited", "refused"), "given_by": text, "scope": text,
            "offered_by": text, "offered": text, "people": [str(world.ids[each]) for each in WORKERS],
            "kinds": ["plan"], "signed_on": day(0, -1),
        },
        "complete_assessment": lambda: {
            "strengths": text, "needs": text, "conclusions": text, "signed_by": text, "completed_on": day(0, -2),
        },
        "appoint_lead_professional": lambda: {
            "family_wishes": text, "lead_professional": str(world.ids[one_of(*WORKERS)]), "reasons": text,
            "nobody": one_of(False, False, True),
            "candidates": [{"person": str(world.ids[each]), "relationship": "trusted"} for each in WORKERS],
        },
        "arrange_tac_meeting": lambda: {
            "planned_on": day(0, 1, 14), "starts_at": "16:00", "venue": text, "invited": people("invitees", 1),
        },
        "reply_to_invitation": lambda: {"reply": one_of("attending", "apologies"), "report": text},
        "hold_tac_meeting": lambda: {
            "held_on": day(0, -1), "family_came": one_of("yes", "yes", "no"), "attended": people("invited"),
            "notes": text, "ends_with": "no_actions", "no_actions_why": text, "next_on": day(30),
        },
        "finish_tac_meeting": lambda: {"family_has_it": "yes"},
        "agree_action_plan": lambda: {
            "outcomes": [{"outcome": text}],
            "actions": [
                {"outcome": text, "action": text, "owner": str(world.ids[one_of(*WORKERS)]), "due_on": day(3, 40)}
            ],
        },
        "change_action_plan": lambda: {
            "plan_changed": "yes", "why": text, "family_view": text,
            "actions": [
                {"outcome": text, "action": text, "owner": str(world.ids[one_of(*WORKERS)]), "due_on": day(3, 40)}
            ],
        },
        "agree_reassessment": lambda: {"assess_again": "not_now", "why": text, "ask_again_on": day(20, 40)},
        "ask_family": lambda: {"consultation_consent": "not_asked", "family_view": text},
        "ask_social_care": lambda: {
            "way": "anonymous", "asked_whom": text, "asked_on": day(0, -1), "advice": text, "advice_next": "goes_on",
            "next_step": text, "next_step_on": day(3, 20),
        },
        "rebook_tac_meeting": lambda: {"why": text, "planned_on": day(0, 1, 14), "starts_at": "10:00"},
        "choose_review": lambda: {"way": one_of("meeting", "updates")},
        "give_update": lambda: {"updates": [{**row, "progress": text} for row in known["updates"]]},
        "hold_review": lambda: {
            "held_on": day(0), "outcome": one_of("better", "same", "worse"), "notes": text,
            "next_step": one_of("continue", "continue", "replan", "step_up", "close"),
            "lead_still_right": one_of("yes", "no"), "lead_until": day(60),
        },
        "close_case": lambda: {
            "reason": one_of("needs_met", "disengaged"), "summary": text, "family_told": one_of("yes", "not_reached"),
        },
        "sign_off_closure": lambda: {"signed_off": one_of("yes", "yes", "no"), "why": text},
        "sign_off_instead": lambda: {"signed_off": one_of("yes", "no"), "why": text},
        "confer_on_first_lead": lambda: {
            "lead_decision": one_of("name", "coordinator"), "lead_professional": str(world.ids[one_of(*WORKERS)]),
            "reasons": text,
        },
        "find_first_lead": lambda: {
            "lead_decision": one_of("name", "nobody"), "lead_professional": str(world.ids[one_of(*WORKERS)]),
            "until": day(20), "reasons": text,
        },
        "check_for_harm": lambda: {"finding": one_of("no_concern", "concern"), "note": text},
        "acknowledge_concern": lambda: {"acknowledged_on": day(0), "accepted": one_of("yes", "no"), "note": text},
        "discuss_stalled_plan": lambda: {
            "discussed_on": day(0), "tried": text, "decision": one_of("resolved", "support_agreed", "refer_to_mag"),
            "next_step": text, "next_step_on": day(1, 5),
        },
        "ask_consent_for_mag": lambda: {
            "mag_consent": one_of("yes", "no", "no_answer"), "given_by": text, "asked_on": day(0),
        },
        "take_anonymous_advice": lambda: {"advice": text, "next_step": text, "next_step_on": day(1)},
        "refer_to_mag": lambda: {"reason": text, "tried": text, "discussed_on": day(0), "asked": text},
        "screen_papers": lambda: {
            "papers_whole": one_of("yes", "yes", "no"), "missing": text, "mag": "Multi-Agency Group",
            "meeting_on": day(0),
        },
        "decide_in_mag": lambda: {
            "mag_outcome": one_of("decided", "put_off"), "decided_on": day(0), "decision": text, "why": text,
            "meeting_on": day(0),
        },
    }  # fmt: skip
    return makers[element]() if element in makers else {}


def _as_given(kept: Any, given: Any) -> Any:
    """Return what was kept of an answer, without the questions left out and with people ticked in their given order."""
    if isinstance(given, dict):
        return {name: _as_given(kept[name], value) for name, value in given.items()}
    if not isinstance(given, list):
        return kept
    if all(isinstance(each, str) for each in given):
        return given if sorted(kept) == sorted(given) else kept
    return [_as_given(row, asked) for row, asked in zip(kept, given, strict=True)]


class EngineMachine(RuleBasedStateMachine):
    """A team at work, with misfortunes."""

    @initialize()
    def begin(self) -> None:
        self.world = self.opened()
        self.cases: list[UUID] = []
        self.raised = 0
        self.accepted: dict[UUID, dict[str, Any]] = {}
        self.completed_by: dict[UUID, tuple[str, str]] = {}

    def opened(self) -> World:
        """Return the world of this run."""
        return build_world()

    def some_task(self, draw: Draw) -> Any:
        return draw(st.sampled_from(self.world.tasks()))

    def knows_still(self, who: str, task_id: UUID) -> bool:
        """Tell whether a task's page is open to somebody."""
        try:
            worklist.task(self.world.engine, actor=self.world.actor(who), task_id=task_id)
        except NotFound:
            return False
        return True

    def who_may(self, task: Any) -> str:
        """Return somebody who may do a task."""
        if task.assignee_id is not None:
            return next(key for key, id_ in self.world.ids.items() if id_ == task.assignee_id)
        roles = {GROUP_ROLES[group] for group in task.candidate_groups}
        asked = (member.key for member in MEMBERS if roles & set(member.roles))
        return next(key for key in asked if self.sees(task, key))

    def sees(self, task: Any, who: str) -> bool:
        """Tell whether somebody is let into a task: an offer to line managers is for those of the case."""
        try:
            worklist.task(self.world.engine, actor=self.world.actor(who), task_id=task.id)
        except NotFound:
            return False
        return True

    def have_task(self) -> bool:
        return bool(self.world.tasks())

    def have_case(self) -> bool:
        return bool(self.cases)

    @precondition(lambda self: len(self.cases) < MOST_CASES)
    @rule(who=st.sampled_from(WORKERS))
    def open_a_case(self, who: str) -> None:
        self.cases.append(self.world.start_case(by=who))

    @precondition(lambda self: len(self.cases) < MOST_CASES)
    @rule(steps=st.integers(3, 6))
    def open_a_case_that_is_further_on(self, steps: int) -> None:
        case_id = self.world.start_case()
        for element in list(STRAIGHT_ROAD)[:steps]:
            self.world.do(element, "hana", case_id=case_id, **answers_for(self.world, element))
        self.cases.append(case_id)

    @precondition(have_task)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        task = self.some_task(data.draw)
        who = self.who_may(task)
        if not self.knows_still(who, task.id):
            return  # while sharing rests, what somebody of the team has shows them nothing
        shown = worklist.task(self.world.engine, actor=self.world.actor(who), task_id=task.id)
        given = answers(self.world, task.element_id, data.draw, shown.options, shown.prefill)
        if task.element_id == "hold_tac_meeting":
            given |= {"family": self.world.family_that_came(task.case_id)}
        try:
            user_tasks.complete(
                self.world.engine, actor=self.world.actor(who), task_id=task.id, answers=given, request_key=f"{task.id}"
            )
        except Invalid:
            assert task.id in {each.id for each in self.world.tasks()}, "a refused answer leaves the task open"
        else:
            self.accepted[task.id] = given
            self.completed_by[task.id] = (who, f"{task.id}")

    # Most of what happens is that people do their tasks.
    complete_another = complete
    complete_one_more = complete

    @precondition(lambda self: self.completed_by)
    @rule(data=st.data(), again=st.booleans())
    def press_the_button_twice(self, data: st.DataObject, again: bool) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.completed_by)))
        who, key = self.completed_by[task_id]
        press = {"actor": self.world.actor(who), "task_id": task_id, "answers": self.accepted[task_id]}
        if not self.knows_still(who, task_id):
            with pytest.raises(NotFound):
                user_tasks.complete(self.world.engine, **press)
            return
        if again:
            user_tasks.complete(self.world.engine, request_key=key, **press)
            with pytest.raises(KeyUsed):
                user_tasks.complete(self.world.engine, request_key=key, **press | {"answers": {"other": "words"}})
            return
        try:
            user_tasks.complete(self.world.engine, **press)
        except TaskClosed as told:
            assert told.details["by"] == self.world.actor(who).name
        else:
            raise AssertionError("a completed task was completed again")

    @precondition(have_task)
    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def try_what_may_not_be_allowed(self, data: st.DataObject, who: str) -> None:
        task, actor = self.some_task(data.draw), self.world.actor(who)
        act = data.draw(st.sampled_from((user_tasks.claim, user_tasks.release)))
        before = self.world.tasks()
        try:
            act(self.world.engine, actor=actor, task_id=task.id)
        except (NotFound, NotPermitted, Invalid):
            assert self.world.tasks() == before

    @precondition(have_task)
    @rule(data=st.data(), to=st.sampled_from(WORKERS))
    def reassign(self, data: st.DataObject, to: str) -> None:
        task = self.some_task(data.draw)
        given = {"actor": self.world.actor("cleo"), "task_id": task.id, "to": self.world.ids[to]}
        try:
            user_tasks.reassign(self.world.engine, **given, why="On leave")
        except Invalid as told:
            assert told.details["field"] == "to", "while sharing rests not everybody may have it"

    @precondition(have_task)
    @rule(data=st.data())
    def save_a_draft(self, data: st.DataObject) -> None:
        task = self.some_task(data.draw)
        typed, who = {"notes": data.draw(texts), "half": None}, self.who_may(task)
        asked = {"actor": self.world.actor(who), "task_id": task.id, "answers": typed}
        if self.knows_still(who, task.id):
            user_tasks.save_draft(self.world.engine, **asked)
        else:
            with pytest.raises(NotFound):
                user_tasks.save_draft(self.world.engine, **asked)

    @precondition(lambda self: self.cases and self.raised < MOST_CONCERNS)
    @rule(data=st.data(), who=st.sampled_from(WORKERS), danger=st.booleans(), written=st.booleans())
    def raise_a_concern(self, data: st.DataObject, who: str, danger: bool, written: bool) -> None:
        case_id, self.raised = data.draw(st.sampled_from(self.cases)), self.raised + 1
        told = {"what_happened": "Something was said"} if written else {}
        concerns.raise_concern(
            self.world.engine, actor=self.world.actor(who), case_id=case_id,
            answers={"immediate_danger": "yes" if danger else "no", **told},
        )  # fmt: skip

    @precondition(have_case)
    @rule(data=st.data())
    def take_consent_back(self, data: st.DataObject) -> None:
        case_id = data.draw(st.sampled_from(self.cases))
        with suppress(Conflict):  # the case is closed
            self.world.start_process(case_id, "consent_withdrawn", by="cleo")

    @precondition(have_case)
    @rule(data=st.data(), done=st.booleans())
    def report_on_an_action(self, data: st.DataObject, done: bool) -> None:
        found = self.world.rows(sa.select(record.plan_actions.c.id).where(record.plan_actions.c.closed_on.is_(None)))
        if not found:
            return
        (action_id,) = data.draw(st.sampled_from([tuple(row) for row in found]))
        actor = self.world.actor("cleo")
        with suppress(Conflict):  # the case is closed
            plan_actions.report(self.world.engine, actor=actor, action_id=action_id, progress="Begun", done=done)

    @rule(jump=jumps)
    def time_passes(self, jump: timedelta) -> None:
        self.world.clock.advance(jump)
        self.world.tick()

    @rule(jump=st.sampled_from([timedelta(seconds=30), timedelta(hours=1)]))
    def the_clock_is_put_back(self, jump: timedelta) -> None:
        self.world.clock.advance(-jump)
        self.world.tick()

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @invariant()
    def history_verifies(self) -> None:
        assert self.world.verified().findings == ()

    @invariant()
    def one_lead_at_most(self) -> None:
        leads = self.world.rows(
            sa.select(record.lead_professionals.c.case_id).where(record.lead_professionals.c.to_on.is_(None))
        )
        assert max(Counter(leads).values(), default=0) <= 1

    @invariant()
    def each_timer_fired_once(self) -> None:
        fired = {timer.id for timer in self.world.timers(waiting=False) if timer.fired_at is not None}
        events = self.world.rows(sa.select(keeping.history.c.subject_id).where(keeping.history.c.kind == "timer_fired"))
        assert Counter(row.subject_id for row in events) == Counter(fired)

    @invariant()
    def what_has_ended_leaves_nothing_behind(self) -> None:
        ended = {row.id for row in self.world.rows(sa.select(INSTANCES.c.id).where(INSTANCES.c.status == "ended"))}
        assert not [task for task in self.world.tasks() if task.instance_id in ended]
        assert not [timer for timer in self.world.timers() if timer.instance_id in ended]

    @invariant()
    def nothing_is_open_on_a_closed_case(self) -> None:
        query = (
            sa.select(TASKS.c.element_id, INSTANCES.c.process_key)
            .join(INSTANCES, INSTANCES.c.id == TASKS.c.instance_id)
            .join(record.cases, record.cases.c.id == TASKS.c.case_id)
            .where(TASKS.c.state == "open", record.cases.c.closed_on.is_not(None))
        )
        # A concern may be raised about a child whose case is closed.
        assert [row for row in self.world.rows(query) if row.process_key != PROCESS] == []

    @invariant()
    def every_unfinished_process_can_go_on(self) -> None:
        alive = {task.instance_id for task in self.world.tasks()}
        alive |= {timer.instance_id for timer in self.world.timers()}
        alive |= {incident.instance_id for incident in self.world.incidents()}
        unfinished = self.world.rows(sa.select(INSTANCES).where(INSTANCES.c.status != "ended"))
        assert [row for row in unfinished if row.id not in alive and not row.messages] == []

    @invariant()
    def open_tasks_are_where_the_tokens_are(self) -> None:
        current = {row.id: row.current for row in self.world.rows(sa.select(INSTANCES.c.id, INSTANCES.c.current))}
        assert [task for task in self.world.tasks() if task.element_id not in current[task.instance_id]] == []

    @invariant()
    def every_accepted_answer_is_in_history(self) -> None:
        query = (
            sa.select(keeping.history.c.subject_id, keeping.history_payloads.c.body)
            .join(keeping.history_payloads, keeping.history_payloads.c.event_id == keeping.history.c.id)
            .where(keeping.history.c.kind == "task_completed")
        )
        kept = {row.subject_id: row.body for row in self.world.rows(query)}
        for task_id, given in self.accepted.items():
            shown = {name: value for name, value in given.items() if name in kept[task_id]}
            assert _as_given(kept[task_id], shown) == shown
            assert shown or not given

    @invariant()
    def nothing_failed(self) -> None:
        assert [(row.kind, row.element_id, row.message) for row in self.world.incidents()] == []

    def teardown(self) -> None:
        try:
            for _ in range(3):
                self.world.clock.advance(timedelta(days=45))
                self.world.tick()
            self.nothing_failed()
            self.every_unfinished_process_can_go_on()
            self.history_verifies()
        except EngineError as error:
            raise AssertionError("the service could not go on") from error
        finally:
            self.world.close()


def test_a_few_runs_on_postgresql(postgres: PostgresCluster, migrated_postgresql: str) -> None:
    class OnPostgreSQL(EngineMachine):
        def opened(self) -> World:
            self.lent = ExitStack()
            return build_world(self.lent.enter_context(postgres.lend(migrated_postgresql)))

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.lent.close()

    few = settings(TestEngineMachine.settings, max_examples=3, stateful_step_count=25)
    run_state_machine_as_test(OnPostgreSQL, settings=few)


TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.settings = settings(
    max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
