"""Rules tried out on the caseload: a form for the files and a day, and what they would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.errors import Invalid, NotFound
from engine.queries import publishing as proposed
from engine.queries import whatif
from engine.queries.whatif import TriedOut
from engine.whatif import DraftRefused
from web import access
from web.current import actor, engine
from web.day_fields import day_typed
from web.definitions import files_held
from web.front_page import held

blueprint = Blueprint("whatif", __name__, url_prefix="/what-if")

REFUSED: Final = "These could not be deployed, so they were not tried out. Put right what is listed, then try again"


@blueprint.get("")
@access.for_those(permissions.may_try_rules)
def index() -> ResponseReturnValue:
    """Ask which rules are to be tried out, and on which day; `draft` chooses one that is kept."""
    return _page({}, values={"draft": request.args.get("draft", "")})


@blueprint.post("")
@access.for_those(permissions.may_try_rules)
def try_out() -> ResponseReturnValue:
    """Try the rules out and say what they would change; what was sent stays on the page, whatever comes of it."""
    files: Mapping[str, bytes] = files_held()
    try:
        files = {**files, **_chosen()}
        if not files:
            raise Invalid("Choose the file of the changed rules, or a draft, or paste its text", field="files")
        on = day_typed(request.form, "on")
        of_the_day = request.form.get("rules_of_the_day") == "yes"
        found = whatif.try_rules(engine(), actor=actor(), files=files, on=on, rules_of_the_day=of_the_day)
    except DraftRefused as refused:
        return _page(files, errors={"files": REFUSED}, findings=refused.findings)
    except (Invalid, NotFound) as wrong:
        return _page(files, errors={str(wrong.details.get("field") or "files"): str(wrong)})
    return _page(files, found=found)


def _chosen() -> dict[str, bytes]:
    """Return the files chosen now: a kept draft, a pasted text, or files, which win over a draft of the same name."""
    chosen: dict[str, bytes] = {}
    if draft := request.form.get("draft"):
        chosen |= whatif.draft_files(engine(), actor=actor(), file=draft)
    if pasted := request.form.get("pasted", "").strip():
        text = pasted.encode()
        chosen[whatif.file_name(engine(), actor=actor(), text=text)] = text
    return chosen | {file.filename: file.read() for file in request.files.getlist("files") if file.filename}


def _page(
    files: Mapping[str, bytes],
    *,
    found: TriedOut | None = None,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Any] = (),
    values: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    pasted = request.form.get("pasted", "").strip().encode()
    elsewhere = {name: content for name, content in files.items() if content != pasted}
    page = render_template(
        "whatif/page.html",
        found=found,
        findings=findings,
        errors=errors or {},
        values=request.form if values is None else values,
        held=held(elsewhere),
        files=held(files),
        drafts=whatif.drafts_to_try(engine(), actor=actor()),
        may_deploy=permissions.may_deploy(actor()),
        second_person=proposed.second_person(engine(), actor=actor()),
        came_from=_came_from(),
    )
    return page, 422 if errors else 200


def _came_from() -> tuple[str, str]:
    """Return the page that leads here for who is signed in, and its words."""
    if permissions.may_deploy(actor()):
        return url_for("definitions.index"), "Diagrams and rules"
    if permissions.may_see_overdue(actor()):
        return url_for("overdue.board"), "Overdue"
    return url_for("rule_approvals.index"), "Rules to approve"
