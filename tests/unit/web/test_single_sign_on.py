"""Signing in with an organisation, against a provider that runs on this machine."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine.settings import SingleSignOn
from engine.store.tables import people
from tests.unit.web.organisation import CLIENT, running
from tests.unit.web.service import Service, application
from web import auth

AMARA = {"sub": "s-17", "email": "amara@example.org", "email_verified": True, "name": "Amara Osei"}


@pytest.fixture
def organisation():
    with running() as found:
        found.person = dict(AMARA)
        yield found


@pytest.fixture
def council(service, organisation) -> Service:
    """Give a service whose people sign in with `organisation`."""
    return offering(service, organisation)


def offering(service: Service, organisation, **more) -> Service:
    settings = SingleSignOn(organisation.issuer, *CLIENT, called="Northcombe Council", **more)
    engine = replace(service.engine, settings=replace(service.engine.settings, single_sign_on=settings))
    return Service(engine, application(engine), service.clock, service.authority_id, service.ids)


def go(visitor, organisation, *, onward: str = "/cases"):
    """Go to the organisation, sign in there, come back; return the answer to the coming back."""
    there = visitor.client.get("/sign-in/organisation", query_string={"next": onward})
    assert there.status_code == 302 and there.location.startswith(f"{organisation.issuer}/authorise?")
    return visitor.client.get(organisation.authorise(there.location))


def test_without_the_setting_nothing_is_offered(service):
    visitor = service.visitor()
    visitor.get("/sign-in")
    assert not visitor.says("Sign in with")
    assert visitor.client.get("/sign-in/organisation").status_code == 404
    assert visitor.client.get("/sign-in/organisation/return?code=x&state=y").status_code == 404


def test_somebody_known_comes_back_signed_in_where_they_wanted_to_go(council, organisation):
    visitor = council.visitor()
    visitor.get("/cases")
    assert visitor.says("Sign in with Northcombe Council", "Or with a user name of this service")
    answer = go(visitor, organisation)
    assert (answer.status_code, answer.location) == (303, "/cases")
    visitor.get("/cases")
    assert visitor.says("Amara Osei", "Cases you work on")


def test_a_second_time_they_are_known_by_who_they_are_there(council, organisation):
    go(council.visitor(), organisation)
    organisation.person = {"sub": "s-17"}
    visitor = council.visitor()
    go(visitor, organisation)
    visitor.get("/tasks")
    assert visitor.says("Amara Osei")


def test_a_password_that_somebody_gave_them_here_need_not_be_changed_first(council, organisation):
    own = people.accounts.c.username == "amara"
    with council.engine.sessions.act() as connection:
        connection.execute(sa.update(people.accounts).where(own).values(password_once=True))
    visitor = council.visitor()
    go(visitor, organisation)
    visitor.get("/tasks")
    assert visitor.says("Amara Osei") and not visitor.says("Choose one that only you know")
    visitor.get("/account")
    assert visitor.says("You are signed in with Northcombe Council, which keeps your password there")
    visitor.post("/sign-out")
    visitor.sign_in("amara")
    assert visitor.says("Choose one that only you know"), "with the password itself it is asked for"


@pytest.mark.parametrize("onward", ["https://example.org/", "//example.org", "/\\example.org"])
def test_nobody_is_sent_on_to_another_site(council, organisation, onward):
    assert go(council.visitor(), organisation, onward=onward).location == "/"


@pytest.mark.parametrize(
    "says",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another client"},
        {"aud": []},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"sub": ""},
    ],
    ids=lambda says: next(iter(says)),
)
def test_a_token_that_is_for_somebody_or_something_else_opens_nothing(council, organisation, says):
    organisation.says = says
    visitor = council.visitor()
    answer = go(visitor, organisation)
    assert answer.status_code == 403
    assert "Sign in another way" in answer.text and "Go to my tasks" not in answer.text
    assert visitor.client.get_cookie(auth.COOKIE) is None
    visitor.get("/tasks")
    assert not visitor.says("Amara Osei")


@pytest.mark.parametrize("signed", ["forged", "shared", "not"])
def test_a_token_that_the_organisation_did_not_sign_opens_nothing(council, organisation, signed):
    organisation.signed = signed
    assert go(council.visitor(), organisation).status_code == 403


def test_an_answer_that_this_browser_did_not_ask_for_opens_nothing(council, organisation):
    there = council.visitor().client.get("/sign-in/organisation")
    back = organisation.authorise(there.location)
    other = council.visitor()
    assert other.client.get(back).status_code == 403, "state belongs to the browser that asked"
    assert other.client.get("/sign-in/organisation/return?error=access_denied&state=x").status_code == 403
    assert other.client.get("/sign-in/organisation/return").status_code == 403


def test_an_answer_is_good_once(council, organisation):
    visitor = council.visitor()
    there = visitor.client.get("/sign-in/organisation")
    back = organisation.authorise(there.location)
    assert visitor.client.get(back).status_code == 303
    assert visitor.client.get(back).status_code == 403


def test_a_code_taken_on_the_way_is_worth_nothing_without_the_verifier(council, organisation):
    visitor = council.visitor()
    there = visitor.client.get("/sign-in/organisation")
    back = organisation.authorise(there.location)
    for asked in organisation.codes.values():
        asked["code_challenge"] = "of another browser"
    assert visitor.client.get(back).status_code == 403
    assert organisation.refused


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "x", "email": "nobody@example.org", "email_verified": True},
        {**AMARA, "email_verified": False},
        {**AMARA, "email_verified": "true"},
    ],
)
def test_somebody_not_known_gets_no_account(council, organisation, person):
    organisation.person = person
    visitor = council.visitor()
    answer = go(visitor, organisation)
    assert answer.status_code == 403
    assert f"signed you in as {person['email']}, but no account here goes with that" in answer.get_data(as_text=True)
    with council.engine.sessions.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(people.accounts)).scalar() == len(council.ids)


def test_with_the_setting_somebody_new_gets_an_account_that_sees_nothing(service, organisation):
    council = offering(service, organisation, makes_accounts=True)
    organisation.person = {"sub": "new", "email": "wren@example.org", "email_verified": True, "name": "Wren Ash"}
    visitor = council.visitor()
    assert go(visitor, organisation).status_code == 303
    visitor.get("/cases")
    assert visitor.says("Wren Ash", "You do not work on a case yet")
    visitor.get("/cases/start")
    assert visitor.status == 403


def test_signing_out_offers_to_sign_out_there_too(council, organisation):
    visitor = council.visitor()
    go(visitor, organisation)
    token = visitor.client.get_cookie(auth.COOKIE).value
    visitor.post("/sign-out")
    assert visitor.says("You are signed out here")
    assert f"{organisation.issuer}/leave?client_id=caf&amp;post_logout_redirect_uri=" in visitor.page
    visitor.client.set_cookie(auth.COOKIE, token)
    visitor.get("/tasks")
    assert not visitor.says("Amara Osei")


def test_an_organisation_that_does_not_answer_is_said_to_be_away(service, organisation):
    council = offering(service, organisation)
    settings = replace(council.engine.settings.single_sign_on, issuer="http://127.0.0.1:9")
    engine = replace(council.engine, settings=replace(council.engine.settings, single_sign_on=settings))
    visitor = Service(engine, application(engine), service.clock, service.authority_id, service.ids).visitor()
    visitor.get("/sign-in/organisation")
    assert visitor.status == 503
    visitor.sign_in("amara")
    assert visitor.says("Amara Osei"), "a user name of ours goes on working"


def test_what_was_typed_waits_while_somebody_signs_in_in_another_tab(council, organisation):
    visitor = council.visitor()
    go(visitor, organisation)
    visitor.get("/cases/start")
    visitor.client.delete_cookie(auth.COOKIE)
    visitor.post("/cases/start", family_name="Whitlock", given_name="Sam")
    assert visitor.says("What you typed is kept", "opens in a new tab")
    left = {name: visitor.hidden(name) for name in ("next", "carried", "csrf_token")}
    own = {"Sec-Fetch-Site": "same-origin"}
    early = visitor.client.post("/sign-in/carry-on", data=left, headers=own)
    assert early.status_code == 401 and left["carried"] in early.get_data(as_text=True)
    go(visitor, organisation)
    page = visitor.client.post("/sign-in/carry-on", data=left, headers=own).get_data(as_text=True)
    assert 'name="family_name" value="Whitlock"' in page and "Carry on where you were" in page
