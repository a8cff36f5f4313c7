"""Reads a pattern in XPath's syntax (XPath Functions 3.1, section 5.6) into a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.feel.patterns import classes
from engine.feel.patterns.classes import Charset

MAX_REPEAT = 1000
MAX_NESTING = 40
FLAGS = frozenset("smixq")
_QUANTIFIERS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_LITERAL_ESCAPES = frozenset("\\|.?*+(){}-[]^$/")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}


class PatternError(Exception):
    """The text is no pattern, or asks for too much."""


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set; `weight` says how many parts the set has, so how long a look takes."""

    accepts: Charset
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """The start (`^`) or the end (`$`)."""

    sign: str


@dataclass(frozen=True, slots=True)
class BackReference:
    group: int


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`part` at least `least` and at most `most` times (None: no limit)."""

    part: Tree
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    part: Tree
    number: int


Tree: TypeAlias = One | Anchor | BackReference | Sequence | Choice | Repeat | Group


def parse_pattern(pattern: str, flags: str) -> tuple[Tree, int]:
    """Return the tree of a pattern and how many groups it has. Raises `PatternError`."""
    if not FLAGS.issuperset(flags):
        raise PatternError("unknown flags")
    if "q" in flags:
        reader = _Reader("", flags)
        return Sequence(tuple(reader.literal(character) for character in pattern)), 0
    reader = _Reader(_without_space(pattern) if "x" in flags else pattern, flags)
    tree = reader.choice()
    if reader.place < len(reader.text):
        raise PatternError("unmatched bracket")
    return tree, reader.groups


def _without_space(pattern: str) -> str:
    kept, inside = [], 0
    for place, character in enumerate(pattern):
        if inside or character not in " \t\n\r":
            kept.append(character)
        if pattern[place - 1 : place] != "\\":
            inside += (character == "[") - (character == "]" and inside > 0)
    return "".join(kept)


class _Reader:
    def __init__(self, text: str, flags: str) -> None:
        self.text = text
        self.place = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.nesting = 0
        self.ignore_case = "i" in flags
        self.dot = classes.everything if "s" in flags else classes.not_newline

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def next(self) -> str:
        character = self.peek()
        if not character:
            raise PatternError("ends too early")
        self.place += 1
        return character

    def take(self, text: str) -> bool:
        found = self.text.startswith(text, self.place)
        if found:
            self.place += len(text)
        return found

    def literal(self, character: str) -> One:
        if self.ignore_case:
            return One(classes.any_case(classes.one_of(frozenset({character}))))
        return One(character.__eq__)

    def choice(self) -> Tree:
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def sequence(self) -> Tree:
        parts: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.quantified())
        return Sequence(tuple(parts))

    def quantified(self) -> Tree:
        part = self.atom()
        sign = self.peek()
        if sign in _QUANTIFIERS and sign:
            self.place += 1
            least, most = _QUANTIFIERS[sign]
        elif sign == "{":
            least, most = self.counts()
        else:
            return part
        greedy = not self.take("?")
        if self.peek() and self.peek() in "*+?{":
            raise PatternError("two quantifiers in a row")
        return Repeat(part, least, most, greedy)

    def counts(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.place)
        low, comma, high = self.text[self.place + 1 : end].partition(",")
        if end < 0 or not _digits(low) or (high and not _digits(high)):
            raise PatternError("malformed quantifier")
        self.place = end + 1
        least = int(low)
        most = least if not comma else (int(high) if high else None)
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise PatternError("quantifier out of range")
        return least, most

    def atom(self) -> Tree:
        character = self.next()
        if character == "(":
            return self.group()
        if character == "[":
            return One(*self.charset())
        if character == ".":
            return One(self.dot)
        if character in "^$":
            return Anchor(character)
        if character == "\\":
            return self.escape()
        if character in "*+?{}])":
            raise PatternError("misplaced sign")
        return self.literal(character)

    def group(self) -> Tree:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise PatternError("nested too deeply")
        capturing = not self.take("?:")
        number = 0
        if capturing:
            self.groups += 1
            number = self.groups
        part = self.choice()
        if not self.take(")"):
            raise PatternError("a bracket does not close")
        self.nesting -= 1
        self.closed.add(number)
        return Group(part, number) if capturing else part

    def escape(self) -> Tree:
        character = self.next()
        if character in "123456789":
            return self.back_reference(character)
        accepts = self.class_escape(character)
        if accepts is not None:
            return One(accepts)
        return self.literal(self.single_escape(character))

    def back_reference(self, digit: str) -> Tree:
        number = int(digit)
        while self.peek() and self.peek() in "0123456789" and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.next())
        if number not in self.closed:
            raise PatternError("reference to a group that has not closed")
        return BackReference(number)

    def single_escape(self, character: str) -> str:
        if character in _CONTROL:
            return _CONTROL[character]
        if character not in _LITERAL_ESCAPES:
            raise PatternError("unknown escape")
        return character

    def class_escape(self, character: str) -> Charset | None:
        if character in "pP":
            if not self.take("{"):
                raise PatternError("malformed property")
            end = self.text.find("}", self.place)
            accepts = classes.property_set(self.text[self.place : end]) if end >= 0 else None
            if accepts is None:
                raise PatternError("unknown property")
            self.place = end + 1
        else:
            accepts = classes.ESCAPES.get(character.lower())
        return classes.negate(accepts) if accepts is not None and character.isupper() else accepts

    def charset(self) -> tuple[Charset, int]:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise PatternError("nested too deeply")
        inverted = self.take("^")
        singles: set[str] = set()
        parts: list[Charset] = []
        taken: Charset | None = None
        weight = 1
        first = True
        while first or self.peek() != "]":
            if self.take("-["):
                taken, weight = self.charset()
                if self.peek() != "]":
                    raise PatternError("a subtraction must come last")
                break
            self.charset_item(singles, parts)
            first = False
        self.next()
        self.nesting -= 1
        accepts = classes.union([*parts, classes.one_of(frozenset(singles))] if singles else parts)
        if self.ignore_case:
            accepts = classes.any_case(accepts)
        if inverted:
            accepts = classes.negate(accepts)
        weight += len(parts)
        return (accepts if taken is None else classes.without(accepts, taken)), weight

    def charset_item(self, singles: set[str], parts: list[Charset]) -> None:
        low = self.next()
        if low == "\\":
            escaped = self.next()
            accepts = self.class_escape(escaped)
            if accepts is not None:
                parts.append(accepts)
                return
            low = self.single_escape(escaped)
        elif low in "[]":
            raise PatternError("unescaped bracket in a set")
        if self.peek() != "-" or self.text[self.place + 1 : self.place + 2] in ("]", "[", ""):
            singles.add(low)
            return
        self.place += 1
        high = self.next()
        high = self.single_escape(self.next()) if high == "\\" else high
        if high < low:
            raise PatternError("a range runs backwards")
        parts.append(classes.between(low, high))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
