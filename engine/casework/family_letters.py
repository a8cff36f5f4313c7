"""What letters to a family say, each to one person: assessment, invitation, meeting called off, notes, plan. Pure.

A letter names nobody else of the family and no address but the place of the meeting; what somebody may be told a part
of only is all that is said of the child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final

KINDS: Final = {
    "invitation": "Invitation to a meeting",
    "called_off": "A meeting is called off",
    "notes": "Notes of a meeting or review",
    "plan": "The plan",
    "assessment": "The assessment",
}
COPIES: Final = ("assessment", "notes", "plan")
"""Kinds of letters that are good to have at any time; an invitation is not once its day has passed."""
NOT_IN_FULL: Final = "This copy tells what was agreed. You can ask what else it may tell you."
"""What stands in the notes for who may not be told everything that was said."""
USUAL_AGENDA: Final = "What is going well, what should be better, and who will do what by when."


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A meeting, or for a copy the day it is written, as a letter tells it.

    `agenda` is empty for the usual one; `answer_to` says how to answer, and whom. `lead` signs, as `part` says.
    `child` is what the child is called, for who has letters about several; empty where it is not needed.
    """

    on: date
    at: time | None
    place: str
    agenda: str
    lead: str
    answer_to: str
    part: str = "Lead professional"
    child: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom a letter is to. `own` is the young person themself; `part` is all they may be told, empty for everything."""

    name: str
    own: bool = False
    part: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says."""

    subject: str
    body: str


def invitation(to: Reader, about: Occasion, *, again: bool = False) -> dict[str, str]:
    """Return what fills the authority's letter that invites one of the family. `again` for a day that moved."""
    whom = "you and the help you get" if to.own else "the support for your family"
    return {
        **meeting_values(to.name, about, whom, again=again),
        "purpose": _purpose(to, about),
        "needs": f"We have noted: {_whole(to.needs)}." if to.needs else "",
    }


def meeting_values(name: str, about: Occasion, whom: str, *, again: bool) -> dict[str, str]:
    """Return what any invitation says of a meeting about `whom`: to whom, when, where, how to answer, who signs."""
    moved, new = f"The meeting about {whom} is on another day now.", f"You are invited to a meeting about {whom}."
    return {
        "name": name,
        "opening": moved if again else new,
        "when": moment(about.on, about.at),
        "where": about.place or "you will be told",
        "answer_to": about.answer_to,
        "signature": _signature(about),
    }


def called_off(to: Reader, about: Occasion) -> dict[str, str]:
    """Return what fills the letter that says that a meeting is not held."""
    said = f"The meeting about {_of_child(to, about)} on {moment(about.on, about.at)} is called off. You need not come."
    return {**_addressed(to, about), "what": "A meeting is called off", "opening": said}


def booked_anew(to: Reader, about: Occasion) -> dict[str, str]:
    """Return what fills the letter that says that a meeting is booked anew; nothing of why, which may be another's."""
    said = f"The meeting about {_of_child(to, about)} on {moment(about.on, about.at)} is booked anew."
    said += " Do not come before you hear again: it may be on the same day, or on another."
    return {**_addressed(to, about), "what": "A meeting is booked anew", "opening": said}


def _of_child(to: Reader, about: Occasion) -> str:
    """Say whom a meeting is about: the child by name for a parent, who may be asked for a brother or sister too."""
    if to.own:
        return "you and the help you get"
    named = about.child and not to.part
    return f"{about.child} and the support for your family" if named else "the support for your family"


def notes(
    to: Reader,
    about: Occasion,
    *,
    said: str,
    agreed: tuple[str, ...],
    next_on: date | None,
    came: tuple[str, ...] = (),
) -> dict[str, str]:
    """Return what fills the notes of a meeting: what was `said`, each thing `agreed` in a sentence, the next day.

    `came` names the practitioners who were there; nobody else of the family is named.
    """
    coming = {**_addressed(to, about), "next": _coming(about, next_on)}
    if to.part:
        return {**coming, "opening": f"There was a meeting on {moment(about.on, None)}.", "part": _part(to)}
    whom = "you and the help you get" if to.own else "the support for your family"
    opening = f"These are the notes of the meeting about {whom} on {moment(about.on, None)}."
    there = _listed("Who came of those who work with you", came)
    return {**coming, "opening": opening, "came": there, "said": said, "agreed": _listed("What was agreed", agreed)}


REVIEWED: Final = "What the review found"
"""What the letter on a review without a meeting is about."""
FOUND: Final = {
    "better": "Things are better",
    "same": "Things are about the same",
    "worse": "Things are worse",
}
"""How a review's outcome is said."""
_NEXT: Final = {
    "continue": "The plan goes on as it is.",
    "replan": "The plan goes on with new actions: you get it in writing.",
    "close": "The plan has done its work and comes to an end. We talk with you first.",
}


