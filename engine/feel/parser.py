"""A Pratt parser for FEEL: tokens to nodes, with names of several words resolved from the scope."""

from __future__ import annotations

from collections.abc import Collection

from engine.errors import BudgetExceeded
from engine.feel import nodes as n
from engine.feel.environment import DEFAULT, Budget
from engine.feel.lexer import tokenize
from engine.feel.parser_primary import PrimaryParser

_LEVELS: tuple[frozenset[str], ...] = (frozenset("+-"), frozenset("*/"), frozenset({"**"}))
_ARITHMETIC = frozenset().union(*_LEVELS)
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def parse_expression(text: str, *, names: Collection[str] = (), budget: Budget = DEFAULT) -> n.Node:
    """Return the node of a whole expression. `names` are the variables in scope.

    Raises `FeelSyntaxError` when the text is no expression, `BudgetExceeded` when it is too long or
    nested too deeply.
    """
    parser = _open(text, names, budget)
    node = parser.expression()
    parser.expect_end()
    return node


def parse_unary_tests(text: str, *, names: Collection[str] = (), budget: Budget = DEFAULT) -> n.Tests:
    """Return the node of a decision table's input entry. Raises as `parse_expression` does."""
    parser = _open(text, names, budget)
    return parser.unary_tests()


def _open(text: str, names: Collection[str], budget: Budget) -> Parser:
    if len(text) > budget.text_length:
        raise BudgetExceeded("The expression's text is too long", limit=budget.text_length, what="text")
    return Parser(text, tokenize(text), names=names, nesting=budget.nesting)


class Parser(PrimaryParser):
    """The operators of the language, loosest first."""

    def expression(self) -> n.Node:
        """Parse one expression and everything its operators take in."""
        self.deepen()
        node = self._logic("or")
        self.depth -= 1
        return node

    def _logic(self, operator: str) -> n.Node:
        position = self.token.start
        operands = [self._logic("and") if operator == "or" else self._comparison()]
        while self.at_word(operator):
            self.advance()
            operands.append(self._logic("and") if operator == "or" else self._comparison())
        return operands[0] if len(operands) == 1 else n.Logic(operator, tuple(operands), position)

    def _comparison(self) -> n.Node:
        node = self.arithmetic()
        links = 0
        while True:
            token = self.token
            if token.kind == "symbol" and token.text in _COMPARISONS:
                self.advance()
                node = n.Comparison(token.text, node, self.arithmetic(), token.start)
            elif self.at_word("between"):
                node = self._between(node)
            elif self.at_word("in"):
                node = self._in(node)
            else:
                self.depth -= links
                return node
            self.deepen()
            links += 1

    def _between(self, operand: n.Node) -> n.Node:
        position = self.advance().start
        low = self.arithmetic()
        self.expect_word("and")
        return n.Between(operand, low, self.arithmetic(), position)

    def _in(self, operand: n.Node) -> n.Node:
        position = self.advance().start
        tests = self._bracketed_tests()
        if tests is None:
            tests = (self.positive_test(whole=False),)
        return n.In(operand, tests, position)

    def _bracketed_tests(self) -> tuple[n.Node, ...] | None:
        """Parse `(test, test, ...)`; None when the bracket opens something else, such as `(1..5]`."""
        if not self.at("(") or not self.is_test_list():
            return None
        self.advance()
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        self.expect(")")
        return tuple(tests)

    def positive_test(self, *, whole: bool = True) -> n.Node:
        """Parse a unary test: `< 5`, a range, or an expression (`whole`), else one of arithmetic only."""
        token = self.token
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.advance()
            return n.OperatorTest(token.text, self.arithmetic(), token.start)
        return self.expression() if whole else self.arithmetic()

    def unary_tests(self) -> n.Tests:
        """Parse a whole input entry: `-`, tests separated by commas, or those inside `not(...)`."""
        if self.at("-") and self.peek().kind == "end":
            return n.Tests((), False)
        negated = self.at_word("not") and self.peek().text == "(" and self.closes_at_end(self.index + 1)
        if negated:
            self.advance()
            self.advance()
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        if negated:
            self.expect(")")
        self.expect_end()
        return n.Tests(tuple(tests), negated)

    def arithmetic(self, level: int = 0) -> n.Node:
        """Parse sums (level 0), products (1), powers (2) or what those are made of (3)."""
        position = self.token.start
        node = self._instance_of()
        if self.token.kind != "symbol" or self.token.text not in _ARITHMETIC:
            return node  # as most operands do, it stands alone
        for tighter in range(len(_LEVELS) - 1, level - 1, -1):
            node = self._chain(tighter, node, position)
        return node

    def _chain(self, level: int, first: n.Node, start: int) -> n.Node:
        """Parse what follows the first operand of a level's operators."""
        position = start
        rest: list[tuple[str, n.Node]] = []
        while self.token.kind == "symbol" and self.token.text in _LEVELS[level]:
            position = self.token.start if not rest else position
            operator = self.advance().text
            rest.append((operator, self.arithmetic(level + 1)))
        return n.Chain(first, tuple(rest), position) if rest else first

    def _instance_of(self) -> n.Node:
        node = self._unary()
        if self.at_word("instance"):
            self.advance()
            self.expect_word("of")
            node = n.InstanceOf(node, self.type_name())
        return node

    def _unary(self) -> n.Node:
        if not self.at("-"):
            return self.postfix()
        self.deepen()
        position = self.advance().start
        operand = self._unary()
        self.depth -= 1
        if isinstance(operand, n.Literal) and self.is_number(operand.value):
            return n.Literal(operand.value.copy_negate() if operand.value else operand.value)
        return n.Negation(operand, position)

    def expect_end(self) -> None:
        """Refuse anything left over after the expression."""
        if self.token.kind != "end":
            raise self.error(f"{self.describe(self.token)} was not expected here")


