"""The invented people, families and words of a simulation, from small lists and rules in `words.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from engine.commands.cases import Child, FamilyMember
from engine.simulation.behaviours import Caseload
from engine.simulation.chance import Chance

_SLOT = re.compile(r"\{(\w+)\}")
_DEEPEST = 6
_A_BABY = 2
"""The age in years from which somebody writes what the child says."""
_DECIDES = 12
"""The age in years from which a young person may be asked for a consent of their own: see `require_old_enough`."""
_UNBORN, _ANY_AGE = -1, 99
_THEY = {
    "female": {"they": "she", "them": "her", "their": "her", "gets": "gets", "wants": "wants", "seems": "seems",
               "is": "is"},
    "male": {"they": "he", "them": "him", "their": "his", "gets": "gets", "wants": "wants", "seems": "seems",
             "is": "is"},
    "unknown": {"they": "they", "them": "them", "their": "their", "gets": "get", "wants": "want", "seems": "seem",
                "is": "are"},
}  # fmt: skip


@cache
def word_list() -> Mapping[str, Any]:
    """Return the word list as its file has it."""
    found: Mapping[str, Any] = json.loads(files("engine.simulation").joinpath("words.json").read_text("utf-8"))
    return found


@dataclass(slots=True)
class Story:
    """One case as its people know it: who, what is the matter, and who is round the child.

    `circle` are the practitioners whom this case's people think of first; `case_id` is None until it is open. `age` is
    in years at the beginning, -1 of an unborn child; `speaks` is whose consent it is, one of `WHOSE`. `written` is what
    was drawn already: words come again only when all the others of their list have been used.
    """

    child: Child
    family: tuple[FamilyMember, ...]
    theme: Mapping[str, Any]
    slots: Mapping[str, str]
    worker: UUID
    circle: tuple[UUID, ...]
    chance: Chance
    age: int = _UNBORN
    speaks: str = "parent"
    written: set[str] = field(default_factory=set)
    case_id: UUID | None = None

    def write(self, rule: str) -> str:
        """Write a text by a rule of the word list, or by one of the theme's; "" for a rule that neither has."""
        return self.tell(self._one_of(rule))

    def tell(self, words: str) -> str:
        """Return a text of the word list with everything filled in."""
        written = self._filled(words, _DEEPEST)
        return written[:1].upper() + written[1:]

    @property
    def is_baby(self) -> bool:
        """Tell whether the child is unborn or too young to be quoted."""
        return self.age < _A_BABY

    def kind_of_help(self, action: str) -> str | None:
        """Return the kind of help that an action of the word list gives; None for any other."""
        own = zip(self.theme["action"], self.theme["help"], strict=True)
        for written, kind in (*own, *((each["say"], each["help"]) for each in word_list()["actions"])):
            if self._filled(written, _DEEPEST) == action:
                return str(kind)
        return None

    def _one_of(self, rule: str) -> str:
        rules = word_list()["rules"]
        own = rules.get(f"{rule}_baby") if self.is_baby else None
        found = self.slots.get(rule) or self.theme.get(rule) or own or rules.get(rule) or ""
        if isinstance(found, str):
            return found
        return self._unused([found, word_list()["actions"]] if rule == "action" else [found])

    def _unused(self, lists: Sequence[Sequence[Any]]) -> str:
        """Draw of the first list that has words for this age which were not used yet; when all were, begin again."""
        fitting = [[_said(each) for each in every if fits(each, self.age)] for every in lists]
        fresh = (left for every in fitting if (left := [each for each in every if each not in self.written]))
        pool = next(fresh, None)
        if pool is None:
            pool = fitting[0] or [_said(each) for each in lists[0]]
            self.written.difference_update(*fitting)
        drawn = self.chance.choice(pool)
        self.written.add(drawn)
        return drawn

    def _filled(self, text: str, deeper: int) -> str:
        if not deeper:
            return text
        return _SLOT.sub(lambda slot: self._filled(self._one_of(slot[1]), deeper - 1), text)


def new_story(
    chance: Chance, caseload: Caseload, *, today: date, worker: UUID, circle: Sequence[UUID], sibling_of: Story | None
) -> Story:
    """Invent a child with something the matter; a sibling has the family's name, carers and address."""
    names = word_list()["names"]
    family_name = sibling_of.child.family_name if sibling_of else chance.choice(names["family"])
    theme = chance.choice(word_list()["themes"])
    sex = chance.choice(("female", "male"))
    given, born, expected = chance.choice(names["girl" if sex == "female" else "boy"]), None, None
    if theme["from"] == 0 and chance.happens(caseload.unborn * len(word_list()["themes"]) / 4):
        given, sex, expected = "", "unknown", today + timedelta(days=chance.randint(20, 150))
    else:
        born = today - timedelta(days=chance.randint(theme["from"] * 365 + 20, theme["to"] * 365 + 360))
    address = sibling_of.child.address if sibling_of else _address(chance)
    family = sibling_of.family if sibling_of else _carers(chance, caseload, family_name, address)
    child = Child(
        given_name=given, family_name=family_name, sex=sex, born_on=born, expected_on=expected, address=address
    )
    slots = {
        **_THEY[sex],
        "child": given or "the baby",
        "carer": family[0].name.split()[0],
        "their2": "the family's",
        "they2": "you",
        "them_worker": "this worker",
    }
    age = _UNBORN if born is None else (today - born).days // 365
    old_enough = born is not None and (today - born).days > _DECIDES * 366
    speaks = "young_person" if old_enough and chance.happens(caseload.own_consent) else "parent"
    return Story(child, family, theme, slots, worker, tuple(circle), chance, age, speaks)


def _said(words: Any) -> str:
    return str(words["say"]) if isinstance(words, dict) else str(words)


def fits(words: Any, age: int) -> bool:
    """Tell whether words of the list, `from` and `to` an age in years where that is said, are for a child of `age`."""
    return not isinstance(words, dict) or words.get("from", _UNBORN) <= age <= words.get("to", _ANY_AGE)


def _carers(chance: Chance, caseload: Caseload, family_name: str, address: str) -> tuple[FamilyMember, ...]:
    names = word_list()["names"]
    mother = FamilyMember(
        name=f"{chance.choice(names['woman'])} {family_name}",
        relationship="Mother",
        parental_responsibility=True,
        phone=_phone(chance),
        address=address,
    )
    if chance.happens(0.4):
        return (mother,)
    elsewhere = chance.happens(caseload.two_addresses)
    father = FamilyMember(
        name=f"{chance.choice(names['man'])} {chance.choice(names['family']) if elsewhere else family_name}",
        relationship="Father, lives elsewhere" if elsewhere else "Father",
        parental_responsibility=True,
        phone=_phone(chance),
        address=_address(chance) if elsewhere else address,
    )
    return (mother, father)


def _phone(chance: Chance) -> str:
    # 07700 900000 to 900999 are kept free for fiction (Ofcom).
    return f"07700 900{chance.randrange(1000):03d}"


def _address(chance: Chance) -> str:
    names = word_list()["names"]
    return f"{chance.randint(1, 180)} {chance.choice(names['street'])}, {chance.choice(names['town'])}"
