"""Finds in a text what gives an address away, however it is written there: postcode, street, house, number. Pure.

A warning too many is better than a leak: the street alone is enough, and so is the name of the house.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Final

_SHORT: Final = {
    "rd": "road", "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "ln": "lane", "la": "lane",
    "cl": "close", "clo": "close", "dr": "drive", "drv": "drive", "cres": "crescent", "cr": "crescent", "ct": "court",
    "crt": "court", "gdns": "gardens", "gdn": "gardens", "gr": "grove", "gro": "grove", "pl": "place", "sq": "square",
    "ter": "terrace", "terr": "terrace", "pk": "park", "hse": "house", "ho": "house", "cott": "cottage",
    "ldg": "lodge", "apt": "flat", "apartment": "flat", "wlk": "walk", "wy": "way", "mt": "mount", "grn": "green",
    "bldgs": "buildings", "bldg": "building", "fm": "farm",
}  # fmt: skip
"""How kinds of streets and houses are shortened on envelopes -> the word."""
_KINDS: Final = frozenset(
    "road street avenue lane close drive crescent court gardens garden grove place square terrace park house cottage "
    "cottages lodge walk way mount green buildings building farm mews row rise hill view court villas villa wharf "
    "parade path passage yard croft end gate field fields meadow meadows orchard wood woods hostel refuge hotel manor "
    "hall towers tower mansions quay circus vale dale broadway parkway causeway promenade crossway embankment".split()
)
"""The last words of the names of streets and houses."""
_NOT_A_NAME: Final = frozenset("the a an of at in on".split())
_UNITS: Final = ("flat", "unit", "plot", "caravan", "pitch")
_ONES: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS: Final = {word: number for number, word in enumerate(_ONES, 1)}
_TENFOLD: Final = {word: number for number, word in enumerate(_TENS, 2)}
_POSTCODE: Final = re.compile(r"\b[a-z]{1,2}[0-9][a-z0-9]?\s*[0-9][a-z]{2}\b")
"""A postcode of the United Kingdom, as Royal Mail writes them, with or without its space."""
LEFT_OUT: Final = "(left out here: it may tell an address that is kept secret)"
"""What stands in place of a sentence for whoever need not know the address that it may tell."""
_SENTENCES: Final = re.compile(r"((?<=[.!?;])\s+|\n+)")
_AGAIN: Final = re.compile(rf"{re.escape(LEFT_OUT)}(?:\s*{re.escape(LEFT_OUT)})+")
_WORD: Final = re.compile(r"[^\W_]+")
_MARKS: Final = str.maketrans(dict.fromkeys("'’‘`´", "") | dict.fromkeys("“”–—…", " "))
"""Apostrophes, which are no part of a word, and what else of a usual English text is not in ASCII."""
SHORTEST: Final = 5
"""Characters of a part of an address without its kind of street, spaces left out: fewer would be found anywhere."""

Words = tuple[str, ...]
Signs = tuple[Collection[str], Collection[str]]
"""What gives addresses away: codes, found without spaces too, and words one after another."""


def gives_away(text: str, address: str, *, own: str = "") -> bool:
    """Tell whether a text holds anything that tells where `address` is; what is in the reader's `own` is no secret."""
    told, joined = _words(text), _joined(text)
    open_words, open_codes = _words(own), _joined(own)
    if any(each in joined and each not in open_codes for each in _codes(address)):
        return True
    return any(_within(told, each) and not _within(open_words, each) for each in _telling(address))


def signs(addresses: Iterable[str]) -> Signs:
    """Return what gives any of `addresses` away, to look for it in many texts."""
    codes, words = set[str](), set[Words]()
    for each in addresses:
        codes |= _codes(each)
        words |= _telling(each)
    return codes, [f" {' '.join(each)} " for each in words]


def without(text: str, found_by: Signs) -> str:
    """Return a text with each sentence or line in which `signs` are found left out, and `LEFT_OUT` in its place."""
    if not _holds(text, found_by):
        return text
    parts = _SENTENCES.split(text)
    told = [_holds(part, found_by) for part in parts]
    kept = [LEFT_OUT if hidden else part for part, hidden in zip(parts, told, strict=True)]
    rest = "".join(part for part, hidden in zip(parts, told, strict=True) if not hidden)
    # What tells it across the end of a sentence, as "4 Elm. Row", is found only in the whole.
    return LEFT_OUT if _holds(rest, found_by) else _AGAIN.sub(LEFT_OUT, "".join(kept))


