"""What the escalation rules' answer is read as, and what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from engine.casework.escalation import LEVELS, Judgement, Reason, judge


def row(reason: str = "silent", level: str = "remind", addressee: str = "assessor", **more: Any) -> dict[str, Any]:
    return {"reason": reason, "sentence": f"It is {reason}.", "level": level, "addressee": addressee, **more}


def reasons(*rows: Mapping[str, Any]) -> list[Reason]:
    return list(judge(list(rows), [str(number + 1) for number in range(len(rows))], ()).reasons.values())


def test_a_row_becomes_a_reason_with_its_number() -> None:
    said = judge([row(process="stalled_plan", level="line_manager", addressee="line_manager")], ["14"], ())
    expected = Reason("silent", "It is silent.", "line_manager", "line_manager", "stalled_plan", "14")
    assert said == Judgement({"silent": expected})


def test_no_row_is_a_sure_judgement_without_reasons() -> None:
    assert judge([], [], ()) == Judgement({}, "")


def test_what_a_row_leaves_out_is_filled_in_quietly() -> None:
    said = judge([{"reason": "silent", "addressee": "assessor", "process": ""}], ["3"], ())
    assert said.reasons["silent"] == Reason("silent", "silent", "remind", "assessor", None, "3")
    assert not said.unsure


@pytest.mark.parametrize(
    ("rows", "labels", "warnings", "words"),
    [
        ([row(addressee="")], ["4"], (), "row 4 gives no reason or addressee"),
        ([row(reason="")], ["4"], (), "row 4 gives no reason or addressee"),
        ([row(), {"addressee": "assessor"}], ["1", "9"], (), "row 9 gives no reason or addressee"),
        (["text"], ["2"], (), "row 2 gives no reason or addressee"),
        (None, [], (), "the escalation decision gave no list of rows"),
        (row(), ["1"], (), "the escalation decision gave no list of rows"),
        ([], [], ("time limit: no such limit",), "time limit: no such limit"),
        ([], [], ("a", "b", "a"), "a; b"),
    ],
)
def test_what_cannot_be_judged_is_said_in_words(rows: Any, labels: list[str], warnings: Any, words: str) -> None:
    assert judge(rows, labels, warnings).unsure == words


def test_a_bad_row_does_not_hide_a_good_one() -> None:
    assert list(judge([row(addressee=None), row("late")], ["1", "2"], ()).reasons) == ["late"]


def test_one_reason_from_two_rows_is_the_first_one() -> None:
    (only,) = reasons(row("late", "remind"), row("late", "mag"))
    assert (only.level, only.row) == ("remind", "1")


@pytest.mark.parametrize(
    ("said", "open_now", "differs"),
    [
        (Judgement({}), [], False),
        (judge([row("late")], ["1"], ()), ["late"], False),
        (judge([row("late")], ["1"], ()), [], True),
        (Judgement({}), ["late"], True),
        (judge([row("late")], ["1"], ()), ["silent"], True),
        (Judgement({}, "a warning"), [], True),
        (judge([row("late")], ["1"], ["a warning"]), ["late"], True),
    ],
)
def test_something_is_to_be_done_when_anything_changed_or_nothing_could_be_told(
    said: Judgement, open_now: list[str], differs: bool
) -> None:
    assert said.differs_from(open_now) is differs


def test_each_addressee_hears_only_the_most_serious_of_their_reasons() -> None:
    new = reasons(
        row("a", "remind", "lead_professional"), row("b", "line_manager", "line_manager"),
        row("c", "safeguarding", "line_manager"), row("d", "replan", "lead_professional"),
    )  # fmt: skip
    assert [(reason.addressee, reason.reason) for reason in Judgement({}).loudest(new)] == [
        ("line_manager", "c"),
        ("lead_professional", "d"),
    ]


def test_of_equals_the_first_row_is_told() -> None:
    assert [reason.reason for reason in Judgement({}).loudest(reasons(row("first"), row("second")))] == ["first"]


@pytest.mark.parametrize(("louder", "quieter"), list(pairwise(LEVELS)))
def test_the_order_of_the_levels(louder: str, quieter: str) -> None:
    told = Judgement({}).loudest(reasons(row("quiet", quieter), row("loud", louder)))
    assert [reason.reason for reason in told] == ["loud"]


def test_a_level_nobody_knows_is_the_quietest() -> None:
    told = Judgement({}).loudest(reasons(row("odd", "shouting"), row("known", "remind")))
    assert [reason.reason for reason in told] == ["known"]


def judged(*rows: Mapping[str, Any]) -> Judgement:
    return judge(list(rows), [str(number + 1) for number in range(len(rows))], ())


def test_of_two_levels_for_one_addressee_the_higher_is_acted_on_and_both_are_kept() -> None:
    said = judged(
        row("a", "line_manager", "line_manager", process="stalled_plan"),
        row("b", "safeguarding", "line_manager", process="safeguarding_concern"),
    )
    assert said.processes(list(said.reasons.values())) == ["safeguarding_concern"]
    assert list(said.reasons) == ["a", "b"]


def test_each_addressee_has_their_own_highest_level() -> None:
    said = judged(
        row("a", "remind", "lead_professional", process="reassess"),
        row("b", "line_manager", "line_manager", process="stalled_plan"),
    )
    assert said.processes(list(said.reasons.values())) == ["stalled_plan", "reassess"]


def test_rows_of_one_level_are_all_acted_on_and_each_process_starts_once() -> None:
    said = judged(
        row("a", "line_manager", "line_manager", process="stalled_plan"),
        row("b", "line_manager", "line_manager", process="consult_social_care"),
        row("c", "line_manager", "line_manager", process="stalled_plan"),
    )
    assert said.processes(list(said.reasons.values())) == ["stalled_plan", "consult_social_care"]


def test_a_reason_that_goes_on_is_louder_than_a_new_one_of_a_lower_level() -> None:
    said = judged(
        row("known", "harm_check", "line_manager", process="consent_withdrawn"),
        row("new", "line_manager", "line_manager", process="stalled_plan"),
    )
    assert said.processes([said.reasons["new"]]) == []


def test_a_reason_that_waits_keeps_nothing_back() -> None:
    said = judged(
        row("waiting", "mag", "line_manager", process="mag_referral", action="wait"),
        row("due", "line_manager", "line_manager", process="stalled_plan"),
    )
    assert said.processes([said.reasons["due"]]) == ["stalled_plan"]
