"""Where a letter says an answer, and another put in its place: below its own heading, else where nothing is like it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.casework.family_letters import ASSESSED, NOT_IN_FULL, Occasion, Reader, assessment
from engine.casework.letter_answers import Line, put, takes_the_place, touches
from engine.casework.letter_templates import fill, usual

LONG = "Since her gran died Sam has hardly spoken at school."
LETTER = f"Dear Jo,\n\nWhat is needed:\nSleep\n\nHow the child develops:\nSleeps badly. {LONG} No more.\n\nNo\n"
REVIEWED = "Dear Jo,\n\nThings are better for your family.\n\nThings are better at school, says Jo.\n"
ANSWERS = {
    "strengths": "A close family",
    "needs": "Sleep",
    "development": "No worries",
    "parenting": "No worries",
    "environment": f"No worries. {LONG}",
    "conclusions": LONG,
    "signed_by": "Jo Nuttall",
}


def written(**changed: str) -> str:
    """Return the family's copy of an assessment as the service words it."""
    about = Occasion(on=date(2026, 3, 4), at=None, place="", agenda="", lead="Ann", answer_to="ring Ann")
    values = assessment(Reader(name="Jo"), about, said={**ANSWERS, **changed})
    return fill("assessment", usual("assessment"), values).body


def others(name: str, **changed: str) -> list[str]:
    return [answer for key, answer in {**ANSWERS, **changed}.items() if key != name]


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("development", "She talks less than others"),
        ("parenting", "They are very tired"),
        ("environment", "No worries."),
        ("conclusions", f"{LONG} It was in May."),
        ("needs", "No worries"),
        ("strengths", "A close family\nand an aunt"),
        ("signed_by", "Jo Nuttall and Sam"),
    ],
)
def test_of_answers_alike_or_part_of_one_another_only_the_one_that_was_corrected_changes(name: str, now: str) -> None:
    made = put(written(), name, [ANSWERS[name]], now, others(name))
    assert (made.body, made.look, made.lacks) == (written(**{name: now}), (), False)
    assert put(made.body, name, [ANSWERS[name]], now, others(name)).body == made.body, "however often"
    assert put(made.body, name, [ANSWERS[name], now], ANSWERS[name], others(name)).body == written()


@pytest.mark.parametrize("name", [key for key in ASSESSED if key != "signed_by"])
def test_an_empty_answer_is_filled_in_below_its_heading_and_taken_back(name: str) -> None:
    without = written(**{name: ""})
    assert touches(without, name, "", others(name))
    filled = put(without, name, [""], "No worries", others(name))
    assert filled.body == written(**{name: "No worries"})
    assert put(filled.body, name, ["", "No worries"], "", others(name)).body == without
    assert put(without, name, ["No worries"], "", others(name)).body == without, "however often"


def test_an_answer_goes_nowhere_where_its_reader_is_told_a_part_or_its_place_is_not_known() -> None:
    part = "Dear Jo,\n\nThere is an assessment of what would help.\n\nWhat can be shared with you: the dates.\n"
    assert put(part, "needs", [""], "Sleep").body == part and not touches(part, "needs", "")
    last = put(written(signed_by=""), "signed_by", [""], "Jo")
    assert last.body == written(signed_by="") and last.lacks


def test_where_it_cannot_be_told_which_words_are_the_answer_the_letter_stays() -> None:
    by_hand = written().replace("How the child develops:\n", "").replace("Parents and carers:\n", "")
    made = put(by_hand, "development", ["No worries"], "She talks less", others("development"))
    assert made.body == by_hand
    assert made.look == (Line("Sleep", "No worries"), Line("No worries", "No worries"))
    one = by_hand.replace("No worries\n\nNo worries\n", "No worries\n")
    assert put(one, "development", ["No worries"], "She talks less", others("development")).look
    assert "She talks less" in put(one, "development", ["No worries"], "She talks less").body, "nothing else is like it"
    alike = written().replace("What is needed:\n", "")
    made = put(alike, "needs", ["Sleep"], "No worries", others("needs"))
    assert made.body == alike.replace("Sleep\n", "No worries\n"), "that another answer says it now proves nothing"


