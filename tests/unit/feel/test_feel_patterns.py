"""The pattern engine: XPath's syntax, agreement with Python's `re` where the two mean the same, and its limits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BudgetExceeded
from engine.feel.patterns import PatternError, compile_pattern, search


def found(pattern: str, text: str, flags: str = "") -> str | None:
    match = search(compile_pattern(pattern, flags), text)
    return None if match is None else text[match[0] : match[1]]


@pytest.mark.parametrize(
    ("pattern", "text", "flags", "piece"),
    [
        ("a*?b", "aaab", "", "aaab"),
        ("(a|ab)(c|bcd)", "abcd", "", "abcd"),
        ("^$", "a\n\nb", "m", ""),
        ("^$", "a\n\nb", "", None),
        ("a.c", "a\nc", "", None),
        ("a.c", "a\nc", "s", "a\nc"),
        ("a b[ ]c", "ab c", "x", "ab c"),
        ("a.b", "a.b", "q", "a.b"),
        ("a.b", "axb", "q", None),
        ("[a-z-[aeiou]]+", "aeixyz", "", "xyz"),
        ("[^Q]", "q", "i", None),
        ("[A-Z-[OI]]", "o", "i", None),
        ("é", "É", "i", "É"),
        (r"\p{Lu}\p{L}+", "ada Ada", "", "Ada"),
        (r"\P{L}", "a1", "", "1"),
        (r"\p{IsGreek}", "aλ", "", "λ"),
        (r"\i\c*", "1 a-1", "", "a-1"),
        (r"\d{2,3}", "12345", "", "123"),
        (r"\d{2,3}?", "12345", "", "12"),
        (r"\D\W\S", "1a b", "", "a b"),
        (r"(\w)\1", "abccd", "", "cc"),
        (r"(a)\1", "aA", "i", "aA"),
        (r"(?:ab)+", "ababx", "", "abab"),
        (r"\$\.\^", "$.^", "", "$.^"),
        ("(a*)*b", "aab", "", "aab"),
        ("(a*)+$", "aa", "", "aa"),
        ("|a", "a", "", ""),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, flags: str, piece: str | None) -> None:
    assert found(pattern, text, flags) == piece


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "[", "[]", "[z-a]", "*", "a**", "a{2,1}", "a{x}", "a{1001}", r"\q", r"\1", r"(a\1)", r"\p{Xx}",
     r"\p{IsNowhere}", r"[\1]", "(?=a)", "(?<n>a)", "(?i)a", r"\b", "\\", "((((a{1000}){1000}){1000}){1000})",
     "(" * 50 + ")" * 50],
)  # fmt: skip
def test_what_is_no_pattern_or_asks_too_much(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern, "")


@pytest.mark.parametrize("flags", ["z", "ig"])
def test_unknown_flags(flags: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern("a", flags)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*c", "(a|aa)+$", "(a*)*c", "(.*)*(.*)*x", "(a?){30}a{30}x"])
def test_no_pattern_without_back_references_backtracks_for_ever(pattern: str) -> None:
    assert found(pattern, "a" * 2000 + "b") is None


def test_back_references_are_stopped_by_the_limit() -> None:
    with pytest.raises(BudgetExceeded):
        found(r"(a*)*(a*)*\1\2x", "a" * 300)


def test_a_long_text_is_stopped_by_the_limit() -> None:
    with pytest.raises(BudgetExceeded):
        found("a{1000}b", "a" * 100_000)


PIECES = st.recursive(
    st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "^", "$"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "+?", "{1,2}", "{2}", "??"])).map(lambda two: f"(?:{two[0]}){two[1]}"),
        st.tuples(st.sampled_from("abc"), st.sampled_from(["*", "+", "*?"])).map("".join),
    ),
    max_leaves=6,
)


@given(PIECES, st.text("abc", max_size=8))
def test_the_engine_agrees_with_pythons(pattern: str, text: str) -> None:
    # `\Z` because XPath's `$` is the very end, where Python's also stands before a last newline.
    expected = re.compile(pattern.replace("$", r"\Z")).search(text)
    assert found(pattern, text) == (None if expected is None else expected.group())
