"""Did the plan help? Asked of who has no account, each by a private link: the family, and who helped from outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import letter_mails, reply_tokens
from engine.operations import letter_pages
from engine.operations.family_letters import readers
from engine.operations.wordings import worded
from engine.store import case_mails
from engine.store.closed_plans import ASKED_FOR
from engine.store.tables.guidance import closing_links
from engine.store.tables.people import practitioners
from engine.work import Work

UNDER = "helped"
"""Where these pages are, below the private ones."""


def ask_family(work: Work) -> None:
    """Make a link for each of the family who may be told something, and send it to who has an e-mail address.

    The others are given theirs by who led the case.
    """
    for each in readers(work):
        _ask(work, each.name, each.email, member_id=each.member_id)


def ask_outside(work: Work, whom: Iterable[UUID]) -> None:
    """Make a link for each of the practitioners `whom`, who have no account, and send it."""
    wanted = sa.select(practitioners).where(practitioners.c.id.in_(sorted(whom))).order_by(practitioners.c.id)
    for each in work.connection.execute(wanted):
        _ask(work, each.name, each.email, practitioner_id=each.id)


def _ask(work: Work, name: str, email: str, **who: Any) -> None:
    id_, ends_on, pages = work.engine.ids.new(), work.today + ASKED_FOR, letter_pages.where(work)
    own = {"id": id_, "authority_id": work.authority.id, "case_id": work.case.id, "mailed": bool(email and pages)}
    work.connection.execute(sa.insert(closing_links).values(**own, **who, ends_on=ends_on))
    if email and pages:
        reference = case_mails.reference(work.connection, work.case.id)
        said = worded(work, "mail_helped", letter_mails.helped(name, reference=reference, until=ends_on))
        work.write_to(email, subject=said.subject, body=reply_tokens.queued(said.body, id_, f"{pages}/{UNDER}"))
