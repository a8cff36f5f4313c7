"""Random text as FEEL, and DMN files with random damage: a value or an error in words, never else.

The pieces are those of real expressions and of the shipped rules, cut up and put together wrongly.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import read_model
from engine.dmn.analysis import analyse
from engine.dmn.atoms import Surroundings
from engine.errors import EngineError
from engine.feel import (
    Budget,
    Environment,
    built_in_names,
    compile_expression,
    compile_unary_tests,
    literal_text,
    to_plain,
)
from tests.properties.feel_texts import CONTEXTS, EXPRESSIONS, TESTS

SECONDS = 60
SMALL = Budget(steps=20_000, range_size=2_000, list_length=5_000, string_length=20_000, calls=40)
NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)
TOKENS = [
    *sorted(built_in_names()), "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or",
    "not", "between", "instance of", "function", "null", "true", "false", "item", "?", "..", ".", ",", ":", "(", ")",
    "[", "]", "{", "}", "<", ">", "<=", ">=", "=", "!=", "+", "-", "*", "/", "**", "->", '"', '"a"', "@", '@"P1D"',
    '@"2026-06-03"', '@"10:00:00@Europe/London"', "0", "1", "-1", "1e3", "9" * 40, ".5", "a", "b", "l", "c.x", "s",
    "\\", "\n", "//", "/*", "*/", "é", "\U0001f600", "list<number>", "context<a: number>", "external", " ",
]  # fmt: skip



def try_feel(text: str, context: dict[str, object]) -> None:
    for make in (compile_expression, compile_unary_tests):
        # An error of ours is an answer in words.
        with suppress(EngineError):
            compiled = make(text, names=list(context), budget=SMALL)
            environment = Environment(now=NOW)
            value = (
                compiled.evaluate(context, environment)
                if make is compile_expression
                else compiled.matches(context.get("a"), context, environment)
            )
            literal_text(value)
            to_plain(value)


@pytest.mark.storm
@settings(max_examples=20_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.one_of(
        st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join),
        st.lists(st.sampled_from(TOKENS), max_size=10).map("".join),
        st.tuples(EXPRESSIONS | TESTS, st.integers(0, 40), st.sampled_from(TOKENS)).map(
            lambda found: str(found[0])[: found[1]] + found[2] + str(found[0])[found[1] :]
        ),
        st.text(max_size=40),
    ),
    context=CONTEXTS,
)
def test_any_text_is_answered(text: str, context: dict[str, object]) -> None:
    try_feel(text, context)


SHIPPED = [
    (each.name, each.read_text(encoding="utf-8")) for each in files("rules").iterdir() if each.name.endswith(".dmn")
]
PARTS = re.compile(r"<[^>]*>|[^<]+")


@pytest.mark.storm
@pytest.mark.parametrize(("name", "source"), SHIPPED, ids=lambda each: each if len(each) < 40 else "")
def test_a_damaged_file_is_read_or_refused_in_words(name: str, source: str) -> None:
    chance, until = random.Random(name), time.monotonic() + SECONDS / len(SHIPPED)
    parts = PARTS.findall(source)
    while time.monotonic() < until:
        damaged = _damage(parts, chance)
        with suppress(EngineError):
            model = read_model(damaged.encode(), name=name, functions=HOST_FUNCTIONS)
            for decision in list(model.decisions):
                asked = model.decisions[decision].inputs_needed
                given = {each: chance.choice([None, 1, -3, "yes", True, NOW.date()]) for each in asked}
                model.evaluate(decision, given, Environment(now=NOW)).as_json()
            list(analyse(model, Surroundings(Environment(now=NOW), HOST_FUNCTIONS)))


def _damage(parts: list[str], chance: random.Random) -> str:
    damaged = list(parts)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(damaged))
        match chance.randrange(6):
            case 0:
                del damaged[at : at + chance.randint(1, 3)]
            case 1:
                damaged.insert(at, damaged[chance.randrange(len(damaged))])
            case 2:
                damaged[at] = damaged[chance.randrange(len(damaged))]
            case 3:
                text = damaged[at]
                cut = chance.randrange(len(text) + 1)
                damaged[at] = text[:cut] + chance.choice(TOKENS).replace("<", "&lt;") + text[cut:]
            case 4:
                value = chance.choice(["", "x", "FIRST", "number", "true"])
                damaged[at] = re.sub(r'"[^"]*"', f'"{value}"', damaged[at])
            case _:
                text = next((each for each in damaged[at:] if not each.startswith("<") and each.strip()), "")
                damaged = [chance.choice(TOKENS).replace("<", "&lt;") if each is text else each for each in damaged]
    return "".join(damaged)
