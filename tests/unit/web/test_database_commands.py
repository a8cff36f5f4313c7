"""`caf init`, `deploy`, `lint`, `tick`, `verify`, `backup` and `restore`, as typed."""

import pytest

from engine.commands import setup
from tests.small_files import form
from tests.unit.web.service import ROOT
from web.__main__ import main

RULES = str(ROOT / "rules")
# Without the scenarios, which are played before anything is deployed: the examples of the help come with them.
MODELS = [*map(str, sorted((ROOT / "processes").glob("*.bpmn"))), str(ROOT / "processes" / "forms"), RULES]


@pytest.fixture
def caf(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)

    def run(*words):
        status = main(list(words))
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_init_may_be_repeated(caf):
    status, said, _ = caf("init")
    assert (status, said[: said.index("Nobody")]) == (
        0, "The database is ready.\nCreated the authority northcombe (Northcombe Council).\n",
    )  # fmt: skip
    assert caf("init")[1].startswith("The database was up to date already.\n")


def test_init_takes_whom_to_ring_and_says_while_nobody_is_named(caf):
    missing = "Nobody is named to ring when a child is at risk."
    assert missing in caf("init")[1]
    assert missing in caf("init", "--profile", "barnet")[1]
    social_care, night = "MASH: 01632 960101 (weekdays, 9am to 5pm)", "Out of hours: 01632 960102"
    said = caf("init", "--ring", social_care, "--ring", night)[1]
    assert "When a child is at risk, the pages say to ring: MASH, Out of hours." in said
    assert missing not in said + caf("init", "--profile", "barnet")[1], "a profile without numbers takes none away"
    with pytest.raises(SystemExit):
        caf("init", "--ring", "the office")


def test_the_pages_say_that_the_number_is_missing(service):
    admin = service.signed_in("olu")
    admin.get("/authority")
    assert "social care is missing" not in admin.page
    setup.set_safeguarding(service.engine, authority_id=service.authority_id, numbers=[])
    admin.get("/authority")
    assert "The number of children's social care is missing" in admin.page
    worker = service.signed_in("amara")
    worker.get("/concern")
    assert worker.says("has not entered its number yet")


def test_before_init_it_says_to_run_init(caf):
    status, _, error = caf("tick")
    assert status == 1
    assert "there is no such database. Run `caf init` first" in error
    assert error.count("\n") == 1


def test_deploy_says_each_new_version_and_nothing_the_second_time(caf):
    caf("init")
    status, said, _ = caf("deploy", *MODELS)
    assert status == 0
    assert "process caf_episode version 1" in said.splitlines()
    assert "Nothing has changed" in caf("deploy", *MODELS)[1]


def test_deploy_lists_what_is_wrong_and_deploys_nothing(caf, tmp_path):
    caf("init")
    (tmp_path / "x.bpmn").write_text("no")
    status, said, error = caf("deploy", RULES, str(tmp_path / "x.bpmn"))
    assert (status, said) == (1, "")
    assert error.startswith("x.bpmn:")
    assert "rules" in caf("deploy", RULES)[1]


def test_deploy_says_who_has_to_approve_a_changed_row(caf, tmp_path):
    caf("init")
    caf("deploy", RULES)
    said = b"Ring 999 first, then social care."
    text = (ROOT / "rules" / "escalation.dmn").read_bytes()
    assert said in text
    (tmp_path / "escalation.dmn").write_bytes(text.replace(said, b"Ring social care."))
    code, out, err = caf("deploy", str(tmp_path))
    assert (code, out) == (1, "")
    assert "escalation.dmn:row_immediate_danger: " in err
    assert "approval of the safeguarding lead" in err
    assert "Diagrams and rules" in err
    assert "has to be approved first" in err


