"""The parser's bottom half: literals, brackets, names, and what follows a value (`.x`, `[...]`, `(...)`)."""

from __future__ import annotations

from engine.feel import nodes as n
from engine.feel.lexer import Token
from engine.feel.parser_forms import FormParser
from engine.feel.parser_names import KEYWORDS
from engine.feel.temporal_text import parse_temporal

_CONSTANTS = {"null": None, "true": True, "false": False}
_RANGE_SIGNS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONTINUES = frozenset({"+", "-", "*", "/", "**", ".", "[", "("})
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ENDS = (")", "]")
_OPENS_VALUE = frozenset({"(", "[", "{", "@", "-"})
_JOINS = KEYWORDS - {"null", "true", "false", "if", "for", "some", "every"}
"""The words that stand between values."""


class PrimaryParser(FormParser):
    """Parses values and their postfixes; `Parser` adds the operators."""

    def postfix(self) -> n.Node:
        """Parse a value and any paths, filters and calls after it."""
        node = self._primary()
        links = 0
        while self.token.kind == "symbol":
            position = self.token.start
            if self.at("."):
                self.advance()
                node = n.Path(node, self.name(member=True), position)
            elif self.at("[") and not self._opens_range_end():
                node = self._filter(node)
            elif self.at("("):
                node = self._call(node)
            else:
                break
            self.deepen()
            links += 1
        self.depth -= links
        return node

    def _filter(self, source: n.Node) -> n.Node:
        position = self.advance().start
        self.inside_filter += 1
        condition = self.expression()
        self.inside_filter -= 1
        self.expect("]")
        return n.Filter(source, condition, position)

    def _opens_range_end(self) -> bool:
        """Say whether a `[` here closes a half-open range such as `[1..5[` rather than opening a filter."""
        if not self.range_ends:
            return False
        if not self._may_start_value(self.peek()):
            return True
        closing = self._matching(self.index)
        if closing is None:
            return True
        follower = self.tokens[closing + 1]
        return not (follower.kind == "symbol" and follower.text in ")][.")

    @staticmethod
    def _may_start_value(token: Token) -> bool:
        """Say whether a value may begin with this token, among those that may follow a bracket."""
        if token.kind == "symbol":
            return token.text in _OPENS_VALUE
        return token.kind != "end" and token.text not in _JOINS

    def _matching(self, opening: int) -> int | None:
        """Return where the bracket at token `opening` closes; a range may close with the other kind: `(1..5]`."""
        wanted: list[str] = []
        dotted: list[bool] = []
        for place in range(opening, len(self.tokens)):
            token = self.tokens[place]
            if token.kind != "symbol":
                continue
            if token.text in _CLOSING or (token.text == "]" and wanted and self._starts_value(place)):
                wanted.append(_CLOSING.get(token.text, "]"))
                dotted.append(False)
            elif token.text == "..":
                dotted[-1] = True
            elif token.text in (")", "]", "}"):
                closes = wanted.pop()
                if dotted.pop() and closes in _ENDS and token.text in _ENDS:
                    closes = token.text
                if closes != token.text:
                    return None
                if not wanted:
                    return place
        return None

    def _starts_value(self, place: int) -> bool:
        """Say whether a `]` opens a range, as in `not(]1..5])`: what is before it asks for a value."""
        before = self.tokens[place - 1]
        return before.kind == "symbol" and before.text in ("(", ",")

    def closes_at_end(self, opening: int) -> bool:
        """Say whether the bracket at token `opening` closes with the last token of the text."""
        return self._matching(opening) == len(self.tokens) - 2

    def is_test_list(self) -> bool:
        """Say whether the round bracket here holds unary tests: not a range, nor the start of a longer value."""
        closing = self._matching(self.index)
        if closing is None or self._has_range_dots(self.index + 1, closing):
            return False
        follower = self.tokens[closing + 1]
        return follower.kind != "symbol" or follower.text not in _CONTINUES

    def _has_range_dots(self, start: int, stop: int) -> bool:
        level = 0
        for token in self.tokens[start:stop]:
            if token.kind != "symbol":
                continue
            level += (token.text in _CLOSING) - (token.text in (")", "]", "}"))
            if token.text == ".." and level == 0:
                return True
        return False

    def _primary(self) -> n.Node:
        token = self.token
        if token.kind in ("number", "string"):
            self.advance()
            return n.Literal(token.value)
        if token.kind == "name":
            return self._word()
        if self.at("("):
            return self._round()
        if self.at("["):
            return self._square()
        if self.at("]"):
            self.advance()
            return self._range(False, self._range_start(), token.start)
        if self.at("{"):
            return self.context()
        if self.at("@"):
            return self._at_literal()
        raise self.error(f"Expected a value but found {self.describe(token)}")

    def _word(self) -> n.Node:
        token = self.token
        if token.text == "?":
            self.advance()
            return n.Input()
        known = self.known_name()
        if known is None or known[0] == 1:
            if token.text in _CONSTANTS:
                self.advance()
                return n.Literal(_CONSTANTS[token.text])
            if token.text == "function" and self.peek().text == "(":
                return self.function()
            if token.text in KEYWORDS:
                return self.form()
        return n.Name(self.name(), token.start)

    def _at_literal(self) -> n.Node:
        position = self.advance().start
        if self.token.kind != "string":
            raise self.error("Expected a date, time or duration in double quotes after '@'")
        text = self.advance().value
        value = parse_temporal(text)
        return n.BadLiteral(text, position) if value is None else n.Literal(value)

    def _round(self) -> n.Node:
        opening = self.advance()
        outer, self.range_ends = self.range_ends, 0
        if self.token.kind == "symbol" and self.token.text in _RANGE_SIGNS:
            sign = self.advance()
            node: n.Node = n.OperatorTest(sign.text, self.arithmetic(), sign.start)
        else:
            node = self.expression()
        self.range_ends = outer
        if self.at(".."):
            return self._range(False, node, opening.start)
        self.expect(")")
        return node

    def _square(self) -> n.Node:
        opening = self.advance()
        # What begins after `]` cannot go on after an empty list: the bracket opens a range, as in `[]1..5]]`.
        if self.at("]") and (self.peek().kind == "symbol" or not self._may_start_value(self.peek())):
            self.advance()
            return n.ListOf(())
        outer, self.range_ends = self.range_ends, 0
        items = [self.positive_test()]
        if self.at(".."):
            self.range_ends = outer
            return self._range(True, items[0], opening.start)
        while self.take(","):
            items.append(self.positive_test())
        self.range_ends = outer
        self.expect("]")
        return n.ListOf(tuple(items))

    def _range_start(self) -> n.Node:
        outer, self.range_ends = self.range_ends, 0
        start = self.expression()
        self.range_ends = outer
        return start

    def _range(self, start_included: bool, start: n.Node, position: int) -> n.Node:
        self.expect("..")
        outer, self.range_ends = self.range_ends, 1
        end = self.expression()
        self.range_ends = outer
        if not (self.at("]") or self.at(")") or self.at("[")):
            raise self.error(f"Expected the range to close but found {self.describe(self.token)}")
        return n.RangeOf(start, start_included, end, self.advance().text == "]", position)

    def _call(self, function: n.Node) -> n.Node:
        position = self.advance().start
        outer, self.range_ends = self.range_ends, 0
        arguments: list[n.Node] = []
        names: list[str] = []
        while not self.at(")"):
            if self.argument_is_named():
                names.append(self.name_until(":"))
                self.expect(":")
            arguments.append(self.expression())
            if len(names) not in (0, len(arguments)):
                raise self.error("Either all arguments of a call are named or none is")
            if not self.take(","):
                break
        self.expect(")")
        self.range_ends = outer
        return n.Call(function, tuple(arguments), tuple(names), position)
