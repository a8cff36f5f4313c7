"""A form in other words: all that is shown changes, what is asked for and kept does not."""

from __future__ import annotations

import json

import pytest

from engine.feel import Environment
from engine.forms import InvalidAnswers, read_form, reworded_form, validate

FORM = {
    "type": "default",
    "id": "meet",
    "properties": {"title": "Hold the TAC"},
    "components": [
        {"type": "text", "id": "t", "text": "The TAC meets. {{venue}}"},
        {
            "type": "group", "id": "g", "label": "About the TAC",
            "components": [{"type": "textfield", "id": "f", "key": "venue", "label": "Where does the TAC meet?",
                            "description": "The TAC's place", "validate": {"required": True}}],
        },
        {
            "type": "radio", "id": "r", "key": "kind", "label": "Which?", "defaultValue": "TAC",
            "values": [{"value": "TAC", "label": "A TAC"}, {"value": "other", "label": "Other"}],
        },
    ],
}  # fmt: skip


def _said(text: str) -> str:
    return text.replace("TAC", "TAF")


def test_titles_labels_descriptions_options_and_texts_are_reworded() -> None:
    form = reworded_form(read_form(json.dumps(FORM).encode(), name="meet.form"), _said)
    text, group, kind = form.fields
    assert form.title == "Hold the TAF"
    assert text.content[0] == "The TAF meets. "
    (venue,) = group.children
    assert (group.label, venue.label, venue.description) == (
        "About the TAF", "Where does the TAF meet?", "The TAF's place",
    )  # fmt: skip
    assert [(each.value, each.label) for each in kind.options] == [("TAC", "A TAF"), ("other", "Other")]
    assert kind.default == "TAC"


def test_answers_are_judged_as_before_and_errors_say_the_new_words() -> None:
    form = reworded_form(read_form(json.dumps(FORM).encode(), name="meet.form"), _said)
    clean = validate(form, {"venue": "TAC room", "kind": "TAC"}, environment=Environment())
    assert clean == {"venue": "TAC room", "kind": "TAC"}
    with pytest.raises(InvalidAnswers) as refused:
        validate(form, {"kind": "TAC"}, environment=Environment())
    assert "TAF" in refused.value.errors["venue"]
