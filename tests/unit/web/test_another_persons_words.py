"""What somebody typed is never sent under another person's name, whoever signs in on that page or in another tab."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.queries import case_file
from tests.unit.web.service import PASSWORD
from web import auth, carried

OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
ANOTHERS = "This was typed by another person"


def forms_of(service):
    """Return the pages of a comment, a task and a start form: where they are, where they send, what Amara types."""
    case_id = service.start_case("Sam")
    (task,) = case_file.read(service.engine, actor=service.actor("amara"), case_id=case_id).tasks
    case, doing = f"/cases/{case_id}", f"/tasks/{task.task_id}"
    return {
        "comment": (case, f"{case}/comments", {"comment": "Zebra", "request_key": "one of it"}),
        "task": (doing, doing, {"act": "draft", "given_by": "Zebra"}),
        "start": ("/cases/start", "/cases/start", {"family_name": "Zebra", "given_name": "Sam"}),
    }


def left_open(service, form):
    """Return Amara's browser with a form open, where it sends, and the form filled in."""
    page, onward, typed = forms_of(service)[form]
    visitor = service.signed_in("amara")
    visitor.get(page)
    return visitor, onward, {**typed, "csrf_token": visitor.hidden("csrf_token")}


def signed_out_and_sent(service, form):
    """Return the browser on the sign-in page that keeps what Amara typed as her session ended."""
    visitor, onward, typed = left_open(service, form)
    visitor.client.delete_cookie(auth.COOKIE)
    visitor.post(onward, **typed)
    assert visitor.status == 401 and visitor.says("What you typed is kept") and "Zebra" not in visitor.page
    return visitor, onward


def signs_in(visitor, username):
    kept = {name: visitor.hidden(name) for name in ("next", "carried")}
    return visitor.post("/sign-in", username=username, password=PASSWORD, **kept)


@pytest.mark.parametrize("form", ["comment", "task", "start"])
def test_who_signs_in_on_that_page_neither_sends_nor_sees_it_and_it_is_there_for_who_typed_it(service, form):
    visitor, onward = signed_out_and_sent(service, form)
    signs_in(visitor, "ines")
    assert visitor.says(ANOTHERS, "Ines Ferreira") and "Zebra" not in visitor.page
    assert f'action="{onward}"' not in visitor.page
    visitor.post("/sign-out", **{name: visitor.hidden(name) for name in ("next", "carried")})
    assert visitor.says("Sign in", "What was typed is kept")
    signs_in(visitor, "amara")
    assert visitor.says("Carry on where you were") and "Zebra" in visitor.page and f'action="{onward}"' in visitor.page


@pytest.mark.parametrize("form", ["comment", "task", "start"])
def test_a_form_still_open_from_another_person_is_not_sent(service, form):
    visitor, onward, typed = left_open(service, form)
    visitor.get("/tasks")
    visitor.post("/sign-out")
    visitor.sign_in("ines")
    answer = visitor.client.post(onward, data=typed, headers=OWN)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 403 and ANOTHERS in said and "Zebra" not in said and f'action="{onward}"' not in said


def test_a_page_of_another_person_is_not_sent_even_with_a_token_that_is_good(service):
    visitor, onward, typed = left_open(service, "start")
    ines = service.signed_in("ines")
    visitor.client.set_cookie(auth.COOKIE, ines.client.get_cookie(auth.COOKIE).value)
    answer = visitor.client.post(onward, data=typed, headers=OWN)
    assert answer.status_code == 403 and ANOTHERS in answer.get_data(as_text=True)


def test_what_is_sent_once_more_after_carrying_on_is_still_who_typed_its(service):
    visitor, onward = signed_out_and_sent(service, "start")
    signs_in(visitor, "amara")
    typed = {"csrf_token": visitor.hidden("csrf_token"), "family_name": "Zebra", "given_name": "Sam"}
    visitor.post("/sign-out")
    visitor.sign_in("ines")
    assert visitor.client.post(onward, data=typed, headers=OWN).status_code == 403


def test_what_was_typed_is_kept_for_a_working_day_and_no_longer(service):
    visitor, _ = signed_out_and_sent(service, "start")
    service.clock.advance(carried.KEPT + timedelta(minutes=1))
    signs_in(visitor, "amara")
    assert visitor.status == 200 and "Zebra" not in visitor.page and not visitor.says("Carry on where you were")
