"""The one Flask application around one engine, put together."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.casework import oversight as may_oversee
from engine.casework import permissions
from engine.clock import ShiftedClock
from engine.commands import escalation
from engine.playing.guarding import guarded
from engine.process_engine import ProcessEngine
from engine.queries import figures_ready
from web import (
    access,
    access_checks,
    account,
    answer_corrections,
    api,
    assessments,
    attachments,
    audits,
    auth,
    authority,
    batches,
    between_meetings,
    bundles,
    calendar_feeds,
    carried,
    case_processes,
    cases,
    child_index,
    chronologies,
    closing_words,
    compression,
    concerns,
    consents,
    current,
    dates,
    decision_trials,
    definitions,
    directory,
    drafts,
    errors,
    families,
    family_letters,
    figures,
    guidance,
    handover_summaries,
    health,
    help_pages,
    incidents,
    job_roles,
    leads,
    letter_wording,
    list_files,
    local_calendar,
    logs,
    looks,
    mag,
    metrics,
    my_work,
    office_readings,
    other_area,
    overdue,
    oversight,
    people,
    plan_actions,
    replies,
    retention,
    returns,
    rule_approvals,
    running_work,
    security,
    single_sign_on,
    staff_files,
    studio,
    task_drafts,
    tasks,
    team_places,
    teams,
    whatif,
    words,
    workload,
)

SERVICE_NAME = "Coordinate support for a child"
# section, route, words, who it is for (None: everybody signed in)
PLACES: tuple[tuple[str, str, str, access.May | None], ...] = (
    ("tasks", "tasks.mine", "My work", None),
    ("cases", "cases.index", "Cases", None),
    ("overdue", "overdue.board", "Overdue", permissions.may_see_overdue),
    ("figures", "figures.page", "Where cases stand", permissions.may_see_figures),
    ("returns", "returns.page", "Month’s return", permissions.may_see_figures),
    ("workload", "workload.page", "Workload", permissions.may_see_figures),
    ("oversight", "oversight.index", "Oversight", may_oversee.may_see_supervision),
    ("mag", "mag.queue", "MAG", permissions.may_see_mag_queue),
    ("incidents", "incidents.index", "Incidents", permissions.may_operate),
    ("access", "access_checks.page", "Access", permissions.may_check_access),
    ("people", "people.index", "People", permissions.may_see_people),
    ("authority", "authority.page", "Authority", permissions.may_keep_authority),
    ("definitions", "definitions.index", "Diagrams and rules", permissions.may_deploy),
    ("publishing", "studio_publishing.page", "Changes to approve", permissions.may_only_approve_changes),
    ("rule_approvals", "rule_approvals.index", "Rules to approve", permissions.may_approve_rules),
    ("guidance", "guidance.index", "Guidance", None),
    ("help", "help.page", "Help", None),
)
LARGEST_REQUEST = 12 * 1024 * 1024
_PAGES = (
    tasks.blueprint,
    my_work.blueprint,
    task_drafts.blueprint,
    answer_corrections.blueprint,
    cases.blueprint,
    child_index.blueprint,
    access_checks.blueprint,
    office_readings.blueprint,
    attachments.blueprint,
    case_processes.blueprint,
    consents.blueprint,
    dates.blueprint,
    running_work.blueprint,
    families.blueprint,
    assessments.blueprint,
    directory.blueprint,
    job_roles.blueprint,
    chronologies.blueprint,
    between_meetings.blueprint,
    family_letters.blueprint,
    replies.blueprint,
    plan_actions.blueprint,
    concerns.blueprint,
    closing_words.blueprint,
    mag.blueprint,
    overdue.blueprint,
    list_files.blueprint,
    staff_files.blueprint,
    other_area.blueprint,
    oversight.blueprint,
    audits.blueprint,
    figures.blueprint,
    returns.blueprint,
    workload.blueprint,
    batches.blueprint,
    incidents.blueprint,
    definitions.blueprint,
    decision_trials.blueprint,
    drafts.blueprint,
    rule_approvals.blueprint,
    whatif.blueprint,
    leads.blueprint,
    team_places.blueprint,
    handover_summaries.blueprint,
    people.blueprint,
    teams.blueprint,
    authority.blueprint,
    local_calendar.blueprint,
    retention.blueprint,
    letter_wording.blueprint,
    account.blueprint,
    calendar_feeds.blueprint,
    single_sign_on.blueprint,
    guidance.blueprint,
    help_pages.blueprint,
    looks.blueprint,
    health.blueprint,
    metrics.blueprint,
    *studio.BLUEPRINTS,
)


def build(process_engine: ProcessEngine) -> Flask:
    """Make the application that serves `process_engine`.

    Raises `web.access.UnmarkedRoute` when a route does not say who may use it.
    """
    app = Flask(__name__)
    settings = process_engine.settings
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.extensions[current.ENGINE] = guarded(process_engine)
    rehearsal = isinstance(process_engine.clock, ShiftedClock)
    _configure(app, secret_key=settings.secret_key, secure=settings.secure_cookies, rehearsal=rehearsal)
    # Room for the largest file that may be kept, and the form round it.
    app.config["MAX_CONTENT_LENGTH"] = max(LARGEST_REQUEST, settings.largest_attachment + 1024 * 1024)
    compression.install(app)
    logs.follow(app)
    metrics.follow(app)
    security.protect(app, secure=settings.secure_cookies)
    csrf = CSRFProtect(app)
    auth.install(app, secure=settings.secure_cookies, rehearsal=rehearsal)
    app.before_request(_judge_what_moved)
    single_sign_on.install(app)
    for blueprint in _PAGES:
        app.register_blueprint(blueprint)
    api.install(app, csrf)
    errors.install(app)
    office_readings.install(app)
    words.install(app)
    bundles.install(app)
    app.jinja_env.tests["route"] = app.view_functions.__contains__
    app.context_processor(_every_page)
    app.after_request(_figures_ready)
    access.require_marks(app)
    return app


def _configure(app: Flask, *, secret_key: str, secure: bool, rehearsal: bool) -> None:
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SESSION_COOKIE_NAME="caf_rehearsal_form" if rehearsal else "caf_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # A form stays good for as long as the browser is open: people are called away while they type.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _judge_what_moved() -> None:
    """Let the plans that acts have changed be judged before a page is made for somebody: it is up to date."""
    if g.get("to_judge") and request.method in ("GET", "HEAD"):
        escalation.check_shown(current.engine(), case_id=(request.view_args or {}).get("case_id"))


def _figures_ready(response: Response) -> Response:
    """Have the figures of a large authority made while somebody works who may ask for them next."""
    person = current.actor_or_none()
    if person is not None and response.status_code < 500:
        figures_ready.prepare(current.engine(), actor=person)
    return response


def _every_page() -> dict[str, Any]:
    person = current.actor_or_none()
    places = [place for place in PLACES if person and (place[3] is None or place[3](person))]
    look = looks.of_page()
    return {
        "look": look,
        "look_sheet": looks.address(look),
        "service_name": f"Rehearsal: {SERVICE_NAME}" if _is_rehearsal() else SERVICE_NAME,
        "places": places,
        "actor": person,
        "today": g.get("today"),
        "authority": g.get("authority"),
        "unshown": carried.unshown,
    }


def _is_rehearsal() -> bool:
    return isinstance(current.engine().clock, ShiftedClock)
