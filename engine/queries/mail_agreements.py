"""Who of a family wants their letters in full by e-mail, who said so and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_family
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.relatives import relatives
from engine.store.tables.meetings import mail_agreements
from engine.store.tables.people import practitioners


@dataclass(frozen=True, slots=True)
class MailChoice:
    """How somebody of the family with an e-mail address has their letters.

    In full since `agreed_on`, as `agreed_by` said and `recorded_by` wrote down; without that day, on a private page.
    """

    member_id: UUID
    name: str
    email: str
    agreed_by: str
    agreed_on: date | None
    recorded_by: str

    @property
    def choice(self) -> tuple[str, str]:
        """How a form offers them: what is sent, and what is read."""
        return str(self.member_id), self.name


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[MailChoice, ...]:
    """Return how everybody of the family with an e-mail address, who may be told something, has their letters.

    Raises `NotFound`, `NotPermitted` for who does not keep the family.
    """
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        if not may_keep_family(actor, relations.of(view.connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator reads the family's letters")
        rows = {row.member_id: row for row in view.connection.execute(_CURRENT, {"case": case_id})}
        found = []
        for each in relatives(view.connection, case_id):
            if each.member_id is None or not each.email or each.sharing.told == "nothing":
                continue
            row = rows.get(each.member_id)
            if row is None or row.email != each.email:
                found.append(MailChoice(each.member_id, each.words, each.email, "", None, ""))
            else:
                said = (row.agreed_by, row.agreed_on, row.name)
                found.append(MailChoice(each.member_id, each.words, each.email, *said))
        return tuple(found)


def in_force(view: View, case_id: UUID) -> Mapping[UUID, str]:
    """Return the address to which each of a family wants letters in full, by the id of who does."""
    return {row.member_id: row.email for row in view.connection.execute(_CURRENT, {"case": case_id})}


_CURRENT = (
    sa.select(mail_agreements, practitioners.c.name)
    .join(practitioners, practitioners.c.id == mail_agreements.c.recorded_by)
    .where(mail_agreements.c.case_id == sa.bindparam("case", type_=sa.Uuid), mail_agreements.c.ended_on.is_(None))
)
