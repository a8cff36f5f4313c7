"""A form changed as a plain list: every page without a script, kept as a draft, with what people will see beside it."""

from __future__ import annotations

import json
import re

import pytest

from engine.commands import model_drafts
from engine.queries import model_drafts as drafts
from tests.unit.web.service import Service, Visitor

FILE = "record_consent.form"
AT = f"?file={FILE}"
LIST = f"/studio/questions{AT}"


@pytest.fixture
def designer(service: Service) -> Visitor:
    visitor = service.signed_in("tomas")
    visitor.get(LIST)
    return visitor


def form(service: Service) -> dict:
    return json.loads(drafts.text(service.engine, actor=service.actor("tomas"), file=FILE))


def send(visitor: Visitor, path: str, **typed: str) -> None:
    visitor.get(path)
    visitor.post(path, expected=visitor.hidden("expected"), **typed)


def test_every_question_stands_with_what_it_takes_and_when_it_is_left_out(designer: Visitor) -> None:
    assert designer.says(
        "What is asked?", "What does the family say?", "One of a few, must be answered: They agree",
        'consent = "refused"', "As it will be asked", "This is in force, version 1",
    )  # fmt: skip
    assert designer.page.count('name="consent"') == 3, "the three choices stand in the preview"


def test_a_question_is_put_in_said_and_asked(service: Service, designer: Visitor) -> None:
    send(designer, LIST, act="add", new_label="Which school?", new_kind="select", after="1")
    assert designer.says("The question is put in. Now say the rest of it.", "Which school?")
    send(designer, f"/studio/questions/question{AT}&at=2", label="Which school?", kind="select", key="which_school",
         required="yes", values="hill = Hill School\nother = Another", hide='consent = "refused"')  # fmt: skip
    assert designer.says("Saved. It is kept as a draft.", "One of a list, must be answered: Hill School, Another")
    made = form(service)["components"][2]
    assert made["key"] == "which_school" and made["conditional"] == {"hide": '=consent = "refused"'}
    assert designer.says("Take back: Field “Which school?” changed") and not designer.says("To mend")
    send(designer, LIST, act="up", at="2")
    assert form(service)["components"][1]["key"] == "which_school"
    send(designer, LIST, act="remove", at="1")
    assert "which_school" not in json.dumps(form(service))


def test_what_is_wrong_stands_at_the_question(designer: Visitor) -> None:
    send(designer, f"/studio/questions/question{AT}&at=1", label="What do they say?", hide="consent =")
    step = designer.page[designer.page.index('id="question-1"') : designer.page.index('id="question-2"')]
    assert "To mend" in step and "is not FEEL" in step
    assert designer.says("It cannot be shown yet.")
    send(designer, f"/studio/questions/question{AT}&at=2", key="consent")
    assert designer.status == 422 and designer.says("Another question is kept under this name already")
    assert re.search(r'id="key-error"', designer.page)
    send(designer, LIST, act="add", new_label="", new_kind="textfield")
    assert designer.status == 422 and designer.says("Write the question")


def test_somebody_else_who_saved_meanwhile_is_not_written_over(service: Service, designer: Visitor) -> None:
    seen = designer.hidden("expected")
    send(designer, LIST, act="remove", at="0")
    designer.post(LIST, expected=seen, act="remove", at="0")
    assert designer.status == 422 and designer.says("saved this file since you opened it")
    assert form(service)["components"][0]["key"] == "consent"


def test_the_form_is_called_something_else(service: Service, designer: Visitor) -> None:
    send(designer, f"/studio/questions/question{AT}&at=form", title="Ask for consent")
    assert designer.says("It is called “Ask for consent”.")
    assert form(service)["properties"]["title"] == "Ask for consent"


def test_a_text_that_is_no_form_says_so(service: Service, designer: Visitor) -> None:
    model_drafts.save(service.engine, actor=service.actor("tomas"), file="x.form", content=b"{", expected=None)
    designer.get("/studio/questions?file=x.form")
    assert designer.status == 200 and designer.says("There is a problem", "It cannot be shown yet.")
    designer.get("/studio/questions?file=gone.form")
    assert designer.status == 404
