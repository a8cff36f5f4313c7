"""Letters as an authority words them: text files with merge fields, checked, filled in, shown on an invented family.

A file begins with `Subject: ...`. A merge field stands between two braces: `{{ name }}`. Nothing in a file is carried
out: a field is replaced by its text and by nothing else. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engine.casework.family_letters import Letter
from engine.casework.reply_tokens import MARK
from engine.errors import Invalid

PROFILE_FIELD: Final = "letters"
"""The field of an authority's profile that holds its own wording: a template's key -> the text of its file."""
TEMPLATES: Final[Mapping[str, str]] = {
    "family_invitation": "Invitation to the family",
    "called_off": "A meeting is called off, to the family",
    "notes": "Notes of a meeting or review, to the family",
    "plan": "The plan, to the family",
    "assessment": "Copy of the assessment, to the family",
    "practitioner_invitation": "Invitation to a practitioner",
    "mail_to_practitioner": "E-mail: a practitioner is asked to a meeting",
    "mail_to_read": "E-mail: a letter can be read",
    "mail_helped": "E-mail: did the plan help?",
    "mail_moved": "E-mail: a meeting is on another day",
    "mail_called_off": "E-mail: a meeting is not held, to a practitioner",
    "mail_family_called_off": "E-mail: a meeting is not held, to the family",
}
"""Each letter and e-mail of a case that an authority may word itself, by its key."""
MAILS: Final = frozenset(key for key in TEMPLATES if key.startswith("mail_"))
"""Those that go as e-mails: they name no child, and have no merge field that could."""
LONGEST: Final = 10_000
_SUBJECT: Final = "Subject:"
_FIELD: Final = re.compile(r"\{\{(.*?)\}\}")
_SINGLE: Final = re.compile(r"\{\s*(\w+)\s*\}")

_OWN: Final[Mapping[str, tuple[str, str]]] = {
    "answer_to": ("how to answer, and whom", "ring 01632 960123, or tell Alex Sample when you meet"),
    "meeting": ("what you call the meeting", "TAC meeting"),
    "authority": ("your authority's name", "Northcombe Borough Council"),
    "team": ("the team that coordinates", "Multi Agency Support Team"),
    "team_phone": ("the team's phone", "01632 960100"),
    "team_address": ("the team's address", "1 Sample Street\nNorthcombe"),
    "today": ("the day on which the letter is written", "2 March 2026"),
}
_NAME: Final = {"name": ("who the letter is to", "Robin Example")}
_SIGNED: Final = {
    **_NAME, **_OWN, "signature": ("the lead professional's name and part", "Alex Sample\nLead professional"),
}  # fmt: skip
_WHEN: Final = {
    "when": ("day and time", "Tuesday 17 March 2026 at 4:00pm"),
    "where": ("the place", "Northcombe Community Centre, Room 2"),
}
_INVITED: Final = {
    **_SIGNED, **_WHEN,
    "opening": ("that they are invited, or that the day has changed", "You are invited to a meeting."),
    "purpose": ("what it is about, as far as this person may be told", "What is going well, and what would help."),
    "reply_link": ("the private page to answer on", MARK),
}  # fmt: skip
_COPY: Final = {
    **_SIGNED,
    "part": ("what may be shared, to somebody who may be told a part only; empty for everybody else", ""),
}
_AGREED: Final = {
    "agreed": ("who does what by when, line by line", "Who does what:\n- Find a reading club: Alex Sample, by 3 April"),
    "next": ("when it is looked at again", "We look at it together again on Monday 1 June 2026."),
}
_OFF: Final = {
    "what": ("that a meeting is called off, or booked anew", "A meeting is called off"),
    "opening": (
        "which meeting, and that they need not come",
        "The meeting about the support for your family on Tuesday 17 March 2026 is called off. You need not come.",
    ),
}
_REFERENCE: Final = {"reference": ("the case's number: an e-mail names no child", "2026-0042")}
FIELDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "family_invitation": {
        **_INVITED,
        "needs": ("what was noted of their needs", "We have noted: an interpreter for Polish."),
    },
    "called_off": {**_SIGNED, **_OFF},
    "notes": {
        **_COPY, **_AGREED,
        "opening": ("which meeting or review", "These are the notes of the meeting on Tuesday 17 March 2026."),
        "came": ("which practitioners came to a meeting", "Who came of those who work with you:\n- Al Sample, nurse"),
        "said": ("what was said, or what the review found", "Sam likes the new school. Mornings are hard."),
    },
    "plan": {
        **_COPY, **_AGREED,
        "opening": ("that it is the plan", "This is the plan for the support of your family."),
        "aims": ("what should be better, line by line", "What should be better:\n- Sam reads with pleasure"),
    },
    "assessment": {
        **_COPY,
        "opening": ("whose assessment, and of when", "This is your copy of the assessment, as of 2 March 2026."),
        "assessment": ("its parts, each under its heading", "What is going well:\nSam has two good friends."),
    },
    "practitioner_invitation": {
        **_INVITED,
        "child": ("the child's first name, and no more", "Sam"),
        "job_title": ("the practitioner's job", "School nurse"),
        "agency": ("where they work", "Northcombe Health"),
    },
    "mail_to_practitioner": {
        **_NAME, **_OWN, **_WHEN, **_REFERENCE,
        "opening": ("that they are asked, or that the day has changed", "You are asked to a TAC meeting."),
        "answer": ("where to answer, if there is a page for it", f"Please say whether you will come: {MARK}"),
    },
    "mail_to_read": {
        **_NAME, **_OWN, **_REFERENCE, "page": ("the private page on which the letter stands", MARK),
        "until": ("until when the page is there", "Monday 30 March 2026"),
    },
    "mail_helped": {
        **_NAME, **_OWN, **_REFERENCE, "page": ("the private page on which to answer", MARK),
        "until": ("until when the page is there", "Friday 1 May 2026"),
    },
    "mail_moved": {**_OWN, **_WHEN, **_REFERENCE},
    "mail_called_off": {**_OWN, **_WHEN, **_REFERENCE},
    "mail_family_called_off": {
        **_NAME, **_OWN, **_OFF, **_REFERENCE,
        "reading": ("where to read more, if there is a page for it", f"You can read for whom it was: {MARK}"),
    },
}  # fmt: skip
"""The merge fields of each template: name -> (what it is, how it reads for the invented family)."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "mail_to_read": ("page",), "mail_helped": ("page",), "assessment": ("assessment",),
}  # fmt: skip
"""Merge fields without which a letter would be of no use."""


