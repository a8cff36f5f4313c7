"""The pages of a second factor: set up, asked for at the sign-in, required by the authority, lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest

from tests.unit.web.service import PASSWORD
from tests.unit.web.test_json_api import Program
from web import auth


def set_up(service, visitor) -> tuple[pyotp.TOTP, list[str]]:
    page = visitor.get("/account/second-factor")
    app = pyotp.TOTP(re.search(r"<code class=\"caf-password\">([A-Z2-7 ]+)</code>", page).group(1).replace(" ", ""))
    visitor.post("/account/second-factor", code=app.at(service.clock.now()))
    codes = re.findall(r"<code class=\"caf-password\">([a-z0-9-]+)</code>", visitor.page)
    service.clock.advance(timedelta(seconds=90))
    return app, codes


def test_it_is_set_up_with_a_picture_or_by_typing(service):
    visitor = service.signed_in("amara")
    visitor.get("/account")
    assert visitor.says("Set up a second factor")
    page = visitor.get("/account/second-factor")
    assert "<svg" in page and "<script" not in page.partition("<svg")[2].partition("</svg>")[0]
    visitor.post("/account/second-factor", code="000000")
    assert visitor.status == 422 and visitor.says("This code is not right")
    assert visitor.page.partition("<svg")[2].partition("</svg>")[0] == page.partition("<svg")[2].partition("</svg>")[0]
    _, codes = set_up(service, visitor)
    assert visitor.says("Write these recovery codes down") and len(codes) == 10
    visitor.get("/account")
    assert visitor.says("10 recovery codes left", "Change your second factor")
    assert not any(code in visitor.get("/account/second-factor") for code in codes)


def test_the_sign_in_asks_for_the_code_and_goes_on_where_somebody_wanted_to_go(service):
    app, codes = set_up(service, service.signed_in("amara"))
    visitor = service.visitor()
    visitor.get("/cases")
    visitor.post("/sign-in", username="amara", password=PASSWORD, next=visitor.hidden("next"))
    assert visitor.says("Enter your code")
    assert visitor.client.get_cookie(auth.COOKIE) is None
    visitor.post("/sign-in/code", code="", next="/cases")
    assert visitor.status == 422
    visitor.post("/sign-in/code", code="123 456", next=visitor.hidden("next"))
    assert visitor.status == 422 and visitor.says("This code is not right")
    visitor.post("/sign-in/code", code=app.at(service.clock.now()), next=visitor.hidden("next"))
    assert visitor.says("Cases you work on", "Amara Osei")
    another = service.visitor()
    another.sign_in("amara")
    another.post("/sign-in/code", code=codes[3], next="/tasks")
    assert another.says("Amara Osei")


def test_a_half_sign_in_is_no_sign_in_on_pages_or_in_the_api(service):
    set_up(service, service.signed_in("amara"))
    visitor = service.visitor()
    visitor.sign_in("amara")
    half = visitor.client.get_cookie(f"{auth.COOKIE}_code", path="/sign-in/code").value
    visitor.client.set_cookie(auth.COOKIE, half)
    visitor.get("/tasks")
    assert visitor.says("Sign in") and not visitor.says("Amara Osei")
    answer = visitor.client.get("/api/tasks", headers={"Authorization": f"Bearer {half}"})
    assert answer.status_code == 401


def test_what_was_typed_is_kept_through_the_code_too(service):
    app, _ = set_up(service, service.signed_in("amara"))
    visitor = service.visitor()
    visitor.sign_in("amara")
    visitor.post("/sign-in/code", code=app.at(service.clock.now()), next="/")
    visitor.get("/cases/start")
    visitor.client.delete_cookie(auth.COOKIE)
    visitor.post("/cases/start", family_name="Whitlock", given_name="Sam")
    kept = {"next": visitor.hidden("next"), "carried": visitor.hidden("carried")}
    visitor.post("/sign-in", username="amara", password=PASSWORD, **kept)
    kept = {"next": visitor.hidden("next"), "carried": visitor.hidden("carried")}
    service.clock.advance(timedelta(seconds=60))
    visitor.post("/sign-in/code", code=app.at(service.clock.now()), **kept)
    assert visitor.says("Carry on where you were") and visitor.hidden("family_name") == "Whitlock"


def test_a_right_password_that_waited_too_long_is_asked_for_again(service):
    app, _ = set_up(service, service.signed_in("amara"))
    visitor = service.visitor()
    visitor.sign_in("amara")
    service.clock.advance(timedelta(minutes=11))
    visitor.post("/sign-in/code", code=app.at(service.clock.now()), next="/")
    assert visitor.status == 422 and visitor.says("That took too long", "User name")


def require(service, *roles: str) -> None:
    olu = service.signed_in("olu")
    page = olu.get("/authority")
    fields = dict(re.findall(r'name="([^"]+)" type="[a-z]+" value="([^"]*)"', page))
    fields |= {"name": "Northcombe Council", "nation": "england-and-wales", "meeting_term": "TAC",
               "version": olu.hidden("version"), "factor_roles": list(roles)}  # fmt: skip
    olu.post("/authority", **{name: unescape(text) if isinstance(text, str) else text for name, text in fields.items()})
    assert olu.says("The settings are changed."), olu.page


def test_who_needs_one_sets_it_up_before_anything_else(service):
    require(service, "coordinator")
    visitor = service.signed_in("ines")
    visitor.get("/cases")
    assert visitor.says("Set up a second factor", "Your role sees records of many children")
    assert Program(service, "ines")("GET", "/tasks").status_code == 403
    visitor.get("/concern")
    assert visitor.status == 200 and not visitor.says("Set up a second factor"), "an alarm waits for nothing"
    set_up(service, visitor)
    visitor.get("/cases")
    assert visitor.says("Cases")
    assert not service.signed_in("amara").get("/cases").count("Set up a second factor")


def test_an_administrator_helps_who_has_lost_the_phone(service):
    set_up(service, service.signed_in("amara"))
    olu = service.signed_in("olu")
    amara = service.ids["Amara Osei"]
    assert "Take the second factor away" not in olu.get(f"/people/{service.ids['Dele Martins']}")
    assert "Take the second factor away" in olu.get(f"/people/{amara}")
    olu.post(f"/people/{amara}/second-factor")
    assert olu.says("The second factor is taken away")
    assert service.signed_in("amara").says("Amara Osei")


def test_a_program_sends_its_code_with_the_password(service):
    app, _ = set_up(service, service.signed_in("amara"))
    client = service.app.test_client()
    sent = {"username": "amara", "password": PASSWORD}
    refused = client.post("/api/session", json=sent)
    assert refused.status_code == 401 and "second factor" in refused.json["detail"]
    assert client.post("/api/session", json={**sent, "code": "1"}).status_code == 401
    given = client.post("/api/session", json={**sent, "code": app.at(service.clock.now())})
    assert given.status_code == 200 and given.json["token"]


@pytest.mark.parametrize("path", ["codes", "remove"])
def test_one_s_own_is_changed_only_with_a_code(service, path):
    visitor = service.signed_in("amara")
    app, _ = set_up(service, visitor)
    visitor.post(f"/account/second-factor/{path}", code="000000")
    assert visitor.status == 422
    visitor.post(f"/account/second-factor/{path}", code=app.at(service.clock.now()))
    assert visitor.status == 200
    assert visitor.says("Write these recovery codes down" if path == "codes" else "Your second factor is taken away")
