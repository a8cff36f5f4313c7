"""How an authority looks: the words it stands under and its two colours, none of which may be hard to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid

LOGO_TEXT: Final = "logo_text"
BRAND: Final = "brand_colour"
LINK: Final = "link_colour"
COLOURS: Final = (BRAND, LINK)
LONGEST_LOGO: Final = 40
READABLE: Final = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3): both colours are used for text, or behind white text."""

_WHITE: Final = "#ffffff"
_HEX: Final = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_TINT: Final = 0.94
_BORDER: Final = 0.55
_DARKER: Final = 0.3
_CALLED: Final = {BRAND: "The colour of your authority", LINK: "The colour of links"}


@dataclass(frozen=True, slots=True)
class Look:
    """What stands in the head of each page, and the colours as `#rrggbb`; empty where the service's own are kept."""

    logo_text: str = ""
    brand: str = ""
    link: str = ""


OWN: Final = Look()
"""The look of the service itself."""


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours that follow from the two that are chosen; empty where nothing is chosen."""

    brand: str
    link: str
    link_hover: str
    surface: str
    surface_border: str


def look(profile: Mapping[str, Any]) -> Look:
    """Return how an authority looks by its profile. A colour that cannot be read is left out, never shown."""
    brand, link = (colour(str(profile.get(name) or "")) for name in COLOURS)
    return Look(str(profile.get(LOGO_TEXT) or "").strip(), brand or "", link or "")


def check(profile: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming the field: a logo too long, what is no colour, a colour too pale to be read."""
    if len(str(profile.get(LOGO_TEXT) or "")) > LONGEST_LOGO:
        raise Invalid(f"Use at most {LONGEST_LOGO} characters for the words of your logo", field=LOGO_TEXT)
    for name in COLOURS:
        if str(profile.get(name) or "").strip() and colour(str(profile[name])) is None:
            raise Invalid(f"{_CALLED[name]}: give six digits after a hash, as #1b5e57", field=name)
    shown = look(profile)
    behind = shades(shown).surface or _WHITE
    for name, given in ((BRAND, shown.brand), (LINK, shown.link)):
        found = min(contrast(given, _WHITE), contrast(given, behind)) if given else READABLE
        if found < READABLE:
            raise Invalid(
                f"{_CALLED[name]} is too pale to be read: its contrast is {int(found * 10) / 10} to 1, and at least"
                f" {READABLE} is needed. Choose a darker one",
                field=name,
            )


def colour(text: str) -> str | None:
    """Return a colour as `#rrggbb`, given with three or six digits, with a hash or without; None for anything else."""
    found = _HEX.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))


def contrast(one: str, other: str) -> float:
    """Return the contrast (1 to 21) of two colours `#rrggbb`, as WCAG 2.2 reckons it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def shades(shown: Look) -> Shades:
    """Return every colour of the pages that follows from the two chosen ones."""
    brand, link = shown.brand, shown.link
    return Shades(
        brand,
        link,
        _mixed(link, "#000000", _DARKER) if link else "",
        _mixed(brand, _WHITE, _TINT) if brand else "",
        _mixed(brand, _WHITE, _BORDER) if brand else "",
    )


def _mixed(one: str, other: str, part: float) -> str:
    """Return `one` with `part` (0 to 1) of `other` mixed in."""
    both = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in both)


def _parts(given: str) -> tuple[int, int, int]:
    return int(given[1:3], 16), int(given[3:5], 16), int(given[5:7], 16)


def _luminance(given: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(given))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
