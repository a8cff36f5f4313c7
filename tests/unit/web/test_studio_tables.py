"""Rules changed row by row on plain pages, each row in words; what is wrong stands at its field."""

from __future__ import annotations

import re

import pytest

from engine.queries import model_drafts as drafts
from tests.unit.web.service import Service, Visitor

AT = "?file=review_interval.dmn"
PAGE = f"/studio/tables{AT}"


@pytest.fixture
def designer(service: Service) -> Visitor:
    visitor = service.signed_in("tomas")
    visitor.get(PAGE)
    return visitor


def text(service: Service) -> str:
    return drafts.text(service.engine, actor=service.actor("tomas"), file="review_interval.dmn").decode()


def press(visitor: Visitor, act: str, number: int) -> None:
    visitor.get(PAGE)
    visitor.post(PAGE, expected=visitor.hidden("expected"), act=act, decision="review_interval", number=str(number))


def fill(visitor: Visitor, number: int, **cells: str) -> None:
    path = f"/studio/tables/row{AT}&table=review_interval&row={number}"
    visitor.get(path)
    visitor.post(path, expected=visitor.hidden("expected"), **cells)


def test_each_row_is_said_in_words(designer: Visitor) -> None:
    assert designer.says("What do the rules say?", "Reviews held so far is at least 1", "Weeks to the next review: 6")


def test_a_row_is_added_filled_in_moved_and_taken_out(designer: Visitor, service: Service) -> None:
    press(designer, "add", 0)
    assert designer.says("Now say what it asks and answers", "Row 1 of")
    fill(designer, 1, input_1='"northcombe"', output_1="5", note_1="Our own choice.")
    assert designer.says("Saved. It is kept as a draft.", "Authority is northcombe", "Weeks to the next review: 5")
    assert not designer.says("To mend")
    press(designer, "down", 1)
    assert designer.says("The row is moved")
    press(designer, "copy", 2)
    assert text(service).count("Our own choice.") == 2
    press(designer, "remove", 2)
    press(designer, "remove", 2)
    assert "Our own choice." not in text(service)


def test_what_a_row_of_many_conditions_does_not_ask_is_folded(designer: Visitor) -> None:
    designer.get("/studio/tables/row?file=escalation.dmn&table=escalation&row=1")
    open_, folded = designer.page.split("that may be anything: ask one of these")
    assert open_.count('class="govuk-input') < 5 < folded.count('value="-"')


def test_what_is_no_feel_is_said_at_its_field(designer: Visitor) -> None:
    fill(designer, 2, input_2=">= (", output_1="6")
    assert designer.says("To mend", "is not FEEL")
    designer.get(f"/studio/tables/row{AT}&table=review_interval&row=2")
    assert re.search(r'id="input_2-error"[^>]*>.*?is not FEEL', designer.page, re.DOTALL)
    fill(designer, 2, input_2=">= 2", output_1="")
    assert designer.status == 422 and designer.says("Say what the answer is") and 'value="&gt;= 2"' in designer.page


def test_a_limit_is_said_with_what_it_is_here_and_rows_are_found_by_their_words(designer: Visitor) -> None:
    designer.get("/studio/tables?file=escalation.dmn&find=consent ends")
    assert designer.status == 200 and designer.says("the limit “consent ends days”", "Show all")
    assert 0 < designer.page.count('id="row-escalation-') < 20


def test_a_file_without_that_row_is_not_found(designer: Visitor) -> None:
    designer.get(f"/studio/tables/row{AT}&table=review_interval&row=99")
    assert designer.status == 404
