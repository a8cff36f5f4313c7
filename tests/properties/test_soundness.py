"""Models that are sound by how they are built give no finding; spoilt, they do, and the real engine agrees."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.definitions import ProcessDefinition, parse_process
from engine.bpmn.environment import ProcessStuck
from engine.bpmn.lint import Catalogue
from engine.bpmn.lint.model import Model
from engine.bpmn.soundness import sound
from engine.bpmn.soundness.game import Game
from engine.bpmn.soundness.net import read_net
from engine.bpmn.soundness.search import Searched, search
from engine.bpmn.soundness.standing import Move
from engine.xml import parse_untrusted
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, process, start, timer, user
from tests.unit.bpmn.driving import Walk

XOR, AND = "exclusiveGateway", "parallelGateway"


@dataclass(frozen=True)
class Block:
    """A part with one way in and one out: a task, parts after each other, parted and joined again, or a loop."""

    kind: str
    parts: tuple[Block, ...] = ()


TASK = Block("task")


def blocks() -> st.SearchStrategy[Block]:
    def grown(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Block, st.sampled_from(["after", XOR, AND]), several),
            st.builds(Block, st.sampled_from(["loop", "late"]), inner.map(lambda part: (part,))),
        )

    return st.recursive(st.just(TASK), grown, max_leaves=7)


class Drawing:
    """A block as elements and flows; `joins` are the gateways that join, each with its kind."""

    def __init__(self, block: Block) -> None:
        self.elements: list[str] = []
        self.flows: list[str] = []
        self.joins: dict[str, str] = {}
        self.count = 0
        first, last = self._draw(Block("after", (block, TASK)))
        self.flows += [f"start {first}", f"{last} end"]

    def source(self, **kinds: str) -> bytes:
        """Return the file, with joins of other kinds than drawn."""
        text = process(start(), *self.elements, end(), way="; ".join(self.flows))
        for name, kind in kinds.items():
            text = re.sub(rf'<\w+ id="{name}"([^>]*)></\w+>', rf'<{kind} id="{name}"\1></{kind}>', text)
        return file_of(text)

    def _new(self, kind: str) -> str:
        self.count += 1
        name = f"{kind[0]}{self.count}"
        self.elements.append(user(name) if kind == "task" else element(kind, name))
        return name

    def _draw(self, block: Block) -> tuple[str, str]:
        if block.kind == "task":
            name = self._new("task")
            return name, name
        if block.kind == "after":
            ends = [self._draw(part) for part in block.parts]
            self.flows += [f"{one[1]} {other[0]}" for one, other in pairwise(ends)]
            return ends[0][0], ends[-1][1]
        return self._loop(block) if block.kind == "loop" else self._parted(block)

    def _loop(self, block: Block) -> tuple[str, str]:
        again, more = self._new(XOR), self._new(XOR)
        first, last = self._draw(block.parts[0])
        self.flows += [f"{again} {first}", f"{last} {more}", f'{more} {again} [pick_{more} = "{again}"]']
        after = self._new("task")
        self.flows.append(f"{more} {after} *")
        return again, after

    def _parted(self, block: Block) -> tuple[str, str]:
        join = self._new(AND if block.kind == AND else XOR)
        self.joins[join] = AND if block.kind == AND else XOR
        if block.kind == "late":
            return self._late(block, join)
        split = self._new(block.kind)
        for number, part in enumerate(block.parts):
            first, last = self._draw(part)
            when = f' [pick_{split} = "{first}"]' if block.kind == XOR and number else ""
            when = " *" if block.kind == XOR and not number else when
            self.flows += [f"{split} {first}{when}", f"{last} {join}"]
        return split, join

    def _late(self, block: Block, join: str) -> tuple[str, str]:
        task, event = self._new("task"), f"late{self.count}"
        self.elements.append(boundary(event, task, timer("P1D")))
        first, last = self._draw(block.parts[0])
        self.flows += [f"{task} {join}", f"{event} {first}", f"{last} {join}"]
        return task, join


def defined(source: bytes) -> ProcessDefinition:
    return parse_process(source, name="p.bpmn", called={})[0]


def searched(source: bytes, *, whole: bool = False) -> Searched:
    model = Model(parse_untrusted(source, "p.bpmn"), name="p.bpmn", catalogue=Catalogue())
    net = read_net(model, model.executable[0])
    assert net is not None
    return search(Game(net), whole=whole, most=4_000)


def findings(source: bytes) -> list[str]:
    return [f"{each}" for each in sound(parse_untrusted(source, "p.bpmn"), name="p.bpmn").findings]


@settings(max_examples=60, deadline=None)
@given(blocks())
def test_what_is_built_of_blocks_is_sound(block: Block) -> None:
    drawing = Drawing(block)
    assert findings(drawing.source()) == []


@settings(max_examples=60, deadline=None)
@given(blocks().filter(lambda block: Drawing(block).joins != {}), st.randoms(use_true_random=False))
def test_a_join_of_the_other_kind_is_found_and_the_engine_gets_stuck_where_it_is_said(
    block: Block, chance: random.Random
) -> None:
    drawing = Drawing(block)
    join = chance.choice(sorted(drawing.joins))
    source = drawing.source(**{join: AND if drawing.joins[join] == XOR else XOR})
    assert findings(source), "a join of the other kind was not found"
    found = searched(source)
    for number in found.stuck()[:1]:
        with pytest.raises(ProcessStuck) as stuck:
            replay(defined(source), found, found.way_to(number))
        said = {found.game.steps[at].id for at in found.game.at_joins(found.standings[number])}
        assert said <= set(stuck.value.details["elements"])


@settings(max_examples=40, deadline=None)
@given(blocks().filter(lambda block: Drawing(block).joins != {}), st.randoms(use_true_random=False))
def test_trying_every_order_finds_nothing_else(block: Block, chance: random.Random) -> None:
    drawing = Drawing(block)
    join = chance.choice(sorted(drawing.joins))
    source = drawing.source(**{join: AND if drawing.joins[join] == XOR else XOR})
    few, all_ = searched(source), searched(source, whole=True)
    if not all_.gave_up and not all_.crowded and not few.crowded:
        assert outcomes(few) == outcomes(all_)
        assert few.passed.keys() == all_.passed.keys()


def outcomes(found: Searched) -> set[frozenset[int]]:
    stuck = {frozenset(found.game.at_joins(found.standings[number])) for number in found.stuck()}
    return stuck | ({frozenset()} if found.ended() else set())


def replay(definition: ProcessDefinition, found: Searched, moves: Sequence[Move]) -> None:
    """Do on the real engine what the moves say, each gateway told beforehand which way to choose."""
    begun, *acts = chapters(moves)
    # A time that comes brings no answers with it: what it has to choose is told with the act before.
    told = [picks(found, act) for act in (begun, *acts)]
    for number in reversed(range(len(acts))):
        if acts[number][0].act == "fire":
            told[number] = {**told[number + 1], **told[number]}
    walk = Walk(definition, **told[0])
    for act, answers in zip(acts, told[1:], strict=True):
        step = found.game.steps[act[0].step]
        if act[0].act == "fire":
            walk.fire(step.id)
        else:
            walk.complete(step.id, **answers)


def chapters(moves: Sequence[Move]) -> Iterator[list[Move]]:
    """Give what runs by itself at first, then each act with what runs after it."""
    chapter: list[Move] = []
    for move in moves:
        if move.act != "run":
            yield chapter
            chapter = []
        chapter.append(move)
    yield chapter


def picks(found: Searched, moves: Iterable[Move]) -> dict[str, str]:
    ids = {way.number: found.game.steps[way.target].id for step in found.game.steps for way in step.ways}
    return {
        f"pick_{found.game.steps[move.step].id}": ids[move.ways[0]]
        for move in moves if move.choice
    }  # fmt: skip
