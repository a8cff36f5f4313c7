"""Where a letter to a family says an answer of a task, and the same letter with another answer in its place. Pure.

Two questions may be answered alike, so an answer is looked for under its own heading first. Where it cannot be told
which words of a letter are the answer, the letter stays, and its lines to look at are given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from engine.casework.family_letters import ASSESSED, FOUND, NOT_IN_FULL

_ASSESSMENT: Final = ("assessment", frozenset(ASSESSED))
TOLD_IN: Final[Mapping[str, tuple[str, Set[str]]]] = {
    "complete_assessment": _ASSESSMENT,
    "complete_reassessment": _ASSESSMENT,
    "hold_tac_meeting": ("notes", frozenset({"notes"})),
    "hold_review": ("notes", frozenset({"notes", "outcome"})),
}
"""Record operation -> the kind of letter that is made from its answers, and which of their properties it says."""
_LONG: Final = 40
"""From how many characters words are told from other words by themselves, wherever in a line they stand."""
_HEADING: Final = re.compile(rf"^(?:{'|'.join(map(re.escape, ASSESSED.values()))}):[ \t]*\n", re.MULTILINE)
_OPENING: Final = re.compile(r"^(?:These are the notes of|This is what the review of) .*$", re.MULTILINE)
_CORRECTED: Final = "We have corrected something in what you had from us on"


class Line(NamedTuple):
    """A line of a letter, and the one above it that says something; empty for the first."""

    above: str
    words: str


@dataclass(frozen=True, slots=True)
class Put:
    """A letter with an answer in its place, or as it was. `look` are the lines one of which may be the answer as it
    was; `lacks` tells that the letter says nothing to the question, and not where an answer belongs."""

    body: str
    look: tuple[Line, ...] = ()
    lacks: bool = False


class _Said(NamedTuple):
    start: int
    end: int
    words: str


class _Section(NamedTuple):
    start: int
    text: int
    end: int


def put(body: str, name: str, before: Sequence[str], now: str, others: Collection[str] = ()) -> Put:
    """Return a letter with the answer `now` to the property `name` in the place of one of those `before`.

    It stays as it is where it says `now` already, or none of them. `before` holds "" for a question that was not
    answered, `now` is "" for an answer taken back. `others` are answers to other questions that the letter may say.
    """
    new, own = _told(name, now), _sections(body, name)
    known = _by_length([_told(name, each) for each in (*before, now)])
    headed = [(part, said) for part in own if (said := _begins(body, part.text, known))]
    if headed:
        found = [said for _, said in headed]
    else:
        alike = {told for told in known if _in_another(name, told, others)}
        within = _within(body, own, known, name)
        # That words are there which another answer has too proves nothing, unless nothing else may be the answer.
        found = [said for said in within if said.words != new or new not in alike] or within
    if any(said.words == new for said in found):
        return Put(body)
    if not found:
        return _put_in(body, name, new) if new and "" in before and not own else Put(body)
    if len(found) > 1 or not (headed or found[0].words not in alike):
        return Put(body, tuple(_line(body, said) for said in found))
    if new:
        return Put(body[: found[0].start] + new + body[found[0].end :])
    return Put(_without(body, headed[0][0].start if headed else found[0].start, found[0].end))


def touches(body: str, name: str, answer: str, others: Collection[str] = ()) -> bool:
    """Tell whether a letter has to change when the answer to `name` does: it says it, or lacks one that is empty."""
    made = put(body, name, [answer], "" if _told(name, answer) else "x", others)
    return made != Put(body)


def takes_the_place(body: str, sent_on: date) -> str:
    """Return a letter that says, below whom it greets, that it takes the place of one that was sent on a day."""
    earlier = re.compile(rf"^{_CORRECTED} .*\n+", re.MULTILINE)
    greeting, gap, rest = earlier.sub("", body).partition("\n\n")
    said = f"{_CORRECTED} {sent_on.day} {sent_on:%B %Y}. This letter takes its place."
    return f"{greeting}{gap}{said}\n\n{rest}" if gap else f"{said}\n\n{body}"


def _told(name: str, answer: str) -> str:
    said = answer.replace("\r\n", "\n").strip()
    return FOUND.get(said, said) if name == "outcome" else said


def _by_length(told: Sequence[str]) -> list[str]:
    return sorted({each for each in told if each}, key=len, reverse=True)


def _sections(body: str, name: str) -> list[_Section]:
    """Return what stands below the heading of a part of an assessment, each up to the next heading."""
    if name not in ASSESSED:
        return []
    heads = list(_HEADING.finditer(body))
    ends = [*(each.start() for each in heads[1:]), len(body)]
    whole = f"{ASSESSED[name]}:"
    return [
        _Section(each.start(), each.end(), end)
        for each, end in zip(heads, ends, strict=False)
        if each.group().strip() == whole
    ]


def _begins(body: str, at: int, known: Sequence[str]) -> _Said | None:
    for told in known:
        if found := re.compile(rf"{_words(told)}(?=[ \t]*$)", re.MULTILINE).match(body, at):
            return _Said(found.start(), found.end(), told)
    return None


def _within(body: str, own: Sequence[_Section], known: Sequence[str], name: str) -> list[_Said]:
    """Return where an answer is said that stands not right below its heading: in its section, else below none."""
    parts = own or [_Section(0, 0, len(body))]
    headed = {each.end() for each in _HEADING.finditer(body)} - {each.text for each in own}
    found = list[_Said]()
    for told in known:
        for part in parts:
            for each in _where(told, name).finditer(body, part.text, part.end):
                inside = any(said.start <= each.start() and each.end() <= said.end for said in found)
                if not inside and each.start() not in headed:
                    found.append(_Said(each.start(), each.end(), told))
    return sorted(found)


def _in_another(name: str, told: str, others: Collection[str]) -> bool:
    return any(_where(told, name).search(other.replace("\r\n", "\n").strip()) for other in others)


def _put_in(body: str, name: str, new: str) -> Put:
    """Return a letter with an answer to a question that it says nothing to, where it tells its reader everything."""
    if name in ASSESSED:
        if not _HEADING.search(body):
            return Put(body)
        order = list(ASSESSED)
        later = (part for key in order[order.index(name) + 1 :] for part in _sections(body, key))
        at = min((part.start for part in later), default=None)
        if at is None:
            return Put(body, lacks=True)
        return Put(f"{body[:at]}{ASSESSED[name]}:\n{new}\n\n{body[at:]}")
    opening = _OPENING.search(body)
    if opening is None or NOT_IN_FULL in body:
        return Put(body)
    return Put(f"{body[: opening.end()]}\n\n{new}{body[opening.end() :]}")


def _without(body: str, start: int, end: int) -> str:
    return re.sub(r"\n{3,}", "\n\n", body[:start] + re.sub(r"\A for your? ?\w*\.|\A[ \t]+", "", body[end:]))


def _line(body: str, at: _Said) -> Line:
    first = body.rfind("\n", 0, at.start) + 1
    last = body.find("\n", at.start)
    above = [each.strip() for each in body[:first].splitlines() if each.strip()]
    return Line(above[-1] if above else "", body[first : last if last >= 0 else len(body)].strip())


def _words(told: str) -> str:
    return r"\s+".join(re.escape(word) for word in told.split())


def _where(told: str, name: str) -> re.Pattern[str]:
    if name == "outcome" and told in FOUND.values():
        return re.compile(rf"^{_words(told)}(?= for you\.| for your family\.)", re.MULTILINE)
    return re.compile(_words(told) if len(told) >= _LONG else rf"^{_words(told)}(?=[ \t]*$)", re.MULTILINE)
