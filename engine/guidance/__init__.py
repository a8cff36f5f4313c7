"""Guidance in our own words: the guides that come with the service, and how a guide is written and read.

A guide is a Markdown file of `texts/`; an authority's own are read by the same rules. Nothing of a text ever reaches a
page as markup: it is read into blocks of words (`written`), and whatever is not known is words too.
"""

from __future__ import annotations

from engine.guidance.search import Found, found
from engine.guidance.shipped import anchors, guide, shipped
from engine.guidance.written import LONGEST, Block, Guide, Section, Source, Span, read_guide

__all__ = [
    "LONGEST", "Block", "Found", "Guide", "Section", "Source", "Span", "anchors", "found", "guide", "read_guide",
    "shipped",
]  # fmt: skip
