"""Walk a shipped process by element id: real diagram, forms, expressions and rules; operations stood in for.

A walk is either live (one instance all along) or saved: after every act the state is written and the instance
taken up from it again, as the engine does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn import (
    ElementInfo,
    Instance,
    PendingWork,
    ProcessDefinition,
    StepEnvironment,
    case_start,
    parse_process,
)
from engine.calendar import WorkingCalendar
from engine.casework.facts import RecordedFacts, derive
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.clock import FakeClock
from engine.dmn import DecisionModel, read_model
from engine.feel import Environment, compile_expression, to_plain
from engine.forms import Form, Option, read_form, validate
from engine.ids import SeededIds
from engine.operations.identification import QUESTIONS
from engine.operations.tac_meetings import ENDS
from engine.options import SOURCES
from engine.progress import ArmedTimer, OpenedTask
from engine.queries.next_steps import after_task

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""
LONDON = ZoneInfo("Europe/London")
CALENDAR = WorkingCalendar("england-and-wales")
LEAD, MANAGER, ASSESSOR = "11111111", "22222222", "33333333"
PRACTITIONERS = [Option(name, name.title()) for name in ("nadia", "owen", "priya")]
OPTIONS = dict.fromkeys(SOURCES, PRACTITIONERS)
"""Every list of people that forms may offer holds the same three here."""
CALLED_FIRST = (
    "ask_consent_again", "consent_lapsed", "closing", "safeguarding_concern", "agree_to_support", "family_not_found",
    "consent_withdrawn", "mag_referral", "stalled_plan", "tac_meeting", "review", "identify", "choose_lead",
    "agree_plan", "deliver_plan", "caf_episode", "step_down", "tac_without_caf", "tac_for_cds", "handover",
    "lead_vacant", "lead_away", "change_review", "professional_disagreement", "change_plan", "reassess",
    "consult_social_care", "other_plan", "transfer", "after_tac_meeting", "merge_cafs", "pause", "action_declined",
    "invite_to_meeting",
)  # fmt: skip


@cache
def shipped_rules(name: str) -> DecisionModel:
    """Return a shipped rules file."""
    return read_model(files("rules").joinpath(f"{name}.dmn").read_bytes(), name=name, functions=HOST_FUNCTIONS)


@cache
def shipped_process(key: str) -> ProcessDefinition:
    """Return a shipped process, parsed with those it may call."""
    called = {name: shipped_process(name) for name in CALLED_FIRST[: CALLED_FIRST.index(key)]}
    source = files("processes").joinpath(f"{key}.bpmn").read_bytes()
    return parse_process(source, name=f"{key}.bpmn", called=called, functions=HOST_FUNCTIONS)[0]


@cache
def shipped_form(key: str) -> Form:
    """Return a shipped form."""
    return read_form(files("processes").joinpath("forms", f"{key}.form").read_bytes(), name=key)


class Host:
    """The calendar and limits of an authority that sets none of its own."""

    calendar = CALENDAR

    def time_limit(self, name: str) -> Any:
        """Return the default limit."""
        asked = {"limit": name, "authority": "barnet"}
        return shipped_rules("timescales").evaluate("timescales", asked, Environment()).value


def _way_to(key: str, process_key: str) -> list[ProcessDefinition]:
    """Return the shipped diagrams from one to the one that it calls, itself or through others."""
    definition = shipped_process(key)
    if key == process_key:
        return [definition]
    for called in sorted(definition.calls):
        if way := _way_to(called, process_key):
            return [definition, *way]
    return []


Returns = Callable[[Mapping[str, Any], Mapping[str, Any], date], Mapping[str, Any]]
RECORDED: Mapping[str, Returns] = {
    "record_checklist": lambda answers, _, today: {name: answers[name] for name in QUESTIONS},
    "confirm_no_caf": lambda answers, variables, today: {
        "confirmed": answers["confirmed"],
        "closure_reason": variables["caf_route"] if answers["confirmed"] == "yes" else None,
    },
    "record_existing": lambda answers, _, today: {
        "found": {"beside": "none"}.get(answers["found"], answers["found"]),
        "closure_reason": {"none": None, "beside": None}.get(answers["found"], answers["found"]),
    },
    "record_sharing": lambda answers, _, today: {
        "consent": answers["consent"], "closure_reason": "consent_refused" if answers["consent"] == "refused" else None,
    },
    "record_consent_again": lambda answers, _, today: {
        "consent": answers["consent"], "sharing_again": answers["consent"] != "refused",
    },
    "record_step_down": lambda answers, _, today: {"closes_on": answers["closes_on"]},
    "record_intake": lambda answers, _, today: {
        "intake_decision": answers["intake_decision"],
        **({"closure_reason": "not_taken_on"} if answers["intake_decision"] == "not_accepted" else {}),
    },
    "record_consent": lambda answers, _, today: {
        "consent": answers["consent"], "closure_reason": "consent_refused" if answers["consent"] == "refused" else None,
    },
    "choose_lead": lambda answers, _, today: {
        "lead_decision": "nobody" if answers.get("nobody") else "name",
        "nominee": None if answers.get("lead_professional", "nadia") == "nadia" else answers["lead_professional"],
    },
    "confer_on_first_lead": lambda answers, _, today: {
        "lead_decision": answers["lead_decision"], "nominee": answers.get("lead_professional"),
    },
    "find_first_lead": lambda answers, _, today: {
        "lead_decision": answers["lead_decision"], "nominee": answers.get("lead_professional"),
    },
    "close_case": lambda answers, _, today: {"closure_reason": answers["reason"], "closed_by": LEAD},
    "sign_off_closure": lambda answers, _, today: {"signed_off": answers["signed_off"]},
    "change_review_way": lambda answers, _, today: {"way": answers["way"], "owners": ["nadia", "owen"]},
    "answer_lead": lambda answers, _, today: {"lead_answer": answers["lead_answer"]},
    "arrange_tac_meeting": lambda answers, _, today: {
        "invited": answers.get("invited") or [], "tac_on": answers.get("planned_on") or today,
        "family_asked": sum(row.get("invite") == "yes" for row in answers.get("family") or ()),
    },
    "invite_to_meeting": lambda answers, _, today: {
        "practitioner": answers.get("practitioner"), "tac_on": date(2026, 3, 19),
        "family_asked": int(answers.get("relative") == "nadia"),
    },
    "rebook_tac_meeting": lambda answers, _, today: {
        "invited": [each.value for each in PRACTITIONERS], "tac_on": answers["planned_on"], "family_asked": 0,
    },
    "hold_tac_meeting": lambda answers, _, today: {
        "family_came": answers["family_came"],
        "meeting_end": ENDS[answers.get("ends_with", "actions")],
        "rebook_from": today,
        **({"concern": "a concern"} if answers.get("ends_with") == "step_up" else {}),
    },
    "choose_review": lambda answers, variables, today: {"way": answers["way"], "lead_due": False},
    "hold_review": lambda answers, _, today: {
        "outcome": answers["outcome"],
        "next_step": answers["next_step"],
        "next_review_on": answers.get("next_review_on"),
        "lead_still_right": answers.get("lead_still_right"),
        "concern": "a concern",
    },
    "record_manager_discussion": lambda answers, _, today: {"manager_decision": answers["decision"]},
    "propose_handover": lambda answers, variables, today: {"nobody_found": True} if answers.get("nobody") else {
        "nobody_found": False,
        "successor": answers["successor"],
        "planned_on": answers["planned_on"],
        "cause": variables.get("cause", "planned"),
    },
    "name_interim_lead": lambda *_: {"cause": "left"},
    "record_family_told": lambda answers, _, today: {"family_agrees": answers["family_agrees"]},
    "answer_handover": lambda answers, _, today: {"handover_answer": answers["handover_answer"]},
    "confer_on_lead": lambda answers, _, today: {"lead_decision": answers["lead_decision"]},
    "raise_disagreement": lambda answers, _, today: {"raised_by": ASSESSOR, "sides": [ASSESSOR, "owen"]},
    "answer_disagreement": lambda answers, _, today: {"settled": answers["settled"]},
    "change_action_plan": lambda answers, _, today: {"plan_changed": answers["plan_changed"]},
    "agree_reassessment": lambda answers, _, today: {
        "assess_again": answers["assess_again"], "ask_again_on": answers.get("ask_again_on"),
    },
    "ask_family_about_consultation": lambda answers, _, today: {
        "consultation_consent": answers["consultation_consent"],
    },
    "record_consultation": lambda answers, _, today: {
        "advice_next": answers["advice_next"],
        "next_step_on": answers.get("next_step_on"),
        **({"concern": "a concern"} if answers["advice_next"] == "refer" else {}),
    },
    "record_other_plan": lambda answers, _, today: {"linked_plan": answers["linked_plan"]},
    "settle_with_other_plan": lambda answers, _, today: {"plan_with_other": answers["plan_with_other"]},
    "settle_disagreement": lambda answers, _, today: {"settled": answers.get("settled", "yes")},
    "record_transfer_consent": lambda answers, _, today: {"transfer_consent": answers["transfer_consent"]},
    "send_transfer": lambda answers, _, today: {
        "sent": answers["sent"],
        "sent_on": answers.get("sent_on"),
    },
    "confirm_transfer": lambda answers, _, today: {"received": answers["received"]},
    "decide_without_transfer": lambda answers, _, today: {"move_decision": answers["move_decision"]},
    "record_search": lambda answers, _, today: {"found": answers["found"]},
    "decide_on_missing": lambda answers, _, today: {
        "missing_decision": answers["missing_decision"],
        "look_again_on": answers.get("look_again_on"),
        **({"concern": "44444444"} if answers["missing_decision"] == "concern" else {}),
    },
    "propose_merge": lambda answers, _, today: {"other_case": answers["other_case"]},
    "record_merge_answer": lambda answers, _, today: {"merge_agreed": answers["merge_agreed"]},
    "decide_merge": lambda answers, _, today: {
        "continues": answers["continues"],
        "merged_lead": answers.get("merged_lead"),
    },
    "decline_action": lambda answers, _, today: {
        "action": answers["action"], "declined_by": "owen", "finder": LEAD,
    },
    "find_action_owner": lambda answers, _, today: {"owner_found": answers["owner_found"]},
    "refer_to_mag": lambda answers, variables, today: {"referred_on": variables.get("referred_on", today)},
    "screen_mag_papers": lambda answers, _, today: {
        "papers_whole": answers["papers_whole"],
        **({"meeting_on": answers["meeting_on"]} if answers["papers_whole"] == "yes" else {}),
    },
    "record_mag_decision": lambda answers, _, today: {
        "mag_outcome": answers["mag_outcome"],
        **({"meeting_on": answers["meeting_on"]} if answers["mag_outcome"] == "put_off" else {}),
    },
    "record_mag_consent": lambda answers, _, today: {"mag_consent": answers["mag_consent"]},
    "acknowledge_concern": lambda answers, variables, today: {
        "accepted": answers["accepted"], "beside_plan": variables.get("beside_plan", False),
    },
    "decide_with_social_care": lambda answers, _, today: {
        "plan_with_social_care": answers["plan_with_social_care"],
    },
    "record_harm_check": lambda answers, _, today: {"finding": answers["finding"], "concern": "a concern"},
}
"""What record operations give back to the diagram; those not here give nothing."""


class Walk:
    """One instance being walked. `flows`, `done` and `told` grow as it goes."""

    def __init__(
        self,
        key: str,
        *,
        saved: bool,
        begin: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        start_at: str | None = None,
    ) -> None:
        """Start `key`, on a case with the answers `begin` of its start form, or at the message start `start_at`."""
        self.definition = shipped_process(key)
        self.saved = saved
        self.clock = FakeClock(MORNING)
        self.ids = SeededIds(self.clock, 7)
        self.open: dict[UUID, OpenedTask] = {}
        self.timers: dict[UUID, ArmedTimer] = {}
        self.flows: list[str] = []
        self.thrown: list[str] = []
        self.done: list[tuple[str, Mapping[str, Any]]] = []
        self.end: str | None = None
        self.current: tuple[str, ...] = ()
        self.held = 0
        self.assessed_on: date | None = None
        self.lead_missing = False
        self.concerns = 0
        self.closure_overtaken = False
        self.closings_found = 0
        self.lead_due = False
        self.sharing_again = True
        self.away_from: date | None = None
        self.successor_gone = False
        self.handover_under_way = False
        self.owners = [each.value for each in PRACTITIONERS]
        given = {**(variables or {}), **(self._begun(begin) if begin is not None else {})}
        self.instance = Instance.start(self.definition, given, self._environment(), start_at=start_at)
        self._carry_on()

    @property
    def today(self) -> date:
        """The local day on the walk's clock."""
        return self.clock.now().astimezone(LONDON).date()

    @property
    def open_elements(self) -> list[str]:
        """The element ids of the open tasks, in order."""
        return sorted(task.element_id for task in self.open.values())

    def do(self, element_id: str, *, item: str | None = None, **answers: Any) -> None:
        """Complete the one open task of `element_id` (and item) with `answers`, judged by its form."""
        task = next(
            task
            for task in self.open.values()
            if task.element_id == element_id
            and (item is None or item in (task.variables.get("practitioner"), task.variables.get("owner")))
        )
        info = self.definition.element(task.process_key, element_id)
        routed, returned = self._recorded(info, answers, task.variables)
        self.held += info.operation == "hold_review"
        said, before = self._what_happens_next(task), set(self.open)
        if info.operation == "complete_assessment":
            self.assessed_on = date.fromisoformat(answers["completed_on"])
        self.instance.complete(task.task_id, {**routed, **returned})
        self._carry_on()
        for opened in (each for id_, each in self.open.items() if id_ not in before):
            name = self.definition.element(opened.process_key, opened.element_id).name
            assert f"“{name}”" in said, f"{info.name!r} says: {said}"

    def fire(self, element_id: str) -> None:
        """Move the clock to the timer of `element_id` when it lies ahead, and fire it."""
        timer = next(timer for timer in self.timers.values() if timer.element_id == element_id)
        self.clock.set(max(self.clock.now(), timer.due_at))
        self.instance.fire(timer.task_id)
        self.timers.pop(timer.task_id)
        self._carry_on()

    def chase(self, what: str, *operations: str) -> None:
        """Fire both timers of what is late: whoever has it is reminded, then somebody else hears; it stays open."""
        before, still_open = len(self.done), self.open_elements
        self.fire(f"{what}_late")
        self.fire(f"{what}_very_late")
        assert tuple(self.operations()[before:]) == operations
        assert self.open_elements == still_open

    def send(self, message: str, **variables: Any) -> None:
        """Give the instance a message that it waits for, with what it brings."""
        self.instance.send(message, variables)
        self._carry_on()

    def due(self, element_id: str) -> datetime:
        """Return when the timer of `element_id` is due, in local time."""
        return next(t.due_at for t in self.timers.values() if t.element_id == element_id).astimezone(LONDON)

    def wait(self, *, days: int) -> None:
        """Let days pass; no timer fires by that alone."""
        self.clock.advance(timedelta(days=days))
        self.instance = Instance.restore(self.definition, self.instance.progress().state, self._environment())

    def asked(self, element_id: str) -> tuple[Any, Any, Any]:
        """Return whom the open task of `element_id` goes to: assignee, groups, due date; no expression may warn."""
        task = next(task for task in self.open.values() if task.element_id == element_id)
        info = self.definition.element(task.process_key, element_id)
        assignee, groups, due = info.assignee, info.candidate_groups, info.due_date
        seen = task.variables
        return self._value(assignee, seen), self._value(groups, seen), self._value(due, seen)

    def operations(self) -> list[str]:
        """Return the operations done so far, in order."""
        return [name for name, _ in self.done]

    def _what_happens_next(self, task: OpenedTask) -> str:
        way = _way_to(self.definition.key, task.process_key)
        return after_task(way, task.element_id, self.current, shipped_process)

    def _begun(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        how = case_start(self.definition)
        assert how is not None
        routed, returned = self._recorded(how.event, answers, {})
        return {**routed, **returned}

    def _recorded(
        self, info: ElementInfo, answers: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the answers that the diagram names, and what the record operation gives back."""
        clean = self._judged(info, answers, variables)
        given_back = RECORDED.get(info.operation or "")
        returned = dict(given_back(clean, variables, self.today)) if given_back else {}
        if info.operation == "choose_review":
            returned |= {"owners": self.owners, "lead_due": self.lead_due}
        return {name: value for name, value in clean.items() if name in self.definition.names_used}, returned

    def _judged(
        self, info: ElementInfo, answers: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if info.form is None:
            return answers
        environment = Environment(now=self.clock.now(), zone=LONDON)
        return validate(
            shipped_form(info.form), answers, environment=environment, options=OPTIONS, variables=variables
        )

    def _environment(self) -> StepEnvironment:
        return StepEnvironment(now=self.clock.now(), zone=LONDON, ids=self.ids, host=Host())

    def _facts(self) -> dict[str, Any]:
        recorded = RecordedFacts(
            authority="barnet", opened_on=MORNING.date(), lead_professional=LEAD, line_manager=MANAGER,
            assessor=ASSESSOR, next_review_on=self.instance.variables.get("next_review_on"), reviews_held=self.held,
            assessment_completed_on=self.assessed_on,
        )  # fmt: skip
        return derive(recorded, today=self.today, calendar=CALENDAR)

    def _value(self, text: str | None, variables: Mapping[str, Any]) -> Any:
        if text is None:
            return None
        environment = Environment(now=self.clock.now(), zone=LONDON, host=Host())
        expression = compile_expression(text, functions=HOST_FUNCTIONS)
        people = {"lead_professional": LEAD, "line_manager": MANAGER, "assessor": ASSESSOR}
        scope = {**self._facts(), **variables, **people}
        value = expression.evaluate({name: scope[name] for name in expression.names_used}, environment)
        assert environment.warnings == [], text
        return to_plain(value)

    def _carry_on(self) -> None:
        while pending := self.instance.pending():
            for item in pending:
                self.instance.answer(item.task_id, self._answer(item))
        progress = self.instance.progress()
        assert progress.warnings == ()
        for closed in progress.closed:
            self.open.pop(closed.task_id, None)
        self.open |= {task.task_id: task for task in progress.opened}
        for task_id, _ in progress.disarmed:
            self.timers.pop(task_id, None)
        self.timers |= {timer.task_id: timer for timer in progress.armed}
        self.flows += progress.flows
        self.thrown += [message.name for message in progress.thrown]
        self.end, self.current = progress.end, progress.current
        if self.saved:
            self.instance = Instance.restore(self.definition, progress.state, self._environment())
        for element_id in self.open_elements:
            self.asked(element_id)

    def _answer(self, item: PendingWork) -> Mapping[str, Any]:
        if item.kind == "decision":
            name = item.info.decision or ""
            scope = {**self._facts(), **item.variables}
            environment = Environment(now=self.clock.now(), zone=LONDON, host=Host())
            result = shipped_rules(name).evaluate(name, scope, environment)
            assert result.warnings == ()
            found = to_plain(result.value)
            return found if item.info.map_result == "singleResult" else {item.info.result_variable or "": found}
        self.done.append((item.info.operation or "", item.info.properties))
        if item.info.operation == "look_for_concern":
            return {"concern_open": self.concerns > 0, "closure_overtaken": self.closure_overtaken}
        if item.info.operation == "look_for_closing":
            self.closings_found += 1
            return {"closing_under_way": self.closings_found <= item.variables.get("other_closings", 0)}
        if item.info.operation == "stop_sharing":
            self.sharing_again = False
        if item.info.operation == "look_at_consent":
            return {"sharing_again": item.variables.get("shared", self.sharing_again)}
        if item.info.operation == "open_concern":
            return {"concern": "a concern"}
        if item.info.operation == "look_at_lead":
            before = item.variables.get("away_from")
            since = self.away_from or before
            return {"lead_missing": self.lead_missing, "away_from": since, "away_again": since != before}
        if item.info.operation == "look_at_disagreement":
            return {"settled": item.variables.get("settled", "no")}
        if item.info.operation == "pass_disagreement_on":
            return {"managers": [MANAGER, "owen"]} if item.info.properties["stage"] == "managers" else {
                "officers": ["senior_officers"]
            }
        if item.info.operation == "look_at_successor":
            return {"successor_gone": self.successor_gone}
        if item.info.operation == "look_for_handover":
            return {"handover_under_way": self.handover_under_way}
        if item.info.operation == "find_mag_meeting":
            return {"papers_due_on": CALENDAR.add_working_days(self.today, 5)}
        if item.info.operation == "set_next_review":
            chosen = item.variables.get("next_review_on")
            weeks = timedelta(weeks=int(item.variables["review_weeks"]))
            late = chosen is None or chosen <= self.today
            return {"next_review_on": CALENDAR.next_working_day(self.today + weeks) if late else chosen}
        return {}


Scenario = Callable[[Walk], None]


@cache
def flows_of(key: str, scenario: Scenario, saved: bool, given: tuple[tuple[str, Any], ...] = ()) -> frozenset[str]:
    """Walk a scenario once, with the variables `given`, and return the flows it took."""
    walk = Walk(key, saved=saved, variables=dict(given))
    scenario(walk)
    return frozenset(walk.flows)


def scenario_tests(
    key: str, scenarios: Sequence[Scenario], variables: Mapping[str, Any] | None = None
) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return the two tests that every shipped process has: each scenario, and that together they take every flow.

    A process that is only called is given the `variables` that its caller would.
    """
    given = tuple((variables or {}).items())
    live_and_saved = pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])

    @live_and_saved
    @pytest.mark.parametrize("scenario", scenarios)
    def test_scenario(scenario: Scenario, saved: bool) -> None:
        flows_of(key, scenario, saved, given)

    @live_and_saved
    def test_every_flow_is_walked(saved: bool) -> None:
        walked = frozenset[str]().union(*(flows_of(key, scenario, saved, given) for scenario in scenarios))
        assert set(shipped_process(key).flows) <= walked

    return test_scenario, test_every_flow_is_walked
