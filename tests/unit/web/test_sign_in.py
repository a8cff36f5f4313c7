from dataclasses import replace

import pytest

from engine.store import sign_in_tries
from tests.unit.web.service import Service, application
from web import auth


def test_a_page_asks_to_sign_in_and_then_shows_what_was_asked_for(service):
    visitor = service.visitor()
    visitor.get("/cases")
    assert visitor.says("Sign in")
    assert visitor.hidden("next") == "/cases"
    visitor.post("/sign-in", username="amara", password="correct horse battery", next="/cases")
    assert visitor.says("Cases you work on", "Amara Osei")


@pytest.mark.parametrize(("username", "password"), [("amara", "wrong"), ("nobody", "correct horse battery")])
def test_a_wrong_sign_in_does_not_say_which_was_wrong(service, username, password):
    visitor = service.visitor()
    said = visitor.sign_in(username, password)
    assert visitor.status == 422
    assert visitor.says("There is a problem", "user name or")
    assert f'value="{username}"' in said


def test_an_empty_sign_in_says_what_to_enter(service):
    visitor = service.visitor()
    visitor.sign_in("amara", "")
    assert visitor.says("Enter your user name and your password")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(service):
    visitor = service.visitor()
    visitor.get("/sign-in")
    token = visitor.hidden("csrf_token")
    sent = {"username": "amara", "password": "correct horse battery", "csrf_token": token}
    answer = visitor.client.post("/sign-in", data=sent)
    cookies = [line for name, line in answer.headers if name == "Set-Cookie"]
    (kept,) = [line for line in cookies if line.startswith(auth.COOKIE)]
    assert "HttpOnly" in kept and "SameSite=Lax" in kept


def test_signing_out_ends_the_session_on_the_server(service):
    visitor = service.signed_in("amara")
    token = visitor.client.get_cookie(auth.COOKIE).value
    visitor.post("/sign-out")
    assert visitor.says("Sign in")
    visitor.client.set_cookie(auth.COOKIE, token)
    visitor.get("/tasks")
    assert visitor.says("Sign in") and not visitor.says("Amara Osei")


def test_after_too_many_wrong_tries_even_the_right_password_waits(service):
    visitor = service.visitor()
    for _ in range(6):
        visitor.sign_in("amara", "wrong")
    visitor.sign_in("amara")
    assert visitor.says("Too many tries")


@pytest.mark.parametrize("onward", ["https://example.org/", "//example.org", "/\\\\example.org", "javascript:x", ""])
def test_nobody_is_sent_to_another_site(service, onward):
    visitor = service.visitor()
    visitor.get("/sign-in")
    sent = {"csrf_token": visitor.hidden("csrf_token"), "username": "amara", "password": "correct horse battery"}
    answer = visitor.client.post("/sign-in", data={**sent, "next": onward})
    assert (answer.status_code, answer.location) == (303, "/")


def test_what_was_typed_when_the_session_ended_is_kept_across_the_sign_in(service):
    visitor = service.signed_in("amara")
    visitor.get("/cases/start")
    visitor.client.delete_cookie(auth.COOKIE)
    visitor.post("/cases/start", family_name="Whitlock", given_name="Sam")
    assert visitor.status == 401
    assert visitor.says("What you typed is kept")
    visitor.post(
        "/sign-in",
        username="amara",
        password="correct horse battery",
        next=visitor.hidden("next"),
        carried=visitor.hidden("carried"),
    )
    assert visitor.says("Carry on where you were")
    assert visitor.hidden("family_name") == "Whitlock"
    assert 'action="/cases/start"' in visitor.page


OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


def sent_after_signing_out_elsewhere(service, **headers):
    visitor = service.signed_in("amara")
    visitor.get("/cases/start")
    typed = {"csrf_token": visitor.hidden("csrf_token"), "family_name": "Whitlock", "given_name": "Sam"}
    visitor.post("/sign-out")
    return visitor, typed, visitor.client.post("/cases/start", data=typed, headers=headers)


