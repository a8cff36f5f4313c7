"""An event of a case's history, with what its sentence may need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.casework.terms import STANDARD, localised
from engine.queries import words


@dataclass(frozen=True, slots=True)
class Told:
    """An event with what its sentence may need: names by practitioner id (text), and the task's or process's name.

    A letter's reader is named by its id, where the reader of the page may see the letters; `about` says of what kind it
    is, what an action is, or what a file is called that the reader of the page may open.
    """

    detail: Mapping[str, Any]
    why: str
    subject: str
    names: Mapping[str, str]
    task: str
    process: str
    today: date
    term: str = STANDARD
    about: str = ""

    def said(self, text: str) -> str:
        """Return a text of a file or of the service in the authority's own words; never for what a person typed."""
        return localised(text, self.term)

    def name(self, practitioner: Any) -> str:
        """Return somebody's name, "somebody" when it is not known."""
        return self.names.get(str(practitioner), "somebody")

    def people(self, key: str) -> str:
        """Return the names of `who` in the detail; where they were not kept, as before it was, the counted `key`."""
        return words.listed([self.name(each) for each in self.detail.get("who", ())]) or self.count(key, "person")

    def day(self, key: str) -> str:
        """Return a date of the detail in words, "a day not known" when there is none."""
        text = str(self.detail.get(key) or "")[:10]
        try:
            return words.day(date.fromisoformat(text), today=self.today)
        except ValueError:
            return "a day not known"

    def one_of(self, key: str, choices: Mapping[str, str]) -> str:
        """Return the words for a coded detail; the code itself in words when it has none."""
        code = str(self.detail.get(key) or "")
        return choices.get(code, words.plain(code) or "not said")

    def count(self, key: str, one: str) -> str:
        """Return a counted detail: "3 people" for `people`."""
        number = int(self.detail.get(key) or 0)
        return f"{number} {one if number == 1 else _many(one)}"


def _many(one: str) -> str:
    return {"person": "people", "copy": "copies"}.get(one, one + "s")


Sentence = str | Callable[[Told], str]
"""What an event says, without the full stop: always the same, or made of its details."""
