"""The sentences a person reads when an answer cannot be accepted, in the manner of the GOV.UK Design System.

Each sentence is built from the field's name: `properties.name` ("the date the action is due") or else the
label. A label that is a question is quoted, since "Enter when is it due?" is not English.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.forms.model import CHOICE_KINDS, MANY_KINDS, Field

_OWN_CODES = {"parts": "format", "year": "format", "date": "format", "time": "format", "number": "format",
              "digits": "format", "increment": "format", "email": "format", "phone": "format", "skipped": "format",
              "text": "format", "characters": "format"}


def sentence(field: Field, code: str, **facts: object) -> str:
    """Return the sentence for `code` about `field`; the form's own wording when it has one."""
    own = field.messages.get(code) or field.messages.get(_OWN_CODES.get(code, code))
    return own or _standard(field, code, facts)


def noun(field: Field) -> str:
    """Return what the field asks for, to stand inside a sentence: `the date the action is due`."""
    if field.name:
        return field.name
    label = field.label.strip().rstrip(":.")
    if not label:
        return field.key.replace("_", " ").lower()
    if label.endswith("?"):
        return f"an answer to “{label}”"
    # An acronym such as TAC, or a name such as I, keeps its capital.
    return label if len(label) == 1 or label[1].isupper() or not label[1].isalpha() else label[0].lower() + label[1:]


def _standard(field: Field, code: str, facts: dict[str, object]) -> str:
    what = noun(field)
    if code == "required":
        return _required(field, what)
    if code == "choice":
        return f"Select {what} from the list"  # noqa: S608 - a sentence, not a query
    if code == "increment":
        return f"{_subject(what)} must be in steps of {facts['step']}"
    if code == "few":
        return _too_few(field, what, int(str(facts["limit"])))
    return _FORMATS.get(code, "{What} cannot be accepted").format(What=_subject(what), what=what, **facts)


_FORMATS = {
    "text": "{What} must be text",
    "characters": "{What} must not include characters that cannot be shown",
    "number": "{What} must be a number, like 15",
    "digits": "{What} must have {limit} decimal places or fewer",
    "whole": "{What} must be a whole number, like 15",
    "boolean": "{What} must be yes or no",
    "list": "{What} must be a list",
    "mapping": "{What} must be a set of answers",
    "date": "{What} must be a real date",
    "year": "{What} must have a year with 4 numbers, like 2026",
    "parts": "{What} must include {missing}",
    "time": "{What} must be a time, like 2:30pm or 14:30",
    "skipped": "{What} must be a real time: the clocks go forward over it",
    "min": "{What} must be {limit} or more",
    "max": "{What} must be {limit} or less",
    "early": "{What} must be on or after {limit}",
    "late": "{What} must be on or before {limit}",
    "between": "{What} must be between {limit}",
    "past": "{What} must be today or in the past",
    "future": "{What} must be today or in the future",
    "min_length": "{What} must be {limit} characters or more",
    "max_length": "{What} must be {limit} characters or fewer",
    "pattern": "Enter {what} in the correct format",
    "email": "Enter an email address in the correct format, like name@example.com",
    "phone": "Enter a phone number, like 01632 960 001 or +44 808 157 0192",
    "many": "{What} must have {limit} rows or fewer",
}


def _subject(what: str) -> str:
    """Make the noun start a sentence: the date -> The date; an answer to ... -> The answer to ..."""
    if what.startswith("an answer to "):
        return "The " + what.removeprefix("an ")
    for article in ("your ", "the ", "a ", "an "):
        if what.startswith(article):
            return what[0].upper() + what[1:]
    return what[0].upper() + what[1:]


def _required(field: Field, what: str) -> str:
    if field.kind == "checkbox":
        return f"Select “{field.label}” to continue" if field.label else "Select the box to continue"
    if field.kind in MANY_KINDS:
        return f"Select at least one option for {what}" if not field.name else f"Select {what}"
    return f"{'Select' if field.kind in CHOICE_KINDS else 'Enter'} {what}"


def _too_few(field: Field, what: str, limit: int) -> str:
    row = field.row_name[:1].lower() + field.row_name[1:] if field.row_name else "row"
    return f"Add at least one {row}" if limit == 1 else f"Add at least {limit} rows to {what}"


def missing_parts(parts: Sequence[str]) -> str:
    """Return `a day and month` for the date inputs left empty."""
    return "a " + " and ".join(parts)


def spoken_date(day: date) -> str:
    """Return `4 June 2026`."""
    return f"{day.day} {day:%B} {day.year}"


def spoken_days(first: date | None, last: date | None, *, today: date | None) -> str:
    """Return the days allowed, to stand after “between”: `22 May 2026 and today`; "" without both ends."""
    if first is None or last is None:
        return ""
    return " and ".join("today" if day == today else spoken_date(day) for day in (first, last))


def spoken_number(value: int) -> str:
    """Return `1,000` for 1000."""
    return f"{value:,}"
