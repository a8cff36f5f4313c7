"""The choices that form fields take from the record: practitioners of the authority, other cases of the child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.forms import Form, Option
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases, children, lead_professionals


def options_for(
    connection: sa.Connection, form: Form, *, authority_id: UUID, case_id: UUID | None = None
) -> Mapping[str, list[Option]]:
    """Return the choices of every source the form names, on one case. Raises `Invalid` naming an unknown source."""
    unknown = sorted(form.sources - SOURCES)
    if unknown:
        raise Invalid(f"The form '{form.key}' asks for the choices '{unknown[0]}', which do not exist", form=form.key)
    return {source: _CHOICES[source](connection, authority_id, case_id) for source in sorted(form.sources)}


def _practitioners(connection: sa.Connection, authority_id: UUID, _case_id: UUID | None) -> list[Option]:
    rows = connection.execute(
        sa.select(practitioners.c.id, practitioners.c.name, practitioners.c.job_title, agencies.c.name.label("agency"))
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(practitioners.c.authority_id == authority_id, practitioners.c.left_on.is_(None))
        .order_by(practitioners.c.name)
    )
    return [
        Option(str(row.id), ", ".join(part for part in (row.name, row.job_title, row.agency) if part)) for row in rows
    ]


def _overlapping_cases(connection: sa.Connection, authority_id: UUID, case_id: UUID | None) -> list[Option]:
    """Offer the other open cases of the same child: the same record, or one of the same name and birthday."""
    other, mine = children.alias("other"), children.alias("mine")
    same = sa.or_(
        other.c.id == mine.c.id,
        (other.c.folded_name == mine.c.folded_name)
        & sa.func.coalesce(other.c.born_on, other.c.expected_on).is_not_distinct_from(
            sa.func.coalesce(mine.c.born_on, mine.c.expected_on)
        ),
    )
    rows = connection.execute(
        sa.select(cases.c.id, cases.c.reference, cases.c.opened_on, practitioners.c.name.label("lead"))
        .join(other, other.c.id == cases.c.child_id)
        .join(mine, mine.c.id == sa.select(cases.c.child_id).where(cases.c.id == case_id).scalar_subquery())
        .outerjoin(
            lead_professionals,
            (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None),
        )
        .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
        .where(cases.c.authority_id == authority_id, cases.c.id != case_id, cases.c.closed_on.is_(None), same)
        .order_by(cases.c.opened_on, cases.c.id)
    )
    return [
        Option(str(row.id), f"{row.reference}, {f'led by {row.lead}' if row.lead else 'nobody leads it yet'}")
        for row in rows
    ]


_CHOICES: Final[Mapping[str, Callable[[sa.Connection, UUID, UUID | None], list[Option]]]] = {
    "practitioners": _practitioners,
    "overlapping_cases": _overlapping_cases,
}
SOURCES: Final = frozenset(_CHOICES)
