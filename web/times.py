"""Reads the engine's clock once for each request: now, today, and the zone of the authority of whoever asks."""

from __future__ import annotations

from flask import g

from engine.queries import authorities
from web import current


def begin() -> None:
    """Set the authority, its zone, now and its local day for the current request; nothing when nobody is signed in."""
    person = current.actor_or_none()
    if person is None:
        return
    g.authority = authorities.of_actor(current.engine(), actor=person)
    g.zone, g.now, g.today = g.authority.zone, g.authority.now, g.authority.today
