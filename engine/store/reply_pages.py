"""Finds private pages by their token, which is nowhere kept."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.casework.reply_tokens import link_of
from engine.store.tables.meetings import family_invitations, invitations, reply_links, tac_meetings

NONE: Final = "This page is not there, or not any more"

_FIND: Final = (
    sa.select(reply_links, tac_meetings.c.planned_on, tac_meetings.c.starts_at, tac_meetings.c.venue)
    .join(tac_meetings, tac_meetings.c.id == reply_links.c.meeting_id)
    .where(
        reply_links.c.id == sa.bindparam("id_"),
        reply_links.c.revoked_at.is_(None),
        tac_meetings.c.held_on.is_(None),
        tac_meetings.c.called_off_on.is_(None),
    )
)


def find(connection: sa.Connection, token: str, *, secret: str) -> Any:
    """Return the link of a token with its meeting's day, time and place, or None; whether it has ended is not asked.

    `secret` is the installation's.
    """
    link_id = link_of(secret, token)
    link = None if link_id is None else connection.execute(_FIND, {"id_": link_id}).first()
    return link if link is not None and answer_of(connection, link) is not None else None


def answer_of(connection: sa.Connection, link: Any) -> Any:
    """Return the invitation that a link answers, None for one that was called off."""
    table = invitations if link.family_invitation_id is None else family_invitations
    own = table.c.id == (link.invitation_id or link.family_invitation_id)
    return connection.execute(sa.select(table).where(own, table.c.called_off_on.is_(None))).first()
