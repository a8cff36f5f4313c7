"""Patterns a form may use: ordinary ones pass, those that could run for ever do not."""

from __future__ import annotations

import pytest

from engine.forms.patterns import UnsafePattern, compile_pattern


@pytest.mark.parametrize(("pattern", "good", "bad"), [
    (r"^\d{3} ?\d{3} ?\d{4}$", "943 476 5919", "943"),
    (r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$", "SW1A 2AA", "SW"),
    (r"^(yes|no)$", "yes", "maybe"),
    (r"^[^@]+@[^@]+\.[a-z]+$", "a@b.org", "a@b"),
    (r"^(\d{3}-){2}\d+$", "123-456-7", "123-4"),
    (r"^(?:[a-z]\d)+$", "a1b2", "a1b"),
    (r"^[\](*+?{]+$", "](*", "a"),
    (r"^\(\+\d+\)$", "(+44)", "44"),
])
def test_ordinary_patterns_are_compiled(pattern: str, good: str, bad: str) -> None:
    compiled = compile_pattern(pattern)
    assert compiled.search(good)
    assert not compiled.search(bad)


@pytest.mark.parametrize("pattern", [
    "(a+)+$", "(a*)*b", "(a|aa)+$", "(a|b)*c", "((a{1,9}b?)){5}", "(a?){25}a{25}", "([a-z]+)*", "(?:x+x+)+y",
    "(.*)*", r"(\w+\s?)+$", "((ab)*c)+", "a*a*a*a*b", "a?" * 20, "a{1,99}" * 3, r"(a)\1", "(?=a)b", "(?P<n>a)",
    "(?i:a+)+" , "x" * 301, "[", "a{99999999999}",
])
def test_costly_or_broken_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern):
        compile_pattern(pattern)
