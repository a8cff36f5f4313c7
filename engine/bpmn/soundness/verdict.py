"""What is wrong with a process, out of every way that things can stand in it: each with a way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.bpmn.lint.findings import Finding, Severity
from engine.bpmn.lint.model import Model
from engine.bpmn.soundness.search import Searched, twice
from engine.bpmn.soundness.standing import Standing
from engine.bpmn.soundness.step import Step, closure
from engine.errors import shown

_SURE: Final = 1
"""So many conditions choose independently; of more, one may follow from the other, and the way never be taken."""


class Verdict:
    """What the game found in one process."""

    def __init__(self, model: Model, found: Searched) -> None:
        self.model, self.found = model, found
        self.steps = found.game.steps
        self.net = found.game.net
        self.after = {step.number: tuple(self.net.after(step.number)) for step in self.steps}
        self.stuck_at: set[int] = set()
        # What was not looked at might end well.
        hopeful = found.ended() | found.crowded | found.unseen
        self.ends_well = found.leading_to(hopeful)

    @property
    def gave_up(self) -> str:
        """Say that not all was looked at, or nothing."""
        if not self.found.gave_up:
            return ""
        seen = len(self.found.standings)
        return f"{self.net.process} has too many ways through it: {seen:,} ways that things can stand were looked at"

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, what stops a case first."""
        return (*self._waits_for_ever(), *self._twice(), *self._endless(), *self._never(), *self._cut_off())

    def ways(self) -> dict[str, tuple[str, ...]]:
        """Return for each element that a case can come to the elements that lead there."""
        return {
            self.steps[step].id: (*self._path(number), self.steps[step].id)
            for step, number in self.found.passed.items()
        }

    def _waits_for_ever(self) -> Iterator[Finding]:
        """Find joins at which a case waits for what never comes."""
        lost = set(self.found.onward) - self.ends_well
        at: dict[int, list[int]] = {}
        for number in self.found.stuck():
            for join in self.found.game.at_joins(self.found.standings[number]):
                at.setdefault(join, []).append(number)
        self.stuck_at = set(at)
        for join, numbers in sorted(at.items()):
            doomed = self.found.leading_to(numbers, lost)
            sure = min(self.found.choices[each] for each in doomed) <= _SURE
            yield self._stuck(self.steps[join], numbers[0], "error" if sure else "notice")

    def _stuck(self, join: Step, number: int, severity: Severity) -> Finding:
        missing = self._missing(join, self.found.standings[number])
        by = f" by way of {_words(missing)}" if missing else ""
        what = f"what comes here can wait for ever: nothing comes any more{by}"
        if severity == "notice":
            what += ", unless the conditions before it rule that out"
        advice = "join with an exclusive gateway what an exclusive gateway parted, or lead every way here"
        return self._finding(join, what, advice, number, severity)

    def _missing(self, join: Step, standing: Standing) -> list[str]:
        """Return the names of what stands before a join on the ways by which nothing came."""
        come = {token[1] for token in _all(standing) if token[0] == join.number}
        sources = [step for step in self.steps for way in step.ways if way.number in set(join.entering) - come]
        return [self._name(step) for step in sources]

    def _twice(self) -> Iterator[Finding]:
        """Find steps that are under way several times at once: only the first of those that follow each other."""
        seen: dict[int, int] = {}
        for number in self.found.onward:
            for step in twice(self.found.standings[number]):
                if self.steps[step].waits:
                    seen.setdefault(step, number)
        told: set[int] = set()
        for step in sorted(seen):
            if step not in told:
                told |= closure((step,), self.after)
                what = "it can be under way twice at once: two ways that are gone together come here apart"
                advice = "join them with a parallel gateway in front, if it is to be done once"
                yield self._finding(self.steps[step], what, advice, seen[step], "notice")

    def _endless(self) -> Iterator[Finding]:
        """Find from where a case goes on for ever without a way to an end."""
        if self.found.gave_up:
            return
        resting = {number for number in self.found.onward if not self.found.onward[number]}
        lost = set(self.found.onward) - self.ends_well - self.found.leading_to(resting)
        number = min(lost, key=lambda each: (self.found.choices[each], each), default=None)
        if number is not None:
            step = self.steps[self.found.standings[number][0][0]]
            if self._drawn_to_ends():
                yield self._finding(
                    step, "from here on the case can never end", "check that each loop has a way out", number, "notice"
                )

    def _drawn_to_ends(self) -> bool:
        """Say whether flows lead from each step to an end; where none do, the linter says so."""
        back: dict[int, list[int]] = {}
        for step in self.steps:
            for each in self.after[step.number]:
                back.setdefault(each, []).append(step.number)
        return len(closure((step.number for step in self.steps if step.kind == "endEvent"), back)) == len(self.steps)

    def _never(self) -> Iterator[Finding]:
        """Find steps that flows lead to and that no case comes to: only the first of those that follow each other."""
        if self.found.gave_up or self.found.crowded:
            return
        drawn = closure(self.net.starts, self.after)
        told = {step for step in drawn if self.stuck_at & closure((step,), self.after) and self.steps[step].inner}
        behind = closure(self.stuck_at | told, self.after)
        for step in (self.steps[each] for each in sorted(drawn - behind - self.found.passed.keys())):
            comes = set(self.net.before(step))
            if comes & self.found.passed.keys():
                number = next(self.found.passed[each] for each in comes if each in self.found.passed)
                what, advice = "no case can ever come here", "check what would have to happen before it, or remove it"
                if step.kind == "boundaryEvent":
                    what = f"it never happens: nothing inside throws {_an(step)}"
                    advice = "draw an end event inside that throws it, with the same code, or remove it"
                yield self._finding(step, what, advice, number, "notice")

    def _cut_off(self) -> Iterator[Finding]:
        """Find ends of everything that take open work away."""
        cut: dict[int, dict[int, int]] = {}
        for number in self.found.onward:
            for stop, open_ in _stopped(self.found.standings[number], self.steps):
                cut.setdefault(stop, {}).setdefault(open_, number)
        for stop, tasks in sorted(cut.items()):
            names = _words([self._name(self.steps[task]) for task in sorted(tasks)])
            what = f"it ends everything, and takes away what may still be open: {names}"
            advice = "draw a plain end event here if that is still to be done, or join the ways first"
            yield self._finding(self.steps[stop], what, advice, min(tasks.values()), "notice")

    def _finding(self, step: Step, what: str, advice: str, number: int, severity: Severity) -> Finding:
        path = self._path(number)
        return Finding(self.model.name, step.id, what, advice, severity, path)

    def _path(self, number: int, known: frozenset[int] = frozenset()) -> tuple[str, ...]:
        """Return the ids of the elements that lead to a standing; what begins beside a step, after what leads there."""
        moves = self.found.way_to(number)
        host = self.steps[moves[0].step].host if moves else None
        before: tuple[str, ...] = ()
        if host is not None and host in self.found.passed and host not in known:
            before = self._path(self.found.passed[host], known | {host})
        steps = (step for move in moves for step in dict.fromkeys((move.step, *move.heard)))
        return (*before, *(self.steps[step].id for step in steps))

    def _name(self, step: Step) -> str:
        return (self.model.by_id[step.id].get("name") or step.id).strip()


def _all(standing: Standing) -> Iterator[tuple[int, int, int, Standing]]:
    for token in standing:
        yield token
        yield from _all(token[3])


def _stopped(standing: Standing, steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """Give each end of everything that is come to, with each step that waits for somebody's work beside it."""
    for stop in (token[0] for token in standing if steps[token[0]].event == "terminate"):
        yield from ((stop, each[0]) for each in _all(standing) if each[1] < 0 and steps[each[0]].kind == "userTask")
    for token in standing:
        yield from _stopped(token[3], steps)


def _words(names: list[str]) -> str:
    return " and ".join(f"'{shown(' '.join(name.split()))}'" for name in names)


def _an(step: Step) -> str:
    return f"an {step.event}" + (f" {shown(step.name)}" if step.name else "")
