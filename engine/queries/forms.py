"""Form files as deployed, any version. What a form asks is no secret; what people answered is elsewhere."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.forms import Form
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store.tables.running import definitions


def form(engine: ProcessEngine, *, actor: Actor, form_id: UUID) -> Form:
    """Return one version of a form of the actor's authority. Raises `NotFound`."""
    own = (definitions.c.authority_id == actor.authority_id) & (definitions.c.kind == "form")
    with viewing(engine, actor) as view:
        found = view.connection.execute(sa.select(definitions.c.id).where(definitions.c.id == form_id, own)).scalar()
        if found is None:
            raise NotFound("There is no such form", form_id=form_id)
        return view.form(found)
