"""What is overdue, child by child, with the reasons."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.queries import limit_changes, managed_actions, overdue, overlaps
from web import access
from web.current import actor, engine

GROUPS: Final = {
    "critically_overdue": "Critically overdue",
    "overdue": "Overdue",
    "due_soon": "Worth a reminder",
    "not_due": "To keep an eye on",
}

blueprint = Blueprint("overdue", __name__)


@blueprint.get("/overdue")
@access.for_those(permissions.may_see_overdue)
def board() -> ResponseReturnValue:
    """Show the overdue board, the worst first."""
    found = overdue.board(engine(), actor=actor())
    groups = [(words, [row for row in found.rows if row.state == state]) for state, words in GROUPS.items()]
    twice = overlaps.board(engine(), actor=actor())
    return render_template(
        "overdue.html",
        groups=[each for each in groups if each[1]],
        more=found.more,
        twice=twice,
        managed=managed_actions.late(engine(), actor=actor()),
        limits=limit_changes.lately(engine(), actor=actor()),
        may_try_rules=permissions.may_try_rules(actor()),
    )
