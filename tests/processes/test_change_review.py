"""Reviewing another way after all: the form asks why, and the review under way hears of it."""

from __future__ import annotations

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import Walk, shipped_process

KEY = "change_review"


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_the_review_is_told(saved: bool) -> None:
    walk = Walk(KEY, saved=saved, begin={"way": "updates", "why": "School holidays."})
    assert set(walk.flows) == set(shipped_process(KEY).flows)
    assert walk.end == "completed"
    assert walk.instance.variables["way"] == "updates"


def test_it_is_said_why() -> None:
    with pytest.raises(InvalidAnswers, match="why"):
        Walk(KEY, saved=False, begin={"way": "meeting"})
