"""Every row of who is asked, exactly one row for whoever is asked and however they are, and harm never waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.feel import to_plain
from tests.rules.conftest import Limits, environment

RuleIds = Callable[[DecisionModel, str], set[str]]
ROLES = ["lead_professional", "assessor", "member", "line_manager", "coordinator", "mag_member", "safeguarding_lead"]
LONG = {"availability": "away", "cover": False, "days_away": 3, "urgent": False}
SOON = LONG | {"days_away": 2}
URGENT = LONG | {"urgent": True}
ROWS: list[tuple[dict[str, Any], tuple[str, str | None, str]]] = [
    *(({"asked": role, "availability": "here"}, ("same", None, "here")) for role in ROLES),
    *(({"asked": role, "availability": "here", "urgent": True}, ("same", None, "here")) for role in ROLES),
    *(({"asked": role} | LONG | {"cover": True}, ("cover", None, "covered")) for role in ROLES),
    *(
        ({"asked": role} | URGENT | {"cover": True}, ("cover", "safeguarding_leads", "urgent_covered"))
        for role in ROLES
    ),
    *(({"asked": role} | SOON, ("same", "line_manager", "back_soon")) for role in ROLES),
    *(({"asked": role} | SOON | {"days_away": 1}, ("same", "line_manager", "back_soon")) for role in ROLES),
    ({"asked": "lead_professional"} | LONG, ("line_manager", None, "lead_away")),
    ({"asked": "assessor"} | LONG, ("line_manager", None, "lead_away")),
    ({"asked": "assessor"} | LONG | {"days_away": 4}, ("line_manager", None, "lead_away")),
    ({"asked": "member"} | LONG, ("line_manager", None, "member_away")),
    ({"asked": "line_manager"} | LONG, ("managers_manager", None, "manager_away")),
    *(({"asked": role} | LONG, ("group", None, "group_away")) for role in ROLES[4:]),
    *(({"asked": role} | URGENT, ("line_manager", "safeguarding_leads", "urgent_away")) for role in ROLES[:3]),
    *(
        ({"asked": role} | URGENT | {"days_away": 1}, ("line_manager", "safeguarding_leads", "urgent_away"))
        for role in ROLES[:3]
    ),
    ({"asked": "line_manager"} | URGENT, ("managers_manager", "safeguarding_leads", "urgent_manager_away")),
    *(({"asked": role} | URGENT, ("group", "safeguarding_leads", "urgent_group_away")) for role in ROLES[4:]),
    ({"asked": "member", "availability": "left"}, ("line_manager", None, "member_gone")),
    ({"asked": "member", "availability": "nobody"}, ("line_manager", None, "member_gone")),
    ({"asked": "member", "availability": "no_account"}, ("lead_professional", None, "member_no_account")),
    *(
        case
        for gone in ("left", "nobody", "no_account")
        for case in (
            ({"asked": "lead_professional", "availability": gone}, ("line_manager", None, "lead_gone")),
            ({"asked": "assessor", "availability": gone}, ("line_manager", None, "lead_gone")),
            ({"asked": "line_manager", "availability": gone}, ("managers_manager", None, "manager_gone")),
            ({"asked": "coordinator", "availability": gone}, ("group", None, "group_gone")),
            (
                {"asked": "member", "availability": gone, "urgent": True},
                ("line_manager", "safeguarding_leads", "urgent_gone"),
            ),
            (
                {"asked": "line_manager", "availability": gone, "urgent": True},
                ("managers_manager", "safeguarding_leads", "urgent_manager_gone"),
            ),
            (
                {"asked": "mag_member", "availability": gone, "urgent": True},
                ("group", "safeguarding_leads", "urgent_group_gone"),
            ),
        )
    ),
]
PEOPLE = st.fixed_dictionaries(
    {
        "asked": st.sampled_from(ROLES),
        "availability": st.sampled_from(["here", "away", "left", "nobody", "no_account"]),
        "cover": st.booleans(),
        "days_away": st.integers(0, 60),
        "urgent": st.booleans(),
    }
)


@pytest.fixture(scope="session")
def route(task_routing: DecisionModel, timescales: DecisionModel) -> Callable[[dict[str, Any]], DecisionResult]:
    def ask(asked: dict[str, Any]) -> DecisionResult:
        who = None if asked["availability"] == "nobody" else "Hana Verity"
        known = {"cover": False, "days_away": 0, "urgent": False, "who": who, "until": " until 3 June"} | asked
        result = task_routing.evaluate("task_routing", known, environment(Limits(timescales)))
        assert result.warnings == ()
        return result

    return ask


Route = Callable[[dict[str, Any]], DecisionResult]


@pytest.mark.parametrize(("asked", "expected"), ROWS)
def test_row(route: Route, asked: dict[str, Any], expected: tuple[str, str | None, str]) -> None:
    result = route(asked)
    said = to_plain(result.value)
    assert (said["ask"], said["tell"], *(row.rule for row in result.matched)) == expected


def test_every_row_was_asked_for(task_routing: DecisionModel, rule_ids: RuleIds) -> None:
    assert rule_ids(task_routing, "task_routing") == {expected[2] for _, expected in ROWS}


@given(PEOPLE)
def test_exactly_one_row_answers(route: Route, people: dict[str, Any]) -> None:
    assert len(route(people).matched) == 1


@given(PEOPLE)
def test_harm_never_waits_for_somebody_who_is_not_there(route: Route, people: dict[str, Any]) -> None:
    said = to_plain(route(people | {"urgent": True}).value)
    if people["availability"] != "here":
        assert said["ask"] != "same"
        assert said["tell"] == "safeguarding_leads"


@given(PEOPLE)
def test_nobody_who_has_left_is_asked(route: Route, people: dict[str, Any]) -> None:
    if people["availability"] in ("left", "nobody", "no_account"):
        assert to_plain(route(people).value)["ask"] not in ("same", "cover")


def test_what_is_not_known_of_somebody_who_is_away_counts_as_no(route: Route) -> None:
    unknown = {"asked": "assessor", "availability": "away", "cover": None, "days_away": 9, "urgent": None}
    assert [row.rule for row in route(unknown).matched] == ["lead_away"]


@given(PEOPLE)
def test_the_reason_is_a_sentence_after_because(route: Route, people: dict[str, Any]) -> None:
    reason = to_plain(route(people).value)["reason"]
    assert reason.endswith(".")
    assert ("Hana Verity" in reason) is (people["availability"] not in ("here", "nobody"))


def test_the_reason_says_until_when(route: Route) -> None:
    said = to_plain(route({"asked": "assessor"} | LONG | {"cover": True}).value)["reason"]
    assert said == "Hana Verity is away until 3 June and named somebody to stand in."
