"""What holds for every route, whatever it does."""

from uuid import UUID

import pytest

ANY = UUID(int=7)
PUBLIC = {"/sign-in", "/sign-out", "/concern", "/health", "/ready", "/reply/letter/x"} | {
    "/api/session", "/api/openapi.json"
}  # fmt: skip
"""Whom to ring when a child is in danger is for everybody. A letter's first page is the same whatever its address."""
TRICKS = ("/tasks;x", "/tasks/..;/incidents", "/%2e%2e/incidents", "/INCIDENTS", "/incidents/", "//incidents")


def routes(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            path = rule.rule
            for argument in rule.arguments:
                converter = "uuid:" if f"<uuid:{argument}>" in path else ""
                path = path.replace(f"<{converter}{argument}>", str(ANY) if converter else "x")
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, path


def test_nobody_signed_out_gets_anything_from_a_route_that_is_not_public(service):
    client = service.app.test_client()
    for method, path in routes(service.app):
        if path not in PUBLIC:
            status = client.open(path, method=method).status_code
            assert status >= 300, f"{method} {path} answered {status}"


def test_every_unsafe_page_refuses_a_form_without_its_token(service):
    client = service.signed_in("ines").client
    for method, path in routes(service.app):
        if method != "GET" and not path.startswith("/api/"):
            assert client.open(path, method=method).status_code == 400, f"{method} {path}"


def test_the_api_never_takes_a_cookie_for_a_sign_in(service):
    client = service.signed_in("ines").client
    for method, path in routes(service.app):
        if path.startswith("/api/") and path not in PUBLIC:
            assert client.open(path, method=method, json={}).status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("username", ["amara", "ines", "olu", "tomas"])
def test_no_page_or_answer_fails_for_an_unknown_id(service, username):
    client = service.signed_in(username).client
    for method, path in routes(service.app):
        if method == "GET" and path != "/health":  # nothing looks after timers here, and it says so
            assert client.get(path).status_code < 500, path


@pytest.mark.parametrize("path", TRICKS)
def test_no_trick_with_the_path_opens_a_page_of_somebody_elses_role(service, path):
    visitor = service.signed_in("amara")
    visitor.get(path)
    assert not visitor.says("needs an operator")


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/incidents", {"ines", "olu"}),
        ("/definitions", {"tomas"}),
        ("/what-if", {"ruth", "ines", "tomas"}),
        ("/rules-to-approve", {"ines"}),
        ("/overdue", {"amara", "ruth", "ines"}),
        ("/cases/start", {"amara", "ruth", "ines"}),
        ("/tasks", {"amara", "ruth", "ines", "olu", "tomas"}),
        ("/concern", {"amara", "ruth", "ines", "olu", "tomas"}),
        ("/help", {"amara", "ruth", "ines", "olu", "tomas"}),
        ("/account", {"amara", "ruth", "ines", "olu", "tomas"}),
        ("/people", {"ruth", "ines", "olu"}),
        ("/people/add", {"olu"}),
        ("/authority", {"olu"}),
    ],
)
def test_who_may_open_what(service, path, may):
    opened = {
        name
        for name in ("amara", "ruth", "ines", "olu", "tomas")
        if service.signed_in(name).client.get(path).status_code == 200
    }
    assert opened == may


def test_every_page_of_somebody_signed_in_has_the_safeguarding_button(service):
    visitor = service.signed_in("amara")
    for path in ("/tasks", "/cases", "/overdue", "/help", "/nowhere", "/incidents"):
        assert 'href="/concern"' in visitor.get(path), path
