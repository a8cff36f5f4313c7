"""Forms read as lists of questions and changed as JSON: put in, taken out, moved; nothing else of the file changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.errors import Invalid, NotFound
from engine.outlines.properties import Field
from engine.outlines.question_properties import HOLDERS, KINDS, key_of, kind_of, label_of, properties_of, set_kind
from engine.strict_json import read_json

FORM: Final = "form"
"""What the form itself goes by among its parts."""
NEW_KINDS: Final[dict[str, str]] = {**KINDS, "dynamiclist": "Rows of questions", "text": "Words, no question"}
"""What may be put in, and the words for it."""
_LONGEST_KEY: Final = 60


@dataclass(frozen=True, slots=True)
class Question:
    """One part of a form: its place (`2`, or `2.1` inside the third), what it is in words, and what stands in it.

    `hide` is the condition that hides it, as FEEL; `choices` the words of its fixed choices.
    """

    place: str
    id: str
    key: str
    kind: str
    label: str
    required: bool
    hide: str
    choices: tuple[str, ...]
    holds: bool
    inside: tuple[Question, ...]


class Questions:
    """A form file opened to be changed. Raises `Invalid` for one that cannot be read."""

    def __init__(self, source: bytes, *, name: str) -> None:
        document = read_json(source, name=name)
        if not isinstance(document, dict) or not isinstance(document.get("components", []), list):
            raise Invalid(f"{name}: this is not a form file", file=name)
        self.document: dict[str, Any] = document
        self.components: list[Any] = self.document.setdefault("components", [])

    def save(self) -> bytes:
        """Return the file, as the editor of forms writes it."""
        return (json.dumps(self.document, indent=2, ensure_ascii=False) + "\n").encode()

    @property
    def title(self) -> str:
        """Return what the form is called on the page that asks it."""
        properties = self.document.get("properties")
        return str(properties.get("title") or "") if isinstance(properties, dict) else ""

    def all(self) -> tuple[Question, ...]:
        """Return the parts of the form in its order, each with what stands in it."""
        return tuple(_read(self.components, ""))

    def fields_of(self, place: str) -> tuple[Field, ...]:
        """Return the properties of a part, or of the `FORM`, with what they are now. Raises `NotFound`."""
        if place == FORM:
            return (Field("title", "What the form is called", hint="The heading of the task's page", value=self.title),)
        part = self._at(place)
        return tuple(replace(each.field, value=each.get(part)) for each in properties_of(part))

    def set_fields(self, place: str, values: Mapping[str, str]) -> None:
        """Set the properties of a part that are others than now.

        Raises `NotFound`, `Invalid` (details: `field`) for what cannot be read, or a name that another question has.
        """
        if place == FORM:
            self._set_title(values.get("title", ""))
            return
        part = self._at(place)
        if (kind := values.get("kind", kind_of(part))) != kind_of(part):
            set_kind(part, kind)
        for each in list(properties_of(part)):
            wanted = values.get(each.field.key, each.get(part)).replace("\r\n", "\n").strip()
            if each.field.key == "key" and wanted != key_of(part):
                self._require_free(place, wanted)
            if wanted != each.get(part):
                try:
                    each.set(part, wanted)
                except Invalid as error:
                    raise Invalid(error.message, field=each.field.key) from error

    def add(self, kind: str, label: str, *, after: str = "", within: str = "") -> str:
        """Put a new part behind another, first in `within`, or at the end; return its place.

        Its name among the answers is made of its words. Raises `NotFound`, `Invalid` without words or for another kind.
        """
        words = " ".join(label.split())
        if kind not in NEW_KINDS:
            raise Invalid("Choose what kind of question it is", field="kind")
        if not words:
            raise Invalid("Write the question", field="label")
        key = self._new_key(words)
        made: dict[str, Any] = {"type": "text", "id": self._new_id(key), "text": words}
        if kind != "text":
            made = {"type": kind, "id": self._new_id(key), "key": key, "label": words}
        if kind == "dynamiclist":
            first = {"type": "textfield", "id": self._new_id(f"{key}_what"), "key": "what", "label": "What?"}
            made = {
                "type": kind, "id": made["id"], "path": key, "label": words, "components": [first],
                "isRepeating": True, "allowAddRemove": True, "defaultRepetitions": 1,
            }  # fmt: skip
        elif kind in KINDS:
            set_kind(made, kind)
        holder, number = self._behind(after, within)
        holder.insert(number, made)
        parent = within or after.rpartition(".")[0]
        return f"{parent}.{number}" if parent else str(number)

    def move(self, place: str, *, down: bool) -> str:
        """Let a part change places with the one before or after it; return its place. Raises `NotFound`."""
        self._at(place)
        holder, parent, number = self._holder(place)
        other = number + (1 if down else -1)
        if not 0 <= other < len(holder):
            return place
        holder[number], holder[other] = holder[other], holder[number]
        return f"{parent}.{other}" if parent else str(other)

    def remove(self, place: str) -> None:
        """Take a part out with all that stands in it. Raises `NotFound`, `Invalid` for the last one in its place."""
        self._at(place)
        holder, parent, number = self._holder(place)
        if len(holder) == 1 and parent:
            raise Invalid("Rows need at least one question: take the whole of them out", field="remove")
        del holder[number]

    def _at(self, place: str) -> dict[str, Any]:
        holder, _, number = self._holder(place)
        if number >= len(holder) or not isinstance(holder[number], dict):
            raise NotFound("There is no such question in the form any more", place=place)
        part: dict[str, Any] = holder[number]
        return part

    def _holder(self, place: str) -> tuple[list[Any], str, int]:
        if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,6}", place, re.ASCII):
            raise NotFound("There is no such question in the form any more", place=place)
        parent, _, number = place.rpartition(".")
        inside = self._at(parent).get("components") if parent else self.components
        if not isinstance(inside, list):
            raise NotFound("There is no such question in the form any more", place=place)
        return inside, parent, int(number)

    def _behind(self, after: str, within: str) -> tuple[list[Any], int]:
        if within:
            inside = self._at(within).setdefault("components", [])
            return inside, len(inside)
        if not after:
            return self.components, len(self.components)
        self._at(after)
        holder, _, number = self._holder(after)
        return holder, number + 1

    def _set_title(self, title: str) -> None:
        words = " ".join(title.split())
        if not words:
            raise Invalid("Say what the form is called", field="title")
        properties = self.document.setdefault("properties", {})
        properties["title"] = words

    def _require_free(self, place: str, key: str) -> None:
        holder, _, number = self._holder(place)
        if key and any(key == key_of(each) for at, each in enumerate(holder) if at != number):
            raise Invalid("Another question is kept under this name already", field="key")

    def _new_key(self, words: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:_LONGEST_KEY].strip("_") or "question"
        base = base if base[0].isalpha() else f"question_{base}"
        return _free(base, {key_of(each) for each in _every(self.components)})

    def _new_id(self, key: str) -> str:
        return _free(f"field_{key}", {str(each.get("id")) for each in _every(self.components)})


def _free(base: str, taken: set[str]) -> str:
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def _every(components: list[Any]) -> Iterator[dict[str, Any]]:
    for each in components:
        if isinstance(each, dict):
            yield each
            inside = each.get("components")
            yield from _every(inside if isinstance(inside, list) else [])


def _read(components: list[Any], parent: str) -> Iterator[Question]:
    for number, each in enumerate(components):
        if not isinstance(each, dict):
            continue
        place = f"{parent}.{number}" if parent else str(number)
        inside = each.get("components")
        told = {field.key: get(each) for field, get in ((one.field, one.get) for one in properties_of(each))}
        yield Question(
            place=place, id=str(each.get("id") or ""), key=key_of(each), kind=kind_of(each), label=label_of(each),
            required=told.get("required") == "yes", hide=told.get("hide", ""),
            choices=tuple(
                str(one.get("label") or one.get("value")) for one in each.get("values") or () if isinstance(one, dict)
            ),
            holds=each.get("type") in HOLDERS,
            inside=tuple(_read(inside, place)) if isinstance(inside, list) else (),
        )  # fmt: skip
