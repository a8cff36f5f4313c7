"""Cuts FEEL text into tokens. Names with spaces are put together later, by the parser, from the scope."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from engine.feel.environment import FeelSyntaxError
from engine.feel.numbers import parse_number

# The name characters of DMN's FEEL grammar, rules 28 and 29.
_START = (
    "A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_TOKEN = re.compile(
    r"(?P<space>[\s\u180e\u200b\ufeff]+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    rf"|(?P<name>[{_START}][{_PART}]*|\?)"
    r"|(?P<symbol>\.\.|\*\*|<=|>=|!=|->|.)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})"
                     r"|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'", "/": "/"}


class Token(NamedTuple):
    """One piece of text. `kind` is number, string, name, symbol or end; `value` a literal's value."""

    kind: str
    text: str
    start: int
    end: int
    value: Any = None


def syntax_error(text: str, position: int, message: str) -> FeelSyntaxError:
    """Return an error whose sentence says what is wrong and where (line and column from 1)."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    where = f"at character {column}" if "\n" not in text else f"at line {line}, character {column}"
    return FeelSyntaxError(f"{message} ({where}).", text=text, line=line, column=column)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, ending with one of kind `end`.

    Raises `FeelSyntaxError` for text that is never part of an expression: a string that does not end,
    half of a surrogate pair, a number too large for 34 digits and an exponent of 6144.
    """
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "symbol"
        if kind == "space":
            continue
        piece, start, end = match.group(), match.start(), match.end()
        if kind == "number":
            tokens.append(Token(kind, piece, start, end, _number(text, piece, start)))
        elif kind == "string":
            tokens.append(Token(kind, piece, start, end, _unescape(text, piece, start)))
        else:
            if piece == '"':
                raise syntax_error(text, start, "This text in double quotes has no closing quote")
            if "\ud800" <= piece <= "\udfff":
                raise syntax_error(text, start, "There is half of a surrogate pair here, which is not a character")
            tokens.append(Token(kind, piece, start, end))
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


@lru_cache(maxsize=4096)
def name_tokens(name: str) -> tuple[str, ...]:
    """Return the texts of the tokens of a name, so that spaces inside it do not matter."""
    return tuple(match.group() for match in _TOKEN.finditer(name) if match.lastgroup != "space")


def _number(text: str, piece: str, start: int) -> Decimal:
    number = parse_number(piece)
    if number is None:
        raise syntax_error(text, start, "This number is too large")
    return number


def _unescape(text: str, piece: str, start: int) -> str:
    value = piece[1:-1]
    if "\\" in value:
        value = _ESCAPE.sub(_escape, value)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise syntax_error(text, start, "This text holds half of a surrogate pair, which is not a character")
    return value


def _escape(match: re.Match[str]) -> str:
    high, low, four, six, simple = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if four or six:
        code = int(four or six, 16)
        return chr(code) if code <= 0x10FFFF else "\ud800"
    # An unknown escape keeps its backslash, so that "\d" reaches a pattern as written.
    return _SIMPLE.get(simple, "\\" + simple)
