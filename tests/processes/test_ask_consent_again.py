"""The family is asked again: what it says now holds, and a case that was closing for want of consent goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn import case_start
from engine.forms import InvalidAnswers
from tests.processes.walking import PRACTITIONERS, Walk, shipped_process

KEY = "ask_consent_again"
SIGNED: dict[str, Any] = {"signed_on": "2026-03-02", "given_by": "Sam's mother"}
PART: dict[str, Any] = {"consent": "limited", "scope": "School only.", "kinds": ["plan"], "people": ["nadia"]}


def begun(answers: Mapping[str, Any], *, saved: bool) -> Walk:
    return Walk(KEY, saved=saved, begin={**SIGNED, **answers})


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    again = begun({"consent": "given"}, saved=saved)
    assert again.operations() == ["tell_members"]
    still = begun({"consent": "refused"}, saved=saved)
    assert still.operations() == []
    assert (again.end, still.end) == ("completed", "completed")
    assert set(shipped_process(KEY).flows) <= {*again.flows, *still.flows}


def test_who_works_with_the_family_asks() -> None:
    how = case_start(shipped_process(KEY))
    assert how is not None
    assert how.starters == {"lead", "assessor", "line_manager", "coordinator"}


@pytest.mark.parametrize("missing", ["scope", "given_by", "signed_on"])
def test_a_part_says_which(missing: str) -> None:
    assert begun(PART, saved=False).end == "completed"
    with pytest.raises(InvalidAnswers):
        begun({**PART, missing: None}, saved=False)


def test_a_young_person_s_own_consent_needs_who_judged_that_they_understand() -> None:
    with pytest.raises(InvalidAnswers):
        begun({"consent": "given", "whose": "young_person"}, saved=False)
    own = {"consent": "given", "whose": "young_person", "competence": "Hana Verity, 2 March: weighs what follows"}
    objects = {"not_told": [PRACTITIONERS[0].value], "objection": "He would take her phone."}
    assert begun({**own, **objects}, saved=False).end == "completed"
