"""Somebody else asked to a meeting that is arranged: a practitioner with a task of their own, or one of the family."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, Walk, shipped_process

KEY = "invite_to_meeting"
OWEN = {"whom": "practitioner", "practitioner": "owen"}
NADIA = {"whom": "family", "relative": "nadia"}


def replies(saved: bool) -> Walk:
    walk = Walk(KEY, saved=saved, begin=OWEN)
    assert walk.asked("reply_to_invitation") == ("owen", None, date(2026, 3, 16))
    walk.chase("reply", "chase_replies", "chase_replies")
    walk.do("reply_to_invitation", reply="attending")
    return walk


def does_not_reply(saved: bool) -> Walk:
    walk = Walk(KEY, saved=saved, begin=OWEN)
    walk.fire("stop_waiting_for_replies")
    return walk


def family_answers(saved: bool) -> Walk:
    walk = Walk(KEY, saved=saved, begin=NADIA)
    assert walk.asked("record_family_replies") == (LEAD, ["coordinators"], date(2026, 3, 16))
    walk.fire("family_replies_late")
    assert walk.operations() == ["remind_lead"]
    walk.do("record_family_replies", replies=[{"person": "nadia", "reply": "coming"}])
    return walk


def family_is_asked_already(saved: bool) -> Walk:
    return Walk(KEY, saved=saved, begin=NADIA | {"relative": "priya"})


def comes_unasked(saved: bool) -> Walk:
    walk = Walk(KEY, saved=saved, begin=OWEN)
    walk.send("tac_meeting_held")
    return walk


def family_comes_unasked(saved: bool) -> Walk:
    walk = Walk(KEY, saved=saved, begin=NADIA)
    walk.send("tac_meeting_held")
    return walk


SCENARIOS = (replies, does_not_reply, family_answers, family_is_asked_already, comes_unasked, family_comes_unasked)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_way_ends_and_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = scenario(saved)
        assert (walk.end, walk.open_elements) == ("completed", []), scenario.__name__
        walked.update(walk.flows)
    assert walked >= set(shipped_process(KEY).flows)


@pytest.mark.parametrize(
    ("begin", "lacks"), [({}, "whom"), ({"whom": "practitioner"}, "practitioner"), ({"whom": "family"}, "relative")]
)
def test_it_is_said_who(begin: dict[str, Any], lacks: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        Walk(KEY, saved=False, begin=begin)
    assert list(refused.value.errors) == [lacks]