def review(
    to: Reader,
    about: Occasion,
    *,
    said: str,
    reported: tuple[str, ...],
    next_on: date | None,
    outcome: str = "",
    step: str = "",
) -> dict[str, str]:
    """Return what fills the notes of a review without a meeting: what was found, and each thing `reported`.

    `outcome` and `step` are the review's answers: how things are, and what happens next.
    """
    again = "" if step == "close" else _coming(about, next_on)
    coming = {**_addressed(to, about), "next": again}
    if to.part:
        return {**coming, "opening": f"The plan was reviewed on {moment(about.on, None)}.", "part": _part(to)}
    whose = "the plan for you" if to.own else "the plan for the support of your family"
    opening = f"This is what the review of {whose} found on {moment(about.on, None)}. There was no meeting."
    if outcome in FOUND:
        said = f"{FOUND[outcome]} {'for you' if to.own else 'for your family'}.\n\n{said}"
    coming["next"] = " ".join(part for part in (_NEXT.get(step, ""), again) if part)
    return {**coming, "opening": opening, "said": said, "agreed": _listed("What people reported", reported)}


def plan(
    to: Reader, about: Occasion, *, aims: tuple[str, ...], agreed: tuple[str, ...], next_on: date | None
) -> dict[str, str]:
    """Return what fills the plan: what should be better, who does what by when, and when it is looked at again."""
    coming = {**_addressed(to, about), "next": _coming(about, next_on)}
    if to.part:
        return {**coming, "opening": "There is a plan of support.", "part": _part(to)}
    opening = "This is the plan for you." if to.own else "This is the plan for the support of your family."
    told = {"aims": _listed("What should be better", aims), "agreed": _listed("Who does what", agreed)}
    return {**coming, "opening": opening, **told}


ASSESSED: Final = {
    "strengths": "What is going well",
    "needs": "What is needed",
    "development": "How the child develops",
    "parenting": "Parents and carers",
    "environment": "Family and surroundings",
    "conclusions": "What we conclude together",
    "child_comment": "What the child or young person says",
    "parent_comment": "What the parents or carers say",
    "wanted_lead": "Whom you trust, and who should lead",
    "signed_by": "Signed by",
}
"""What the family's copy of an assessment says, in its order: the answer's key and its words."""


def assessment(to: Reader, about: Occasion, *, said: Mapping[str, str]) -> dict[str, str]:
    """Return what fills a copy of the assessment: `said` holds its answers under the keys of `ASSESSED`."""
    if to.part:
        opening = "There is an assessment of what would help."
        return {**_addressed(to, about), "opening": opening, "part": _part(to)}
    whose = "what would help you" if to.own else "what would help your family"
    opening = f"This is your copy of the assessment of {whose}, as it was finished on {moment(about.on, None)}."
    told = "\n\n".join(f"{words}:\n{said[key]}" for key, words in ASSESSED.items() if said.get(key))
    return {**_addressed(to, about), "opening": opening, "assessment": told}


def moment(on: date, at: time | None) -> str:
    """Say a day, and a time of day, as a letter does: "Tuesday 17 March 2026 at 4:00pm"."""
    spoken = f"{on:%A} {on.day} {on:%B} {on.year}"
    return spoken if at is None else f"{spoken} at {(at.hour - 1) % 12 + 1}:{at:%M}{'am' if at.hour < 12 else 'pm'}"


def _coming(about: Occasion, next_on: date | None) -> str:
    """Say when it is looked at again; a day that is over when the letter is written is never named."""
    if next_on is None:
        return ""
    if next_on < about.on:
        return "We look at it together again as soon as a day is agreed."
    return f"We look at it together again on {moment(next_on, None)}."


def _purpose(to: Reader, about: Occasion) -> str:
    if to.part:
        return _part(to)
    agenda = about.agenda.rstrip() or USUAL_AGENDA
    stop = "" if agenda.endswith((".", "!", "?")) else "."
    return f"What it is about: {agenda}{stop} You speak first, and nothing is decided without you."


def _part(to: Reader) -> str:
    return f"What can be shared with you: {_whole(to.part)}."


def _addressed(to: Reader, about: Occasion) -> dict[str, str]:
    return {"name": to.name, "answer_to": about.answer_to, "signature": _signature(about)}


def _listed(heading: str, lines: tuple[str, ...]) -> str:
    return f"{heading}:\n" + "\n".join(f"- {each}" for each in lines) if lines else ""


def _signature(about: Occasion) -> str:
    return f"{about.lead}\n{about.part}" if about.lead else ""


def _whole(text: str) -> str:
    return text.strip().rstrip(".")
