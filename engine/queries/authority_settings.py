"""What an administrator has set for an authority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority, may_word_letters
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.tables.people import authorities


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """An authority's settings as of `version`; `profile` as `engine.casework.profiles` says."""

    name: str
    nation: str
    term: str
    profile: Mapping[str, Any]
    version: int


def read(engine: ProcessEngine, *, actor: Actor) -> AuthoritySettings:
    """Return the settings of the actor's authority. Raises `NotPermitted`."""
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator changes the authority's settings")
    return _read(engine, actor)


def for_letters(engine: ProcessEngine, *, actor: Actor) -> AuthoritySettings:
    """Return the settings to whoever words the letters. Raises `NotPermitted`."""
    if not may_word_letters(actor):
        raise NotPermitted("An administrator or a process designer words the letters")
    return _read(engine, actor)


def _read(engine: ProcessEngine, actor: Actor) -> AuthoritySettings:
    with viewing(engine, actor) as view:
        nation = view.connection.execute(
            sa.select(authorities.c.nation).where(authorities.c.id == actor.authority_id)
        ).scalar_one()
        found = view.authority
        return AuthoritySettings(found.name, nation, found.term, found.profile, found.version)
