"""Translate the simple part of Camunda 7's expression language (JUEL, `${...}`) to FEEL.

Variables, literals, comparisons, arithmetic, `empty`, the conditional operator, and the date helpers
`now()` and `dateTime().plusDays(3)` are translated. Beans, methods, properties and indexes are refused:
a process sees only its own variables, which are plain values.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from engine.errors import Invalid, shown

MAX_NESTING = 60
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
    |(?P<mark>\|\||&&|==|!=|<=|>=|[-+*/%!<>?:().,\[\]]))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}
_LITERALS = frozenset({"true", "false", "null"})
FEEL_WORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "function", "of", "instance"}
)
_BEANS = frozenset({"execution", "task", "delegateExecution", "delegateTask", "caseExecution", "authenticatedUserId"})
_PERIOD = {
    "Years": "P{}Y", "Months": "P{}M", "Weeks": "P{}W", "Days": "P{}D", "Hours": "PT{}H", "Minutes": "PT{}M",
    "Seconds": "PT{}S",
}
_IF, _OR, _AND, _COMPARE, _ADD, _MULTIPLY, _UNARY, _ATOM = range(8)


@dataclass(frozen=True, slots=True)
class _Term:
    """FEEL text and how tightly it binds."""

    text: str
    binds: int = _ATOM
    odd_string: bool = False

    def inside(self, level: int) -> str:
        """Return the text, bracketed when it binds less tightly than `level`."""
        return self.text if self.binds >= level else f"({self.text})"


def feel_string(text: str) -> str:
    """Return `text` as a FEEL string literal."""
    return json.dumps(text, ensure_ascii=False)


def translate(juel: str) -> str:
    """Return the FEEL for `juel`, the text between the braces of `${...}`.

    Raises `Invalid` with advice when the text is malformed or uses beans, methods, properties or indexes.
    """
    reader = _Reader(juel)
    term = reader.conditional()
    if reader.peek():
        raise reader.unexpected()
    return term.text


class _Reader:
    """A recursive-descent reader, one method per level of JUEL's precedence."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = self._split(source)
        self._at = 0
        self._depth = 0

    def _split(self, source: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        position = 0
        while source[position:].strip():
            found = _TOKEN.match(source, position)
            if not found:
                odd = source[position:].strip()[0]
                raise Invalid(f"${{{shown(source)}}} has a character that is not understood: {odd!r}")
            kind = str(found.lastgroup)
            text = found[kind]
            tokens.append(("mark", _WORDS[text]) if text in _WORDS else (kind, text))
            position = found.end()
        return tokens

    def peek(self) -> str:
        """Return the next token's text, or nothing at the end."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def unexpected(self) -> Invalid:
        """Return the error for a token that does not belong where it is."""
        seen = f"{shown(self.peek())!r} is not expected here" if self.peek() else "it ends too early"
        return Invalid(f"${{{shown(self._source)}}} cannot be read: {seen}; write the expression in FEEL")

    def _mark(self, *wanted: str) -> str:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "mark" and text in wanted:
                self._at += 1
                return text
        return ""

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise self.unexpected()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise Invalid(f"${{...}} is nested more than {MAX_NESTING} deep; write the expression in FEEL")

    def conditional(self) -> _Term:
        """Read `a ? b : c` or anything that binds more tightly."""
        self._deeper()
        test = self._either()
        if self._mark("?"):
            then = self.conditional()
            self._expect(":")
            otherwise = self.conditional()
            text = f"if {test.inside(_OR)} then {then.inside(_OR)} else {otherwise.inside(_OR)}"
            test = _Term(text, _IF)
        self._depth -= 1
        return test

    def _either(self) -> _Term:
        term = self._both()
        while self._mark("||"):
            term = _Term(f"{term.inside(_OR)} or {self._both().inside(_AND)}", _OR)
        return term

    def _both(self) -> _Term:
        term = self._compared()
        while self._mark("&&"):
            term = _Term(f"{term.inside(_AND)} and {self._compared().inside(_COMPARE)}", _AND)
        return term

    def _compared(self) -> _Term:
        term = self._sum()
        while mark := self._mark("==", "!=", "<", ">", "<=", ">="):
            term = _comparison(term, "=" if mark == "==" else mark, self._sum())
        return term

    def _sum(self) -> _Term:
        term = self._product()
        while mark := self._mark("+", "-"):
            term = _Term(f"{term.inside(_ADD)} {mark} {self._product().inside(_MULTIPLY)}", _ADD)
        return term

    def _product(self) -> _Term:
        term = self._unary()
        while mark := self._mark("*", "/", "%"):
            right = self._unary()
            if mark == "%":
                term = _Term(f"modulo({term.text}, {right.text})")
            else:
                term = _Term(f"{term.inside(_MULTIPLY)} {mark} {right.inside(_UNARY)}", _MULTIPLY)
        return term

    def _unary(self) -> _Term:
        self._deeper()
        if self._mark("!"):
            # JUEL reads a missing value as false, and FEEL's not(null) is null: so compare instead.
            term = _Term(f"{self._unary().inside(_ADD)} != true", _COMPARE)
        elif self._mark("-"):
            term = _Term(f"-{self._unary().inside(_ATOM)}", _UNARY)
        elif self._tokens[self._at : self._at + 1] == [("name", "empty")]:
            self._at += 1
            value = self._unary()
            empty = (f'string({value.text}) = "{nothing}"' for nothing in ("", "[]"))
            term = _Term(" or ".join((f"{value.inside(_ADD)} = null", *empty)), _OR)
        else:
            term = self._value()
        self._depth -= 1
        return term

    def _value(self) -> _Term:
        if self._mark("("):
            term = self.conditional()
            self._expect(")")
            return _Term(f"({term.text})") if term.binds < _ATOM else term
        if self._at >= len(self._tokens) or self._tokens[self._at][0] == "mark":
            raise self.unexpected()
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return _Term(text if text[0] != "." else f"0{text}")
        if kind == "string":
            return _string(text)
        return self._named(text)

    def _named(self, name: str) -> _Term:
        if name in _LITERALS:
            return _Term(name)
        if self.peek() == "(" and name in ("now", "dateTime"):
            return self._moment()
        if name in _BEANS or self.peek() in ("(", ".", "["):
            raise self._refused(name)
        if "$" in name or name in FEEL_WORDS:
            raise Invalid(
                f"${{{shown(self._source)}}}: a variable cannot be called {shown(name)!r}; give it a plain name"
            )
        return _Term(name)

    def _refused(self, name: str) -> Invalid:
        after = {"(": "calls a function", ".": "reads a property or calls a method", "[": "reads an item"}
        what = f"uses the bean {shown(name)!r}" if name in _BEANS else f"{after[self.peek()]} of {shown(name)!r}"
        return Invalid(
            f"${{{shown(self._source)}}} {what}, which runs Java code in Camunda and nothing here; "
            "write a FEEL expression over the process's own variables"
        )

    def _moment(self) -> _Term:
        self._expect("(")
        self._expect(")")
        text = "now()"
        while self._mark("."):
            text += self._shift()
        return _Term(text, _ADD if text != "now()" else _ATOM)

    def _shift(self) -> str:
        method = self.peek()
        self._at += 1
        self._expect("(")
        if method in ("toDate", "toInstant"):
            self._expect(")")
            return ""
        sign, unit = ("+", method[4:]) if method.startswith("plus") else ("-", method[5:])
        if not method.startswith(("plus", "minus")) or unit not in _PERIOD:
            raise Invalid(
                f"${{{shown(self._source)}}}: {shown(method)!r} is not translated; "
                "write it in FEEL, like now() + @\"P3D\""
            )
        amount = self.peek()
        if not amount.isdigit():
            raise self.unexpected()
        self._at += 1
        self._expect(")")
        period = f"P{int(amount) * 7}D" if unit == "Weeks" else _PERIOD[unit].format(amount)
        return f' {sign} duration("{period}")'


def _comparison(left: _Term, mark: str, right: _Term) -> _Term:
    # JUEL turns the strings 'true' and '5' into what they are compared with; FEEL compares types first.
    if mark in ("=", "!=") and left.odd_string != right.odd_string:
        left, right = (term if term.odd_string else _Term(f"string({term.text})") for term in (left, right))
    return _Term(f"{left.inside(_ADD)} {mark} {right.inside(_ADD)}", _COMPARE)


def _string(quoted: str) -> _Term:
    text = re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
    odd = text in ("true", "false") or bool(re.fullmatch(r"-?\d+(\.\d+)?", text))
    return _Term(feel_string(text), odd_string=odd)
