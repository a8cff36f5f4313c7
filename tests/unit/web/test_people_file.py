"""`caf init --people`: an empty installation that its people can sign in to."""

import shutil

import pytest

from engine.bootstrap import build_engine
from engine.commands.sessions import sign_in
from engine.queries import sessions
from engine.settings import Settings
from web.__main__ import main
from web.cli.people_file import new_password

HEAD = "name,job_title,agency,team,manager,email,phone,username,roles\n"
DELE = "Dele Martins,Health visitor,Hillshire NHS,,Ruth Adeyemi,dele@example.org,01632 960202,Dele,case_worker\n"
RUTH = 'Ruth Adeyemi,Team manager,"Hillshire Council, North",Early help,,,,ruth,line_manager case_worker\n'
GUEST = "Lena Hart,Police officer,Hillshire Police,,,,,,\n"


@pytest.fixture
def caf(tmp_path, monkeypatch, capsys, migrated_sqlite):
    shutil.copyfile(migrated_sqlite, tmp_path / "caf.db")
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)

    def init(text, encoding="utf-8"):
        (tmp_path / "people.csv").write_bytes(text.encode(encoding))
        status = main(["init", "--people", str(tmp_path / "people.csv")])
        said = capsys.readouterr()
        return status, said.out, said.err

    return init


def everybody_who_signs_in(printed):
    """Sign in with every user name and password printed; return their names and roles."""
    engine = build_engine(Settings.from_environment())
    try:
        rows = [line.split("\t") for line in printed.splitlines() if "\t" in line]
        tokens = [sign_in(engine, username=username, password=password).token for _, username, password in rows]
        people = [sessions.actor_of(engine, token) for token in tokens]
    finally:
        engine.sessions.close()
    return {person.name: person for person in people}


def test_everybody_can_sign_in_with_the_password_printed_whoever_is_named_first(caf):
    status, printed, _ = caf(HEAD + DELE + RUTH + GUEST)
    people = everybody_who_signs_in(printed)
    assert status == 0
    assert "People added: 3, of whom 2 can sign in" in printed
    assert people["Ruth Adeyemi"].roles == {"line_manager", "case_worker"}
    assert people["Ruth Adeyemi"].manages == {people["Dele Martins"].practitioner_id}


def test_a_spreadsheet_s_file_is_read_too(caf):
    status, printed, _ = caf("\ufeff" + (HEAD + RUTH + "\n,,,,,,,,\n").replace("\n", "\r\n"))
    assert (status, set(everybody_who_signs_in(printed))) == (0, {"Ruth Adeyemi"})


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "line 1", "the column name is missing"),
        (HEAD, "people.csv", "nobody in it"),
        ("name,job_title,agency,nickname\n", "line 1", "no column is called “nickname”"),
        ("name,name,job_title,agency\n", "line 1, name", "two columns"),
        (HEAD + RUTH + ",Nurse,NHS\n", "line 3, name", "needed"),
        (HEAD + DELE.replace("case_worker", "caseworker") + RUTH, "line 2, roles", "there is no role “caseworker”"),
        (HEAD + RUTH + DELE.replace("Dele,case", "RUTH,case"), "line 3, username", "on line 2 already"),
        (HEAD + RUTH + DELE.replace(",Dele,", ",,"), "line 3, username", "needs a user name"),
        (HEAD + RUTH + DELE.replace(",Dele,", ",De le,"), "line 3, username", "without spaces"),
        (HEAD + DELE, "line 2, manager", "Ruth Adeyemi, is not known"),
        (HEAD + RUTH.replace("help,,", "help,Dele Martins,") + DELE, "line 2, manager", "manage each other"),
        (HEAD + RUTH + RUTH.replace(",ruth,", ",ruth2,") + DELE, "line 4, manager", "two people are called"),
        (HEAD + RUTH.replace('"', ""), "line 2", "10 values for 9 columns"),
        (HEAD + 'Ruth,"Team\n', "line 2", ""),
        (HEAD + RUTH.replace("Team manager", "x" * 201), "line 2, job_title", "at most 200"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_nobody_is_added(caf, text, place, said):
    status, printed, error = caf(text)
    assert status == 1
    assert place in error and said in error and error.count("\n") == 1
    assert "\t" not in printed
    assert "People added: 1," in caf(HEAD + GUEST)[1]


def test_a_user_name_that_is_taken_is_named_and_nobody_is_added(caf):
    caf(HEAD + RUTH)
    status, printed, error = caf(HEAD + DELE.replace("Ruth Adeyemi", "") + RUTH)
    assert (status, printed.splitlines()[0]) == (1, "The database was up to date already.")
    assert "People added" not in printed and "password" not in printed
    assert "line 3, username: The user name 'ruth' is taken" in error
    assert caf(HEAD + DELE)[0] == 0


def test_another_encoding_is_said(caf):
    assert "CSV UTF-8" in caf(HEAD + RUTH.replace("Ruth", "René"), encoding="latin-1")[2]


def test_passwords_are_never_the_same():
    assert len({new_password() for _ in range(200)}) == 200


def test_an_administrator_is_added_to_an_authority_that_is_there(caf):
    caf(HEAD + RUTH)
    status, printed, _ = caf(HEAD + "Olu Bright,Service lead,Hillshire Council,,,,,olu,administrator\n")
    assert (status, everybody_who_signs_in(printed)["Olu Bright"].roles) == (0, {"administrator"})


def test_the_demo_prepares_the_database_and_adds_nobody_where_people_are(caf, capsys):
    caf(HEAD + RUTH)
    assert main(["demo", "--prepare"]) == 0
    said = capsys.readouterr().out
    assert "The database was up to date already." in said
    assert "process caf_episode version 1" in said
    assert "There are people already, so nothing was added." in said
