"""The parser's longer forms: contexts, functions, `if`, `for`, `some`, `every`, and the names of types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.feel import nodes as n
from engine.feel.parser_names import TokenReader, join_name

_INSIDE_NAMES = frozenset("+-*/.'")


class FormParser(TokenReader):
    """Parses the forms that bring names of their own into scope."""

    # How many ranges are open whose end is being read: there a `[` may close instead of filter.
    range_ends = 0

    if TYPE_CHECKING:

        def expression(self) -> n.Node:
            """Parse one expression (see `Parser`)."""

        def arithmetic(self, level: int = 0) -> n.Node:
            """Parse sums and what they are made of (see `Parser`)."""

        def positive_test(self, *, whole: bool = True) -> n.Node:
            """Parse a unary test (see `Parser`)."""

    def form(self) -> n.Node:
        """Parse the form that the current keyword opens."""
        word = self.token.text
        if word == "if":
            return self._if()
        if word == "for":
            return self._for()
        if word in ("some", "every"):
            return self._quantified()
        raise self.error(f"Expected a value but found the word {word!r}")

    def _if(self) -> n.Node:
        self.advance()
        condition = self.expression()
        self.expect_word("then")
        then = self.expression()
        self.expect_word("else")
        return n.If(condition, then, self.expression())

    def _for(self) -> n.Node:
        position = self.advance().start
        iterators = self._iterators(also=("partial",))
        self.expect_word("return")
        body = self.expression()
        self.pop_names()
        return n.For(iterators, body, position)

    def _quantified(self) -> n.Node:
        token = self.advance()
        iterators = self._iterators(also=())
        self.expect_word("satisfies")
        condition = self.expression()
        self.pop_names()
        return n.Quantified(token.text, iterators, condition, token.start)

    def _iterators(self, *, also: tuple[str, ...]) -> tuple[n.Iterator, ...]:
        """Parse `name in source, ...` and leave a scope open that holds the names."""
        self.push_names(also)
        iterators = []
        while True:
            position = self.token.start
            name = self.name_until("in")
            self.expect_word("in")
            source = self.expression()
            end = self.expression() if self.take("..") else None
            iterators.append(n.Iterator(name, source, end, position))
            self.bind(name)
            if not self.take(","):
                return tuple(iterators)

    def context(self) -> n.Node:
        """Parse `{key: value, ...}`; a key is a name or a string, in scope for the entries after it."""
        position = self.expect("{").start
        outer, self.range_ends = self.range_ends, 0
        self.push_names(())
        entries: list[tuple[str, n.Node]] = []
        while not self.at("}"):
            key = self.advance().value if self.token.kind == "string" else self.name_until(":")
            self.expect(":")
            entries.append((key, self.expression()))
            self.declare(key)
            if not self.take(","):
                break
        self.expect("}")
        self.pop_names()
        self.range_ends = outer
        return n.ContextOf(tuple(entries), position)

    def argument_is_named(self) -> bool:
        """Say whether the argument here is written `name: value`."""
        place = self.index
        if self.tokens[place].kind != "name":
            return False
        while self.tokens[place].kind in ("name", "number") or self.tokens[place].text in _INSIDE_NAMES:
            place += 1
        return self.tokens[place].text == ":" and self.tokens[place].kind == "symbol"

    def function(self) -> n.Node:
        """Parse `function(name: type, ...) body`, or one with an `external` body."""
        position = self.advance().start
        self.expect("(")
        parameters: list[tuple[str, n.TypeNode | None]] = []
        while not self.at(")"):
            name = self._parameter_name()
            parameters.append((name, self.type_name() if self.take(":") else None))
            if not self.take(","):
                break
        self.expect(")")
        self.push_names([name for name, _ in parameters])
        external = self.at_word("external")
        if external:
            self.advance()
        body = self.expression()
        self.pop_names()
        return n.FunctionOf(tuple(parameters), None if external else body, position)

    def _parameter_name(self) -> str:
        parts: list[str] = []
        while not (self.at(":") or self.at(",") or self.at(")")):
            if self.token.kind in ("end", "string") or self.token.text in tuple("()[]{}"):
                raise self.error(f"Expected a parameter's name but found {self.describe(self.token)}")
            parts.append(self.advance().text)
        if not parts:
            raise self.error("Expected a parameter's name")
        return join_name(parts)

    def type_name(self) -> n.TypeNode:
        """Parse a type: a name, or `list<T>`, `range<T>`, `context<name: T, ...>`, `function<T, ...> -> T`."""
        self.deepen()
        if self.token.text in ("function", "list", "range", "context") and self.peek().text == "<":
            node = self._generic(self.advance().text)
        else:
            node = n.TypeNode(self._qualified_name())
        self.depth -= 1
        return node

    def _qualified_name(self) -> str:
        name = self.advance().text if self.at_word("function") else self.name()
        while self.take("."):
            name += "." + self.name(member=True)
        return name

    def _generic(self, name: str) -> n.TypeNode:
        self.expect("<")
        parts: list[n.TypeNode] = []
        fields: list[str] = []
        while not self.at(">"):
            if name == "context":
                fields.append(self.name_until(":"))
                self.expect(":")
            parts.append(self.type_name())
            if not self.take(","):
                break
        self.expect(">")
        result = None
        if name == "function":
            self.expect("->")
            result = self.type_name()
        return n.TypeNode(name, tuple(parts), tuple(fields), result)
