"""Private pages on which somebody of the family reads a letter, and who wants letters in full by e-mail instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import letter_mails, reply_tokens
from engine.casework.family_letters import Letter, Occasion
from engine.operations.wordings import worded
from engine.store import case_mails
from engine.store.relatives import Relative
from engine.store.tables.meetings import letter_pages, mail_agreements
from engine.work import Work

OPEN_FOR: Final = timedelta(days=28)
"""How long a page is there: our own choice, long enough for a holiday. A letter can be sent again."""
UNDER: Final = "/reply"
"""Where private pages begin, below the address of the service."""


def where(work: Work) -> str:
    """Return the address below which private pages are, as the authority says it; empty when it does not."""
    address = str(work.authority.profile.get("service_address") or "").rstrip("/")
    return f"{address}{UNDER}" if address else ""


def in_full(work: Work, to: Relative) -> bool:
    """Tell whether somebody wants their letters in full at the e-mail address that they have now."""
    if to.member_id is None or not to.email:
        return False
    wanted = sa.select(mail_agreements.c.email).where(
        mail_agreements.c.case_id == work.case.id,
        mail_agreements.c.member_id == to.member_id,
        mail_agreements.c.ended_on.is_(None),
    )
    return work.connection.execute(wanted).scalar() == to.email


def mail(
    work: Work, letter_id: UUID, name: str, pages: str, about: Occasion, off: Mapping[str, str] | None = None
) -> Letter:
    """Make a letter's page, and return the e-mail that tells of it. `pages` is where private pages are.

    `off` fills the e-mail of a meeting that is not held as arranged, which goes without a page where there are none.
    """
    if off and not pages:
        return worded(work, "mail_family_called_off", letter_mails.off(off, page=False))
    id_, ends_on = work.engine.ids.new(), work.today + OPEN_FOR
    own = {"id": id_, "authority_id": work.authority.id, "case_id": work.case.id}
    work.connection.execute(sa.insert(letter_pages).values(**own, letter_id=letter_id, ends_on=ends_on))
    if off:
        said = worded(work, "mail_family_called_off", letter_mails.off(off, page=True))
    else:
        reference = case_mails.reference(work.connection, work.case.id)
        told = letter_mails.to_read(name, reference=reference, until=ends_on, answer_to=about.answer_to)
        said = worded(work, "mail_to_read", told)
    return Letter(said.subject, reply_tokens.queued(said.body, id_, f"{pages}/letter"))


def revoke(work: Work, letter_id: UUID) -> bool:
    """Take back the pages on which a letter can be read; tell whether there was one."""
    own = (letter_pages.c.letter_id == letter_id) & letter_pages.c.revoked_at.is_(None)
    return work.connection.execute(sa.update(letter_pages).where(own).values(revoked_at=work.at)).rowcount > 0
