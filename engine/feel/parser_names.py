"""The parser's hold on its tokens, and the names of several words that are in scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, TypeAlias

from engine.errors import BudgetExceeded
from engine.feel.environment import FeelSyntaxError
from engine.feel.lexer import Token, name_tokens, syntax_error

KEYWORDS = frozenset(
    "null true false if then else for in return some every satisfies and or between instance".split()
)
# Names of the standard's own functions and types that have more than one word.
BUILT_IN_NAMES = (
    "date and time|years and months duration|days and time duration|string length|upper case|lower case|"
    "substring before|substring after|starts with|ends with|list contains|insert before|index of|"
    "distinct values|list replace|string join|round up|round down|round half up|round half down|"
    "day of year|day of week|month of year|week of year|get value|get entries|context put|context merge|"
    "met by|overlaps before|overlaps after|finished by|started by|start included|end included|time offset"
).split("|")


# By first word: each name's tokens, and the name as it was given.
NameIndex: TypeAlias = dict[str, list[tuple[tuple[str, ...], str]]]


def _index(names: Iterable[str]) -> NameIndex:
    index: NameIndex = {}
    for name in names:
        parts = name_tokens(name)
        if len(parts) > 1:
            index.setdefault(parts[0], []).append((parts, name))
    return index


_BUILT_IN = _index(BUILT_IN_NAMES)


class TokenReader:
    """Walks the tokens; knows the scope; counts nesting."""

    def __init__(self, text: str, tokens: list[Token], *, names: Collection[str], nesting: int) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.token = tokens[0]
        self.depth = 0
        self.nesting = nesting
        self.scopes: list[NameIndex] = [_BUILT_IN, _index(names)]
        # Every key of every context written in the text: they may be met after a dot or in a filter.
        self.members: NameIndex = {}
        self.inside_filter = 0

    def deepen(self) -> None:
        """Count one level deeper, or raise `BudgetExceeded`. The caller counts back."""
        self.depth += 1
        if self.depth > self.nesting:
            raise BudgetExceeded("The expression is nested too deeply", limit=self.nesting, what="nesting")

    def advance(self) -> Token:
        """Step over the current token and return it."""
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def peek(self, ahead: int = 1) -> Token:
        """Return a token further on; the end token beyond the end."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def at(self, symbol: str) -> bool:
        """Say whether the current token is this symbol."""
        return self.token.text == symbol and self.token.kind == "symbol"

    def at_word(self, word: str) -> bool:
        """Say whether the current token is this word."""
        return self.token.text == word and self.token.kind == "name"

    def take(self, symbol: str) -> bool:
        """Step over the symbol if it comes next, and say so."""
        found = self.at(symbol)
        if found:
            self.advance()
        return found

    def expect(self, symbol: str) -> Token:
        """Step over the symbol, or refuse."""
        if not self.at(symbol):
            raise self.error(f"Expected {symbol!r} but found {self.describe(self.token)}")
        return self.advance()

    def expect_word(self, word: str) -> Token:
        """Step over the word, or refuse."""
        if not self.at_word(word):
            raise self.error(f"Expected {word!r} but found {self.describe(self.token)}")
        return self.advance()

    def error(self, message: str, position: int | None = None) -> FeelSyntaxError:
        """Return a syntax error at `position` (the current token when None)."""
        return syntax_error(self.text, self.token.start if position is None else position, message)

    @staticmethod
    def describe(token: Token) -> str:
        """Name a token in a sentence."""
        return "the end of the text" if token.kind == "end" else f"{token.text[:40]!r}"

    @staticmethod
    def is_number(value: Any) -> bool:
        """Say whether a literal's value is a number."""
        return type(value) is Decimal

    def push_names(self, names: Iterable[str]) -> None:
        """Open a scope that holds `names`."""
        self.scopes.append(_index(names))

    def declare(self, name: str) -> None:
        """Add a context's key to the innermost scope and to the names a path may use."""
        for first, found in _index([name]).items():
            self.scopes[-1].setdefault(first, []).extend(found)
            self.members.setdefault(first, []).extend(found)

    def bind(self, name: str) -> None:
        """Add a name to the innermost scope."""
        for first, found in _index([name]).items():
            self.scopes[-1].setdefault(first, []).extend(found)

    def pop_names(self) -> None:
        """Close the innermost scope."""
        self.scopes.pop()

    def name(self, *, member: bool = False) -> str:
        """Read the longest name in scope here; further plain words join it, since nothing else could follow.

        `member` reads the name after a dot, where keys of contexts in the text are known too.
        """
        known = self.known_name(member=member)
        if known is None and (self.token.kind != "name" or (self.token.text in KEYWORDS and not member)):
            raise self.error(f"Expected a name but found {self.describe(self.token)}")
        count, name = known or (1, self.token.text)
        self._skip(count)
        while self.token.kind == "name" and self.token.text not in KEYWORDS and self.token.text != "?":
            name += " " + self.advance().text
        return name

    def known_name(self, *, member: bool = False) -> tuple[int, str] | None:
        """Return the token count and spelling of the longest name of several words in scope that starts here."""
        count, best = 1, None
        sources = [*self.scopes, self.members] if member or self.inside_filter else self.scopes
        for source in sources:
            for parts, name in source.get(self.token.text, ()):
                if len(parts) >= count and self._matches(parts):
                    count, best = len(parts), name
        return None if best is None else (count, best)

    def _matches(self, parts: tuple[str, ...]) -> bool:
        start = self.index
        if len(parts) > len(self.tokens) - start:
            return False
        return all(self.tokens[start + place].text == part for place, part in enumerate(parts))

    def _skip(self, count: int) -> None:
        self.index += count
        self.token = self.tokens[self.index]

    def name_until(self, stop: str) -> str:
        """Read everything up to the symbol or word `stop` as one name (keys, parameters, variables)."""
        start = self.index
        parts: list[str] = []
        while self.token.text != stop or self.token.kind not in ("name", "symbol"):
            if self.token.kind in ("end", "string") or self.token.text in _NEVER_IN_NAMES:
                found = self.describe(self.token)
                raise self.error(f"Expected a name and then {stop!r} but found {found}")
            parts.append(self.advance().text)
        if not parts or self.tokens[start].kind != "name":
            raise self.error(f"Expected a name before {stop!r}")
        return join_name(parts)


_NEVER_IN_NAMES = frozenset('()[]{},:"')


def join_name(parts: Iterable[str]) -> str:
    """Return a name's words with one space between words and none around other symbols."""
    text = ""
    for part in parts:
        glue = " " if text and _wordy(text[-1]) and _wordy(part[0]) else ""
        text += glue + part
    return text


def _wordy(character: str) -> bool:
    return character not in "+-*/.'"
