"""What is in force at an authority, as new files are checked against it."""

from __future__ import annotations

import sqlalchemy as sa

from engine.checking import Known
from engine.process_engine import ProcessEngine
from engine.store import definitions
from engine.store.authorities import Authority


def known_to(engine: ProcessEngine, connection: sa.Connection, authority: Authority) -> Known:
    """Return everything that is in force at an authority, parsed: what deploying checks new files against."""
    latest, library = authority.latest, engine.library
    rules = {id_: key for (kind, key), id_ in latest.items() if kind == "rules"}
    running = {key: id_ for (kind, key), id_ in latest.items() if kind == "process"}
    return Known(
        processes={key: library.process(connection, id_) for key, id_ in running.items()},
        decisions={key: rules[id_] for (kind, key), id_ in latest.items() if kind == "decision"},
        forms={key: library.form(connection, id_) for (kind, key), id_ in latest.items() if kind == "form"},
        sources={key: definitions.load(connection, id_).source for key, id_ in running.items()},
        rules={key: library.rules(connection, id_) for id_, key in rules.items()},
        examples={key: library.examples(connection, id_) for (kind, key), id_ in latest.items() if kind == "examples"},
    )
