"""JSON that somebody wrote by hand: read as it is, or refused in one line that names the field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.strict_json import MAX_BYTES, MAX_DEPTH, read_json, read_json_file

PRINTED = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
PLAIN = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-1e9, 1e9) | st.text(PRINTED)
VALUES = st.recursive(PLAIN, lambda inside: st.lists(inside) | st.dictionaries(st.text(PRINTED), inside), max_leaves=9)


@given(VALUES)
def test_what_can_be_kept_is_read_as_it_was_written(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert read_json(text, name="f") == value
    assert read_json(text.encode("utf-8-sig"), name="f") == value


@given(st.binary() | st.text(st.sampled_from('{}[]",:\\u0d8e1-NaIfity \n')))
def test_whatever_is_not_is_refused_in_one_line(source: bytes | str) -> None:
    try:
        read_json(source, name="own.json")
    except Invalid as refused:
        assert refused.message.startswith("own.json: ") and len(refused.message.splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "field", "said"),
    [
        ('{"a": {"b": 1, "b": 2}}', "a.b", "given twice"),
        ('{"a": [1, NaN]}', "a[1]", "NaN is no number"),
        ('{"a": -Infinity}', "a", "-Infinity is no number"),
        ('{"a": 1e999}', "a", "1e999 is no number"),
        (f'{{"a": {"9" * 5000}}}', "a", "is no number that can be kept"),
        ('{"a": "x\\u0000y"}', "a", "character that cannot be kept"),
        ('{"a": "\\ud83d"}', "a", "character that cannot be kept"),
        ('{"a": {"x\\ny": 1}}', "a", "character that cannot be kept"),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "a" + "[0]" * (MAX_DEPTH - 1), "nested more than"),
        ("[" * 100_000, "", "nested more than"),
        ('{"a": 1', None, "cannot be read as JSON"),
        ("", None, "cannot be read as JSON"),
        (b"\xff\xfe{\x00}\x00", None, "not text in UTF-8"),
        (b" " * (MAX_BYTES + 1), None, "larger than 1 MB"),
    ],
)
def test_each_kind_names_the_field(source: bytes | str, field: str | None, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_json(source, name="own.json")
    assert refused.value.details.get("field") == field
    assert said in refused.value.message and refused.value.message.startswith(f"own.json: {field or ''}"[:100])


def test_a_file_is_read_no_further_than_it_may_be_long(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="larger than"):
        read_json_file(Path("/dev/zero"))
    with pytest.raises(Invalid, match="Is a directory"):
        read_json_file(tmp_path)
    with pytest.raises(Invalid, match=r"nowhere\.json: No such file"):
        read_json_file(tmp_path / "nowhere.json")