def _holds(text: str, found_by: Signs) -> bool:
    codes, words = found_by
    told = _words(text)
    if any(each in f" {' '.join(told)} " for each in words):
        return True
    joined = _joined(text)
    return any(each in joined for each in codes)


def is_sure(text: str, address: str, *, own: str = "") -> bool:
    """Tell whether what gives an address away is no chance: its postcode, all of it, or the number with the street.

    A street or a house by its name alone may be another place, as a school that is called after its road.
    """
    told, joined, whole = _words(text), _joined(text), _joined(address)
    open_words, open_codes = _words(own), _joined(own)
    codes = _codes(address) | ({whole} if len(whole) >= SHORTEST else set())
    if any(each in joined and each not in open_codes for each in codes):
        return True
    found = {each for each in _telling(address) if _within(told, each) and not _within(open_words, each)}
    return any(each[0][0].isdigit() for each in found) and any(not each[0][0].isdigit() for each in found)


def _codes(address: str) -> set[str]:
    """Return what is found even where it is written without spaces: postcodes, and parts with a number in them."""
    parts = {_joined(part) for part in _parts(address) if any(each.isdigit() for each in part)}
    return {_joined(found) for found in _POSTCODE.findall(_plain(address))} | {
        part for part in parts if len(part) >= SHORTEST
    }


def _telling(address: str) -> set[Words]:
    """Return the words, one after another, each of which gives an address away."""
    bare = _POSTCODE.sub(" ", _plain(address))
    words, parts = _words(bare), [found for part in _parts(bare) if (found := _words(part))]
    return _streets(words) | _numbered(words) | _names(parts, coded=bare != _plain(address))


def _streets(words: Words) -> set[Words]:
    """Return each street or house with the word before its kind: "Elm Road", "Rose House"."""
    return {
        (name, kind)
        for name, kind in pairwise(words)
        if kind in _KINDS and name not in _NOT_A_NAME and not name[0].isdigit() and len(name) > 1
    }


def _numbered(words: Words) -> set[Words]:
    """Return each number with the word after it, "4 Elm", and a flat with its number: "Flat 3"."""
    found = set[Words]()
    for at, word in enumerate(words):
        after = words[at + 1 :]
        if word[0].isdigit() and after and not after[0][0].isdigit():
            found.add((word, *(after[:2] if after[0] in _NOT_A_NAME else after[:1])))
        if word in _UNITS and after and after[0][0].isdigit():
            found.add((word, after[0]))
    return found


def _names(parts: list[Words], *, coded: bool) -> set[Words]:
    """Return the parts that are names without a kind of street: a house before its town, a street after its number.

    The last of several parts, and the only one beside a postcode, is the town: it tells too little, and is written
    everywhere.
    """
    found, last = set[Words](), len(parts) - 1
    for at, part in enumerate(parts):
        name = tuple(word for word in part if not word[0].isdigit())
        numbered, alone = len(name) < len(part), last == 0 and not coded
        first = at == 0 and (last > 0 or alone)
        if (numbered or first) and not _streets(part) and not set(part) & set(_UNITS) and _telling_name(name):
            found.add(name)
    return found


def _telling_name(name: Words) -> bool:
    return len("".join(name)) >= SHORTEST and not set(name) <= _KINDS | _NOT_A_NAME


def _within(told: Words, wanted: Words) -> bool:
    return f" {' '.join(wanted)} " in f" {' '.join(told)} "


def _parts(address: str) -> list[str]:
    return [part for part in re.split(r"[,;\n\r]", address) if part.strip()]


def _words(text: str) -> Words:
    """Return a text's words written one way: small, without accents, kinds of streets in full, numbers in figures."""
    found = list[str]()
    for word in _WORD.findall(_plain(text)):
        word = _SHORT.get(word, word)
        ones = _NUMBERS.get(word, 0)
        if found and found[-1] in _TENFOLD and 0 < ones < 10:
            found[-1] = str(_TENFOLD[found[-1]] * 10 + ones)
        else:
            found.append(str(ones) if ones else word)
    return tuple(str(_TENFOLD[word] * 10) if word in _TENFOLD else word for word in found)


def _joined(text: str) -> str:
    return "".join(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    """Return a text in small letters, without accents and apostrophes."""
    small = text.casefold().translate(_MARKS)
    if small.isascii():
        return small
    return "".join(each for each in unicodedata.normalize("NFKD", small) if not unicodedata.combining(each))