@pytest.fixture
def shipped(tmp_path):
    """Give a folder with one shipped form, in a first version, beside what a designer makes of it."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "ask.form").write_bytes(form("ask", "colour"))
    (folder / "other.form").write_bytes(form("other", "size"))
    (tmp_path / "ask.form").write_bytes(form("ask", "shade"))
    return folder


def test_shipped_files_never_take_back_what_was_deployed_since(caf, shipped, tmp_path):
    caf("init")
    assert "form ask version 1" in caf("deploy", "--shipped", str(shipped))[1]
    assert "form ask version 2" in caf("deploy", str(tmp_path / "ask.form"))[1]
    status, said, error = caf("deploy", "--shipped", str(shipped))
    assert (status, said, error) == (0, "Nothing has changed: every file was deployed before.\n", "")
    assert "form ask version 3" in caf("deploy", str(shipped / "ask.form"))[1], "by hand it is on purpose"


def test_shipped_files_are_found_where_the_program_is_installed(caf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    caf("init")
    status, said, _ = caf("deploy", "--shipped", "processes", "rules")
    assert status == 0 and "process caf_episode version 1" in said
    assert caf("deploy", "--shipped")[:2] == (0, "Nothing has changed: every file was deployed before.\n")
    for words in (["processes"], []):
        status, _, error = caf("deploy", *words)
        assert status and ("no such file" in error or "name the files" in error), "only --shipped looks there"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ask.form").write_bytes(form("ask", "colour"))
    assert caf("deploy", "--shipped", "rules")[1] == "form ask version 1\n", "a folder that lies here is meant"


def test_an_upgrade_leaves_what_was_changed_here_and_says_how_to_have_it(caf, shipped, tmp_path):
    caf("init")
    caf("deploy", "--shipped", str(shipped))
    caf("deploy", str(tmp_path / "ask.form"))
    (shipped / "ask.form").write_bytes(form("ask", "colour", "tone"))
    (shipped / "other.form").write_bytes(form("other", "size", "weight"))
    status, said, error = caf("deploy", "--shipped", str(shipped))
    assert (status, said) == (0, "form other version 2\n")
    assert error.count("\n") == 1
    assert error.startswith("ask.form is new, but what it holds was changed here since, so it was left alone.")
    assert error.endswith(f"caf deploy {shipped / 'ask.form'}\n")


def test_an_upgrade_comes_in_where_nobody_changed_anything(caf, shipped):
    caf("init")
    caf("deploy", "--shipped", str(shipped))
    (shipped / "ask.form").write_bytes(form("ask", "colour", "tone"))
    assert caf("deploy", "--shipped", str(shipped)) == (0, "form ask version 2\n", "")


def test_make_run_deploys_only_what_is_new_in_the_shipped_files():
    assert "/caf demo --prepare\n" in (ROOT / "Makefile").read_text()


def test_deploy_for_an_authority_that_is_not_there(caf):
    caf("init")
    assert "no authority nowhere" in caf("deploy", *MODELS, "--authority", "nowhere")[2]


def test_lint_prints_one_line_a_finding_and_needs_no_database(caf, tmp_path):
    assert caf("lint", *MODELS) == (0, "", "")
    (tmp_path / "x.dmn").write_text("<a/>")
    status, said, _ = caf("lint", str(tmp_path / "x.dmn"))
    assert status == 1
    assert said.startswith("x.dmn:") and said.count("\n") == 1


def test_tick_says_what_it_did(caf):
    caf("init")
    status, said, _ = caf("tick")
    assert status == 0
    assert said.startswith("0 timers fired, 0 failed")


def test_a_backup_is_put_back_whole(caf, tmp_path):
    caf("init")
    caf("deploy", *MODELS)
    copy, new = str(tmp_path / "copy"), f"sqlite:///{tmp_path / 'new.db'}"
    assert caf("backup", copy)[0] == 0
    assert caf("restore", copy, "--database", new)[0] == 0
    assert "Nothing has changed" in caf("deploy", *MODELS, "--database", new)[1]
    first, second = caf("verify", "--read-only")[1], caf("verify", "--read-only", "--database", new)[1]
    assert first == second
    assert "The history is as it was written" in first


def test_verify_makes_an_anchor_of_now_and_says_what_an_older_one_covers(caf):
    caf("init")
    assert "Anchor" not in caf("verify", "--read-only")[1]
    status, said, _ = caf("verify")
    assert status == 0
    (anchor,) = [line.removeprefix("Anchor: ") for line in said.splitlines() if line.startswith("Anchor: ")]
    assert "It covers everything until now; keep it elsewhere." in said
    assert "there is nothing later." in caf("verify", "--anchor", anchor)[1]
    caf("deploy", RULES)
    said = caf("verify", "--anchor", anchor, "--read-only")[1]
    assert "The anchor given covers everything until 20" in said
    assert "; what came later is not covered by it: 1 events, 0 readings of records." in said
    assert f"Anchor: {anchor}" in said
    assert f"Anchor: {anchor}" not in caf("verify", "--anchor", anchor)[1]


def test_nothing_is_written_over(caf, tmp_path):
    caf("init")
    assert caf("backup", str(tmp_path / "copy"))[0] == 0
    assert caf("backup", str(tmp_path / "copy"))[0] == 1
    assert caf("restore", str(tmp_path / "copy"))[0] == 1


def test_a_file_that_is_no_backup_is_refused(caf, tmp_path):
    (tmp_path / "copy").write_text("no")
    status, _, error = caf("restore", str(tmp_path / "copy"), "--database", f"sqlite:///{tmp_path / 'new.db'}")
    assert status == 1
    assert error.count("\n") == 1


def test_a_database_address_that_cannot_be_read_is_one_line(caf):
    status, _, error = caf("tick", "--database", "nonsense")
    assert status == 1
    assert error.count("\n") == 1


def test_init_takes_a_profile_that_comes_with_the_service_by_its_name(caf):
    status, said, _ = caf("init", "--profile", "barnet")
    assert status == 0
    assert "Created the authority barnet (London Borough of Barnet)." in said
    assert "The authority's profile is set." in said
    assert "Nobody is named to ring when a child is at risk." in said
    assert "Created" not in caf("init", "--profile", "barnet")[1]
    status, _, error = caf("init", "--profile", "nowhere")
    assert status == 1 and "nowhere" in error
