"""What is kept with a deployment of changed rules: what they change of the caseload of that moment, in figures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.casework.escalation import DECISION
from engine.errors import EngineError
from engine.in_force import rules_in_force
from engine.process_engine import ProcessEngine
from engine.store import definitions
from engine.store.authorities import Authority
from engine.whatif.drafts import read_unchecked
from engine.whatif.trials import try_out


def tried_before(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, files: Mapping[str, bytes], *, shipped: bool
) -> dict[str, Any] | None:
    """Try out those of `files` (name -> content) that would change the rules in force, and return what to keep of it.

    Of `shipped` files those count that were never in force in any version, as for deploying them. None when an
    escalation hangs on none of them, when none are in force yet, and for files that cannot be tried: why they cannot be
    deployed is said by deploying them.
    """
    if ("decision", DECISION) not in authority.latest:
        return None
    read = definitions.versions if shipped else definitions.newest_of_all
    known = {each.hash for each in read(connection, authority.id)}
    new = {file: content for file, content in files.items() if hashlib.sha256(content).hexdigest() not in known}
    draft = read_unchecked(new, rules_in_force(engine, connection, authority))
    if draft is None:
        return None
    try:
        trial, _ = try_out(engine, connection, authority, draft, keep_cases=False)
    except EngineError:
        return None
    return trial.kept()
