"""Reads the engine's clock once for each request: today, and the zone its times are said in."""

from __future__ import annotations

from flask import g

from engine.clock import local_day
from web import current, words


def begin() -> None:
    """Set today's local date and the zone for the current request."""
    g.zone = words.LONDON
    g.now = current.engine().clock.now()
    g.today = local_day(g.now, g.zone)
