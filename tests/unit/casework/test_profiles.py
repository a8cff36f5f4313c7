"""What an authority's profile may hold."""

from __future__ import annotations

from typing import Any

import pytest

from engine.casework.profiles import check_profile
from engine.errors import Invalid

WHOLE = {
    "safeguarding": [{"name": "Social care", "phone": "01632 960101", "when": "always"}],
    "team": "Multi Agency Support Team",
    "meeting_term": "TAF",
    "mags": ["North", "South"],
}


def test_a_whole_profile_and_an_empty_one_are_good() -> None:
    check_profile(WHOLE)
    check_profile({})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("safeguarding", [{"name": "Social care"}]),
        ("safeguarding", "999"),
        ("meeting_term", 3),
        ("phone", ["1"]),
        ("address", "x" * 501),
        ("mags", [" "]),
    ],
)
def test_what_is_of_another_shape_is_named(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        check_profile({**WHOLE, field: value})
    assert refused.value.details["field"] == field
