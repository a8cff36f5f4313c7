"""Every row of the escalation table at its boundary, one below and one above."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.casework.facts import CONSENTS, DISAGREEMENT_STAGES, FACTS, LINKED_PLANS, MAG_CONSENTS
from engine.dmn import DecisionModel, DecisionResult
from engine.feel import to_plain

Ask = Callable[..., DecisionResult]
MODEL = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
RuleIds = Callable[[DecisionModel, str], set[str]]
LEVELS = {"safeguarding", "harm_check", "mag", "line_manager", "replan", "remind"}
ADDRESSEES = {
    "lead_professional", "assessor", "action_owner", "owners_manager", "agency_manager", "line_manager", "coordinator",
    "plan_coordinator",
}  # fmt: skip
PROCESSES = {None, "stalled_plan", "safeguarding_concern", "consent_withdrawn", "family_not_found"}


def reasons(result: DecisionResult) -> set[str]:
    assert result.warnings == ()
    assert result.missing == frozenset()
    return {row["reason"] for row in to_plain(result.value)}


UNMET = {"outcomes_met": False}
VACANT = {"lead_vacant": True}
OTHER_PLAN = {"linked_plan": "sen"}
BOUNDARIES: list[tuple[str, str, dict[str, Any], list[int], list[int]]] = [
    # reason, fact, other facts it needs, values that match, values that do not
    ("assessment_late", "assessment_days", {}, [11, 14, 15], [0, 9, 10, 16]),
    ("assessment_very_late", "assessment_days", {}, [16, 17, 200], [0, 14, 15]),
    ("no_tac_date", "days_since_assessment", {"tac_date_fixed": False}, [15, 16], [0, 14]),
    ("no_tac_held", "weeks_since_assessment", {}, [6, 7], [0, 5]),
    ("review_not_invited", "days_to_review", {"invitations_sent": False}, [0, 1, 9, 10], [-1, 11]),
    ("review_late", "review_overdue_days", {}, [1, 2, 9, 10], [0, 11]),
    ("review_very_late", "review_overdue_days", {}, [11, 12], [0, 9, 10]),
    ("reviews_missed", "reviews_missed", {}, [2, 3], [0, 1]),
    ("no_progress_once", "reviews_without_progress", {}, [1], [0, 2]),
    ("no_progress_twice", "reviews_without_progress", {}, [2, 3], [0, 1]),
    ("open_long", "open_months", UNMET, [12, 13], [11]),
    ("consult_after_a_year", "open_months", UNMET, [12, 13], [11]),
    ("consult_after_reviews", "reviews_held", UNMET, [3, 4], [2]),
    ("action_late", "oldest_action_overdue_days", {}, [6, 7], [0, 4, 5]),
    ("half_of_actions_late", "overdue_actions", {"open_actions": 4}, [2, 3, 4], [0, 1]),
    ("half_of_actions_late", "overdue_actions", {"open_actions": 5}, [3], [2]),
    ("half_of_actions_late", "overdue_actions", {"open_actions": 1}, [], [0, 1]),
    ("half_of_actions_late", "overdue_actions", {"open_actions": 2}, [1, 2], [0]),
    ("half_of_actions_late", "overdue_actions", {"open_actions": 0}, [], [0]),
    ("lead_away", "days_without_lead", {}, [11, 12], [0, 9, 10]),
    ("nobody_leads", "days_without_lead", VACANT, [10, 11], [0, 9]),
    ("nobody_leads", "days_without_lead", {"lead_vacant": False}, [], [9, 10, 11]),
    ("nobody_leads_coordinator", "days_without_lead", VACANT, [10, 11], [0, 9]),
    ("nobody_leads_coordinator", "days_without_lead", {"lead_vacant": False}, [], [9, 10, 11]),
    ("nobody_leads_to_mag", "days_without_lead", VACANT | {"mag_consent": "yes"}, [20, 21], [0, 19]),
    ("nobody_leads_to_mag", "days_without_lead", VACANT | {"mag_consent": "no"}, [], [19, 20, 21]),
    ("nobody_leads_to_mag", "days_without_lead", VACANT | {"mag_consent": "yes", "consent": "refused"}, [], [20, 21]),
    ("nobody_leads_to_mag", "days_without_lead", {"mag_consent": "yes"}, [], [20, 21]),
    ("nobody_leads_ask_family", "days_without_lead", VACANT | {"mag_consent": "not_asked"}, [20, 21], [0, 19]),
    ("nobody_leads_ask_family", "days_without_lead", VACANT | {"mag_consent": "yes"}, [], [19, 20, 21]),
    ("nobody_leads_ask_family", "days_without_lead", VACANT | {"mag_consent": "yes", "consent": "refused"}, [20], [19]),
    ("nobody_leads_ask_family", "days_without_lead", {"mag_consent": "no"}, [], [20, 21]),
    ("lead_declined_coordinator", "lead_declined_days", {"lead_declined": True}, [6, 7], [0, 4, 5]),
    ("lead_declined_coordinator", "lead_declined_days", {"lead_declined": False}, [], [6, 7]),
    ("agency_absent", "agency_meetings_missed", {}, [2, 3], [0, 1]),
    ("manager_stage_to_mag", "manager_stage_days", {"mag_consent": "yes"}, [10, 11], [0, 9]),
    ("manager_stage_to_mag", "manager_stage_days", {"mag_consent": "no"}, [], [9, 10, 11]),
    ("manager_stage_to_mag", "manager_stage_days", {"mag_consent": "yes", "consent": "withdrawn"}, [], [10, 11]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "no"}, [10, 11], [0, 9]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "no_answer"}, [10], [9]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "not_asked"}, [10], [9]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "yes"}, [], [10, 11]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "yes", "consent": "withdrawn"}, [10, 11], [9]),
    ("manager_stage_no_consent", "manager_stage_days", {"mag_consent": "yes", "consent": "refused"}, [10, 11], [9]),
    ("disagreement_practitioners", "disagreement_days", {"disagreement_stage": "practitioners"}, [3, 4], [0, 1, 2]),
    ("disagreement_practitioners", "disagreement_days", {"disagreement_stage": "managers"}, [], [3, 6]),
    ("disagreement_managers", "disagreement_days", {"disagreement_stage": "managers"}, [6, 7], [0, 4, 5]),
    ("disagreement_managers", "disagreement_days", {"disagreement_stage": "practitioners"}, [], [6, 7]),
    ("disagreement_senior_officers", "disagreement_days", {"disagreement_stage": "senior_officers"}, [3], [0, 1, 2]),
    ("disagreement_senior_officers", "disagreement_days", {"disagreement_stage": "none"}, [], [3, 6, 7]),
    ("other_plan_review_late", "review_overdue_days", OTHER_PLAN, [11, 12], [0, 9, 10]),
    ("other_plan_no_progress", "reviews_without_progress", OTHER_PLAN, [2, 3], [0, 1]),
    ("other_plan_silent", "days_silent", OTHER_PLAN, [30, 31], [0, 28, 29]),
    ("silent", "days_silent", {}, [20, 21, 29], [0, 19, 30]),
    ("long_silent", "days_silent", {}, [30, 31], [0, 28, 29]),
]
SWITCHES: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    # reason, facts that match, facts that do not
    ("significant_harm", {"concern_open": True}, [{"concern_open": False}]),
    ("immediate_danger", {"immediate_danger": True}, [{"immediate_danger": False}]),
    ("consent_withdrawn", {"consent": "withdrawn"},
     [{"consent": answer} for answer in CONSENTS if answer != "withdrawn"]),
    ("family_not_found", {"family_not_found": True}, [{"family_not_found": False}]),
    *(
        (f"other_plan_{reason}", {"linked_plan": plan} | facts, [facts])
        for plan in LINKED_PLANS
        if plan != "none"
        for reason, facts in (
            ("review_late", {"review_overdue_days": 11}),
            ("no_progress", {"reviews_without_progress": 2}),
            ("silent", {"days_silent": 30}),
        )
    ),
    ("no_tac_date", {"tac_date_fixed": False, "days_since_assessment": 15}, [{"days_since_assessment": 15}]),
    (
        "no_review_date",
        {"review_date_set": False},
        [
            {},
            {"review_date_set": False, "plan_agreed": False},
            {"review_date_set": False, "closing_agreed": True},
        ],
    ),
    ("review_not_invited", {"days_to_review": 5},
     [{"days_to_review": 5, "invitations_sent": True}, {"days_to_review": 5, "review_date_set": False}]),
    ("open_long", {"open_months": 12}, [{"open_months": 12, "outcomes_met": True}]),
    ("consult_after_a_year", {"open_months": 12}, [{"open_months": 12, "outcomes_met": True}]),
    ("consult_after_reviews", {"reviews_held": 3}, [{"reviews_held": 3, "outcomes_met": True}]),
    ("action_past_review", {"actions_overdue_past_review": True}, [{"actions_overdue_past_review": False}]),
    ("lead_declined", {"lead_declined": True}, [{"lead_declined": False}]),
]  # fmt: skip
CASES = [
    (reason, others | {fact: value}, wanted)
    for reason, fact, others, hits, misses in BOUNDARIES
    for wanted, values in ((True, hits), (False, misses))
    for value in values
] + [
    (reason, facts, wanted)
    for reason, hit, misses in SWITCHES
    for wanted, facts in ((True, hit), *((False, miss) for miss in misses))
]


def test_a_plan_that_goes_well_gives_no_reason(escalate: Ask) -> None:
    assert reasons(escalate()) == set()


@pytest.mark.parametrize(("reason", "facts", "wanted"), CASES)
def test_row_at_its_boundary(escalate: Ask, reason: str, facts: dict[str, Any], wanted: bool) -> None:
    assert (reason in reasons(escalate(**facts))) is wanted


@pytest.mark.parametrize(("reason", "facts", "wanted"), CASES)
def test_a_closed_case_gives_no_reason(escalate: Ask, reason: str, facts: dict[str, Any], wanted: bool) -> None:
    assert reasons(escalate(**facts, closed=True)) == set()


def test_every_row_is_among_the_boundaries(escalate: Ask, escalation: DecisionModel, rule_ids: RuleIds) -> None:
    matched = {row.rule for _, facts, wanted in CASES if wanted for row in escalate(**facts).matched}
    assert matched == rule_ids(escalation, "escalation")


def test_every_row_says_where_it_comes_from(escalate: Ask) -> None:
    assert all(row.description for _, facts, _ in CASES for row in escalate(**facts).matched)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"concern_open": True}, ("significant_harm", "safeguarding", "line_manager", "start", "safeguarding_concern")),
        ({"consent": "withdrawn"}, ("consent_withdrawn", "harm_check", "line_manager", "start", "consent_withdrawn")),
        ({"family_not_found": True}, ("family_not_found", "harm_check", "line_manager", "start", "family_not_found")),
        ({"agency_meetings_missed": 2}, ("agency_absent", "line_manager", "agency_manager", "remind", None)),
        ({"assessment_days": 11}, ("assessment_late", "remind", "assessor", "remind", None)),
        ({"review_overdue_days": 1}, ("review_late", "remind", "lead_professional", "remind", None)),
        ({"review_overdue_days": 11}, ("review_very_late", "line_manager", "line_manager", "start", "stalled_plan")),
        ({"oldest_action_overdue_days": 6}, ("action_late", "remind", "action_owner", "remind", None)),
        ({"reviews_without_progress": 1}, ("no_progress_once", "replan", "lead_professional", "remind", None)),
        (
            {"manager_stage_days": 10, "mag_consent": "yes"},
            ("manager_stage_to_mag", "mag", "line_manager", "start", "stalled_plan"),
        ),
    ],
)
def test_what_is_done(escalate: Ask, facts: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    (row,) = to_plain(escalate(**facts).value)
    assert tuple(row[name] for name in ("reason", "level", "addressee", "action", "process")) == expected


def test_every_process_it_starts_is_drawn() -> None:
    folder = files("processes")
    assert [process for process in PROCESSES if process and not folder.joinpath(f"{process}.bpmn").is_file()] == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"review_overdue_days": 1}, "The review is 1 working day overdue."),
        ({"review_overdue_days": 11}, "The review is 11 working days overdue."),
        ({"weeks_since_assessment": 6}, "The first TAC meeting has not been held, 6 weeks after the assessment."),
        ({"overdue_actions": 2, "open_actions": 4}, "2 of 4 open actions are overdue."),
        (
            {"lead_declined": True},
            "The person asked to lead has declined. Confer with their line manager; workload alone is rarely a reason.",
        ),
    ],
)
def test_what_is_said(escalate: Ask, facts: dict[str, Any], sentence: str) -> None:
    assert [row["sentence"] for row in to_plain(escalate(**facts).value)] == [sentence]


def levels(result: DecisionResult) -> set[str]:
    return {row["level"] for row in to_plain(result.value)}


@given(facts=st.deferred(lambda: _ANY_FACTS))
def test_time_alone_never_refers_to_social_care(escalate: Ask, facts: dict[str, Any]) -> None:
    result = escalate(**facts | {"concern_open": False, "immediate_danger": False})
    assert "safeguarding" not in levels(result)
    assert "safeguarding_concern" not in {row["process"] for row in to_plain(result.value)}


@given(facts=st.deferred(lambda: _ANY_FACTS), answer=st.sampled_from(["no", "not_asked", "no_answer"]))
def test_nothing_goes_to_the_multi_agency_group_without_a_yes(
    escalate: Ask, facts: dict[str, Any], answer: str
) -> None:
    assert "mag" not in levels(escalate(**facts | {"mag_consent": answer}))


@given(facts=st.deferred(lambda: _ANY_FACTS), stuck=st.sampled_from(["manager_stage_days", "days_without_lead"]))
def test_a_plan_that_stays_stuck_is_referred_or_advice_is_taken(
    escalate: Ask, facts: dict[str, Any], stuck: str
) -> None:
    """Whatever the family has answered to either question: one of the two rows matches, never neither, never both."""
    judged = escalate(**facts | {"closed": False, "lead_vacant": True, stuck: 60})
    pairs = {
        "manager_stage_days": {"manager_stage_to_mag", "manager_stage_no_consent"},
        "days_without_lead": {"nobody_leads_to_mag", "nobody_leads_ask_family"},
    }
    assert len(reasons(judged) & pairs[stuck]) == 1


@pytest.mark.parametrize("days", [10, 19, 20, 60])
def test_who_is_asked_when_nobody_leads(escalate: Ask, days: int) -> None:
    told = [(row["addressee"], row["level"]) for row in to_plain(escalate(**VACANT, days_without_lead=days).value)]
    assert {("line_manager", "line_manager"), ("coordinator", "line_manager")} <= set(told)
    assert ("line_manager", "mag") not in told


def test_a_changed_limit_applies_at_once(escalate: Ask) -> None:
    assert reasons(escalate(review_overdue_days=5)) == {"review_late"}
    assert reasons(escalate(review_overdue_days=5, limits={"review_manager_days": 4})) == {"review_very_late"}


def test_a_limit_without_a_value_is_a_warning_never_silence(escalate: Ask) -> None:
    result = escalate(authority="barnet", limits={"review_manager_days": None}, review_overdue_days=20)
    assert any("review_manager_days" in warning.message for warning in result.warnings)


def test_a_fact_that_is_not_there_is_named(escalation: DecisionModel, escalate: Ask) -> None:
    result = escalate(days_silent=None)
    assert result.missing == {"days_silent"}


_VALUES = {
    "number": st.integers(-3, 60),
    "boolean": st.booleans(),
    "string": st.none() | st.text(max_size=3),
    "date": st.none() | st.dates(),
}
_ANY_FACTS = st.fixed_dictionaries(
    {
        name: st.sampled_from(CONSENTS)
        if name == "consent"
        else st.sampled_from(MAG_CONSENTS)
        if name == "mag_consent"
        else st.sampled_from(LINKED_PLANS)
        if name == "linked_plan"
        else st.sampled_from(DISAGREEMENT_STAGES)
        if name == "disagreement_stage"
        else _VALUES[kind]
        for name, kind in FACTS.items()
        if name not in ("today", "authority")
    }
)


@given(facts=_ANY_FACTS)
def test_any_facts_are_judged_without_a_warning(escalate: Ask, facts: dict[str, Any]) -> None:
    result = escalate(**facts)
    assert result.warnings == ()
    assert result.missing == frozenset()
    rows = to_plain(result.value)
    assert len({row["reason"] for row in rows}) == len(rows)
    for row in rows:
        assert row["level"] in LEVELS
        assert row["addressee"] in ADDRESSEES
        assert row["process"] in PROCESSES
        assert row["action"] == "wait" or (row["action"] == "start") is (row["process"] is not None)
        assert facts["paused"] or row["action"] != "wait"
        assert row["level"] not in ("safeguarding", "harm_check", "mag") or row["action"] != "wait"
        assert row["sentence"].endswith(".")


@pytest.mark.parametrize(
    ("facts", "reason", "action"),
    [
        ({"days_silent": 20}, "silent", "wait"),
        ({"days_silent": 30}, "long_silent", "wait"),
        ({"review_overdue_days": 11}, "review_very_late", "wait"),
        ({"oldest_action_overdue_days": 6}, "action_late", "wait"),
        ({"concern_open": True}, "significant_harm", "start"),
        ({"consent": "withdrawn"}, "consent_withdrawn", "start"),
        ({"family_not_found": True}, "family_not_found", "start"),
        (VACANT | {"days_without_lead": 10}, "nobody_leads", "remind"),
        ({"lead_declined": True}, "lead_declined", "remind"),
        ({"manager_stage_days": 10, "mag_consent": "yes"}, "manager_stage_to_mag", "start"),
        ({"disagreement_stage": "managers", "disagreement_days": 6}, "disagreement_managers", "remind"),
    ],
)
def test_a_pause_lets_only_the_plan_s_own_time_limits_wait(
    escalate: Ask, facts: dict[str, Any], reason: str, action: str
) -> None:
    said = {row["reason"]: row["action"] for row in to_plain(escalate(**facts, paused=True).value)}
    assert said[reason] == action
    unpaused = {row["reason"]: row["action"] for row in to_plain(escalate(**facts).value)}
    assert unpaused.keys() == said.keys() and "wait" not in unpaused.values()


@given(facts=_ANY_FACTS)
def test_harm_is_never_outweighed(escalate: Ask, facts: dict[str, Any]) -> None:
    found = reasons(escalate(**facts | {"concern_open": True, "closed": False}))
    assert "significant_harm" in found


def test_rows_about_harm_change_only_with_the_safeguarding_lead_s_approval() -> None:
    table = etree.fromstring(files("rules").joinpath("escalation.dmn").read_bytes())
    guarded = {rule.get("id"): rule.get("{urn:caf:rules}approval") for rule in table.iter(f"{MODEL}rule")}
    assert {id_: role for id_, role in guarded.items() if role} == dict.fromkeys(
        ["row_significant_harm", "row_immediate_danger", "row_consent_withdrawn", "row_family_not_found"],
        "safeguarding_lead",
    )