@cache
def usual(key: str) -> str:
    """Return the wording that comes with the service. Raises `Invalid` for a template that does not exist."""
    _require_known(key)
    return (files("engine.casework") / "letters" / f"{key}.txt").read_text(encoding="utf-8")


def of_profile(profile: Mapping[str, Any], key: str) -> str:
    """Return an authority's own wording, the usual one when it has none."""
    own = (profile.get(PROFILE_FIELD) or {}).get(key)
    return own or usual(key)


def check_all(given: Any) -> None:
    """Raise `Invalid` naming the template unless `given` maps keys of `TEMPLATES` to texts that can be filled in."""
    if not isinstance(given, Mapping):
        raise Invalid(f"{PROFILE_FIELD}: give texts under {' and '.join(TEMPLATES)}", field=PROFILE_FIELD)
    for key, text in given.items():
        if not isinstance(text, str):
            raise Invalid(f"{PROFILE_FIELD}: give the text of {key}", field=PROFILE_FIELD)
        check(str(key), text)


def check(key: str, text: str) -> None:
    """Check the wording of a template. Raises `Invalid` whose field is its key: what is wrong, and in which line."""
    _require_known(key)
    if len(text) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field=key)
    if not text.lstrip().startswith(_SUBJECT) or not text.lstrip().partition("\n")[0].removeprefix(_SUBJECT).strip():
        raise Invalid(f"Begin with a line that says what the letter is about: “{_SUBJECT} ...”", field=key)
    if not text.lstrip().partition("\n")[2].strip():
        raise Invalid("Write the letter below its subject", field=key)
    for found in _FIELD.finditer(text):
        _require_field(key, found[1].strip(), line=text.count("\n", 0, found.start()) + 1)
    present = {found[1].strip() for found in _FIELD.finditer(text)}
    if lost := [name for name in NEEDED.get(key, ()) if name not in present]:
        raise Invalid(f"Keep the merge field {{{{ {lost[0]} }}}}: {FIELDS[key][lost[0]][0]}", field=key)
    rest = _FIELD.sub("", text)
    for brace in ("{{", "}}"):
        if brace in rest:
            line = next(number for number, each in enumerate(rest.splitlines(), 1) if brace in each)
            raise Invalid(f"Line {line}: a merge field is written {{{{ name }}}}, two braces on each side", field=key)
    if single := _SINGLE.search(rest):
        line = next(number for number, each in enumerate(rest.splitlines(), 1) if single[0] in each)
        said = f"“{single[0]}” would stand in the letter as it is: a merge field is written {{{{ {single[1]} }}}}"
        raise Invalid(f"Line {line}: {said}, two braces on each side", field=key)


def fill(key: str, text: str, values: Mapping[str, str]) -> Letter:
    """Return a letter from a checked template; a merge field without a value is left out, and its line if it is alone.

    `values` holds a text for each of `FIELDS[key]`, or none. Raises as `check` does.
    """
    check(key, text)
    head, _, rest = text.strip().partition("\n")
    lines = [filled for line in rest.splitlines() if (filled := _filled(line, values)) is not None]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Letter(_filled(head.removeprefix(_SUBJECT), values) or "A meeting", body)


def sample(key: str, text: str) -> Letter:
    """Return a template as it reads for an invented family. Raises as `check` does."""
    return fill(key, text, {name: example for name, (_, example) in FIELDS.get(key, {}).items()})


def _filled(line: str, values: Mapping[str, str]) -> str | None:
    """Return a line with its fields replaced; None for one that is nothing but fields, all of them empty."""
    filled = _FIELD.sub(lambda found: values.get(found[1].strip(), ""), line)
    if _FIELD.search(line) and not filled.strip():
        return None
    return filled.strip() if "\n" in filled else re.sub(r" {2,}", " ", filled).strip()


def _require_known(key: str) -> None:
    if key not in TEMPLATES:
        raise Invalid(f"There is no letter '{key}'. There are: {', '.join(TEMPLATES)}", field=PROFILE_FIELD)


def _require_field(key: str, name: str, *, line: int) -> None:
    known = FIELDS[key]
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    meant = f" Did you mean {{{{ {near[0]} }}}}?" if near else f" There are: {', '.join(known)}."
    raise Invalid(f"Line {line}: there is no merge field {{{{ {name} }}}}.{meant}", field=key)
