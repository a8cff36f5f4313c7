"""What gives an address away that is kept secret, however a text writes it."""

from __future__ import annotations

import pytest

from engine.casework.secret_addresses import LEFT_OUT, gives_away, is_sure, signs, without

ELM = "4 Elm Road Hatfield AL10 9ZZ"
LINES = "4 Elm Road\nHatfield\nAL10 9ZZ"
ROSE = "Flat 3, Rose House, Mill Lane, Hatfield, AL10 9ZZ"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        *((ELM, text) for text in (
            "Visit Tess and Sam at 4 Elm Road on Mondays", "at 4 Elm Rd", "at 4, Elm Road", "4-Elm-Road", "4 Elm\nRoad",
            "the house on Elm Road in Hatfield", "four Elm Road", "FOUR ELM RD.", "near Elm  Road", "post to AL109ZZ",
            "al10 9zz", "number 4 Elm", "4ElmRoad, AL10 9ZZ",
        )),
        *((LINES, text) for text in ("Elm Road in Hatfield", "4elmroad", "Elm Rd")),
        *((ROSE, text) for text in (
            "She is in Rose House", "rose hse", "Mill Lane, Hatfield", "Mill Ln", "flat three", "Apartment 3",
        )),
        ("24a Old Mill St, Ware", "Old Mill Street"),
        ("Twenty-four Station Road", "24 Station Rd"),
        ("24 Station Road", "at twenty four, Station Road"),
        ("4 The Street, Ware", "at 4 The Street"),
        ("4 Broadwater, Ware", "They moved to Broadwater"),
        ("Rosebank, Ware, SG12 9ZZ", "They are at Rosebank now"),
        ("Women's Refuge, Hatfield", "at the Women’s Refuge"),
        ("Women's Refuge, Hatfield", "at the womens refuge"),
        ("Café Courtyard", "the cafe courtyard"),
        ("St Mary's Road, Ware", "St. Marys Rd"),
    ],
)  # fmt: skip
def test_an_address_is_given_away(address: str, text: str) -> None:
    assert gives_away(text, address)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (ELM, ""),
        ("", "Visit Tess at 4 Elm Road"),
        (ELM, "We meet in Hatfield on 4 March at the school"),
        (ELM, "Elmer walks down the road"),
        (ROSE, "We meet in Hatfield, in room 3, on the lane behind the house"),
        ("4 The Street, Ware", "He plays on the street"),
        ("Ware, SG12 9ZZ", "We meet in Ware"),
        ("4 Elm Road", "4 actions were agreed, one by one"),
    ],
)
def test_a_text_that_says_nothing_of_it_is_let_pass(address: str, text: str) -> None:
    assert not gives_away(text, address)


def test_the_reader_s_own_address_is_no_secret_to_them() -> None:
    assert not gives_away("Come to 4 Elm Road", LINES, own=ELM)
    assert not gives_away("You live on Elm Road", ELM, own="9 Elm Road")
    assert gives_away("She lives at 4 Elm Road", ELM, own="9 Elm Road")


@pytest.mark.parametrize(
    ("address", "text", "sure"),
    [
        (ELM, "post to AL109ZZ", True),
        (ELM, "4 Elm Road", True),
        (ELM, "at no. 4 of the house, 4 Elm, in Elm Rd", True),
        (ELM, "number four Elm Road", True),
        (ELM, "Elm Road Primary School", False),
        (ELM, "We meet 4 Elm trees further", False),
        (ROSE, "Flat 3, Rose House", True),
        (ROSE, "the Rose House nursery", False),
        (ROSE, "Mill Lane surgery", False),
        ("Rose Cottage, Northcombe", "Rose Cottage, Northcombe", True),
        ("Rose Cottage, Northcombe", "the Rose Cottage tea room", False),
    ],
)
def test_what_may_be_another_place_is_told_from_what_cannot(address: str, text: str, sure: bool) -> None:
    assert gives_away(text, address)
    assert is_sure(text, address) is sure


def test_a_postcode_that_the_reader_shares_is_no_sure_sign() -> None:
    assert not is_sure("AL10 9ZZ, Elm Road", LINES, own="9 High Street, AL10 9ZZ")


def test_what_gives_an_address_away_is_left_out_sentence_by_sentence() -> None:
    said = "Sam is well. We met at 4 Elm Rd!\nThe post goes to AL10 9ZZ. Ring first."
    assert without(said, signs([ELM, ROSE])) == f"Sam is well. {LEFT_OUT} Ring first."
    assert without("We met at number 4. Elm Road it was", signs([ELM])) == f"We met at number 4. {LEFT_OUT}"
    assert without("She lives at Rose. House number three", signs([ROSE])) == LEFT_OUT
    assert without("Sam is well.", signs([ELM])) == "Sam is well."
    assert without("Sam is well.", signs([])) == "Sam is well."
