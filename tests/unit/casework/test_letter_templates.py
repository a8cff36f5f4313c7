"""Letters as an authority words them: merge fields, what is wrong with a file and where, the invented family."""

from __future__ import annotations

import re

import pytest

from engine.casework import letter_templates
from engine.casework.profiles import check_profile
from engine.errors import Invalid

FAMILY = "family_invitation"


@pytest.mark.parametrize("key", letter_templates.TEMPLATES)
def test_the_letters_that_come_with_the_service_can_be_filled_in(key: str) -> None:
    letter = letter_templates.sample(key, letter_templates.usual(key))
    assert "{{" not in letter.subject + letter.body
    assert ("Dear Robin Example," in letter.body) == ("name" in letter_templates.FIELDS[key])
    assert ("Tuesday 17 March 2026 at 4:00pm" in letter.body) == ("when" in letter_templates.FIELDS[key])
    assert not re.search(r"\bSam\b", letter.subject + letter.body) or key not in letter_templates.MAILS


@pytest.mark.parametrize("key", letter_templates.TEMPLATES)
def test_every_merge_field_that_is_offered_has_words_and_none_of_an_email_names_the_child(key: str) -> None:
    fields = letter_templates.FIELDS[key]
    filled = letter_templates.sample(key, "Subject: x\n" + "\n".join(f"{{{{ {name} }}}}" for name in fields)).body
    assert all(example in filled and meaning for meaning, example in fields.values())
    assert not (key in letter_templates.MAILS and {"child", "purpose", "said", "agreed"} & fields.keys())


def test_a_mail_keeps_the_page_that_it_is_for() -> None:
    with pytest.raises(Invalid, match="Keep the merge field"):
        letter_templates.check("mail_to_read", "Subject: A letter\n\nDear {{ name }}, ring us.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear {{ name }}", "Begin with a line"),
        ("Subject:\nDear {{ name }}", "Begin with a line"),
        ("Subject: Come\n", "Write the letter below its subject"),
        ("Subject: Come\nDear {{ nmae }},", r"Line 2: there is no merge field \{\{ nmae \}\}. Did you mean \{\{ name"),
        ("Subject: Come\n\n{{ horoscope }}", r"Line 3: there is no merge field \{\{ horoscope \}\}. There are: name,"),
        ("Subject: Come\nDear {{ name", "Line 2: a merge field is written"),
        ("Subject: Come\n\nDear {name},", r"Line 3: “\{name\}” would stand in the letter as it is: .* \{\{ name \}\}"),
        ("Subject: Come\nDear {{ name.__class__ }}", "Line 2: there is no merge field"),
        ("Subject: Come\n{{ 7 * 7 }}", "Line 2: there is no merge field"),
        ("Subject: Come\n" + "x" * letter_templates.LONGEST, "at most 10,000"),
    ],
)
def test_a_file_that_cannot_be_filled_in_says_where_and_why(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as wrong:
        letter_templates.check(FAMILY, text)
    assert wrong.value.details["field"] == FAMILY
    with pytest.raises(Invalid, match=said):
        check_profile({"letters": {FAMILY: text}})


def test_a_field_without_a_value_is_left_out_and_its_line_when_it_is_alone() -> None:
    text = "Subject: {{ meeting }}\n\nDear {{ name }},\n\n{{ needs }}\n\nCome. {{ needs }} Please.\n\n{{ signature }}"
    letter = letter_templates.fill(FAMILY, text, {"meeting": "TAC", "name": "Ada", "signature": "Hana\nLead"})
    assert (letter.subject, letter.body) == ("TAC", "Dear Ada,\n\nCome. Please.\n\nHana\nLead")


def test_what_a_field_holds_is_never_read_as_a_field_again() -> None:
    letter = letter_templates.fill(FAMILY, "Subject: x\nDear {{ name }}", {"name": "{{ where }}", "where": "Elm Row"})
    assert letter.body == "Dear {{ where }}"


@pytest.mark.parametrize("given", [["a letter"], {FAMILY: 7}, {"love_letter": "Subject: x\ny"}])
def test_a_profile_holds_only_letters_that_there_are(given: object) -> None:
    with pytest.raises(Invalid, match="letter"):
        check_profile({"letters": given})
