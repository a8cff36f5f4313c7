"""Plays that are kept, as a designer reads and writes them: `late_meeting.scenario.yaml`.

    name: The first meeting is late
    diagram: tac_meeting
    begins: caf                       # how the case begins: a pathway, `alone` for this diagram by itself
    steps:
      - work until: arrange_tac_meeting   # people do their usual work until this step is open
      - do: arrange_tac_meeting
        answers: {planned_on: in 10 working days}   # what is not said is answered as usual
      - wait: 3 weeks                 # nobody does anything
      - expect:
          - open: hold_tac_meeting
            for: Hana Vesely
          - sent: "Reminder"

Answers are those of the step's form, by key; a day may be said from today on, a person by name. `withdrawn: why` in
front of it all says that it counts no more: it is kept, and tried no longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final

import yaml

from engine.errors import Invalid
from engine.strict_yaml import read_yaml

SUFFIX: Final = ".scenario.yaml"
ALONE: Final = "alone"
"""How a case begins that only the scenario's own diagram runs on."""
CAF: Final = "caf"
"""The pathway that most cases begin with."""
MOST_STEPS: Final = 300
VERBS: Final = ("do", "wait", "work", "work until", "start", "happens", "tell", "expect")
HAPPENINGS: Final = ("concern", "consent withdrawn", "plan stuck", "action done")
"""What may befall a case without anybody's task: what pages have a button for."""
NEXT_TIMER: Final = "next timer"
EXPECTED: Final = ("open", "not open", "waits", "happened", "sent", "letter", "rule", "ended", "trouble", "case")
"""What may be expected: see `engine.playing.expecting`."""
_OWN: Final = {"do": ("by", "for", "answers"), "start": ("by", "answers"), "happens": ("by", "answers"), "tell": ()}
_SPAN: Final = re.compile(r"(\d{1,3}) (day|days|working day|working days|week|weeks)", re.ASCII)
_LONGEST_DAYS: Final = 731
_WITHDRAWN: Final = re.compile(r"(?m)^withdrawn:.*\n(?:[ \t].*\n)*")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that is to be true at a point of a play; `whom` and `due` ("2027-03-05" or "") narrow it down."""

    kind: str
    what: str
    whom: str = ""
    due: str = ""

    def words(self) -> str:
        """Say it in a line."""
        said = f"{self.kind}: {self.what}"
        return said + (f", for {self.whom}" if self.whom else "") + (f", on {self.due}" if self.due else "")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a play: a verb of `VERBS` and what it is about; `whose` picks among several open tasks."""

    verb: str
    what: str = ""
    by: str = ""
    whose: str = ""
    answers: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    expects: tuple[Expectation, ...] = ()

    def words(self) -> str:
        """Say it in a line, for messages."""
        return f"{self.verb}: {self.what}" if self.what else self.verb


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kept play. `diagram` is the key of the process that it is about; `on` the day of its first step, if fixed.

    `withdrawn` is why it counts no more, "" while it does.
    """

    name: str
    diagram: str
    begins: str = CAF
    on: date | None = None
    steps: tuple[Step, ...] = ()
    file: str = ""
    withdrawn: str = ""

    @property
    def key(self) -> str:
        """What the scenario is known by: its file's name without folder and ending."""
        return PurePosixPath(self.file).name.removesuffix(SUFFIX)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: `count` of `unit`, which is `day`, `working day` or `week`; or until the next timer."""

    count: int
    unit: str


def span(text: str) -> Span | date | None:
    """Return a stretch of time, the day that it goes on until, or None for "until the next timer". Raises `Invalid`."""
    said = " ".join(text.lower().split())
    if said == NEXT_TIMER:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said, re.ASCII):
        try:
            return date.fromisoformat(said)
        except ValueError as error:
            raise Invalid(f"{text} is not a real date", field="wait") from error
    found = _SPAN.fullmatch(said)
    if found is None:
        said = "Say how long: 3 days, 10 working days, 2 weeks, next timer, or a day like 2027-03-05"
        raise Invalid(said, field="wait")
    unit = found[2].removesuffix("s")
    if int(found[1]) * (7 if unit == "week" else 1) > _LONGEST_DAYS:
        raise Invalid("A step lets two years pass at most", field="wait")
    return Span(int(found[1]), unit)


def read_scenario(source: bytes | str, *, name: str, least: int = 1) -> Scenario:
    """Read the text of a scenario's file of `least` steps. Raises `Invalid` (details: `file`, `field`)."""
    return _Reading(name).scenario(read_yaml(source, name=name), least)


def withdrawn_text(source: bytes, why: str, *, name: str) -> bytes:
    """Return a scenario's text with the reason why it is withdrawn, or with "" as one that counts again.

    What else its author wrote stays as it is. Raises `Invalid` for a text that is no scenario.
    """
    wanted = replace(read_scenario(source, name=name), withdrawn=" ".join(why.split()))
    rest = _WITHDRAWN.sub("", source.decode())
    line = f"withdrawn: {json.dumps(wanted.withdrawn, ensure_ascii=False)}\n" if wanted.withdrawn else ""
    text = (line + rest).encode()
    try:
        same = read_scenario(text, name=name) == wanted
    except Invalid:
        same = False
    return text if same else write_scenario(wanted)


