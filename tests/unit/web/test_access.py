from types import SimpleNamespace

import pytest
from flask import Flask, g

from engine.errors import NotPermitted
from web import access


def app_with(view):
    app = Flask("t")
    app.add_url_rule("/page", "page", view)
    return app


def test_a_route_that_does_not_say_who_may_use_it_stops_the_start():
    with pytest.raises(access.UnmarkedRoute, match="page"):
        access.require_marks(app_with(lambda: "x"))


def test_marked_routes_start():
    access.require_marks(app_with(access.signed_in(lambda: "x")))


@pytest.mark.parametrize(
    ("mark", "person", "answer"),
    [
        (access.anyone, None, None),
        (access.signed_in, None, "sign in"),
        (access.signed_in, SimpleNamespace(role="clerk"), None),
        (access.for_those(lambda who: who.role == "designer"), None, "sign in"),
        (access.for_those(lambda who: who.role == "designer"), SimpleNamespace(role="designer"), None),
    ],
)
def test_who_is_let_in(mark, person, answer):
    app = app_with(mark(lambda: "x"))
    with app.test_request_context("/page"):
        g.actor = person
        assert access.admit(app, lambda: "sign in") == answer


def test_the_wrong_person_is_refused():
    app = app_with(access.for_those(lambda who: False)(lambda: "x"))
    with app.test_request_context("/page"):
        g.actor = SimpleNamespace(role="clerk")
        with pytest.raises(NotPermitted):
            access.admit(app, lambda: "sign in")


def test_a_route_left_unmarked_is_refused_to_everybody_at_run_time_too():
    app = app_with(lambda: "x")
    with app.test_request_context("/page"):
        g.actor = SimpleNamespace(role="designer")
        with pytest.raises(NotPermitted):
            access.admit(app, lambda: "sign in")