def test_words_added_by_hand_stay_round_the_answer() -> None:
    by_hand = written().replace("needed:\nSleep\n", "needed:\nWe talked long.\nSleep\nAnd a bed.\n")
    right = by_hand.replace("\nSleep\n", "\nRest\n")
    assert put(by_hand, "needs", ["Sleep"], "Rest", others("needs")).body == right
    assert put(by_hand, "needs", ["Quiet"], "Rest", others("needs")).body == by_hand
    longer = LETTER.replace("Sleeps badly. ", "")
    assert put(longer, "development", [LONG], "He speaks.").body == longer.replace(LONG, "He speaks.")


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("needs", "Sleep", True),
        ("needs", "Sleeps", False),
        ("needs", "N", False),
        ("conclusions", "No", True),
        ("parenting", f"  {LONG.replace(' died', '  died')} ", True),
    ],
)
def test_what_a_letter_says(name: str, answer: str, said: bool) -> None:
    assert touches(LETTER, name, answer) is said


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        ("Sleep", "Sleep and school", "What is needed:\nSleep and school\n"),
        ("Sleep", "School\nSleep", "What is needed:\nSchool\nSleep\n"),
        ("Sleep", r"\1 & school", "What is needed:\n\\1 & school\n"),
    ],
)
def test_an_answer_is_put_in_once_however_often(was: str, now: str, line: str) -> None:
    once = put(LETTER, "needs", [was], now).body
    assert line in once and "Sleeps badly." in once
    assert put(once, "needs", [was], now).body == once
    assert put(once, "needs", [was, now], was).body == LETTER


def test_of_several_earlier_answers_the_one_that_stands_is_replaced_whole() -> None:
    second = put(LETTER, "needs", ["Sleep"], "Sleep\nSchool").body
    assert put(second, "needs", ["Sleep", "Sleep\nSchool"], "Rest").body == LETTER.replace("\nSleep\n", "\nRest\n")


def test_how_things_are_is_said_in_the_words_of_the_letter() -> None:
    assert touches(REVIEWED, "outcome", "better") and not touches(REVIEWED, "outcome", "worse")
    worse = put(REVIEWED, "outcome", ["better"], "worse").body
    assert "Things are worse for your family." in worse and "Things are better at school" in worse
    notes = "Dear Jo,\n\nThings are better for you.\n\nThings are better\n"
    assert put(notes, "notes", ["Things are better"], "Things are not yet").body == notes.replace(
        "are better\n", "are not yet\n"
    )
    assert put(notes, "outcome", ["better"], "").body == "Dear Jo,\n\nThings are better\n"


def test_notes_that_were_empty_follow_what_the_letter_is_about() -> None:
    bare = "Dear Jo,\n\nThese are the notes of the meeting about your family on 3 May.\n\nWhat was agreed:\n- Rest\n"
    assert put(bare, "notes", [""], "All spoke.").body == bare.replace("3 May.\n", "3 May.\n\nAll spoke.\n")
    kept = bare.replace("What was", f"{NOT_IN_FULL}\n\nWhat was")
    assert put(kept, "notes", [""], "All spoke.").body == kept


def test_a_new_letter_says_which_one_it_takes_the_place_of() -> None:
    said = takes_the_place(LETTER, date(2026, 3, 4))
    assert said.startswith("Dear Jo,\n\nWe have corrected something in what you had from us on 4 March 2026.")
    assert said.endswith(LETTER.removeprefix("Dear Jo,"))
    again = takes_the_place(said, date(2026, 3, 9))
    assert "on 9 March 2026" in again and "4 March" not in again and again.endswith(LETTER.removeprefix("Dear Jo,"))