def write_scenario(scenario: Scenario) -> bytes:
    """Return the text of a scenario's file, which `read_scenario` reads as the same scenario."""
    written: dict[str, Any] = {"withdrawn": scenario.withdrawn} if scenario.withdrawn else {}
    written |= {"name": scenario.name, "diagram": scenario.diagram, "begins": scenario.begins}
    if scenario.on is not None:
        written["on"] = scenario.on
    written["steps"] = [written_step(step) for step in scenario.steps]
    text: str = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False)
    return text.encode()


def written_step(step: Step) -> dict[str, Any]:
    """Return a step as its file has it."""
    if step.verb == "expect":
        return {"expect": [_expected(each) for each in step.expects]}
    more = {"by": step.by, "for": step.whose, "answers": _plain(step.answers)}
    return {step.verb: step.what, **{key: value for key, value in more.items() if value}}


def _expected(each: Expectation) -> dict[str, str]:
    more = {"for": each.whom, "due": each.due}
    return {each.kind: each.what, **{key: value for key, value in more.items() if value}}


def _plain(value: Any) -> Any:
    """Return an answer as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class _Reading:
    """Reads one file; everything that is wrong is said with its place."""

    def __init__(self, file: str) -> None:
        self._file = file

    def scenario(self, whole: Any, least: int) -> Scenario:
        found = self._mapping(whole, "", ("name", "diagram", "begins", "on", "steps", "withdrawn"))
        on = found.get("on")
        if on is not None and not isinstance(on, date):
            raise self._wrong("on", "write a day like 2027-03-01")
        steps = found.get("steps")
        if not isinstance(steps, list) or not least <= len(steps) <= MOST_STEPS:
            raise self._wrong("steps", f"write 1 to {MOST_STEPS} steps, each beginning with “- ” on a line of its own")
        return Scenario(
            name=self._text(found, "name", "name"),
            diagram=self._text(found, "diagram", "diagram"),
            begins=self._text(found, "begins", "begins") if "begins" in found else CAF,
            on=on,
            steps=tuple(self._step(each, f"steps[{number}]") for number, each in enumerate(steps, start=1)),
            file=self._file,
            withdrawn=self._text(found, "withdrawn", "withdrawn") if "withdrawn" in found else "",
        )

    def _step(self, given: Any, where: str) -> Step:
        if not isinstance(given, Mapping):
            raise self._wrong(where, f"write what happens: {', '.join(VERBS)}")
        verbs = [verb for verb in VERBS if verb in given]
        if len(verbs) != 1:
            raise self._wrong(where, f"write exactly one of: {', '.join(VERBS)}")
        verb = verbs[0]
        self._mapping(given, where, (verb, *_OWN.get(verb, ())))
        if verb == "expect":
            return Step(verb, expects=tuple(self._expectations(given[verb], where)))
        what = str(given[verb]) if isinstance(given[verb], date) else self._text(given, verb, where)
        self._is_known(verb, what, where)
        answers = given.get("answers") or {}
        return Step(
            verb, what, by=self._text(given, "by", where) if "by" in given else "",
            whose=self._text(given, "for", where) if "for" in given else "",
            answers=_plain(self._mapping(answers, f"{where}.answers", None)),
        )  # fmt: skip

    def _is_known(self, verb: str, what: str, where: str) -> None:
        if verb == "happens" and what not in HAPPENINGS:
            raise self._wrong(where, f"what happens is one of: {', '.join(HAPPENINGS)}")
        if verb in ("wait", "work"):
            try:
                span(what)
            except Invalid as error:
                raise self._wrong(where, error.message) from error

    def _expectations(self, given: Any, where: str) -> Iterable[Expectation]:
        if not isinstance(given, list) or not given:
            raise self._wrong(where, f"write what is expected, each on a line of its own: {', '.join(EXPECTED)}")
        for number, each in enumerate(given, start=1):
            place = f"{where}.expect[{number}]"
            kinds = [kind for kind in EXPECTED if isinstance(each, Mapping) and kind in each]
            if len(kinds) != 1:
                raise self._wrong(place, f"write exactly one of: {', '.join(EXPECTED)}")
            self._mapping(each, place, (kinds[0], "for", "due"))
            due = each.get("due", "")
            yield Expectation(
                kinds[0], str(each[kinds[0]]), whom=str(each.get("for") or ""), due=str(due) if due else ""
            )

    def _mapping(self, given: Any, where: str, keys: Sequence[str] | None) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            raise self._wrong(where, "write fields with their values, like “name: The first meeting is late”")
        unknown = [] if keys is None else [key for key in given if key not in keys]
        if unknown:
            raise self._wrong(where, f"'{unknown[0]}' means nothing here; there are {', '.join(keys or ())}")
        return given

    def _text(self, given: Mapping[str, Any], key: str, where: str) -> str:
        value = given.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > 300:
            raise self._wrong(where, f"“{key}” is some words")
        return value.strip()

    def _wrong(self, where: str, said: str) -> Invalid:
        return Invalid(f"{self._file}: {where + ': ' if where else ''}{said}", file=self._file, field=where)
