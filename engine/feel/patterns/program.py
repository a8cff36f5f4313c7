"""Turns a pattern's tree into a program of simple steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.feel.patterns.syntax import (
    Anchor,
    BackReference,
    Choice,
    Group,
    One,
    PatternError,
    Repeat,
    Sequence,
    Tree,
    parse_pattern,
)

MAX_STEPS = 5_000
ONE, SPLIT, JUMP, SAVE, START, END, BACK, DONE = range(8)


@dataclass(frozen=True, slots=True)
class Program:
    """Steps of the form (operation, argument, argument).

    ONE set weight; SPLIT first second (try `first` first); JUMP to; SAVE slot; START; END; BACK group; DONE.
    """

    steps: tuple[tuple[int, Any, Any], ...]
    groups: int
    back_references: bool
    ignore_case: bool
    lines: bool


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Program:
    """Return the program of an XPath pattern. `flags` are letters of `smixq`. Raises `PatternError`."""
    tree, groups = parse_pattern(pattern, flags)
    builder = _Builder()
    builder.add(Group(tree, 0))
    builder.emit(DONE)
    return Program(tuple(builder.steps), groups, builder.back_references, "i" in flags, "m" in flags)


class _Builder:
    def __init__(self) -> None:
        self.steps: list[tuple[int, Any, Any]] = []
        self.back_references = False

    def emit(self, operation: int, first: Any = None, second: Any = None) -> int:
        if len(self.steps) >= MAX_STEPS:
            raise PatternError("too long once its counts are written out")
        self.steps.append((operation, first, second))
        return len(self.steps) - 1

    def add(self, tree: Tree) -> None:
        if isinstance(tree, One):
            self.emit(ONE, tree.accepts, tree.weight)
        elif isinstance(tree, Anchor):
            self.emit(START if tree.sign == "^" else END)
        elif isinstance(tree, BackReference):
            self.back_references = True
            self.emit(BACK, tree.group)
        elif isinstance(tree, Sequence):
            for part in tree.parts:
                self.add(part)
        elif isinstance(tree, Choice):
            self.choice(tree)
        elif isinstance(tree, Group):
            self.emit(SAVE, 2 * tree.number)
            self.add(tree.part)
            self.emit(SAVE, 2 * tree.number + 1)
        else:
            self.repeat(tree)

    def choice(self, tree: Choice) -> None:
        jumps = []
        for branch in tree.branches[:-1]:
            split = self.emit(SPLIT)
            self.add(branch)
            jumps.append(self.emit(JUMP))
            self.steps[split] = (SPLIT, split + 1, len(self.steps))
        self.add(tree.branches[-1])
        for jump in jumps:
            self.steps[jump] = (JUMP, len(self.steps), None)

    def repeat(self, tree: Repeat) -> None:
        for _ in range(tree.least):
            self.add(tree.part)
        if tree.most is None:
            split = self.emit(SPLIT)
            self.add(tree.part)
            self.emit(JUMP, split)
            self.close(split, tree.greedy)
            return
        splits = []
        for _ in range(tree.most - tree.least):
            splits.append(self.emit(SPLIT))
            self.add(tree.part)
        for split in splits:
            self.close(split, tree.greedy)

    def close(self, split: int, greedy: bool) -> None:
        inside, after = split + 1, len(self.steps)
        self.steps[split] = (SPLIT, inside, after) if greedy else (SPLIT, after, inside)
