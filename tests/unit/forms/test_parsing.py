"""Text as it is read: line ends plain, nothing that cannot be shown, whatever alphabet stands round it."""

from __future__ import annotations

import pytest

from engine.forms.parsing import Unreadable, read_text

SHOWN = {"\t": "\t", "\n": "\n", "\r": "\n"}


@pytest.mark.parametrize("around", ["Sam said ", "Samé said "])
@pytest.mark.parametrize("code", [*range(32), 127, 0xD800, 0xDFFF])
def test_control_characters_and_half_pairs_are_refused_and_only_they(around: str, code: int) -> None:
    character = chr(code)
    if character in SHOWN:
        assert read_text(f"{around}{character}so", one_line=False) == f"{around}{SHOWN[character]}so"
        return
    with pytest.raises(Unreadable, match="characters"):
        read_text(f"{around}{character}so", one_line=False)


@pytest.mark.parametrize("text", ["~", "é", "中", "\u00a0x", "\U0001f642"])
def test_what_can_be_shown_is_kept(text: str) -> None:
    assert read_text(f" {text}a ", one_line=True) == f"{text}a".strip()


def test_line_ends_become_plain_and_none_in_one_line() -> None:
    assert read_text("one\r\ntwo\rthree\nfour ", one_line=False) == "one\ntwo\nthree\nfour"
    assert read_text("one\r\ntwo\rthree\nfour ", one_line=True) == "one two three four"
