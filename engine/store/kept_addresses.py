"""What a page shows of texts that tell an address kept secret, to those who may read the case and need not know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_sharing import may_see_secret_address
from engine.casework.permissions import Actor, Relation
from engine.casework.secret_addresses import LEFT_OUT, Signs, signs, without
from engine.store import relations
from engine.store.letter_warnings import addresses
from engine.store.sets import among
from engine.store.tables.record import cases, children, family_members

Said = TypeVar("Said")


class Reading(Protocol):
    """A read or an act under way: by whom, None for the service itself, and on which connection."""

    @property
    def connection(self) -> sa.Connection:
        """The connection."""
        ...

    @property
    def actor(self) -> Actor | None:
        """Who reads or acts."""
        ...


def left_out(
    under: Reading, case_id: UUID, said: Said, relation: Relation | None = None, *, typed: bool = False
) -> Said:
    """Return what was said on a case, every text in it without what tells an address that is kept secret now.

    `said` is a text, or records, rows and mappings of any depth; it stays as it is for who may see such an address, by
    how they stand to the case, which is looked up without a `relation`. What is `typed` into a form is empty where
    nothing is left of it: it is sent back as an answer.
    """
    actor, connection = under.actor, under.connection
    if not said or actor is None or may_see_secret_address(actor, relation or relations.of(connection, actor, case_id)):
        return said
    found_by = signs(each.address for each in addresses(connection, case_id) if each.address_secret)
    return cast("Said", _clean(said, found_by, "" if typed else LEFT_OUT)) if any(found_by) else said


def with_secret(under: Reading, case_ids: Sequence[UUID]) -> list[UUID]:
    """Return which of these cases know an address that is kept secret, for who may not see such a one of every case."""
    if not case_ids or under.actor is None or may_see_secret_address(under.actor, Relation()):
        return []
    return list(under.connection.execute(_WITH_SECRET, {"ids": list(case_ids)}).scalars())


_sibling = children.alias("sibling")
_WITH_SECRET = (
    sa.select(cases.c.id)
    .join(children, children.c.id == cases.c.child_id)
    .where(
        among(cases.c.id),
        sa.or_(
            sa.exists().where(_sibling.c.family_id == children.c.family_id, _sibling.c.address_secret),
            sa.exists().where(family_members.c.family_id == children.c.family_id, family_members.c.address_secret),
        ),
    )
)


def _clean(said: Any, found_by: Signs, stead: str) -> Any:
    if isinstance(said, str):
        rest = without(said, found_by)
        return stead if rest == LEFT_OUT else rest
    if isinstance(said, Mapping):
        return {key: _clean(each, found_by, stead) for key, each in said.items()}
    if type(said) in (list, tuple):
        return type(said)(_clean(each, found_by, stead) for each in said)
    if is_dataclass(said) and not isinstance(said, type):
        own = {each.name: getattr(said, each.name) for each in fields(said)}
        changed = {name: now for name, value in own.items() if (now := _clean(value, found_by, stead)) != value}
        return replace(said, **changed) if changed else said
    return said
