"""Examples of what a decision answers, as a designer writes them beside the rules: `escalation.tests.yaml`.

    decision: review_interval
    usually: {authority: barnet, reviews_held: 1}   # an example says only what differs
    examples:
      Things got worse, so the next review is sooner:
        when: {outcome: worse}
        then: 4
        rows: [worse]
      The first review comes after six weeks, whatever the outcome:
        when: {reviews_held: 0}
        for each: {outcome: [better, same, worse, null]}
        then: 6

`then` is the answer: of several outputs those that count, of a list of answers each in turn. `rows` are the rows
of the decision's table that match, no others, by id or number. `today` is the day it is asked on, `authority` whose
time limits hold, and `limits` stand in for some of them. Text written `'@"P3D"'` is FEEL's own: a duration, a time, a
date and time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import product
from typing import Any, Final

from engine.errors import Invalid
from engine.feel import parse_temporal, to_feel
from engine.strict_yaml import read_yaml

MOST_EXAMPLES: Final = 2_000
_TOP: Final = ("decision", "authority", "today", "limits", "usually", "examples")
_OWN: Final = ("when", "for each", "authority", "today", "limits", "then", "rows")
_NOT_SAID: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class Example:
    """One set of inputs, and what is expected of it. `authority`, `today`, `limits` are what it is asked under.

    `answer` holds what is expected in a tuple of one, or nothing when only `rows` (ids or numbers) count.
    """

    name: str
    inputs: Mapping[str, Any]
    authority: str | None
    today: date | None
    limits: Mapping[str, Any]
    answer: tuple[Any, ...]
    rows: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """The examples of one decision. `usual` are the inputs that each begins with."""

    file: str
    decision: str
    examples: tuple[Example, ...]
    usual: Mapping[str, Any] = field(default_factory=dict)


def read_examples(source: bytes | str, *, name: str) -> ExampleFile:
    """Read a file of examples. Raises `Invalid` naming file, example and field."""
    return _Reader(name).read(read_yaml(source, name=name))


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file

    def read(self, found: Any) -> ExampleFile:
        whole = self._fields(found, "", _TOP)
        decision = whole.get("decision")
        if not isinstance(decision, str) or not decision:
            raise self._wrong("decision", "say which decision these are examples of")
        written = self._mapping(whole.get("examples"), "examples")
        examples: list[Example] = []
        for name, each in written.items():
            for example in self._examples(name, each, whole):
                examples.append(example)
                if len(examples) > MOST_EXAMPLES:
                    raise self._wrong("examples", f"there are more than {MOST_EXAMPLES}; write fewer")
        if not examples:
            raise self._wrong("examples", "there is none; write at least one")
        return ExampleFile(self._file, decision, tuple(examples), self._values(whole.get("usually", {}), "usually"))

    def _examples(self, name: str, found: Any, whole: Mapping[str, Any]) -> Iterator[Example]:
        own = self._fields(found, name, _OWN)
        answer, rows = own.get("then", _NOT_SAID), own.get("rows", _NOT_SAID)
        if answer is _NOT_SAID and rows is _NOT_SAID:
            raise self._wrong(name, "say in `then` what is answered, or in `rows` which rows match")
        usual = self._values(whole.get("usually", {}), "usually")
        given = usual | self._values(own.get("when", {}), f"{name}: when")
        authority = own.get("authority", whole.get("authority"))
        today = self._today(own.get("today", whole.get("today")), name)
        if not isinstance(authority, str | None):
            raise self._wrong(f"{name}: authority", "write the key of an authority, as in `authority: barnet`")
        limits = self._mapping(whole.get("limits", {}), "limits") | self._mapping(
            own.get("limits", {}), f"{name}: limits"
        )
        for varied in self._varied(own.get("for each", {}), f"{name}: for each"):
            told = ", ".join(f"{each} = {_shown(value)}" for each, value in varied.items())
            yield Example(
                f"{name} ({told})" if told else name,
                given | {each: self._value(value, f"{name}: for each: {each}") for each, value in varied.items()},
                authority,
                today,
                limits,
                () if answer is _NOT_SAID else (self._value(answer, f"{name}: then"),),
                None if rows is _NOT_SAID else self._rows(rows, f"{name}: rows"),
            )

    def _varied(self, found: Any, where: str) -> Iterator[dict[str, Any]]:
        lists = self._mapping(found, where)
        for name, values in lists.items():
            if not isinstance(values, list) or not values:
                raise self._wrong(f"{where}: {name}", "write the values in square brackets: [1, 2]")
        for values in product(*lists.values()):
            yield dict(zip(lists, values, strict=True))

    def _rows(self, found: Any, where: str) -> tuple[str, ...]:
        rows = found if isinstance(found, list) else [found]
        if not all(isinstance(row, str) or type(row) is int for row in rows):
            raise self._wrong(where, "write ids or numbers of rows in square brackets: [row_late, 7]")
        return tuple(map(str, rows))

    def _today(self, found: Any, where: str) -> date | None:
        if found is None or type(found) is date:
            return found
        raise self._wrong(f"{where}: today", "write a date like 2026-06-04")

    def _values(self, found: Any, where: str) -> dict[str, Any]:
        return {name: self._value(value, f"{where}: {name}") for name, value in self._mapping(found, where).items()}

    def _value(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self._value(each, where) for each in value]
        if isinstance(value, dict):
            return {name: self._value(each, f"{where}: {name}") for name, each in value.items()}
        if isinstance(value, str) and value.startswith('@"') and value.endswith('"'):
            temporal = parse_temporal(value[2:-1])
            if temporal is None:
                raise self._wrong(where, f"{value} is no date, time or duration of FEEL")
            return temporal
        return to_feel(value)

    def _fields(self, found: Any, where: str, known: tuple[str, ...]) -> dict[str, Any]:
        fields = self._mapping(found, where)
        for name in fields:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
                raise self._wrong(f"{where}: {name}" if where else name, f"there is no such field; {advice}")
        return fields

    def _mapping(self, found: Any, where: str) -> dict[str, Any]:
        if isinstance(found, dict):
            return found
        raise self._wrong(where, "write names with a colon and a value after each, as in `days: 3`")

    def _wrong(self, where: str, said: str) -> Invalid:
        example, _, field = where.partition(": ")
        told = f"{where}: {said}" if where else said
        return Invalid(f"{self._file}: {told}", file=self._file, example=example, field=field, element=example)


def _shown(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
