"""How two judgements of one case differ: what is pure arithmetic on what the rules in force and a draft of them say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from engine.casework.escalation import LEVELS, Judgement, Reason

Kind: TypeAlias = Literal["new", "gone", "changed", "unjudged"]
KINDS: Final[tuple[Kind, ...]] = ("new", "gone", "changed", "unjudged")
_COMPARED: Final = ("reason", "level", "addressee", "process", "waits")
"""What of a reason makes a difference. Its sentence alone does not: nobody is told anew."""
_OTHERWISE: Final = {
    "reason": "another reason", "level": "another level", "addressee": "another person", "process": "another process",
    "waits": "acted on at another time",
}  # fmt: skip
_HOW: Final = {
    ("new", True): "newly escalates", ("new", False): "a further reason",
    ("gone", True): "no longer escalates", ("gone", False): "one reason less",
    ("unjudged", False): "could not be judged", ("unjudged", True): "could not be judged",
}  # fmt: skip
_ALIKE: Final = 0.5
"""The part of what two rows ask about that both must ask, for the one to take the other's place."""


@dataclass(frozen=True, slots=True)
class About:
    """Which facts each row asks about, by what the table calls the row, on either side."""

    now: Mapping[str, frozenset[str]] = field(default_factory=dict)
    draft: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shared(self, now: Reason, draft: Reason) -> float:
        """Return which part of the facts that either row asks about both do, from 0 to 1."""
        ours, theirs = self.now.get(now.row, frozenset()), self.draft.get(draft.row, frozenset())
        return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


_UNKNOWN: Final = About()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the draft says otherwise of a case.

    `now` is what the rules in force say and `draft` what the draft says, None where it says nothing of the sort.
    `what` names what is different of a reason that is `changed`; `said` says why a case is `unjudged`. `alone`: of a
    `new` reason that nothing else is said of the case now, of one that is `gone` that the draft says nothing else.
    """

    kind: Kind
    now: Reason | None = None
    draft: Reason | None = None
    what: tuple[str, ...] = ()
    said: str = ""
    alone: bool = False

    @property
    def how(self) -> str:
        """Say of which kind it is: whether a case newly escalates, what is otherwise, or what ends."""
        if self.kind != "changed":
            return _HOW[self.kind, self.alone]
        said = [_OTHERWISE[each] for each in self.what]
        if self.now is not None and self.draft is not None and self.now.row != self.draft.row:
            said.insert(0, f"another row, {self.now.row} now")
        return "; ".join(said)

    @property
    def told(self) -> Reason | None:
        """The reason to show: the draft's, else the one in force."""
        return self.draft or self.now

    @property
    def seriousness(self) -> int:
        """0 for the most serious level that either side names; what could not be judged stands first."""
        if self.kind == "unjudged":
            return -1
        named = [each.level for each in (self.now, self.draft) if each is not None]
        return min(map(_rank, named))


def compare(now: Judgement, draft: Judgement, about: About = _UNKNOWN) -> tuple[Difference, ...]:
    """Return how a draft's judgement differs from that of the rules in force, none when nobody would notice.

    A reason that the same row, or another one about the same facts, gives under another name is `changed`, not gone
    and new: a reminder that would go to the line manager instead is one change. Where the draft could not be judged,
    nothing is said to be gone: what could not be judged has not ended.
    """
    return tuple(_differences(now, draft, about))


def _differences(now: Judgement, draft: Judgement, about: About) -> Iterator[Difference]:
    if now.unsure or draft.unsure:
        sides = (("the draft", draft.unsure), ("the rules in force", now.unsure))
        yield Difference("unjudged", said="; ".join(f"{side}: {why}" for side, why in sides if why))
    if now.reasons == draft.reasons:
        return
    new = {reason: row for reason, row in draft.reasons.items() if reason not in now.reasons}
    gone = {reason: row for reason, row in now.reasons.items() if reason not in draft.reasons}
    renamed = _renamed(gone, new)
    renamed |= _replaced(gone, new, renamed, about)
    for reason, row in draft.reasons.items():
        before = now.reasons.get(reason) or renamed.get(reason)
        if before is None:
            yield Difference("new", draft=row, alone=not now.reasons)
        elif what := tuple(name for name in _COMPARED if getattr(before, name) != getattr(row, name)):
            yield Difference("changed", now=before, draft=row, what=what)
    kept = {before.reason for before in renamed.values()}
    for reason, row in gone.items():
        if reason not in kept and not draft.unsure:
            yield Difference("gone", now=row, alone=not draft.reasons)


def _renamed(gone: dict[str, Reason], new: dict[str, Reason]) -> dict[str, Reason]:
    """Return, by a new reason, the one that the same row gave before, where each row gives one."""
    rows = {row.row: row for row in gone.values()}
    return {reason: rows[row.row] for reason, row in new.items() if row.row in rows}


def _replaced(
    gone: Mapping[str, Reason], new: Mapping[str, Reason], renamed: Mapping[str, Reason], about: About
) -> dict[str, Reason]:
    """Return, by a new reason, the one of another row about the same facts that it stands for now.

    Those that share most come together first, of alike ones the most serious; each stands for one at most.
    """
    kept = {before.reason for before in renamed.values()}
    pairs = [
        (-about.shared(before, row), _rank(row.level), _rank(before.level), reason, name)
        for reason, row in new.items() if reason not in renamed
        for name, before in gone.items() if name not in kept
    ]  # fmt: skip
    found: dict[str, Reason] = {}
    for unshared, _, _, reason, name in sorted(pairs):
        if -unshared >= _ALIKE and reason not in found and name not in kept:
            found[reason] = gone[name]
            kept.add(name)
    return found


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
