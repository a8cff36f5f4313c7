"""Diagrams that people may start: on a case that is open, or to open one. Properties of the process say so.

    start_on_case   the words of the button: "Hand over the lead"
    starters        who may, by how they stand to the case: "lead, line_manager, coordinator"
    offered_while   the name of a message: offered only while something on the case waits for it
    offered_when    the name of a fact, such as plan_agreed: offered only when it is yes. Of a fact that counts
                    something, such as open_actions: only while there is one. Of lead_professional: only while somebody
                    leads; of consent: only once the family has been asked

The plain start event of such a diagram may name a form, and in its property `record` what its answers do to the record.

    starts_case     the words by which a new case is begun with it: "With a common assessment (CAF)"
    pathway         the pathway of such a case, as rules know it: "caf"

Whoever or whatever starts it:

    one_at_a_time   "yes": of one case a second one has to wait until the first has ended; a message joins it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.bpmn.catalogue import ElementInfo
from engine.bpmn.definitions import ProcessDefinition

WORDS, STARTERS, ONE_AT_A_TIME = "start_on_case", "starters", "one_at_a_time"
OFFERED_WHILE, OFFERED_WHEN = "offered_while", "offered_when"
PROPERTIES: Final = (WORDS, STARTERS, OFFERED_WHILE, OFFERED_WHEN)
OPENS, PATHWAY = "starts_case", "pathway"


@dataclass(frozen=True, slots=True)
class CaseStart:
    """How a diagram is started on a case. `event` is its start event, with the form and record operation if any.

    `offered_while` names the message that something on the case must wait for, `offered_when` the fact that must be
    true of it, or count something; "" when nothing has to.
    """

    words: str
    starters: frozenset[str]
    one_at_a_time: bool
    event: ElementInfo
    offered_while: str = ""
    offered_when: str = ""

    def has_come(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether a case with `facts` (by name) has come to it."""
        fact = facts[self.offered_when] if self.offered_when else True
        if isinstance(fact, str):
            return fact not in ("", "not_asked")
        return fact is True or (isinstance(fact, int | Decimal) and fact > 0)


@dataclass(frozen=True, slots=True)
class CaseOpening:
    """How a new case is begun with a diagram: the words for it, and the case's pathway."""

    words: str
    pathway: str


def case_opening(definition: ProcessDefinition) -> CaseOpening | None:
    """Return how people open a case with `definition`, None when they do not."""
    words, pathway = (definition.properties.get(name, "").strip() for name in (OPENS, PATHWAY))
    if not words or not pathway or _plain_start(definition) is None:
        return None
    return CaseOpening(words, pathway)


def case_start(definition: ProcessDefinition) -> CaseStart | None:
    """Return how people start `definition` on a case, None when they do not."""
    words = definition.properties.get(WORDS, "").strip()
    event = _plain_start(definition)
    if not words or event is None:
        return None
    awaited, fact = (definition.properties.get(name, "").strip() for name in (OFFERED_WHILE, OFFERED_WHEN))
    return CaseStart(words, starters(definition.properties), one_at_a_time(definition), event, awaited, fact)


def one_at_a_time(definition: ProcessDefinition) -> bool:
    """Tell whether a case runs one of `definition` at most: two would ask the same people the same things."""
    return definition.properties.get(ONE_AT_A_TIME) == "yes"


def starters(properties: Mapping[str, str]) -> frozenset[str]:
    """Return who may start a process, as its properties list them."""
    named = (name.strip() for name in properties.get(STARTERS, "").split(","))
    return frozenset(filter(None, named))


def _plain_start(definition: ProcessDefinition) -> ElementInfo | None:
    listening = set(definition.message_starts.values())
    starts = (each for each in definition.elements.values() if each.kind == "startEvent")
    return next((each for each in starts if each.id not in listening), None)
