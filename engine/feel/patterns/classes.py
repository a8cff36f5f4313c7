"""Sets of characters: what `.`, `\\d`, `\\p{Lu}` and `[a-z-[aeiou]]` stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Charset = Callable[[str], bool]

_CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co Cn".split()
)
# The Unicode blocks that patterns in practice name; XPath removes spaces from the block's name.
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Bengali": (0x0980, 0x09FF),
    "Gurmukhi": (0x0A00, 0x0A7F),
    "Gujarati": (0x0A80, 0x0AFF),
    "Tamil": (0x0B80, 0x0BFF),
    "Thai": (0x0E00, 0x0E7F),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "BoxDrawing": (0x2500, 0x257F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "Emoticons": (0x1F600, 0x1F64F),
}


def one_of(characters: frozenset[str]) -> Charset:
    """Return the set of exactly these characters."""
    return characters.__contains__


def between(low: str, high: str) -> Charset:
    """Return the set of the characters from `low` to `high`."""
    return lambda character: low <= character <= high


def union(parts: list[Charset]) -> Charset:
    """Return the set of what any part holds."""
    known = tuple(parts)
    return lambda character: any(part(character) for part in known)


def without(whole: Charset, taken: Charset) -> Charset:
    """Return `whole` less what `taken` holds."""
    return lambda character: whole(character) and not taken(character)


def negate(part: Charset) -> Charset:
    """Return everything that `part` does not hold."""
    return lambda character: not part(character)


def any_case(part: Charset) -> Charset:
    """Return `part` with the other case of each of its letters."""
    return lambda character: part(character) or part(character.lower()[:1]) or part(character.upper()[:1])


def everything(_: str) -> bool:
    """Hold every character."""
    return True


def not_newline(character: str) -> bool:
    """Hold every character that does not end a line."""
    return character not in "\n\r"


def _digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def _word(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PZC"


def _name_start(character: str) -> bool:
    return character in "_:" or unicodedata.category(character)[0] == "L"


def _name_part(character: str) -> bool:
    return character in "_:-.\u00b7" or unicodedata.category(character)[0] in "LNM"


ESCAPES: dict[str, Charset] = {
    "s": one_of(frozenset(" \t\n\r")),
    "d": _digit,
    "w": _word,
    "i": _name_start,
    "c": _name_part,
}


def property_set(name: str) -> Charset | None:
    """Return the set that `\\p{name}` stands for, or None for an unknown name."""
    if name.startswith("Is"):
        block = _BLOCKS.get(name[2:])
        return None if block is None else between(chr(block[0]), chr(block[1]))
    if name not in _CATEGORIES:
        return None
    return lambda character: unicodedata.category(character).startswith(name)
