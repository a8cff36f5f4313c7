"""A rehearsal: a copy on which time passes. The record itself stays as it was, and nobody is written to."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.bootstrap import build_engine
from engine.clock import FakeClock, ShiftedClock
from engine.commands import cases, keeping, upkeep
from engine.commands.sessions import sign_in
from engine.ids import RandomIds
from engine.queries import milestones
from engine.queries.sessions import actor_of
from engine.settings import Settings
from engine.store.tables.keeping import history_anchors
from tests.unit.web.service import PASSWORD, application, open_service
from web.__main__ import main
from web.cli import opening
from web.cli.parser import build_parser
from web.cli.passing import mark_rehearsal


@pytest.fixture
def live(tmp_path, monkeypatch):
    """Give the folder of a live database in which a case waits for the family's consent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAF_FOLDER", "var")
    monkeypatch.setenv("CAF_SMTP_URL", "smtp://192.0.2.1:25")
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    settings = Settings.from_environment()
    service = open_service(settings)
    engine = service.engine
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
    cases.start(engine, actor=service.actor("amara"), child=child)
    engine.sessions.close()
    return settings


def verified(settings):
    engine = build_engine(settings)
    try:
        return keeping.verify(engine)
    finally:
        engine.sessions.close()


def engine_on(*words):
    return opening.opened(build_parser().parse_args(["verify", *words]))


def test_time_passes_on_the_copy_only(live, capsys, tmp_path):
    before = verified(live)
    assert main(["tick", "--now", "+60d", "--rehearse", "trial.db"]) == 0
    said = capsys.readouterr()
    assert "serve --port 8001 --database sqlite:///trial.db" in said.out
    assert "week 8 of 8" in said.err
    assert verified(live) == before
    with engine_on("--database", "sqlite:///trial.db") as engine:
        after = keeping.verify(engine)
        assert after.findings == ()
        assert after.events > before.events
    assert list((tmp_path / "var" / "rehearsal-outbox").glob("*.eml"))


def test_a_rehearsal_goes_on_from_where_it_came(live):
    assert main(["tick", "--now", "+30d", "--rehearse", "trial.db"]) == 0
    trial = ["--database", "sqlite:///trial.db"]
    assert main(["tick", "--now", "+30d", *trial]) == 0
    assert main(["tick", *trial]) == 0
    with engine_on(*trial) as engine:
        assert isinstance(engine.clock, ShiftedClock)
        assert timedelta(days=59) < engine.clock.now() - datetime.now(UTC) < timedelta(days=61)
    with engine_on() as engine:
        assert not isinstance(engine.clock, ShiftedClock)


def test_a_server_left_running_on_it_follows_when_it_is_moved_on(live):
    trial = ["--database", "sqlite:///trial.db"]
    main(["tick", "--now", "+30d", "--rehearse", "trial.db"])
    with engine_on(*trial) as serving, engine_on(*trial) as other_worker:
        assert main(["tick", "--now", "+40d", *trial]) == 0
        moved = milestones.reached(serving, "rehearsal_moved")
        assert other_worker.clock.now() >= moved
        mark_rehearsal(other_worker, "rehearsal_moved")
        assert serving.clock.now() >= milestones.reached(serving, "rehearsal_moved") > moved


def test_its_time_never_goes_back_when_it_is_opened_again(live):
    trial = ["--database", "sqlite:///trial.db"]
    main(["tick", "--now", "+30d", "--rehearse", "trial.db"])
    child = cases.Child(given_name="Kit", family_name="Rowe", born_on=date(2019, 5, 6))
    with engine_on(*trial) as engine:
        later = replace(engine, clock=FakeClock(engine.clock.now() + timedelta(hours=3)))
        later = replace(later, ids=RandomIds(later.clock))
        actor = actor_of(later, sign_in(later, username="amara", password=PASSWORD).token)
        cases.start(later, actor=actor, child=child)
    with engine_on(*trial) as engine:
        assert engine.clock.now() >= later.clock.now()


def test_its_pages_say_so(live):
    main(["tick", "--now", "+30d", "--rehearse", "trial.db"])
    with engine_on("--database", "sqlite:///trial.db") as engine:
        page = application(engine).test_client().get("/sign-in").get_data(as_text=True)
    assert "Rehearsal: Coordinate support" in page


def test_signing_in_to_it_leaves_the_browser_signed_in_to_the_service(live):
    """A browser shares its cookies between the ports of one machine."""
    main(["tick", "--now", "+30d", "--rehearse", "trial.db"])
    browser: dict[str, str] = {}
    pages = {}
    for where in ((), ("--database", "sqlite:///trial.db")):
        with engine_on(*where) as engine:
            pages[where] = use(application(engine), browser)
    with engine_on() as engine:
        client = application(engine).test_client(use_cookies=False)
        assert client.get("/tasks", headers=sent(browser)).status_code == 200
    assert all("/sign-in" not in page.headers.get("Location", "") for page in pages.values())
    assert {"caf_session", "caf_rehearsal_session", "caf_form", "caf_rehearsal_form"} <= browser.keys()


def use(app, browser):
    """Sign in with the cookies of `browser`, keeping what comes back as one for all ports does."""
    client = app.test_client(use_cookies=False)
    asked = client.get("/sign-in", headers=sent(browser))
    keep(browser, asked)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', asked.get_data(as_text=True)).group(1)
    typed = {"username": "amara", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=typed, headers=sent(browser))
    keep(browser, answer)
    return answer


def sent(browser):
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.items())}


def keep(browser, answer):
    for line in answer.headers.getlist("Set-Cookie"):
        name, _, value = line.partition(";")[0].partition("=")
        browser[name] = value


def test_a_day_is_its_midnight_where_the_authority_is(live, monkeypatch):
    summer = datetime.now(UTC).year + 1
    assert main(["tick", "--now", f"{summer}-06-01", "--rehearse", "trial.db"]) == 0
    with engine_on("--database", "sqlite:///trial.db") as engine:
        assert milestones.reached(engine, "rehearsal_moved") == datetime(summer, 5, 31, 23, tzinfo=UTC)


def test_the_first_night_s_work_is_done_in_that_night(live):
    with engine_on() as engine:
        night = upkeep.next_night(engine)
    assert night.astimezone(ZoneInfo("Europe/London")).time() == upkeep.SWEEP_AT
    assert main(["tick", "--now", "+3d", "--rehearse", "trial.db"]) == 0
    with engine_on("--database", "sqlite:///trial.db") as engine, engine.sessions.read() as connection:
        assert night in connection.execute(sa.select(history_anchors.c.at)).scalars().all()


def test_a_backup_is_restored_as_a_rehearsal(live):
    assert main(["backup", "copy"]) == 0
    assert main(["restore", "copy", "--rehearsal", "--database", "sqlite:///trial.db"]) == 0
    assert main(["tick", "--now", "+2d", "--database", "sqlite:///trial.db"]) == 0
    assert main(["tick", "--now", "+2d"]) == 1


def test_people_sign_in_to_it_as_ever(live):
    main(["tick", "--now", "+30d", "--rehearse", "trial.db"])
    with engine_on("--database", "sqlite:///trial.db") as engine:
        token = sign_in(engine, username="amara", password=PASSWORD).token
        assert actor_of(engine, token) is not None
