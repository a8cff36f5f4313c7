"""What every view needs from the application it runs in."""

from __future__ import annotations

from typing import cast

from flask import current_app, g, request

from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine

ENGINE = "caf_engine"


def engine() -> ProcessEngine:
    """Return the engine this application serves."""
    return cast(ProcessEngine, current_app.extensions[ENGINE])


def actor_or_none() -> Actor | None:
    """Return who is signed in, or None."""
    return cast("Actor | None", g.get("actor"))


def actor() -> Actor:
    """Return who is signed in.

    Raises `NotPermitted` when nobody is: a route that calls this without asking for a sign-in is refused, not served.
    """
    found = actor_or_none()
    if found is None:
        raise NotPermitted("You need to sign in first")
    return found


def private_pages() -> str:
    """Return the address below which private pages are, as people outside reach this service."""
    return f"{(g.authority.service_address or request.url_root).rstrip('/')}/reply"
