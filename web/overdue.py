"""What is overdue, child by child, with the reasons: chosen, saved, answered, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import late_answers, own_lists
from engine.errors import Conflict, Invalid
from engine.queries import board_choices, board_page, overdue
from engine.queries.choice import Choice
from engine.queries.overdue import OverdueRow
from web import access, exports, words
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_typed
from web.paging import page_asked

GROUPS: Final = {
    "critically_overdue": "Critically overdue",
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "not_due": "Not due",
}
LATE: Final = ("critically_overdue", "overdue")
"""The groups whose days count as late: a reminder in the others is not late yet."""
SHORT: Final = 12
"""How many children a page may have that shows all of them at once."""
CHOICES: Final = ("team", "worker", "agency", "stage", "state", "step", "only", "unsupervised")

blueprint = Blueprint("overdue", __name__)


@blueprint.get("/overdue")
@access.for_those(permissions.may_see_overdue)
def board() -> ResponseReturnValue:
    """Show the overdue board, the worst first; an address that chooses what there is not leads to all of it."""
    try:
        choice = Choice(**chosen(request.args))
        page = board_page.read(engine(), actor=actor(), choice=choice, page=page_asked())
    except Invalid:
        return redirect(url_for("overdue.board"), 303)
    found = page.board
    if found.page > 1 and not found.rows:
        # The page has become empty, or never was: the counts, a minute old for very many, would say otherwise.
        return redirect(url_for("overdue.board", **chosen(request.args), page=min(found.last, found.page - 1)), 303)
    return render_template(
        "overdue/board.html",
        found=found,
        groups=[(group, GROUPS[group.state], [row for row in found.rows if row.state == group.state])
                for group in found.groups],
        choice=choice,
        chosen=chosen(request.args),
        query=urlencode(chosen(request.args)),
        offered=page.offered,
        narrowed=page.narrowed,
        states=GROUPS,
        ways={group.state: _way(group, choice) for group in found.groups},
        folds=_folds(found, request.args.get("open", "")),
        answered_at=partial(_answered_at, page=found.page),
        twice=page.twice,
        managed=page.managed,
        limits=page.limits,
        may_try_rules=permissions.may_try_rules(actor()),
        may_share_out=permissions.may_see_figures(actor()),
    )  # fmt: skip


def _way(group: overdue.Group, choice: Choice) -> str:
    """Return the address at which a group begins, and is not folded."""
    only = {"state": group.state} if choice.state else {}
    place = _place(page=group.page, opened=group.state)
    return url_for("overdue.board", **{**chosen(request.args), **only}, **place, _anchor=f"group-{group.state}")


def _answered_at(row: OverdueRow, *, page: int) -> str:
    """Return where it is said what is being done, which leads back to the same place."""
    place = _place(page=page, opened=row.state)
    return url_for("overdue.answer", case_id=row.case_id, **chosen(request.args), **place)


def _place(*, page: int, opened: str) -> dict[str, Any]:
    """Return where on the board somebody is: its page, and the group that is to stand open."""
    return {"page": page if page > 1 else None, "open": opened if opened in GROUPS and opened not in LATE else None}


def _folds(found: overdue.Board, opened: str) -> Sequence[str]:
    """Return what a long page folds: what stands last, and the groups that are not late, below others that are.

    A group that was asked for (`opened`) is not folded.
    """
    if len(found.rows) <= SHORT:
        return ()
    late = any(row.state in LATE for row in found.rows)
    return (*(state for state in GROUPS if late and state not in (*LATE, opened)), "twice", "managed")


@exports.both(blueprint, "/overdue")
@access.for_those(permissions.may_see_overdue)
def board_file(kind: str) -> ResponseReturnValue:
    """Send every row of one choice as a file for a spreadsheet, a few at a time."""
    try:
        choice = Choice(**chosen(request.args))
    except Invalid:
        return redirect(url_for("overdue.board"), 303)
    rows = overdue.every_row(engine(), actor=actor(), choice=choice)
    return exports.listed("overdue", kind, _HEAD, map(partial(_cells, today=g.today), rows))


_HEAD: Final = (
    "Reference", "Child", "Age", "Group", "Working days late", "Since", "Why", "Also", "Stage", "Lead professional",
    "Lead away, covered by", "What is being done", "To be put right by", "Paused until", "Last supervision",
)  # fmt: skip


def _cells(row: OverdueRow, *, today: date) -> Iterator[Cell]:
    said = row.answer
    doing = [row.doing, f"{said.said} ({said.who}, {said.on.isoformat()})" if said and said.said else ""]
    yield row.reference
    yield row.child_name
    yield words.age(row.born_on, today=today)
    yield GROUPS[row.state]
    yield row.days or None if row.state in LATE else None
    yield row.since
    yield " ".join(row.reasons)
    yield ", ".join(row.signals)
    yield row.stage
    yield row.lead_name or ""
    yield row.covered_by or row.cover_away or "nobody" if row.lead_away else ""
    yield "; ".join(each for each in doing if each)
    yield said.by_on if said else None
    yield row.paused_until
    yield row.supervision.last_on if row.supervision else None


@blueprint.post("/overdue/lists")
@access.for_those(permissions.may_see_overdue)
def save_list() -> ResponseReturnValue:
    """Keep what is chosen on the board under a name."""
    given = chosen(request.form)
    shared = request.form.get("shared") == "yes"
    try:
        Choice(**given)
        own_lists.save(
            engine(), actor=actor(), name=request.form.get("name", ""), query=urlencode(given), shared=shared,
            place=board_choices.PLACE,
        )  # fmt: skip
        flash("The board is saved" + (" and your team can see it." if shared else "."))
    except Invalid as wrong:
        flash(f"{wrong.message}.", "problem")
    return redirect(url_for("overdue.board", **given), 303)


@blueprint.post("/overdue/lists/<uuid:list_id>/remove")
@access.for_those(permissions.may_see_overdue)
def remove_list(list_id: UUID) -> ResponseReturnValue:
    """Remove a saved board of one's own."""
    own_lists.remove(engine(), actor=actor(), list_id=list_id)
    flash("The saved board is removed. The children on it are not.")
    return redirect(url_for("overdue.board"), 303)


