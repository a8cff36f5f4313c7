"""FEEL expressions of every sort, with the variables that they may read, for tests that compare or torment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st


@dataclass(frozen=True)
class Written:
    """An expression as a pattern with its parts, each of which is an expression by itself."""

    pattern: str
    parts: tuple[Written, ...] = ()

    def __str__(self) -> str:
        return self.pattern.format(*self.parts) if self.parts else self.pattern


def _plain(*texts: str) -> st.SearchStrategy[Written]:
    return st.sampled_from([Written(text) for text in texts])


def _of(pattern: str, *parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.tuples(*parts).map(lambda found: Written(pattern, found))


VARIABLES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "a": st.integers(-5, 12), "b": st.sampled_from([0.5, 2, 3.25, -1, 10]), "n": st.just(None),
    "s": st.sampled_from(["", "red", "blue car", "Red"]), "t": st.sampled_from(["e", "red", "a b"]),
    "p": st.booleans(), "l": st.lists(st.integers(-3, 6), max_size=4),
    "w": st.lists(st.sampled_from(["x", "red", ""]), max_size=3),
    "c": st.fixed_dictionaries({"x": st.integers(0, 5), "y": st.sampled_from(["red", "tea"])}),
}  # fmt: skip
CONTEXTS: Final = st.fixed_dictionaries(VARIABLES)
_WORDS: Final = _plain('"red"', '""', '"blue car"', '"e"', "s", "t", "c.y")
_DAYS: Final = _plain('date("2026-02-28")', 'date("2024-02-29")', '@"2026-03-01"', 'date("2025-12-31")')
_SPANS: Final = _plain('duration("P1D")', '@"P3D"', 'duration("PT36H")', '@"-P2D"')
_WHOLE_DAYS: Final = _plain('duration("P1D")', '@"P3D"', '@"-P2D"')
_MONTHS: Final = _plain('duration("P1M")', '@"P1Y2M"', '@"-P13M"')


def _numbers(depth: int) -> st.SearchStrategy[Written]:
    plain = _plain("0", "1", "2", "-1", "3.5", "10", "a", "b", "c.x", "0.1")
    if depth == 0:
        return plain
    inner, lists, words = _numbers(depth - 1), _lists(depth - 1), _strings(depth - 1)
    return st.one_of(
        plain,
        _of("({} + {})", inner, inner), _of("({} - {})", inner, inner), _of("({} * {})", inner, inner),
        _of("({} / {})", inner, inner), _of("-({})", inner), _of("({} ** 2)", inner), _of("abs({})", inner),
        _of("floor({})", inner), _of("ceiling({})", inner), _of("modulo({}, 3)", inner), _of("decimal({}, 1)", inner),
        _of("count({})", lists), _of("sum({})", lists), _of("min({})", lists), _of("max({})", lists),
        _of("mean({})", lists), _of("string length({})", words), _of("number(string({}))", inner),
        _of("(if {} then {} else {})", _booleans(depth - 1), inner, inner), _of("{}[1]", lists), _of("{}[-1]", lists),
        _of("({} - {}).days", _DAYS, _DAYS), _of("{}.month", _DAYS), _of("median({})", lists),
        _of("product({})", lists),
    )  # fmt: skip


def _strings(depth: int) -> st.SearchStrategy[Written]:
    if depth == 0:
        return _WORDS
    inner = _strings(depth - 1)
    return st.one_of(
        _WORDS, _of("({} + {})", inner, inner), _of("substring({}, {})", inner, _plain("1", "2", "-1")),
        _of("upper case({})", inner), _of("lower case({})", inner), _of("substring before({}, {})", inner, inner),
        _of("substring after({}, {})", inner, inner), _of('replace({}, "e", "o")', inner),
        _of("string({})", st.one_of(_booleans(depth - 1), _plain("1", "2.5", "a"))),
        _of("(if {} then {} else {})", _booleans(depth - 1), inner, inner), _of('string join(w, {})', inner),
    )  # fmt: skip


def _lists(depth: int) -> st.SearchStrategy[Written]:
    plain = _plain("l", "[]", "[1, 2, 3]", "[a, 2]", "[3, 3, 1]")
    if depth == 0:
        return plain
    inner, numbers = _lists(depth - 1), _numbers(depth - 1)
    return st.one_of(
        plain, _of("[{}, {}]", numbers, numbers), _of("{}[item > {}]", inner, numbers),
        _of("append({}, {})", inner, numbers),
        _of("concatenate({}, {})", inner, inner), _of("reverse({})", inner), _of("distinct values({})", inner),
        _of("union({}, {})", inner, inner), _of("remove({}, 1)", plain), _of("sublist({}, 1)", plain),
        _of("insert before({}, 1, {})", plain, numbers), _of("sort({}, function(x, y) x < y)", inner),
        _of("(for i in {} return i + {})", inner, numbers), _of("(for i in 1..3 return i * {})", numbers),
        _of("index of({}, {})", inner, numbers), _of("flatten([{}, [{}]])", inner, inner),
    )  # fmt: skip


def _booleans(depth: int) -> st.SearchStrategy[Written]:
    plain = _plain("true", "false", "p")
    if depth == 0:
        return plain
    inner, numbers, words, lists = _booleans(depth - 1), _numbers(depth - 1), _strings(depth - 1), _lists(depth - 1)
    signs = ("<", "<=", ">", ">=", "=", "!=")
    return st.one_of(
        plain,
        *(_of(f"({{}} {sign} {{}})", kind, kind) for sign in signs for kind in (numbers, words, _DAYS, _SPANS)),
        _of("({} and {})", inner, inner),
        _of("({} or {})", inner, inner), _of("not({})", inner), _of("({} in [1..5])", numbers),
        _of("({} in (0..{}])", numbers, numbers),
        _of("({} in (< 3, 7))", numbers), _of("({} between 1 and {})", numbers, numbers),
        _of("({} = {})", lists, lists),
        _of("(some i in {} satisfies i > {})", lists, numbers), _of("(every i in {} satisfies i > {})", lists, numbers),
        _of("contains({}, {})", words, words), _of("starts with({}, {})", words, words),
        _of("ends with({}, {})", words, words),
        _of("list contains({}, {})", lists, numbers), _of("({} instance of number)", numbers),
        _of("({} instance of string)", words),
        _of('matches({}, "^[a-r]+$")', words), _of("all([{}, {}])", inner, inner), _of("any([{}, {}])", inner, inner),
        _of("(n = null or {})", inner), _of("even({})", numbers), _of("odd({})", numbers),
        _of("({} + {} = {})", _DAYS, _WHOLE_DAYS, _DAYS), _of("({} + {} < {})", _DAYS, _MONTHS, _DAYS),
    )  # fmt: skip


_COMPARED: Final = (
    _of("{}", _numbers(1)), *(_of(sign + " {}", _numbers(1)) for sign in ("<", "<=", ">", ">=")),
    _of("[{}..{}]", _numbers(0), _numbers(0)), _of("({}..{}]", _numbers(0), _numbers(0)), _plain("null"),
    _of("? > {}", _numbers(1)),
)  # fmt: skip
_TEST: Final = st.one_of(*_COMPARED)
TESTS: Final = st.one_of(_TEST, _of("{}, {}", _TEST, _TEST), _of("not({})", _TEST), _plain("-"))
"""Unary tests of a number."""
EXPRESSIONS: Final = st.one_of(_numbers(2), _strings(2), _lists(2), _booleans(2))
