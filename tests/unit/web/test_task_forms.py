"""Answers to the page and back without losing a keystroke; what the page says; no markup from a person's text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

import web
from engine.feel import Environment
from engine.forms import Form, InvalidAnswers, Option, jsonable, read_form, validate
from web.form_values import me_first
from web.form_views import in_row
from web.task_forms import answers_from_post, edit_rows, form_view, post_from_answers, raw_answers, render

LONDON = ZoneInfo("Europe/London")
CALM = Environment(now=datetime(2026, 6, 4, 11, 0, tzinfo=UTC), zone=LONDON)
OPTIONS = {"practitioners": [Option("p1", "Asha Reed"), Option("p2", "Ben <Cole>")]}
CHOICES = [{"label": "Given", "value": "given", "hint": "All of it"}, {"label": "Refused", "value": "refused"}]
REQUIRED = {"validate": {"required": True}}


def form_of(*components: Mapping[str, Any]) -> Form:
    return read_form(json.dumps({"id": "sample", "components": components}).encode(), name="sample.form")


FULL = form_of(
    {"type": "text", "text": "## Before you start\nAsk **{{child}}** first."},
    {"type": "textfield", "key": "venue", "label": "Venue", "description": "Where it is held",
     "properties": {"help": "Any room", "autocomplete": "off"}, **REQUIRED},
    {"type": "textarea", "key": "notes", "label": "Notes", "validate": {"maxLength": 200}},
    {"type": "number", "key": "weeks", "label": "Weeks", "appearance": {"suffixAdorner": "weeks"}, **REQUIRED},
    {"type": "checkbox", "key": "agreed", "label": "The family agrees"},
    {"type": "radio", "key": "consent", "label": "Consent", "values": CHOICES, **REQUIRED},
    {"type": "checklist", "key": "scope", "label": "Scope", "values": CHOICES},
    {"type": "select", "key": "lead", "label": "Lead", "properties": {"options": "practitioners"}},
    {"type": "datetime", "key": "held_on", "label": "Held on", **REQUIRED},
    {"type": "datetime", "subtype": "datetime", "key": "starts", "label": "Starts"},
    {"type": "datetime", "subtype": "time", "key": "ends", "label": "Ends"},
    {"type": "separator"}, {"type": "spacer"},
    {"type": "group", "path": "who", "label": "Who", "components": [
        {"type": "textfield", "key": "given_by", "label": "Given by",
         "conditional": {"hide": "=consent = \"refused\""}}]},
    {"type": "dynamiclist", "path": "actions", "label": "Actions",
     "properties": {"row_name": "Action", "max_rows": "4"}, "components": [
         {"type": "textfield", "key": "action", "label": "Action", **REQUIRED},
         {"type": "select", "key": "owner", "label": "Owner", "properties": {"options": "practitioners"}, **REQUIRED},
         {"type": "datetime", "key": "due_on", "label": "Due", "properties": {"name": "the date the action is due"},
          **REQUIRED},
         {"type": "dynamiclist", "path": "steps", "label": "Steps", "properties": {"row_name": "Step"},
          "components": [{"type": "textfield", "key": "step", "label": "Step"}]}]},
)


@pytest.fixture
def draw() -> Any:
    """Return a function that draws a form and parses it."""
    # The templates alone: the application with its sign-in has tests of its own.
    app = Flask("drawing", template_folder=str(Path(web.__file__).parent / "templates"))

    def drawn(form: Form, answers: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None,
             options: Mapping[str, list[Option]] | None = None, **variables: Any) -> Any:
        view = form_view(form, raw_answers(form, answers or {}, zone=LONDON), environment=CALM, errors=errors,
                         options=options or OPTIONS, variables=variables)
        with app.app_context():
            return html.fromstring(f"<form>{render(view)}</form>")

    return drawn


def browser_post(drawn: Any) -> MultiDict[str, str]:
    """Return what a browser would post for a parsed form."""
    areas = {each.get("name") for each in drawn.xpath("//textarea")}
    # A browser drops the line end straight after <textarea>; this parser keeps it.
    return MultiDict([
        (name, value.removeprefix("\n") if name in areas else value) for name, value in drawn.form_values()
    ])


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
_DATE = st.fixed_dictionaries({"day": _TEXT, "month": _TEXT, "year": _TEXT})
_MANY = st.lists(st.sampled_from(["given", "refused"]), unique=True)
_STEP = st.fixed_dictionaries({"step": _TEXT})
_ROW = st.fixed_dictionaries({"action": _TEXT, "owner": _TEXT, "due_on": _DATE, "steps": st.lists(_STEP, max_size=2)})
RAW = st.fixed_dictionaries({
    "venue": _TEXT, "notes": _TEXT, "weeks": _TEXT, "agreed": st.booleans(), "consent": _TEXT, "scope": _MANY,
    "lead": _TEXT, "held_on": _DATE, "ends": _TEXT, "who": st.fixed_dictionaries({"given_by": _TEXT}),
    "starts": st.fixed_dictionaries({"day": _TEXT, "month": _TEXT, "year": _TEXT, "time": _TEXT}),
    "actions": st.lists(_ROW, max_size=3),
})


@given(RAW)
def test_answers_posted_come_back_the_same(answers: dict[str, Any]) -> None:
    assert answers_from_post(FULL, MultiDict(post_from_answers(FULL, answers))) == answers


@given(RAW)
def test_raw_answers_are_left_as_they_are_and_are_json(answers: dict[str, Any]) -> None:
    assert raw_answers(FULL, json.loads(json.dumps(answers))) == answers


FINE = {
    "venue": "Meadow hall", "notes": "One\nTwo", "weeks": "6", "agreed": True, "consent": "given", "scope": ["given"],
    "lead": "p2", "held_on": "2026-06-04", "starts": "2026-06-04T14:30", "ends": "16:00", "who": {"given_by": "Mum"},
    "actions": [{"action": "Ring", "owner": "p1", "due_on": "2026-07-01", "steps": [{"step": "Find number"}]}],
}


def test_a_page_drawn_from_answers_posts_the_same_clean_answers(draw: Any) -> None:
    clean = validate(FULL, FINE, environment=CALM, options=OPTIONS)
    posted = answers_from_post(FULL, browser_post(draw(FULL, clean)))
    assert validate(FULL, posted, environment=CALM, options=OPTIONS) == clean
    from_store = answers_from_post(FULL, browser_post(draw(FULL, jsonable(clean))))
    assert from_store == posted


@pytest.mark.parametrize("typed", [
    {"day": "31", "month": "2", "year": "2026"}, {"day": "", "month": "Juno", "year": "x"},
    {"day": "<b>", "month": "\"", "year": "'"},
])
def test_an_impossible_date_comes_back_as_typed(draw: Any, typed: dict[str, str]) -> None:
    answers = {**FINE, "held_on": typed}
    with pytest.raises(InvalidAnswers) as refused:
        validate(FULL, answers, environment=CALM, options=OPTIONS)
    drawn = draw(FULL, answers, refused.value.errors)
    assert answers_from_post(FULL, browser_post(drawn))["held_on"] == typed


def test_text_that_is_no_date_stands_in_the_days_box() -> None:
    assert raw_answers(FULL, {"held_on": "soon"})["held_on"] == {"day": "soon", "month": "", "year": ""}
    assert raw_answers(FULL, {"held_on": date(2026, 6, 4)})["held_on"] == {"day": "4", "month": "6", "year": "2026"}


def test_an_instant_is_shown_in_local_time() -> None:
    shown = raw_answers(FULL, {"starts": "2026-06-04T13:30:00+00:00"}, zone=LONDON)["starts"]
    assert shown == {"day": "4", "month": "6", "year": "2026", "time": "14:30"}


def test_defaults_fill_only_what_was_never_answered() -> None:
    form = form_of(
        {"type": "number", "key": "weeks", "label": "Weeks", "defaultValue": 6},
        {"type": "dynamiclist", "path": "rows", "defaultRepetitions": 2, "components": [
            {"type": "select", "key": "kind", "label": "Kind", "values": CHOICES, "defaultValue": "given"}]},
    )
    assert raw_answers(form, {}) == {"weeks": "6", "rows": [{"kind": "given"}, {"kind": "given"}]}
    assert raw_answers(form, {"weeks": "", "rows": []}) == {"weeks": "", "rows": []}


def test_a_page_without_any_answer_reads_as_blank() -> None:
    blank = answers_from_post(FULL, MultiDict())
    assert blank["agreed"] is False
    assert blank["actions"] == []
    assert blank["held_on"] == {"day": "", "month": "", "year": ""}


@pytest.mark.parametrize(("count", "rows"), [
    ("2", 2), ("5", 5), ("6", 5), ("9999", 5), ("99999999", 0), ("-1", 0), ("²", 0), ("", 0)])
def test_the_count_of_rows_is_not_trusted(count: str, rows: int) -> None:
    assert len(answers_from_post(FULL, MultiDict({"actions-count": count}))["actions"]) == rows


def test_rows_are_added_and_removed() -> None:
    answers = raw_answers(FULL, FINE)
    more = edit_rows(FULL, answers, "add:actions")
    assert more is not None
    assert [each["action"] for each in more["actions"]] == ["Ring", ""]
    assert len(answers["actions"]) == 1
    less = edit_rows(FULL, more, "remove:actions:0")
    assert less is not None
    assert [each["action"] for each in less["actions"]] == [""]
    inner = edit_rows(FULL, answers, "add:actions-0-steps")
    assert inner is not None
    assert [each["step"] for each in inner["actions"][0]["steps"]] == ["Find number", ""]
    gone = edit_rows(FULL, answers, "remove:actions-0-steps:0")
    assert gone is not None
    assert gone["actions"][0]["steps"] == []


def test_no_more_rows_than_allowed_are_added() -> None:
    answers = raw_answers(FULL, {"actions": [{}] * 4})
    assert edit_rows(FULL, answers, "add:actions") == answers


@pytest.mark.parametrize("button", [
    "complete", "", "add:", "add:venue", "add:nothing", "remove:actions", "remove:actions:x", "add:actions-9-steps",
    "add:actions-x-steps", "add:actions-0", "add:who-given_by", "remove:actions:0:1", "add:actions-0-steps-0-step"])
def test_other_buttons_change_no_rows(button: str) -> None:
    assert edit_rows(FULL, raw_answers(FULL, FINE), button) is None


def errors_of(form: Form, answers: Mapping[str, Any]) -> Mapping[str, str]:
    with pytest.raises(InvalidAnswers) as refused:
        validate(form, answers, environment=CALM, options=OPTIONS)
    return refused.value.errors


def test_every_error_has_a_target_on_the_page_and_rows_are_named(draw: Any) -> None:
    part_of_a_date = {"day": "1", "month": "7"}
    answers = {"actions": [{"action": "Ring"}, {"action": "Visit", "owner": "p1", "due_on": part_of_a_date}]}
    errors = errors_of(FULL, answers)
    view = form_view(FULL, raw_answers(FULL, answers), environment=CALM, errors=errors, options=OPTIONS)
    drawn = draw(FULL, answers, errors)
    assert set(errors) == {"venue", "weeks", "consent", "held_on", "actions[0].owner", "actions[0].due_on",
                           "actions[1].due_on"}
    for path in errors:
        target = drawn.get_element_by_id(view.targets[path])
        assert target.tag in ("input", "select", "textarea")
    assert view.targets["held_on"] == "field-held_on-day"
    assert view.targets["actions[1].due_on"] == "field-actions-1-due_on-year"
    assert view.errors["actions[0].due_on"] == "Action 1: Enter the date the action is due"
    assert in_row("Action 1", "Use at most 200 characters", "What?", "the action") == (
        "Action 1, “What?”: Use at most 200 characters"
    )
    assert view.errors["venue"] == "Enter venue"


def test_messages_stand_at_their_questions(draw: Any) -> None:
    drawn = draw(FULL, {}, {"venue": "Enter venue", "actions": "Add at least one action"})
    venue = drawn.get_element_by_id("field-venue")
    assert venue.get("aria-describedby") == "field-venue-hint field-venue-error"
    assert drawn.get_element_by_id("field-venue-error").text_content().split(maxsplit=1)[1].strip() == "Enter venue"
    assert "govuk-input--error" in venue.get("class")
    assert drawn.get_element_by_id("field-actions").get("aria-describedby") == "field-actions-error"


def test_every_described_and_labelled_id_exists_once(draw: Any) -> None:
    drawn = draw(FULL, FINE, errors_of(FULL, {}), child="Sam")
    ids = drawn.xpath("//@id")
    assert len(ids) == len(set(ids))
    for described in drawn.xpath("//@aria-describedby"):
        assert set(described.split()) <= set(ids)
    assert set(drawn.xpath("//label/@for")) <= set(ids)
    for field in drawn.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert drawn.xpath("//label[@for=$id]", id=field.get("id"))
    assert all(each.xpath("./legend") for each in drawn.xpath("//fieldset"))


def test_the_first_button_is_the_one_that_finishes(draw: Any) -> None:
    buttons = draw(FULL, FINE).xpath("//button")
    assert (buttons[0].get("name"), buttons[0].get("value")) == ("act", "complete")
    assert [each.get("value") for each in buttons[1:]] == [
        "remove:actions-0-steps:0", "add:actions-0-steps", "remove:actions:0", "add:actions"]
    assert [re.sub(r"\s+", " ", each.text_content()).strip() for each in buttons[1:]] == [
        "Remove step 1", "Add another step", "Remove action 1", "Add another action"]
    assert not draw(form_of({"type": "textfield", "key": "a", "label": "A"})).xpath("//button")


def test_nothing_on_the_page_is_inline_script_or_style(draw: Any) -> None:
    drawn = draw(FULL, FINE, errors_of(FULL, {}))
    assert not drawn.xpath("//script | //style | //@style | //@*[starts-with(name(), 'on')]")


HOSTILE = "\"><script>alert(1)</script>&<textarea>'"


def test_a_persons_text_never_becomes_markup(draw: Any) -> None:
    answers = {**FINE, "venue": HOSTILE, "notes": f"\n{HOSTILE}</textarea>", "weeks": HOSTILE,
               "actions": [{"action": HOSTILE, "owner": HOSTILE, "due_on": HOSTILE, "steps": []}]}
    drawn = draw(FULL, answers, {"venue": HOSTILE}, child=f"{HOSTILE}[x](javascript:y)")
    assert not drawn.xpath("//script") and len(drawn.xpath("//textarea")) == 1
    posted = answers_from_post(FULL, browser_post(drawn))
    assert posted == raw_answers(FULL, answers)


def test_hints_counts_prefixes_and_help(draw: Any) -> None:
    drawn = draw(FULL, FINE, child="Sam")
    counted = drawn.xpath("//*[@data-module='govuk-character-count']")[0]
    assert counted.get("data-maxlength") == "200"
    assert "up to 200 characters" in drawn.get_element_by_id("field-notes-info").text_content()
    assert drawn.xpath("string(//*[@class='govuk-input__suffix'])") == "weeks"
    assert "Any room" in drawn.xpath("string(//details)")
    assert drawn.xpath("string(//h2)") == "Before you start"
    assert drawn.xpath("//p[contains(., 'Ask Sam first.')]/strong[.='Sam']")
    assert drawn.xpath("string(//label[@for='field-notes'])") == "Notes (optional)"
    assert drawn.xpath("string(//label[@for='field-venue'])") == "Venue"
    assert drawn.xpath("string(//fieldset[@id='field-actions']/legend)") == "Actions (optional)"
    assert drawn.xpath("//p[.='Answer every question that is not marked “optional”.']")
    assert drawn.get_element_by_id("field-consent").get("aria-describedby") == "field-consent-item-hint"


def test_the_days_allowed_are_told_where_the_form_asks_for_it(draw: Any) -> None:
    limits = {"min": "today() - duration(\"P6M\")", "max": "today()"}
    form = form_of(
        {"type": "datetime", "key": "held_on", "label": "Held on", "description": "As you remember.",
         "properties": {**limits, "show_limits": "true"}},
        {"type": "datetime", "key": "told_on", "label": "Told on", "properties": limits},
    )
    assert [hint.text for hint in draw(form).find_class("govuk-hint")] == [
        "As you remember. Between 4 December 2025 and today."
    ]


def test_a_question_hidden_for_now_is_still_there_and_says_so(draw: Any) -> None:
    drawn = draw(FULL, {**FINE, "consent": "refused"})
    assert drawn.xpath("//*[@data-caf-hidden]//input/@name") == ["who-given_by"]
    assert drawn.xpath("string(//label[@for='field-who-given_by'])") == "Given by (if it applies)"
    assert not draw(FULL, FINE).xpath("//*[@data-caf-hidden]")


@pytest.mark.parametrize(
    ("hide", "chosen", "said"),
    [
        ('=plan != "new"', "same", "Why? (if “New actions”)"),
        ('=plan = null or plan = "close"', "close", "Why? (unless “Close it”)"),
        ('=plan != "new"', "new", "Why?"),
    ],
)
def test_a_question_says_for_which_answer_it_is_asked(draw: Any, hide: str, chosen: str, said: str) -> None:
    values = [("As it is", "same"), ("New actions", "new"), ("Close it", "close")]
    form = form_of(
        {"type": "radio", "key": "plan", "label": "Plan", "values": [{"label": a, "value": b} for a, b in values]},
        {"type": "textfield", "key": "why", "label": "Why?", "conditional": {"hide": hide}, **REQUIRED},
    )
    assert draw(form, {"plan": chosen}).xpath("string(//label[@for='field-why'])") == said


def test_choices_stand_under_their_headings_and_known_words_are_offered(draw: Any) -> None:
    form = form_of(
        {"type": "select", "key": "who", "label": "Who", "properties": {"options": "people"}},
        {"type": "textfield", "key": "goal", "label": "Goal", "properties": {"suggest": "goals"}},
    )
    people = [Option("1", "Asha", group="Near"), Option("2", "Ben", group="Others"), Option("3", "Cal", group="Others")]
    drawn = draw(form, options={"people": people, "goals": [Option("g", "Sleeps well")]})
    assert [(each.get("label"), len(each)) for each in drawn.iter("optgroup")] == [("Near", 1), ("Others", 2)]
    listed = drawn.xpath("//input[@name='goal']/@list")[0]
    assert drawn.xpath(f"//datalist[@id='{listed}']/option/@value") == ["Sleeps well"]


def test_many_people_to_choose_from_are_folded_by_agency_and_the_chosen_seen(draw: Any) -> None:
    form = form_of({"type": "taglist", "key": "invited", "label": "Whom?", "properties": {"options": "people"}})
    near = [Option("n", "Asha, Health", group="Near", within="Health")]
    far = [Option(str(n), f"P{n}", group="Others", within=("School", "Health", "")[n % 3]) for n in range(13)]
    drawn = draw(form, {"invited": ["4"]}, options={"people": near + far})
    folds = {each.find("summary").text_content().strip(): each for each in drawn.iter("details")}
    assert list(folds) == ["Health 4, 1 chosen", "School 5", "Others 4"]
    assert [each.get("open") is not None for each in folds.values()] == [True, False, False]
    assert folds["School 5"].xpath(".//input/@value") == ["0", "3", "6", "9", "12"]
    assert not drawn.xpath("//details//input[@value='n']"), "who is near the child stands in the open"
    few = draw(form, options={"people": near + far[:12]})
    assert not list(few.iter("details")) and len(few.xpath("//input[@name='invited']")) == 13


def test_a_choice_no_longer_offered_stays_visible(draw: Any) -> None:
    chosen = draw(FULL, {**FINE, "lead": "p9"}).xpath("//select[@name='lead']/option[@selected]")
    assert [(each.get("value"), each.text) for each in chosen] == [("p9", "p9 (no longer in the list)")]


def test_read_only_and_computed_values_are_shown_not_asked(draw: Any) -> None:
    form = form_of(
        {"type": "select", "key": "lead", "label": "Lead", "readonly": True,
         "properties": {"options": "practitioners"}},
        {"type": "number", "key": "weeks", "label": "Weeks"},
        {"type": "expression", "key": "days", "label": "Days", "expression": "=weeks * 7"},
    )
    drawn = draw(form, {"weeks": "3"}, lead="p1")
    assert drawn.xpath("//input/@name") == ["weeks"]
    assert [each.text for each in drawn.xpath("//*[contains(@class, 'caf-shown')]")] == ["Asha Reed", "21"]


FOLDED = form_of({"type": "dynamiclist", "path": "people", "label": "People", "properties": {"row_name": "Person"},
                            "isRepeating": True, "allowAddRemove": True, "components": [
    {"type": "textfield", "key": "who", "label": "Who?"},
    {"type": "textfield", "key": "skills", "label": "Skills", "properties": {"fold": "More of them"}},
    {"type": "textfield", "key": "time", "label": "Time", "properties": {"fold": "More of them"}},
]})


def test_questions_of_a_row_fold_away_say_how_many_are_answered_and_open_when_wrong(draw: Any) -> None:
    answers = {"people": [{"who": "Ann", "skills": "Many", "time": ""}]}
    drawn = draw(FOLDED, answers)
    (folded,) = drawn.xpath("//details")
    assert "More of them (1 of 2 said)" in folded.text_content()
    assert [each.get("name") for each in folded.xpath(".//input")] == ["people-0-skills", "people-0-time"]
    assert folded.get("open") is None
    assert drawn.xpath("//input[@name='people-0-who']")[0].xpath("ancestor::details") == []
    assert draw(FOLDED, answers, {"people[0].time": "Enter it"}).xpath("//details")[0].get("open") is not None


def test_who_is_asked_stands_first_in_a_list_of_people_and_above_its_headings() -> None:
    me = UUID(int=2)
    offered = [Option(str(UUID(int=1)), "Ada", group="Near"), Option(str(me), "Bea, nurse", group="Others")]
    assert me_first(offered, me) == [Option(str(me), "Bea, nurse (you)"), offered[0]]
    assert me_first(offered, UUID(int=3)) == offered
