"""Uploaded XML: nothing is fetched, expanded or swallowed, and every refusal says what and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import xml
from engine.errors import Invalid


def read(text: str | bytes) -> str:
    source = text if isinstance(text, bytes) else text.encode()
    return str(xml.parse_untrusted(source, "a.bpmn").tag)


def refusal(text: str | bytes) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.details["file"] == "a.bpmn"
    assert refused.value.message.startswith("a.bpmn")
    return refused.value


def test_a_sound_file_is_read() -> None:
    assert read('<?xml version="1.0" encoding="UTF-8"?><definitions><process/></definitions>') == "definitions"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read(encoding: str) -> None:
    root = xml.parse_untrusted(f'<?xml version="1.0" encoding="{encoding}"?><a n="é"/>'.encode(encoding), "a.bpmn")
    assert root.get("n") == "é"


def test_comments_and_instructions_are_left_out() -> None:
    root = xml.parse_untrusted(b"<a><!-- c --><?php echo 1 ?><b/></a>", "a.bpmn")
    assert [child.tag for child in root] == ["b"]


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
        '<!DOCTYPE a PUBLIC "-//X//Y" "a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>',
        "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
    ],
)
def test_a_doctype_is_refused_with_what_to_do(text: str) -> None:
    assert "DOCTYPE is not allowed; remove it" in refusal(text).message


def test_a_file_s_text_never_gets_in_through_an_entity(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("do not tell")
    text = f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{tmp_path}/secret">]><a>&b;</a>'
    assert "do not tell" not in refusal(text).message


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    refusal(f'<!DOCTYPE a [<!ENTITY l0 "ha">{lines}]><a>&l11;</a>')


def test_what_is_not_well_formed_is_refused_with_its_line() -> None:
    refused = refusal("<a>\n<b>\n</a>")
    assert refused.details["line"] == 3
    assert "a.bpmn: line 3: this is not well-formed XML" in refused.message


@pytest.mark.parametrize("text", [b"", b"\x00\x01", b"hello", b"<a>&undefined;</a>", b"\xff\xfe<"])
def test_what_is_not_xml_at_all_is_refused(text: bytes) -> None:
    assert "not well-formed" in refusal(text).message


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def test_depth_has_a_limit() -> None:
    assert read(nested(xml.MAX_DEPTH)) == "a"
    for depth in (xml.MAX_DEPTH + 1, 10_000):
        assert f"at most {xml.MAX_DEPTH} deep" in refusal(nested(depth)).message


def test_the_number_of_elements_has_a_limit() -> None:
    assert read(f"<a>{'<b/>' * (xml.MAX_ELEMENTS - 1)}</a>") == "a"
    assert f"{xml.MAX_ELEMENTS} elements" in refusal(f"<a>{'<b/>' * xml.MAX_ELEMENTS}</a>").message


def test_size_has_a_limit_and_is_judged_before_reading() -> None:
    padded = b"<a/>" + b" " * (xml.MAX_BYTES - 4)
    assert read(padded) == "a"
    assert "larger than 2 MB" in refusal(padded + b" ").message
    assert "larger than 2 MB" in refusal(b"<" * (xml.MAX_BYTES + 1)).message


def test_the_place_is_named_once() -> None:
    said = refusal("<a>\n<b>").message
    assert said.startswith("a.bpmn: line 2: this is not well-formed XML")
    assert "column" not in said and said.count("line 2") <= 2
