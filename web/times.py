"""Keeps what each request is told once, with who asks: now, today, and the zone of their authority."""

from __future__ import annotations

from flask import g

from engine.queries.authorities import LocalAuthority


def begin(authority: LocalAuthority) -> None:
    """Set the authority, its zone, now and its local day for the current request of somebody signed in."""
    g.authority = authority
    g.zone, g.now, g.today = authority.zone, authority.now, authority.today
