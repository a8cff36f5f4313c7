"""Work that is shared out in one go: looked at before it begins, watched, paused, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import batches as acts
from engine.errors import Conflict, Invalid
from engine.queries import batches
from engine.queries.batches import BatchItem
from web import access, exports
from web.csv_rows import Cell
from web.current import actor, engine

blueprint = Blueprint("batches", __name__, url_prefix="/workload/batches")

KINDS: Final = {
    "tasks": "Tasks given to others",
    "interim": "Plans led by somebody else for now",
    "handovers": "Handovers proposed",
}
STATES: Final = {"planned": "Not begun", "running": "Under way", "paused": "Paused", "done": "Ended"}


@blueprint.get("")
@access.for_those(permissions.may_see_figures)
def index() -> ResponseReturnValue:
    """List what was shared out lately."""
    found = batches.lately(engine(), actor=actor())
    return render_template("workload/batches.html", found=found, kinds=KINDS, states=STATES)


@blueprint.get("/<uuid:batch_id>")
@access.for_those(permissions.may_see_figures)
def page(batch_id: UUID) -> ResponseReturnValue:
    """Show what is to be moved from whom to whom, or how far it is and what came of each."""
    found = batches.one(engine(), actor=actor(), batch_id=batch_id)
    return render_template(
        "workload/batch.html", found=found, batch=found.summary, kinds=KINDS, states=STATES, shown=batches.SHOWN
    )


@exports.both(blueprint, "/<uuid:batch_id>/results")
@access.for_those(permissions.may_see_figures)
def results(batch_id: UUID, kind: str) -> ResponseReturnValue:
    """Send what came of each piece of work as a file for a spreadsheet."""
    found = batches.one(engine(), actor=actor(), batch_id=batch_id, whole=True)
    return exports.listed("batch", kind, _HEAD, (_cells(each) for each in found.items))


_HEAD: Final = ("Child", "Task", "Due", "From", "To", "What came of it", "Why")
_CAME: Final = {"waiting": "to come", "done": "done", "refused": "not done"}


def _cells(each: BatchItem) -> Iterator[Cell]:
    yield each.child_name or "a case that is not open to you now"
    yield each.what
    yield each.due_on
    yield each.holder or "nobody"
    yield each.to
    yield _CAME.get(each.state, each.state)
    yield each.said


@blueprint.post("/<uuid:batch_id>")
@access.for_those(permissions.may_see_figures)
def act(batch_id: UUID) -> ResponseReturnValue:
    """Begin, pause, go on with, end, throw away or take back a batch."""
    chosen = request.form.get("act", "")
    batches.one(engine(), actor=actor(), batch_id=batch_id)  # who may not know of it learns nothing, whatever is asked
    try:
        if chosen == "undo":
            batch_id = acts.undo(engine(), actor=actor(), batch_id=batch_id, why=request.form.get("why", ""))
        elif chosen in _ACTS:
            _ACTS[chosen](engine(), actor=actor(), batch_id=batch_id)
        else:
            raise Invalid("There is nothing of that name to do", field="act")
    except (Conflict, Invalid) as wrong:
        flash(f"{wrong.message}.", "problem")
    if chosen == "drop":
        return redirect(url_for("workload.page"), 303)
    return redirect(url_for("batches.page", batch_id=batch_id), 303)


_ACTS: Final[Mapping[str, Callable[..., None]]] = {
    "begin": acts.begin, "pause": acts.pause, "resume": acts.resume, "stop": acts.stop, "drop": acts.drop,
}  # fmt: skip
