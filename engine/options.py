"""The choices that form fields take from the record: practitioners of the authority."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.forms import Form, Option
from engine.store.tables.people import agencies, practitioners

SOURCES = frozenset({"practitioners"})


def options_for(connection: sa.Connection, form: Form, *, authority_id: UUID) -> Mapping[str, list[Option]]:
    """Return the choices of every source the form names. Raises `Invalid` naming an unknown source."""
    unknown = sorted(form.sources - SOURCES)
    if unknown:
        raise Invalid(f"The form '{form.key}' asks for the choices '{unknown[0]}', which do not exist", form=form.key)
    return {"practitioners": _practitioners(connection, authority_id)} if form.sources else {}


def _practitioners(connection: sa.Connection, authority_id: UUID) -> list[Option]:
    rows = connection.execute(
        sa.select(practitioners.c.id, practitioners.c.name, practitioners.c.job_title, agencies.c.name.label("agency"))
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(practitioners.c.authority_id == authority_id, practitioners.c.left_on.is_(None))
        .order_by(practitioners.c.name)
    )
    return [
        Option(str(row.id), ", ".join(part for part in (row.name, row.job_title, row.agency) if part)) for row in rows
    ]
