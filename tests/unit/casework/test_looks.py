"""Colours of an authority: read as people write them, reckoned as WCAG does, refused when too pale."""

import pytest

from engine.casework.looks import Look, check, colour, contrast, look, shades
from engine.errors import Invalid


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ff0000", 1)],
)
def test_contrast_is_as_the_guidelines_reckon_it(one, other, expected):
    assert round(contrast(one, other), 2) == expected == round(contrast(other, one), 2)


def test_colours_are_read_as_people_write_them():
    assert colour(" 1B5E57 ") == "#1b5e57" and colour("#abc") == "#aabbcc"
    assert colour("green") is None and colour("#12345") is None and colour("#1b5e57;}body{display:none") is None


def test_what_follows_from_a_colour():
    made = shades(Look(brand="#800000"))
    assert (made.surface, made.surface_border, made.link_hover) == ("#f7f0f0", "#c68c8c", "")
    assert contrast(made.surface, "#0b0c0c") > 15


@pytest.mark.parametrize(
    ("profile", "field", "said"),
    [
        ({"brand_colour": "teal"}, "brand_colour", "six digits"),
        ({"brand_colour": "#ffcc00"}, "brand_colour", "too pale"),
        ({"link_colour": "#767676", "brand_colour": "#1b5e57"}, "link_colour", "contrast is 4"),
        ({"logo_text": "x" * 41}, "logo_text", "at most 40"),
    ],
)
def test_what_could_not_be_read_is_refused_by_name(profile, field, said):
    with pytest.raises(Invalid, match=said) as refused:
        check(profile)
    assert refused.value.details["field"] == field


def test_a_profile_without_a_look_keeps_the_services_own():
    check({})
    assert look({"brand_colour": "nonsense"}) == Look()
