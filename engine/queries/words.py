"""Days, names and lists as a sentence says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

UNNAMED = "Child not named yet"


def day(value: date, *, today: date) -> str:
    """Say a day: "3 March", with the year when it is not this year's."""
    year = "" if value.year == today.year else f" {value.year}"
    return f"{value.day} {value:%B}{year}"


def by(value: date, *, today: date) -> str:
    """Say by when something was to be done: "by 3 March", and whether that day has passed."""
    return f"by {day(value, today=today)}{passed(value, today=today)}"


def passed(value: date, *, today: date) -> str:
    """Say after a day that it has passed; nothing of today and of days to come."""
    return " (that day has passed)" if value < today else ""


def working_days(number: int) -> str:
    """Say an age: "1 working day", "31 working days"."""
    return f"{number} working day{'' if number == 1 else 's'}"


def child_name(given_name: str, family_name: str, known_as: str = "") -> str:
    """Say a child's name: the one they are known by goes before the given one; a baby may have only the family's."""
    first = known_as or given_name
    return " ".join(part for part in (first, family_name) if part) or UNNAMED


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Join parts as people do: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def plain(code: str) -> str:
    """Say a code as words: "needs_met" becomes "needs met"."""
    return code.replace("_", " ").strip()


def groups(codes: Iterable[str]) -> str:
    """Say any of several groups a task is offered to, by name: "MAG members or coordinators"."""
    return _groups(tuple(sorted(codes)))


@lru_cache(200)
def _groups(codes: tuple[str, ...]) -> str:
    return listed([re.sub(r"\bmag\b", "MAG", plain(code)) for code in codes], "or")


def capital(text: str) -> str:
    """Give text its capital, and leave those it has: a CAF stays a CAF."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Give text its capital and its full stop."""
    text = text.strip()
    if not text:
        return ""
    return capital(text) + ("" if text[-1] in ".!?”" else ".")


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    head, stop, _ = text.strip().partition(". ")
    return head + "." if stop else head


def value(given: object, *, today: date) -> str:
    """Say a value that a rule looked at, as it was kept in JSON: "yes", "12", "3 March", "not asked", "none"."""
    if given is None:
        return "none"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, list):
        return listed([value(each, today=today) for each in given]) or "none"
    text = str(given)
    try:
        return day(date.fromisoformat(text), today=today)
    except ValueError:
        return "somebody" if _ID.fullmatch(text) else plain(text)


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
