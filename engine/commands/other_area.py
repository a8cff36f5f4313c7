"""The paper for another area: a warning that it may tell a secret address, overruled by who looked at it."""

from __future__ import annotations

from uuid import UUID

from engine.casework.permissions import Actor
from engine.keeping_family import keeping_family
from engine.operations.address_warnings import keep_overruled
from engine.process_engine import ProcessEngine
from engine.store.letter_warnings import Overruled, Warned


def overrule_warning(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    move_id: UUID,
    warned: Warned | None,
    overruled: Overruled | None,
    why: str,
) -> None:
    """Keep why the papers of the move `move_id` do not give away the secret address that `warned` speaks of.

    It holds for exactly those parts, words and addresses. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed
    case and where nothing was warned of, `Invalid` naming `why` without a reason, or where an address is for certain.
    """
    with keeping_family(engine, actor, case_id) as work:
        keep_overruled(work, move_id, warned, overruled, why)
