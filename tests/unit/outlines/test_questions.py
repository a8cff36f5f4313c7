"""Forms as lists of questions: what is not changed stays byte for byte; names are made of words and kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest

from engine.errors import Invalid, NotFound
from engine.forms import read_form
from engine.outlines.question_properties import KINDS
from engine.outlines.questions import NEW_KINDS, Question, Questions
from tests.unit.web.service import model_files

FORMS = sorted(name for name in model_files() if name.endswith(".form"))
CONSENT = "record_consent.form"


def every(questions: Iterable[Question]) -> Iterator[Question]:
    for each in questions:
        yield each
        yield from every(each.inside)


def opened(name: str = CONSENT) -> Questions:
    return Questions(model_files()[name], name=name)


def place_of(form: Questions, key: str) -> str:
    return next(each.place for each in every(form.all()) if each.key == key)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_whose_fields_are_sent_back_as_they_were_is_the_same_text(name: str) -> None:
    form = opened(name)
    for each in every(form.all()):
        form.set_fields(each.place, {field.key: field.value for field in form.fields_of(each.place)})
    assert form.save() == model_files()[name]


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_every_kind_that_is_put_in_is_a_form_that_can_be_asked(kind: str) -> None:
    form = opened()
    place = form.add(kind, "When did  they agree?", after="0")
    assert place == "1"
    read = read_form(form.save(), name=CONSENT)
    if kind != "text":
        made = next(each for each in form.all() if each.place == place)
        assert (made.key, made.id, made.label) == (
            "when_did_they_agree", "field_when_did_they_agree", "When did they agree?",
        )  # fmt: skip
        assert "when_did_they_agree" in read.keys


def test_a_name_is_made_of_the_words_and_no_two_are_the_same() -> None:
    form = opened()
    form.add("textfield", "What does the family say?")
    form.add("textfield", "What does the family say?")
    form.add("textfield", "2nd opinion")
    assert [each.key for each in form.all()][-3:] == [
        "what_does_the_family_say", "what_does_the_family_say_2", "question_2nd_opinion",
    ]  # fmt: skip
    place = place_of(form, "what_does_the_family_say")
    form.set_fields(place, {"label": "What do they say?"})
    assert place_of(form, "what_does_the_family_say") == place, "conditions read the name: other words leave it"
    with pytest.raises(Invalid, match="kept under this name already"):
        form.set_fields(place, {"key": "consent"})


def test_choices_keep_what_else_is_said_of_them() -> None:
    form = opened()
    place = place_of(form, "consent")
    form.set_fields(place, {"values": "limited = To part of it\ngiven = They agree\nNot asked yet"})
    values = json.loads(form.save())["components"][int(place)]["values"]
    assert values == [
        {"label": "To part of it", "value": "limited",
         "hint": "Only with some people, or only some of what is written down."},
        {"label": "They agree", "value": "given"}, {"label": "Not asked yet", "value": "not_asked_yet"},
    ]  # fmt: skip
    with pytest.raises(Invalid, match="kept as the same"):
        form.set_fields(place, {"values": "given = Yes\ngiven = No"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_becomes_one_of_another_kind_with_its_words(kind: str) -> None:
    form = opened()
    place = place_of(form, "given_by")
    form.set_fields(place, {"kind": kind, "required": "no"})
    assert next(each for each in form.all() if each.place == place).label == "Who gave the answer?"
    read_form(form.save(), name=CONSENT)


def test_a_condition_and_a_limit_are_set_and_taken_out() -> None:
    form = opened()
    place = place_of(form, "given_by")
    form.set_fields(place, {"hide": "= whose = null", "maxLength": "80", "required": "no", "properties": "help = Ask"})
    made = json.loads(form.save())["components"][int(place)]
    assert made["conditional"] == {"hide": "=whose = null"} and made["validate"] == {"maxLength": 80}
    assert made["properties"] == {"name": "who gave the answer", "help": "Ask"}
    form.set_fields(place, {"hide": "", "maxLength": "", "name": "", "properties": ""})
    made = json.loads(form.save())["components"][int(place)]
    assert not {"conditional", "validate", "properties"} & made.keys()
    with pytest.raises(Invalid, match="whole number") as wrong:
        form.set_fields(place, {"minLength": "few"})
    assert wrong.value.details["field"] == "minLength"


def test_questions_are_moved_and_taken_out_but_rows_keep_one() -> None:
    form = opened()
    before = [each.key for each in form.all()]
    assert form.move("1", down=True) == "2" and form.move("0", down=False) == "0"
    assert [each.key for each in form.all()][:3] == [before[0], before[2], before[1]]
    place = form.add("dynamiclist", "What was agreed?")
    inside = form.add("date", "By when?", within=place)
    assert inside == f"{place}.1" and place_of(form, "by_when") == inside
    form.remove(f"{place}.0")
    with pytest.raises(Invalid, match="at least one question"):
        form.remove(f"{place}.0")
    form.remove(place)
    assert len(form.all()) == len(before)
    for strange in ("99", "0.0", "x", "-1", "1" * 9):
        with pytest.raises(NotFound):
            form.fields_of(strange)


@pytest.mark.parametrize("text", [b"[]", b"{", b'{"components": 3}'])
def test_what_is_no_form_says_so(text: bytes) -> None:
    with pytest.raises(Invalid):
        Questions(text, name="x.form")