@blueprint.route("/overdue/<uuid:case_id>/answer", methods=["GET", "POST"])
@access.for_those(permissions.may_see_overdue)
def answer(case_id: UUID) -> ResponseReturnValue:
    """Ask why a case is late or what is being done, and keep it: the case stays on the board."""
    typed = request.form
    if request.method == "GET":
        return _answer_page(case_id, {}, {})
    try:
        by_on = day_typed(typed, "by_on")
        late_answers.answer(engine(), actor=actor(), case_id=case_id, said=typed.get("said", ""), by_on=by_on)
    except Invalid as wrong:
        return _answer_page(case_id, typed, {str(wrong.details.get("field") or "said"): wrong.message}), 422
    except Conflict as wrong:
        return _answer_page(case_id, typed, {"said": wrong.message}), 409
    flash("It stands on the board and in the case’s history. The child stays on the board until it is put right.")
    return redirect(_back(case_id), 303)


def _answer_page(case_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    row = overdue.one(engine(), actor=actor(), case_id=case_id)
    return render_template("overdue/answer.html", row=row, values=values, errors=errors, back_to=_back(case_id))


def _back(case_id: UUID) -> str:
    place = _place(page=page_asked(), opened=request.args.get("open", ""))
    return url_for("overdue.board", **chosen(request.args), **place, _anchor=f"case-{case_id}")


def chosen(given: Mapping[str, str]) -> dict[str, Any]:
    """Return what an address or a form chooses, without what it leaves open."""
    return {name: given[name] for name in CHOICES if given.get(name)}