@pytest.mark.parametrize("headers", [OWN, {"Origin": "http://localhost"}])
def test_what_was_typed_is_kept_when_somebody_signed_out_in_another_tab(service, headers):
    visitor, _, answer = sent_after_signing_out_elsewhere(service, **headers)
    assert answer.status_code == 401
    visitor.page = answer.get_data(as_text=True)
    assert visitor.says("What you typed is kept")
    visitor.post("/sign-in", username="amara", password="correct horse battery", carried=visitor.hidden("carried"))
    assert visitor.hidden("family_name") == "Whitlock"


def test_what_was_typed_is_kept_when_somebody_signed_in_again_in_another_tab(service):
    visitor, typed, _ = sent_after_signing_out_elsewhere(service, **OWN)
    visitor.get("/sign-in")
    visitor.post("/sign-in", username="amara", password="correct horse battery", next="/tasks")
    answer = visitor.client.post("/cases/start", data=typed, headers=OWN)
    page = answer.get_data(as_text=True)
    assert "Carry on where you were" in page
    assert 'name="family_name" value="Whitlock"' in page
    assert typed["csrf_token"] not in page


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_what_another_site_sends_never_waits_behind_the_sign_in_page(service, headers):
    _, _, answer = sent_after_signing_out_elsewhere(service, **headers)
    assert answer.status_code == 400
    assert "Whitlock" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("carried", ["[" * 900 + "]" * 900, '[["a", [1]]]', "[1]", '{"a": 1}'])
def test_nonsense_carried_through_the_sign_in_is_dropped(service, carried):
    visitor = service.visitor()
    visitor.get("/sign-in")
    visitor.post("/sign-in", username="amara", password="correct horse battery", carried=carried)
    assert visitor.status == 200


def test_a_form_without_its_token_is_refused(service):
    visitor = service.signed_in("amara")
    here = {"Referer": "http://localhost/cases/start?sibling_of=7"}
    answer = visitor.client.post("/cases/start", data={"family_name": "Whitlock"}, headers=here)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "This page was open too long" in page and "Nothing was sent and nothing was changed" in page
    assert '<a class="govuk-link" href="/cases/start">Open the page again</a>' in page
    away = {"Referer": "https://evil.example/cases/start"}
    answer = visitor.client.post("/cases/start", data={"family_name": "Whitlock"}, headers=away)
    assert "Open the page again" not in answer.get_data(as_text=True)


def test_a_session_ends_by_itself(service):
    visitor = service.signed_in("amara")
    service.clock.advance(auth.session_acts.LASTS)
    visitor.get("/tasks")
    assert visitor.says("Sign in") and not visitor.says("Amara Osei")


def tried(service, number, **sent):
    client = service.app.test_client()
    return client.post("/api/session", json={"username": f"name{number}", "password": "wrong"}, **sent).status_code


def test_one_address_is_held_off_and_a_proxy_before_us_is_believed_only_when_it_is_said_to_be_there(service):
    forwarded = {"headers": {"X-Forwarded-For": "192.0.2.7"}}
    for number in range(sign_in_tries.MOST_OF_AN_ADDRESS + 1):
        assert tried(service, number, **forwarded) == 401, "nobody said that there is a proxy"
    behind = replace(service.engine, settings=replace(service.engine.settings, proxies=1))
    proxied = Service(behind, application(behind), service.clock, service.authority_id, service.ids)
    for number in range(sign_in_tries.MOST_OF_AN_ADDRESS):
        assert tried(proxied, number + 100, **forwarded) == 401
    assert tried(proxied, 999, **forwarded) == 429
    assert tried(proxied, 999, headers={"X-Forwarded-For": "192.0.2.7, 192.0.2.8"}) == 401, "the last one is its word"
    straight = {"environ_base": {"REMOTE_ADDR": "198.51.100.4"}}
    answers = [tried(service, number + 200, **straight) for number in range(sign_in_tries.MOST_OF_AN_ADDRESS + 1)]
    assert answers[-1] == 429 and set(answers[:-1]) == {401}
