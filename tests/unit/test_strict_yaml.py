"""YAML written by hand: read as YAML 1.2 means it, refused with the line where it could mean two things."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Invalid
from engine.strict_yaml import MAX_BYTES, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("True", "True"), ("0x10", "0x10"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ('""', ""), ('"true"', "true"),
        ("7", 7), ("007", 7), ("-1.50", Decimal("-1.50")), ("1e3", "1e3"), (".5", ".5"), ("9" * 31, "9" * 31),
        ("2026-06-04", date(2026, 6, 4)), ('"2026-06-04"', "2026-06-04"), ("[1, two]", [1, "two"]),
        ("{a: {b: 1}}", {"a": {"b": 1}}), (">-\n  two\n  lines", "two lines"), ("\ufeffa: 1", {"a": 1}),
    ],
)  # fmt: skip
def test_a_word_is_what_it_looks_like(text: str, value: Any) -> None:
    found = read_yaml(text.encode(), name="a.yaml")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: 1\na: 2", "a.yaml: line 2: a: this is given twice"),
        (b"a:\n  b: 1\n  b: 2", "line 3: a.b: this is given twice"),
        (b"a: &x 1\nb: *x", "line 1: b: this points to another part of the file"),
        (b"a: &x\n  b: *x", "points to another part"),
        (b"a: !!python/name:os.system x", "the tag tag:yaml.org,2002:python/name:os.system is not taken"),
        (b"a: !!binary aGk=", "is not taken"),
        (b"a: !mine {}", "is not taken"),
        (b"a: 2026-13-01", "line 1: a: 2026-13-01 is not a real date"),
        (b"{[1]: 2}", "the name of a field must be a word"),
        (b"a: [", "a.yaml: line 1: this cannot be read as YAML"),
        (b"a: 1\n---\nb: 2", "line 2: this cannot be read as YAML"),
        (b"a: \x00", "cannot be read as YAML"),
        (b"\xff", "not text in UTF-8"),
        (b"[" * 25 + b"]" * 25, "nested more than 20 deep"),
        (b"[" * 5000, "nested more than 20 deep"),
        (b"- " * 5000, "nested more than 20 deep"),
        (b"#" * (MAX_BYTES + 1), "larger than 200 KB"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_line(text: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_yaml(text, name="a.yaml")
    assert said in str(refusal.value)
    assert refusal.value.details["file"] == "a.yaml"
