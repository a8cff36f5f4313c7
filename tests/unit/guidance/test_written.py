"""A guide is read into blocks of words: what is markup elsewhere stays words here."""

from __future__ import annotations

import pytest

from engine.errors import Invalid
from engine.guidance import Span, anchors, found, guide, read_guide, shipped

TEXT = """# House rules
for: practitioners, managers
superseded: A newer one is in print.

Ring first.
Then write.

## Ringing {#ring}
- one
  that goes on
- **two** and [more](https://example.org/a)
1. then this
### On paper
source: The council | https://example.org | May 2026
## Ringing
Twice.
"""


def test_a_whole_guide_is_read():
    read = read_guide("own-house", TEXT)
    assert (read.title, read.audience, read.superseded) == (
        "House rules", ("practitioners", "managers"), "A newer one is in print.",
    )  # fmt: skip
    about, ring, again = read.sections
    assert (about.anchor, ring.anchor, again.anchor) == ("about", "ring", "ringing")
    assert about.text == "Ring first. Then write."
    points, steps, heading = ring.blocks
    assert points.lines[0] == (Span("one that goes on"),)
    assert points.lines[1] == (Span("two", strong=True), Span(" and "), Span("more", href="https://example.org/a"))
    assert (points.kind, steps.kind, heading.kind) == ("points", "steps", "heading")
    assert (ring.sources[0].who, ring.sources[0].dated) == ("The council", "May 2026")


@pytest.mark.parametrize(
    "words",
    ["<script>alert(1)</script>", "[here](javascript:alert(1))", "[x](http://plain.example)", '[x](https://a"b.org)'],
)
def test_what_is_not_known_stays_words(words):
    (section,) = read_guide("own-a", f"# A\n{words}").sections
    assert not [span for block in section.blocks for line in block.lines for span in line if span.href]
    assert section.text


def test_characters_that_hide_or_turn_words_round_are_left_out():
    (section,) = read_guide("own-a", "# A\nsafe\u202egnp.exe\x00").sections
    assert section.text == "safegnp.exe"


@pytest.mark.parametrize(
    ("text", "title", "field"), [("", "A", "text"), ("words", "", "title"), ("x" * 200_001, "A", "text")]
)
def test_a_guide_needs_words_and_a_title(text, title, field):
    with pytest.raises(Invalid) as refused:
        read_guide("own-a", text, title=title)
    assert refused.value.details["field"] == field


def test_every_guide_that_comes_with_the_service_says_where_it_is_from_and_that_it_may_be_out_of_date():
    for each in shipped().values():
        assert each.superseded and each.audience, each.key
        assert any(section.sources for section in each.sections), each.key
        assert len({section.anchor for section in each.sections}) == len(each.sections)
    assert {"steps", "steps#harm", "lead#choose", "managers#stuck"} <= anchors()
    assert guide("steps#nowhere") is None and guide("nowhere") is None


def test_a_search_finds_every_word_and_headings_first():
    hits = found(shipped().values(), "WITHDRAWN consent")
    assert hits[0].section.anchor == "withdrawn"
    assert found(shipped().values(), "  ") == [] and found(shipped().values(), "zebra") == []
