"""Fill in any form as a person would: what `behaviours` says, else any answer that the form accepts.

Nothing here knows a form by name. Required questions are always answered, others now and then, whom a concern is about
besides the child never; a question that the answers so far hide is left out; days stay within the form's limits, and
choices are among those offered.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from engine.calendar import WorkingCalendar
from engine.casework.consent_cover import NOTHING
from engine.feel import Environment
from engine.forms import Field, Form, Option, Scope, choices
from engine.forms.conditions import date_limits, is_hidden, number_limit, provisional
from engine.forms.model import CHOICE_KINDS, MANY_KINDS
from engine.options import ABOUT_OTHERS, OUTSIDE
from engine.simulation import limits
from engine.simulation.behaviour_kinds import Choice, Words
from engine.simulation.behaviours import Behaviours
from engine.simulation.limits import Limit
from engine.simulation.narratives import Story

Row = TypeVar("Row", Choice, Words)

SOON = (3, 10)
"""Working days until a day that nothing is said of, where the form wants one that is still to come."""
LINE = 200
"""What is written into one line, at most, where the form allows more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A form put to somebody: what it offers, what is known already, and the day."""

    form: Form
    options: Mapping[str, Sequence[Option]]
    known: Mapping[str, Any]
    variables: Mapping[str, Any]
    environment: Environment
    today: date
    calendar: WorkingCalendar


@dataclass(slots=True)
class Answering:
    """One person filling in one form for one case.

    `plainly` leaves out whatever may be left out and chooses people anew: for a second try.
    """

    question: Question
    story: Story
    behaviours: Behaviours
    outside: frozenset[UUID] = frozenset()
    plainly: bool = False
    limit: Limit | None = None
    said: dict[str, list[str]] = field(default_factory=dict)

    def answers(self) -> dict[str, Any]:
        """Return the answers, as JSON has them."""
        asked = self.question
        scope = Scope(asked.variables, asked.environment, asked.options)
        return self._level(asked.form.fields, scope, asked.known)

    def _level(self, fields: Sequence[Field], scope: Scope, known: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        inner = self._inside(fields, given, scope)
        for each in self._words_last(fields):
            if is_hidden(each, inner):
                continue
            if each.kind == "group" and not each.key:
                given.update(self._level(each.children, inner, known))
                inner = self._inside(fields, given, scope)
            elif each.asks:
                value = self._answer(each, inner, given, known)
                if value not in (None, "", []):
                    given[each.key] = value
                    inner = self._inside(fields, given, scope)
        return given

    def _words_last(self, fields: Sequence[Field]) -> list[Field]:
        """Put off the questions whose words depend on what is chosen further down the form."""
        later = {each.key: {other.key for other in fields[number:]} for number, each in enumerate(fields)}
        waits = {
            row.field
            for row in self.behaviours.words
            if row.form in ("", self.question.form.key) and later.get(row.field, set()) & row.when.keys()
        }
        return sorted(fields, key=lambda each: each.key in waits)

    def _inside(self, fields: Sequence[Field], given: Mapping[str, Any], scope: Scope) -> Scope:
        return replace(scope, variables={**scope.variables, **self._read(fields, given, scope)})

    def _read(self, fields: Sequence[Field], given: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        """Return what conditions see: every question of the level, those not yet answered as null."""
        return {each.key: provisional(each, given.get(each.key), scope) for each in fields if each.asks}

    def _answer(self, each: Field, scope: Scope, given: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
        recorded = self._recorded(each, scope, known.get(each.key))
        if recorded not in (None, "", []):
            return recorded
        if not self._is_answered(each, given):
            return None
        if each.kind == "group":
            return self._level(each.children, scope, {})
        if each.kind == "dynamiclist":
            return self._rows(each, scope) if self._has_choices(each) else None
        if each.kind == "checkbox":
            return True if each.required else self._tick(each, given)
        if each.kind in ("radio", "select") or each.kind in MANY_KINDS:
            return self._choice(each, scope, given)
        if each.kind in ("date", "datetime", "time"):
            return self._time(each, scope)
        return self._number(each, scope) if each.kind == "number" else self._text(each, given)

    def _recorded(self, each: Field, scope: Scope, value: Any) -> Any:
        """Return what the page would show as answered already: of choices only what is offered, rows filled in."""
        if each.kind == "dynamiclist" and isinstance(value, list):
            return [self._level(each.children, scope, row) for row in value]
        if each.kind not in CHOICE_KINDS or value is None:
            return value
        offered = {option.value for option in choices(each, scope) if option.group != OUTSIDE}
        if isinstance(value, list):
            return [item for item in value if item in offered]
        return value if value in offered else None

    def _is_answered(self, each: Field, given: Mapping[str, Any]) -> bool:
        if each.key in limits.ONLY_WITH:
            return limits.ONLY_WITH[each.key] in given
        if each.source in ABOUT_OTHERS or (each.key == limits.PEOPLE and self.limit):
            return False
        needed = each.required or each.kind == "group" or each.rules.min_rows > 0 or each.source == "agencies"
        chosen = each.required or each.kind in ("radio", "select", "checkbox")
        usual = None if chosen else self._behaviour(self.behaviours.choices, each.key, {})
        if usual is not None:
            return self.story.chance.weighted(usual.weights) == "yes"
        return needed or (not self.plainly and self.story.chance.happens(self.behaviours.optional))

    def _has_choices(self, each: Field) -> bool:
        """Tell whether every list that a row must choose from offers something, as another action that is open."""
        needed = [child.source for child in each.children if child.source and child.required]
        return each.rules.min_rows > 0 or all(self.question.options.get(source) for source in needed)

    def _rows(self, each: Field, scope: Scope) -> list[dict[str, Any]]:
        least, most = max(1, each.rules.min_rows), each.rules.max_rows
        number = least if self.plainly else min(most, max(least, self.story.chance.choice((1, 2, 2, 3))))
        rows: list[dict[str, Any]] = []
        for _ in range(number):
            rows.append(self._level(each.children, scope, {}))
            if rows[-1] in rows[:-1] and len(rows) > least:
                rows.pop()
                continue
            for key, value in rows[-1].items():
                if isinstance(value, str):
                    self.said.setdefault(key, []).append(value)
        return [row for row in rows if row]

    def _choice(self, each: Field, scope: Scope, given: Mapping[str, Any]) -> Any:
        # Whom the family's consent leaves out is on the list, for people to see; nobody chooses them.
        offered = [option.value for option in choices(each, scope) if option.group != OUTSIDE]
        if not offered:
            return None
        if each.key == limits.AGENCIES:
            self.limit = limits.draw_limit(self.story, choices(each, scope))
            return list(self.limit.agencies) if self.limit else offered
        if each.key == limits.KINDS and self.limit:
            return [kind for kind in self.limit.kinds if kind in offered]
        if each.key == limits.NOT_TOLD:
            return limits.not_to_be_told(self.story, choices(each, scope))
        if each.source == "kinds_of_help":
            kind = self.story.kind_of_help(given.get("action", ""))
            return kind if kind in offered else None
        if each.source:
            return self._people(each, offered)
        if each.kind in MANY_KINDS:
            together = [each for each in offered if each != NOTHING] or offered
            return self.story.chance.some(together, 1, max(1, len(together) // 2))
        behaviour = self._behaviour(self.behaviours.choices, each.key, given)
        weights = behaviour.weights if behaviour else {}
        usual = {value: weights.get(value, 0.0) for value in offered}
        return self.story.chance.weighted(usual) or self.story.chance.choice(offered)

    def _tick(self, each: Field, given: Mapping[str, Any]) -> bool:
        """Tick a box as often as the behaviour says, its answers being "yes" and "no"; else every second time."""
        behaviour = self._behaviour(self.behaviours.choices, each.key, given)
        if behaviour is None:
            return self.story.chance.happens(0.5)
        return self.story.chance.weighted(behaviour.weights) == "yes"

    def _people(self, each: Field, offered: list[str]) -> Any:
        """Choose among what the record offers: people round the child first, then anybody."""
        near = [str(person) for person in (self.story.worker, *self.story.circle) if str(person) in offered]
        if self.plainly:
            near = offered
        if each.kind in MANY_KINDS:
            return self.story.chance.some(near or offered, 2, 4)
        pool = near
        if each.key.startswith("lead"):
            pool = [person for person in near if UUID(person) not in self.outside] if near else offered
        if not pool:
            return self.story.chance.choice(offered)
        # The worker who knows the family best does most of it.
        return pool[0] if not self.plainly and self.story.chance.happens(0.6) else self.story.chance.choice(pool)

    def _behaviour(self, rows: Sequence[Row], key: str, given: Mapping[str, Any]) -> Row | None:
        known = ChainMap(dict(given), dict(self.question.variables), {"speaks": self.story.speaks})
        for row in rows:
            fits = row.field == key and row.form in ("", self.question.form.key)
            if fits and all(known.get(name) == value for name, value in row.when.items()):
                return row
        return None

    def _time(self, each: Field, scope: Scope) -> str:
        day = self._day(each, scope)
        if each.kind == "date":
            return day.isoformat()
        clock = f"{self.story.chance.randint(9, 16):02d}:{self.story.chance.choice((0, 15, 30, 45)):02d}"
        return clock if each.kind == "time" else f"{day.isoformat()}T{clock}"

    def _day(self, each: Field, scope: Scope) -> date:
        first, last = date_limits(each, scope)
        day = self._day_before(each.key) or self._day_from_today(each.key, first, last)
        if last is not None and day > last:
            day = last
        return first if first is not None and day < first else day

    def _day_before(self, key: str) -> date | None:
        """Return a day before one that is known, as a meeting is before its review is due; None when it is too near."""
        asked = self.question
        for row in self.behaviours.days:
            due = asked.variables.get(row.before)
            if row.field == key and row.form in ("", asked.form.key) and isinstance(due, date):
                day = asked.calendar.add_working_days(due, -self.story.chance.randint(row.least, row.most))
                return day if day >= asked.calendar.add_working_days(asked.today, SOON[0]) else None
        return None

    def _day_from_today(self, key: str, first: date | None, last: date | None) -> date:
        least, most = self._span(key, first, last)
        ahead = self.story.chance.randint(least, max(least, most))
        return self.question.calendar.add_working_days(self.question.today, ahead)

    def _span(self, key: str, first: date | None, last: date | None) -> tuple[int, int]:
        for row in self.behaviours.days:
            if row.field == key and row.form in ("", self.question.form.key) and not row.before:
                return row.least, row.most
        if last is not None and last <= self.question.today:
            return (0, 0)
        return SOON if first == self.question.today else (0, 0)

    def _number(self, each: Field, scope: Scope) -> Any:
        least, most = number_limit(each.rules.minimum, scope), number_limit(each.rules.maximum, scope)
        low = int(least) if least is not None else 0
        high = int(most) if most is not None else low + 10
        step = each.rules.increment or Decimal(1)
        number = Decimal(self.story.chance.randint(low, max(low, high)))
        number -= number % step
        return int(number if least is None or number >= least else number + step)

    def _text(self, each: Field, given: Mapping[str, Any]) -> str:
        rules = each.rules
        if each.key == limits.SCOPE and self.limit:
            return self.limit.scope
        if rules.check == "email":
            return "family@example.org"
        if rules.check == "phone":
            return "01632 960123"
        if each.key == "outcome" and self.said.get("outcome") and self.story.chance.happens(0.8):
            return self.story.chance.choice(self.said["outcome"])
        named = self._behaviour(self.behaviours.words, each.key, given)
        written = self.story.write(named.rule if named else each.key) or self.story.write(
            "note" if each.kind == "textarea" else "short"
        )
        longest = rules.max_length or LINE
        while len(written) < rules.min_length:
            written += " " + self.story.write("note")
        return written[:longest].strip()
