"""What the escalation table must never do, whatever the facts; its rows one by one are in its examples."""

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
from tests.rules.conftest import examples_of

Ask = Callable[..., DecisionResult]
MODEL = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LEVELS = {"safeguarding", "harm_check", "mag", "line_manager", "replan", "remind"}
ADDRESSEES = {
    "lead_professional", "assessor", "action_owner", "owners_manager", "agency_manager", "line_manager", "coordinator",
    "plan_coordinator",
}  # fmt: skip
PROCESSES = {
    None, "stalled_plan", "safeguarding_concern", "consent_withdrawn", "family_not_found", "change_plan", "reassess",
    "consult_social_care", "consent_lapsed",
}  # fmt: skip


def reasons(result: DecisionResult) -> set[str]:
    assert result.warnings == ()
    assert result.missing == frozenset()
    return {row["reason"] for row in to_plain(result.value)}


def test_every_row_says_where_it_comes_from(escalate: Ask) -> None:
    asked = [example.inputs for example in examples_of("escalation")]
    assert all(row.description for facts in asked for row in escalate(**facts).matched)


def test_every_process_it_starts_is_drawn() -> None:
    folder = files("processes")
    assert [process for process in PROCESSES if process and not folder.joinpath(f"{process}.bpmn").is_file()] == []


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
    rows = to_plain(escalate(lead_vacant=True, days_without_lead=days).value)
    told = [(row["addressee"], row["level"]) for row in rows]
    assert {("line_manager", "line_manager"), ("coordinator", "line_manager")} <= set(told)
    assert ("line_manager", "mag") not in told


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
        else st.text(max_size=3)
        if name == "absent_agency"
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
