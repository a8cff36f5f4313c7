"""What the record knows of a family's consent when it is asked again, or when a case closes for want of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import NOTHING, SHARED
from engine.queries.view import View
from engine.store.consent_cover import in_force
from engine.store.tables.consents import consent_parties, consents


def last_agreed(view: View, case_id: UUID) -> Mapping[str, Any]:
    """Give with whom and what the family shared last, so that only what changes has to be told."""
    row = view.connection.execute(
        sa.select(consents)
        .where(consents.c.case_id == case_id, consents.c.purpose == "sharing", consents.c.answer.in_(SHARED))
        .order_by(consents.c.to_on.is_not(None), consents.c.from_on.desc(), consents.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return {}
    parties = view.connection.execute(
        sa.select(consent_parties.c.agency_id, consent_parties.c.practitioner_id).where(
            consent_parties.c.consent_id == row.id
        )
    ).all()
    return {
        "whose": row.whose,
        "competence": row.competence,
        "second_judgement": row.second_judgement,
        "shared_for": row.shared_for,
        "scope": row.scope,
        "kinds": list(row.kinds or ([NOTHING] if row.kinds is not None and parties else ())),
        "nobody_else": row.answer == "limited" and not parties,
        "agencies": [str(each.agency_id) for each in parties if each.agency_id],
        "people": [str(each.practitioner_id) for each in parties if each.practitioner_id],
        "until_on": row.until_on.isoformat() if row.until_on and row.until_on >= view.today else None,
    }


def withdrawn(view: View, case_id: UUID) -> Mapping[str, Any]:
    """Give the reason of a closure while the family's consent is withdrawn; nothing otherwise."""
    answer = view.connection.execute(sa.select(consents.c.answer).where(in_force(case_id))).scalar()
    return {"reason": "consent_withdrawn"} if answer == "withdrawn" else {}
