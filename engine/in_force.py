"""What is in force at an authority, as new files are checked against it."""

from __future__ import annotations

import sqlalchemy as sa

from engine.checking import Known
from engine.dmn.imports import InForce
from engine.process_engine import ProcessEngine
from engine.store import definitions
from engine.store.authorities import Authority


def known_to(engine: ProcessEngine, connection: sa.Connection, authority: Authority) -> Known:
    """Return everything that is in force at an authority, parsed: what deploying checks new files against."""
    latest, library = authority.latest, engine.library
    rules = {id_: key for (kind, key), id_ in latest.items() if kind == "rules"}
    running = {key: id_ for (kind, key), id_ in latest.items() if kind == "process"}
    own = rules_in_force(engine, connection, authority)
    return Known(
        processes={key: library.process(connection, id_) for key, id_ in running.items()},
        decisions={key: rules[id_] for (kind, key), id_ in latest.items() if kind == "decision"},
        forms={key: library.form(connection, id_) for (kind, key), id_ in latest.items() if kind == "form"},
        sources={key: definitions.load(connection, id_).source for key, id_ in running.items()},
        rules=own.models,
        rule_sources=own.sources,
        examples={key: library.examples(connection, id_) for (kind, key), id_ in latest.items() if kind == "examples"},
        homes=_homes(connection, authority),
    )


def rules_in_force(engine: ProcessEngine, connection: sa.Connection, authority: Authority) -> InForce:
    """Return the rules files that are in force at an authority, with the text of those that import others."""
    ids = {key: id_ for (kind, key), id_ in authority.latest.items() if kind == "rules"}
    models = {key: engine.library.rules(connection, id_) for key, id_ in ids.items()}
    importing = (key for key, model in models.items() if model.imports)
    return InForce(models, {key: definitions.load(connection, ids[key]).source for key in importing})


def _homes(connection: sa.Connection, authority: Authority) -> dict[tuple[str, str], str]:
    files = definitions.files_of(connection, authority.latest.values())
    return {held: files[id_] for held, id_ in authority.latest.items() if held[0] != "decision" and id_ in files}
