"""Figures for Prometheus: work open, late and stuck, requests answered. Counts alone, of nobody and of no case.

There is nothing at its address unless an operator sets a token (`CAF_METRICS_TOKEN`), which the monitoring system
sends; no account opens it, and it asks nothing: nobody narrows a figure down to a team, a day or a case. Restricted
cases are in the figures, which tell that the service holds one more case and never whose: without them a task of
theirs that nobody does, or a timer that fails, would go unseen. Whoever holds the token keeps the machine and its
database.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator, Sequence
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue

from engine.queries import metrics
from engine.queries.metrics import Metrics
from web import access
from web.current import ENGINE, engine
from web.requests_seen import BOUNDS, Answered, RequestsSeen

blueprint = Blueprint("metrics", __name__)
SEEN: Final = "caf_requests_seen"
TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


def follow(app: Flask) -> None:
    """Count the requests of `app` when its settings have a token for the monitoring system."""
    settings = app.extensions[ENGINE].settings
    if not settings.metrics_token:
        return
    seen = app.extensions[SEEN] = RequestsSeen(settings.variable_folder / "metrics")

    @app.after_request
    def count(response: Response) -> Response:
        if request.endpoint not in ("static", "metrics.page"):
            seen.add(response.status_code, time.perf_counter() - g.get("began", time.perf_counter()))
        return response


@blueprint.get("/metrics")
@access.anyone
def page() -> ResponseReturnValue:
    """Answer with the figures for whoever sends the token; nothing is here without one."""
    token = engine().settings.metrics_token
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(sent.encode(), token.encode()):
        abort(404)
    seen: RequestsSeen = current_app.extensions[SEEN]
    lines = [*_of_work(metrics.count(engine())), *_of_requests(seen.read())]
    return Response("\n".join([*lines, ""]), content_type=TEXT)


def _of_work(found: Metrics) -> Iterator[str]:
    yield from _gauge("caf_cases_open", "Open cases.", found.cases_open)
    yield from _gauge("caf_tasks_open", "Open user tasks.", found.tasks_open)
    yield from _gauge("caf_tasks_overdue", "Open user tasks whose promised day is over.", found.tasks_overdue)
    yield from _gauge("caf_timers_waiting", "Timers that are still to fire.", found.timers_waiting)
    yield from _gauge("caf_timers_due", "Timers past their time that have not fired.", found.timers_due)
    yield from _gauge("caf_timers_failing", "Timers past their time that failed and are tried again.",
                      found.timers_failing)  # fmt: skip
    yield from _gauge("caf_timers_lag_seconds", "For how long the first timer in turn has been due.", found.lag_seconds)
    heard = found.poller_at.timestamp() if found.poller_at else 0.0
    yield from _gauge("caf_poller_seen_timestamp_seconds", "When timers were last looked after.", heard)
    yield from _gauge("caf_messages_waiting", "Messages that wait to be sent.", found.messages_waiting)
    yield from _about("caf_incidents_open", "What has stopped and waits for an operator.", "gauge")
    for kind, number in found.incidents.items():
        yield f'caf_incidents_open{{kind="{kind}"}} {number}'


def _of_requests(answered: Sequence[Answered]) -> Iterator[str]:
    name = "caf_request_duration_seconds"
    yield from _about(name, "How long answering a request took, by the class of its status.", "histogram")
    for each in answered:
        total = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), each.buckets, strict=True):
            total += number
            yield f'{name}_bucket{{status="{each.status}",le="{bound}"}} {total}'
        yield f'{name}_sum{{status="{each.status}"}} {each.seconds:.6f}'
        yield f'{name}_count{{status="{each.status}"}} {total}'


def _gauge(name: str, said: str, value: float) -> Iterator[str]:
    yield from _about(name, said, "gauge")
    yield f"{name} {value}"


def _about(name: str, said: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"
