"""FEEL expressions of every sort, with the variables that they may read, for tests that compare or torment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st


@dataclass(frozen=True)
class Written:
    """An expression as a pattern with its parts, each of which is an expression by itself."""

    pattern: str
    parts: tuple[Written, ...] = ()

    def __str__(self) -> str:
        return self.pattern.format(*self.parts) if self.parts else self.pattern


Texts: TypeAlias = st.SearchStrategy[Written]


def _plain(*texts: str) -> Texts:
    return st.sampled_from([Written(text) for text in texts])


def _of(pattern: str, *parts: Texts) -> Texts:
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
_TIMES: Final = _plain('time("10:30:00")', '@"23:59:59"', 'time("00:15:00")', "time(9, 5, 30)", '@"10:30:00"')
_UTC_TIMES: Final = _plain('time("10:30:00Z")', '@"11:30:00+01:00"', '@"23:00:00Z"', '@"10:30:00-02:00"')
_MOMENTS: Final = _plain(
    'date and time("2026-02-28T10:30:00Z")', '@"2026-03-01T00:15:00+01:00"', '@"2024-12-31T23:59:59Z"',
    'date and time("2026-02-28T23:15:00Z")',
)  # fmt: skip
_LOCAL: Final = _plain('date and time("2026-02-28T10:30:00")', '@"2025-12-31T00:15:00"')
_CLOCKS: Final = _plain('duration("PT1H")', '@"PT90M"', '@"-PT45M"', '@"P1DT30S"', '@"PT0S"')
_PLACES: Final = _plain("0", "1", "-1", "2")
# Halves and quarters are the same to whoever counts in twos as to whoever counts in tens.
_HALVES: Final = _plain("2.5", "-2.5", "0.25", "-0.75", "1.125", "12.5", "3.5", "a", "b", "0.5", "-1.5", "25", "-15")


def _numbers(depth: int) -> Texts:
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
        _of("({} - {}).days", _DAYS, _DAYS), _plain("n[1]", "count(n)", "n.x", "c.z"), _of("{}.month", _DAYS),
        _of("median({})", lists),
        _of("product({})", lists), *_more_numbers(inner, lists, words, depth - 1),
    )  # fmt: skip


def _more_numbers(
    inner: Texts, lists: Texts, words: Texts, depth: int
) -> tuple[Texts, ...]:
    contexts, ranges = _contexts(depth), _ranges(inner)
    return (
        *(_of(f"round {way}({{}}, {{}})", _HALVES, _PLACES) for way in ("up", "down", "half up", "half down")),
        _of("decimal({}, {})", _HALVES, _PLACES), _of("floor({}, {})", _HALVES, _PLACES),
        _of("ceiling({}, {})", _HALVES, _PLACES), _of("stddev({})", lists), _of("sqrt({})", inner),
        _of("min({}, {})", inner, inner), _of("max({}, {})", inner, inner), _of("sum({}, {})", inner, inner),
        _of("{}.x", contexts), _of('get value({}, "x")', contexts), _of("{}.start", ranges), _of("{}.end", ranges),
        _of("(function(q) q + {})({})", inner, inner), _of("{{f: function(q, r) q - r, g: f({}, {})}}.g", inner, inner),
        _of("{{f: function(q) q * 2, g: f(q: {})}}.g", inner), _of("count(get entries({}))", contexts),
        _of("{}.hour", _TIMES), _of("{}.minute", _MOMENTS), _of("{}.year", _MOMENTS), _of("{}.weekday", _DAYS),
        _of("({}).minutes", _CLOCKS), _of("({}).months", _MONTHS), _of("day of year({})", _DAYS),
        _of("week of year({})", _DAYS), _of("{} ** {}", _plain("2", "10", "-1"), _plain("2", "0", "3", "-1")),
        _of("modulo({}, {})", _plain("7", "-7", "a"), _plain("3", "-3", "b")), _of("modulo({}, {})", inner, _HALVES),
        _of("exp({})", _plain("0", "1", "-1", "0.5")), _of("log({})", _plain("1", "2", "0.5", "0", "-1")),
        _of('number({}, ",", ".")', _plain('"1,000.5"', '"12"', '"x"')), _of("string length({})", words),
    )  # fmt: skip


def _contexts(depth: int) -> Texts:
    plain = _plain("c", '{x: 1, y: "tea"}', "{x: a, y: x + 1}")
    if depth <= 0:
        return plain
    inner, numbers, words = _contexts(depth - 1), _numbers(depth - 1), _strings(depth - 1)
    return st.one_of(
        plain, _of("{{x: {}, y: {}}}", numbers, words), _of('context put({}, "z", {})', inner, numbers),
        _of('context put({}, "x", {})', inner, numbers), _of("context merge([{}, {{y: {}}}])", inner, numbers),
        _of('context([{{key: "x", value: {}}}, {{key: "k", value: {}}}])', numbers, words),
        _of("[{}, {}][1]", inner, inner), _of("[{}, {}][x > {}][1]", inner, inner, numbers),
        _of("{{w: {}}}.w", inner), _of('context put({{w: {}}}, ["w", "x"], {}).w', inner, numbers),
    )  # fmt: skip


def _ranges(numbers: Texts) -> Texts:
    return st.one_of(
        _plain("[1..5]", "(1..5)", "]0..3]", "[2..7[", "[-1..1]"), _of("[{}..10]", numbers), _of("(-10..{}]", numbers)
    )


_TEMPORALS: Final = st.one_of(
    _DAYS, _TIMES, _MOMENTS, _CLOCKS, _MONTHS,
    _of("({} + {})", _DAYS, _WHOLE_DAYS), _of("({} - {})", _DAYS, _MONTHS), _of("({} + {})", _DAYS, _MONTHS),
    _of("({} - {})", _DAYS, _DAYS), _of("({} + {})", _MOMENTS, _CLOCKS), _of("({} - {})", _MOMENTS, _CLOCKS),
    _of("({} + {})", _MOMENTS, _MONTHS), _of("({} - {})", _MOMENTS, _MOMENTS), _of("({} + {})", _TIMES, _CLOCKS),
    _of("({} - {})", _TIMES, _CLOCKS), _of("({} - {})", _UTC_TIMES, _UTC_TIMES), _of("({} + {})", _CLOCKS, _CLOCKS),
    _of("({} - {})", _CLOCKS, _SPANS), _of("({} + {})", _MONTHS, _MONTHS), _of("-({})", _CLOCKS),
    _of("({} * {})", _CLOCKS, _plain("2", "0.5", "a")), _of("({} / {})", _CLOCKS, _plain("2", "0.5")),
    _of("date({})", st.one_of(_MOMENTS, _DAYS)), _of("time({})", _MOMENTS), _of("date({}, {}, {})",
    _plain("2024", "2025"),
    _plain("2", "12"), _plain("28", "29", "30")), _of("date and time({}, {})", _DAYS, st.one_of(_TIMES, _UTC_TIMES)),
    _of("years and months duration({}, {})", _DAYS, _DAYS), _of("({} - {})", _LOCAL, _LOCAL),
    _of("{}.time offset", st.one_of(_MOMENTS, _UTC_TIMES)), _of("abs({})", _SPANS),
    _plain('@"2026-07-01T10:00:00@Europe/London"', 'date and time("2026-01-01T10:00:00@Europe/London")',
           'date("2023-02-29")', '@"25:00:00"', 'duration("P1Y1D")'),
)  # fmt: skip


_SPLITS: Final = _plain('" "', '"e"', '"[a-e]"', '"r+"')


def _strings(depth: int) -> Texts:
    if depth == 0:
        return _WORDS
    inner = _strings(depth - 1)
    return st.one_of(
        _WORDS, _of("({} + {})", inner, inner), _of("substring({}, {})", inner, _plain("1", "2", "-1")),
        _of("upper case({})", inner), _of("lower case({})", inner), _of("substring before({}, {})", inner, inner),
        _of("substring after({}, {})", inner, inner), _of('replace({}, "e", "o")', inner),
        _of("string({})", st.one_of(_booleans(depth - 1), _plain("1", "2.5", "a"))),
        _of("(if {} then {} else {})", _booleans(depth - 1), inner, inner), _of('string join(w, {})', inner),
        _of("substring({}, {}, {})", inner, _plain("1", "2", "-1"), _plain("1", "2")),
        _of("substring(start position: {}, string: {})", _plain("1", "2"), inner),
        _of("string({})", st.one_of(_lists(depth - 1), _contexts(depth - 1), _DAYS, _MONTHS, _CLOCKS, _TIMES)),
        _of('replace({}, "([a-e])", "<$1>")', inner), _of('string join(split({}, {}), "-")', inner, _SPLITS),
        _of("day of week({})", _DAYS), _of("month of year({})", _DAYS), _of("{}.y", _contexts(depth - 1)),
        _of('split({}, {})[1]', inner, _SPLITS), _of("(function(q) q + {})({})", inner, inner),
    )  # fmt: skip


def _lists(depth: int) -> Texts:
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
        _of("mode({})", inner), _plain("n[item > 1]", "[n]", "n[true]"),
        _of("list replace({}, 1, {})", inner, numbers), _of("list replace({}, -1, {})", plain, numbers),
        _of("list replace({}, function(i, n) i < n, {})", inner, numbers), _of("sort({}, function(x, y) x > y)", inner),
        _of("(for i in {}, j in {} return i * j)", plain, plain), _of("(for i in {} return count(partial))", inner),
        _of("[{}, {}].x", _contexts(depth - 1), _contexts(depth - 1)),
        _of("sublist({}, {}, {})", plain, _PLACES, _PLACES),
        _of("(for i in {} return {}[i])", _plain("[1, 2]", "[2]"), inner),
        _of("[{}][item in {}]", numbers, _ranges(numbers)),
        _of('split({}, {})', _strings(depth - 1), _SPLITS),
        _of("[{}, {}, {}][item > 1 and item < {}]", numbers, numbers, numbers, numbers),
    )  # fmt: skip


def _booleans(depth: int) -> Texts:
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
        _of("({} + {} = {})", _DAYS, _WHOLE_DAYS, _DAYS),
        _of("({} + {} < {})", _DAYS, _MONTHS, _DAYS), *_more_booleans(numbers, words, lists, depth - 1),
    )  # fmt: skip


def _more_booleans(
    numbers: Texts, words: Texts, lists: Texts, depth: int
) -> tuple[Texts, ...]:
    contexts, ranges = _contexts(depth), _ranges(numbers)
    kinds = (_TIMES, _UTC_TIMES, _MOMENTS, _CLOCKS, _MONTHS)
    return (
        *(_of(f"({{}} {sign} {{}})", kind, kind) for sign in ("<", ">=", "=", "!=") for kind in kinds),
        _of("({} = {})", contexts, contexts), _of("({} != {})", contexts, contexts), _of("({} in {})", numbers, ranges),
        _of("includes({}, {})", ranges, numbers), _of("includes({}, {})", ranges, ranges),
        _of("before({}, {})", numbers, ranges), _of("before({}, {})", ranges, ranges),
        _of("after({}, {})", ranges, numbers),
        _of("after({}, {})", numbers, numbers), _of("meets({}, {})", ranges, ranges),
        _of("met by({}, {})", ranges, ranges),
        _of("overlaps({}, {})", ranges, ranges), _of("({} = {})", ranges, ranges), _of("{}.start included", ranges),
        _of("({} in [{}..{}])", _DAYS, _DAYS, _DAYS), _of("({} in ({}..{}))", _MOMENTS, _MOMENTS, _MOMENTS),
        _of("({} between {} and {})", _TIMES, _TIMES, _TIMES), _of('({} in ["a".."r"])', words),
        _of("({} in (> {}))", words, words), _of("({} in [{}, {}])", numbers, numbers, numbers),
        _of("({} in {})", numbers, lists), _of("is({}, {})", numbers, numbers), _of("is({}, {})", _DAYS, _DAYS),
        _of("({} = {})", words, numbers), _of("({} < {})", words, numbers), _of("(n = {})", numbers),
        _of("(n and {})", _plain("true", "false")),
        _of("(n or {})", _plain("true", "false")), _of("not({} = n)", numbers), _of("(null in {})", ranges),
        _of("(some i in {}, j in {} satisfies i > j)", lists, lists),
        _of("(every i in {} satisfies i in {})", lists, ranges),
        _of('matches({}, "RED", "i")', words), _of("list contains({}, n)", lists), _of("all({})",
        _plain("[]", "[true, null]", "[false, null]")),
    )  # fmt: skip


_COMPARED: Final = (
    _of("{}", _numbers(1)), *(_of(sign + " {}", _numbers(1)) for sign in ("<", "<=", ">", ">=")),
    _of("[{}..{}]", _numbers(0), _numbers(0)), _of("({}..{}]", _numbers(0), _numbers(0)), _plain("null"),
    _of("? > {}", _numbers(1)),
)  # fmt: skip
_TEST: Final = st.one_of(*_COMPARED)
TESTS: Final = st.one_of(_TEST, _of("{}, {}", _TEST, _TEST), _of("not({})", _TEST), _plain("-"))
"""Unary tests of a number."""
EXPRESSIONS: Final = st.one_of(_numbers(2), _strings(2), _lists(2), _booleans(2), _contexts(2), _TEMPORALS)
