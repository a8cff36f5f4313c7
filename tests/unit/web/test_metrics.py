import re
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.commands import upkeep
from tests.unit.web.player import Play
from tests.unit.web.service import application
from web.requests_seen import BOUNDS, RequestsSeen

TOKEN = "t" * 40


@pytest.fixture
def watched(service, tmp_path):
    """The service of the other tests, with a token for its figures."""
    settings = replace(service.engine.settings, metrics_token=TOKEN, variable_folder=tmp_path)
    service.engine = replace(service.engine, settings=settings)
    service.app = application(service.engine)
    return service


def figures(app, token=TOKEN):
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def value(text, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))


def test_there_are_no_figures_without_the_token(service, watched):
    client = watched.app.test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "u" * 40}).status_code == 404


def test_the_figures_are_those_of_the_record_and_name_nobody(watched):
    play = Play(watched)
    case_id = play.planned("Samira")
    play.asked("Nico")
    upkeep.beat(watched.engine)
    before = figures(watched.app)
    assert (value(before, "caf_cases_open"), value(before, "caf_tasks_open")) == (2, 1)
    assert value(before, "caf_tasks_overdue") == value(before, "caf_timers_due") == 0
    assert value(before, "caf_timers_waiting") > 0
    assert value(before, 'caf_incidents_open{kind="timer"}') == 0
    assert value(before, "caf_poller_seen_timestamp_seconds") == watched.clock.now().timestamp()
    watched.clock.advance(timedelta(days=60))
    later = figures(watched.app)
    assert value(later, "caf_tasks_overdue") == 1
    assert value(later, "caf_timers_due") > 0
    assert value(later, "caf_timers_lag_seconds") > 3600
    for word in ("Samira", "Whitlock", "Amara", "northcombe", str(case_id)):
        assert word.lower() not in later.lower()


def test_requests_are_counted_by_the_class_of_their_status_over_all_processes(watched, tmp_path):
    other = RequestsSeen(tmp_path / "metrics")
    client = watched.app.test_client()
    client.get("/sign-in")
    client.get("/nowhere")
    other.add(503, BOUNDS[-1] + 1)
    found = figures(watched.app)
    name = "caf_request_duration_seconds"
    assert value(found, f'{name}_count{{status="2xx"}}') == 1
    assert value(found, f'{name}_count{{status="4xx"}}') == 1
    assert value(found, f'{name}_bucket{{status="5xx",le="{BOUNDS[-1]}"}}') == 0
    assert value(found, f'{name}_bucket{{status="5xx",le="+Inf"}}') == 1
    assert value(found, f'{name}_sum{{status="5xx"}}') == BOUNDS[-1] + 1


def test_a_process_takes_a_free_file_over_and_counts_on(tmp_path):
    first, second = RequestsSeen(tmp_path), RequestsSeen(tmp_path)
    first.add(200, 0.001)
    second.add(200, 0.001)
    assert len(list(tmp_path.iterdir())) == 2
    del first
    third = RequestsSeen(tmp_path)
    third.add(200, 0.001)
    assert len(list(tmp_path.iterdir())) == 2
    assert third.read()[1].buckets[0] == 3
