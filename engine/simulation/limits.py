"""What a pretend family leaves out when it agrees to part: one of the word list's, whose words fit what is ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.forms import Option
from engine.simulation.narratives import Story, fits, word_list

AGENCIES, KINDS, SCOPE, PEOPLE, NOT_TOLD = "agencies", "kinds", "scope", "people", "not_told"
"""The questions that say what a limited consent covers, and whom of the family a young person does not want told."""
ONLY_WITH: Final[Mapping[str, str]] = {"objection": NOT_TOLD}
"""Questions that are answered when, and only when, another one is."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a family agrees to: the agencies that may know, by id, what they may know, and that in its own words."""

    agencies: tuple[str, ...]
    kinds: tuple[str, ...]
    scope: str


def draw_limit(story: Story, agencies: Sequence[Option]) -> Limit | None:
    """Draw what a family lets be shared with some of the `agencies` offered; None when there are none."""
    found = [(each, covered) for each in word_list()["limits"] if (covered := _covered(each, story, agencies))]
    if not found:
        return None
    drawn, covered = story.chance.choice(found)
    return Limit(tuple(covered), tuple(drawn["kinds"]), story.tell(drawn["say"]))


def _covered(limit: Mapping[str, Any], story: Story, agencies: Sequence[Option]) -> list[str]:
    """Return the agencies, of those offered, that a limit covers; none when it is not for a child of this age."""
    if not fits(limit, story.age):
        return []
    only, without = limit.get("only"), limit.get("without", ())
    return [each.value for each in agencies if each.label not in without and (only is None or each.label in only)]


def not_to_be_told(story: Story, family: Sequence[Option]) -> list[str]:
    """Choose whom of the family a young person does not want told: one who is not who brought the need up, if any."""
    others = [each.value for each in family if not each.label.startswith(story.family[0].name)]
    return [story.chance.choice(others)] if others else []
