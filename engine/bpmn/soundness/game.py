"""The token game: how a case can stand, and what can happen next, as `engine.bpmn` really moves its tokens.

What runs by itself runs first; then something from outside happens: work is done, a time comes, a message arrives. All
that a condition may choose is a free choice, and an activity done several times is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from engine.bpmn.soundness.net import Net
from engine.bpmn.soundness.standing import (
    JOINED,
    NONE,
    Act,
    Move,
    Standing,
    Token,
    choices,
    numbers,
    with_token,
    without,
)
from engine.bpmn.soundness.step import Step, Way


class Game:
    """What can happen in one process."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.steps = net.steps

    def begin(self, start: int) -> Standing:
        """Return how a case stands that begins at a start event."""
        return (self._token(start),)

    def moves(self, standing: Standing) -> list[Move]:
        """Return what can happen next; nothing when the process has ended, or is stuck."""
        runs = self._runs(standing)
        if runs is None:
            settled = self._settle(standing)
            runs = None if settled is None else [settled]
        if runs is None:
            runs = [] if self.stuck(standing) else [*self._acts(standing), *self._sends(standing)]
        return [self._at_root(move) for move in runs]

    def moves_of(self, standing: Standing, number: int) -> list[Move] | None:
        """Return what can happen to one of the tokens; None when it has to do with the others, or none can."""
        if not self.calm or self._runs(standing) is not None or self.stuck(standing):
            return None
        alone, rest = (standing[number],), standing[:number] + standing[number + 1 :]
        listened = set(self._listened(alone))
        if listened & set(self._listened(rest)):
            return None
        found = [move for place, move in self._placed_acts(standing) if place == number]
        sends = [move for move in self._sends(standing) if self.steps[move.step].name in listened]
        return [self._at_root(move) for move in (*found, *sends)] or None

    @cached_property
    def calm(self) -> bool:
        """Say whether nothing that happens to one token of the process can take away another, or make it wait."""
        listening = {step.name for step in self.steps if step.event == "message" and not step.throws}
        return not any(
            (step.throws and step.event == "error")
            or (step.throws and step.event == "message" and step.name in listening)
            or (step.depth == 0 and (step.event == "terminate" or (step.joins and step.kind == "inclusiveGateway")))
            for step in self.steps
        )

    def stuck(self, standing: Standing) -> bool:
        """Say whether some part of the process holds only tokens that wait at joins for others: they never come."""
        waits = any(True for _ in self.at_joins(standing))
        return waits and self._runs(standing) is None and self._settle(standing) is None

    def at_joins(self, standing: Standing) -> Iterator[int]:
        """Give the joins at which a part of the process is stuck."""
        if standing and all(self._waits_at_join(token) for token in standing):
            yield from (token[0] for token in standing)
        for token in standing:
            yield from self.at_joins(token[3])

    def _waits_at_join(self, token: Token) -> bool:
        return token[1] >= 0

    def _token(self, number: int) -> Token:
        inner = self.steps[number].inner
        return (number, NONE, 0, () if inner is None else (self._token(inner),))

    def _at_root(self, move: Move) -> Move:
        """Return what becomes of what was thrown and not caught on the way out."""
        if move.thrown is None:
            return move
        what, name = move.thrown
        if what == "error":
            return replace(move, then=(), thrown=None)
        then = self._send(move.then, name) if what == "message" else None
        if then is None:
            return replace(move, thrown=None)
        return replace(move, then=then, thrown=None, heard=(*move.heard, *self._listened(move.then)[name or ""]))

    # What runs by itself.

    def _runs(self, standing: Standing) -> list[Move] | None:
        for place, token in enumerate(standing):
            if token[3]:
                inside = self._runs(token[3])
                if inside is not None:
                    return [self._around(standing, place, move) for move in inside]
            elif token[1] == JOINED or not (self._waits_at_join(token) or self.steps[token[0]].waits):
                return list(self._run(standing, place))
        return None

    def _run(self, standing: Standing, place: int) -> Iterator[Move]:
        step, rest = self.steps[standing[place][0]], without(standing, place)
        thrown = (step.event, step.name) if step.throws else None
        if step.kind == "endEvent" and step.event == "error":
            yield Move("run", step.number, (), False, standing, thrown)
        elif step.kind == "endEvent":
            yield Move("run", step.number, (), False, () if step.event == "terminate" else rest, thrown)
        else:
            several = list(choices(step))
            for ways in several:
                yield Move("run", step.number, numbers(ways), len(several) > 1, self._follow(rest, ways), thrown)

    def _follow(self, standing: Standing, ways: Iterable[Way]) -> Standing:
        for way in ways:
            target = self.steps[way.target]
            if not target.joins:
                standing = with_token(standing, self._token(target.number))
                continue
            standing = with_token(standing, (target.number, way.number, 0, ()))
            if target.kind == "parallelGateway":
                standing = self._joined(standing, target, set(target.entering))
        return standing

    def _joined(self, standing: Standing, join: Step, wanted: set[int]) -> Standing:
        """Make one token of those at a join when one came by every way that is wanted; any more stay."""
        kept, come = [], set[int]()
        for token in standing:
            if token[0] == join.number and token[1] in wanted - come:
                come.add(token[1])
            else:
                kept.append(token)
        return with_token(tuple(kept), (join.number, JOINED, 0, ())) if come == wanted else standing

    def _around(self, standing: Standing, place: int, move: Move) -> Move:
        """Return what a move inside the token at `place` comes to outside it."""
        host = self.steps[standing[place][0]]
        inside = self._with_inside(standing, place, move.then)
        catcher = self._catcher(host, move.thrown)
        if catcher is None:
            return replace(move, then=inside)
        kept = without(standing, place) if catcher.interrupts else inside
        heard = (*move.heard, catcher.number)
        return replace(move, then=self._follow(kept, catcher.ways), thrown=None, heard=heard)

    def _catcher(self, host: Step, thrown: tuple[str, str | None] | None) -> Step | None:
        what, code = thrown or ("", None)
        if what not in ("error", "escalation"):
            return None
        events = [self.steps[number] for number in host.boundaries]
        catching = [event for event in events if event.event == what and event.name in (None, code)]
        return min(catching, key=lambda event: event.name is None, default=None)

    def _with_inside(self, standing: Standing, place: int, inside: Standing) -> Standing:
        token, rest = standing[place], without(standing, place)
        if inside:
            return with_token(rest, (*token[:3], inside))
        return self._follow(rest, self.steps[token[0]].ways)

    # Inclusive joins, which go on when no other token can come.

    def _settle(self, standing: Standing) -> Move | None:
        for place, token in enumerate(standing):
            step = self.steps[token[0]]
            if token[3]:
                inside = self._settle(token[3])
                if inside is not None:
                    return self._around(standing, place, inside)
            elif self._waits_at_join(token) and step.kind == "inclusiveGateway":
                here = {other[1] for other in standing if other[0] == step.number and self._waits_at_join(other)}
                others = [other for other in standing if other[0] != step.number]
                if not any(self._may_come(other, step, here) for other in others):
                    return Move("run", step.number, (), False, self._joined(standing, step, here))
        return None

    def _may_come(self, other: Token, join: Step, here: set[int]) -> bool:
        step = self.steps[other[0]]
        listening = [number for bit, number in enumerate(step.boundaries) if not other[2] & 1 << bit]
        chosen = [way.target for way in step.ways] if step.kind == "eventBasedGateway" else []
        for at in (step.number, *listening, *chosen):
            reached = {flow for flow, sources in join.upstream.items() if at in sources}
            if reached and not reached & here:
                return True
        return False

    # What happens from outside.

    def _acts(self, standing: Standing) -> list[Move]:
        return [move for _, move in self._placed_acts(standing)]

    def _placed_acts(self, standing: Standing) -> Iterator[tuple[int, Move]]:
        """Give what can be done, or what time can come, each with the place of the token it happens to."""
        for place, token in enumerate(standing):
            step, rest = self.steps[token[0]], without(standing, place)
            if self._waits_at_join(token):
                continue
            if token[3]:
                for move in self._acts(token[3]):
                    yield place, self._around(standing, place, move)
            elif step.kind == "eventBasedGateway":
                for way in step.ways:
                    if self.steps[way.target].event == "timer":
                        yield place, self._passed(rest, self.steps[way.target], "fire")
            elif step.event == "timer":
                yield place, self._passed(rest, step, "fire")
            elif step.event != "message" or step.kind == "sendTask":
                yield place, self._passed(rest, step, "complete")
            for bit, number in enumerate(step.boundaries):
                then = self._interrupted(standing, place, bit)
                if self._comes_by_itself(step, self.steps[number]) and then is not None:
                    yield place, Move("fire", number, numbers(self.steps[number].ways), False, then)

    def _passed(self, rest: Standing, step: Step, act: Act) -> Move:
        thrown = ("message", step.name) if step.kind == "sendTask" and step.event else None
        return Move(act, step.number, numbers(step.ways), False, self._follow(rest, step.ways), thrown)

    def _comes_by_itself(self, host: Step, event: Step) -> bool:
        """Say whether a boundary event may happen without a message, or something drawn inside that throws it."""
        return event.event == "timer" or (event.event != "message" and (host.inner is None or host.may_throw))

    def _interrupted(self, standing: Standing, place: int, bit: int) -> Standing | None:
        """Return how it stands once a boundary event has happened; None for one that is tried only once."""
        token = standing[place]
        event, rest = self.steps[self.steps[token[0]].boundaries[bit]], without(standing, place)
        if event.interrupts:
            return self._follow(rest, event.ways)
        if token[2] & 1 << bit:
            return None
        return self._follow(with_token(rest, (token[0], token[1], token[2] | 1 << bit, token[3])), event.ways)

    # Messages, which all who wait for them hear at once.

    def _sends(self, standing: Standing) -> list[Move]:
        found = []
        for name, heard in sorted(self._listened(standing).items()):
            then = self._send(standing, name)
            if then is not None:
                found.append(Move("send", heard[0], (), False, then, heard=tuple(heard)))
        return found

    def _listened(self, standing: Standing) -> dict[str, list[int]]:
        """Return the messages that are waited for, each with the steps that wait."""
        found: dict[str, list[int]] = {}
        for token in standing:
            for step in self._listening(token):
                if step.name:
                    found.setdefault(step.name, []).append(step.number)
            for name, inside in self._listened(token[3]).items():
                found.setdefault(name, []).extend(inside)
        return found

    def _listening(self, token: Token) -> Iterator[Step]:
        step = self.steps[token[0]]
        waiting = [step, *(self.steps[number] for number in step.boundaries)]
        if step.kind == "eventBasedGateway":
            waiting = [self.steps[way.target] for way in step.ways]
        yield from (each for each in waiting if each.event == "message" and not each.throws)

    def _send(self, standing: Standing, name: str | None) -> Standing | None:
        """Give a message to all who wait for it; None when nobody does."""
        kept: list[Token] = []
        onward: list[Way] = []
        heard = False
        for token in standing:
            stays, ways = self._hears(token, name)
            heard = heard or stays != token
            kept += [] if stays is None else [stays]
            onward += ways
        return self._follow(tuple(sorted(kept)), onward) if heard else None

    def _hears(self, token: Token, name: str | None) -> tuple[Token | None, list[Way]]:
        """Return what is left of a token that a message came to, and the ways on which it leads."""
        step, ways = self.steps[token[0]], list[Way]()
        own = [step] if step.kind != "eventBasedGateway" else [self.steps[way.target] for way in step.ways]
        for each in own:
            if each.event == "message" and each.name == name and not each.throws:
                return None, list(each.ways)
        for bit, number in enumerate(step.boundaries):
            event = self.steps[number]
            if event.event == "message" and event.name == name:
                if event.interrupts:
                    return None, list(event.ways)
                if not token[2] & 1 << bit:
                    token = (token[0], token[1], token[2] | 1 << bit, token[3])
                    ways += event.ways
        inside = self._send(token[3], name)
        if inside is None:
            return token, ways
        return (None, [*ways, *step.ways]) if not inside else ((*token[:3], inside), ways)
