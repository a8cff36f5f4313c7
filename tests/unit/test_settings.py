"""What an installation decides, read from the environment."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from engine.errors import Invalid
from engine.settings import Settings, SingleSignOn

NAMES = (
    "DATABASE_URL", "FOLDER", "SECRET_KEY", "SMTP_URL", "MAIL_FROM", "SECURE_COOKIES", "PROXIES", "OIDC_ISSUER",
    "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_NEW_ACCOUNTS", "OIDC_AUTHORITY",
)  # fmt: skip
SECRET = "a secret of at least thirty-two characters"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in NAMES:
        monkeypatch.delenv(f"CAF_{name}", raising=False)
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path / "var"))
    return tmp_path / "var"


def test_everything_has_a_default(folder: Path) -> None:
    settings = Settings.from_environment()
    assert settings.database_url == f"sqlite:///{folder / 'caf.db'}"
    assert settings.variable_folder == folder
    assert (settings.smtp_url, settings.mail_from, settings.secure_cookies) == (
        None, "coordinate-support@localhost", False,
    )  # fmt: skip


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATABASE_URL": "postgresql://caf@localhost/caf", "SECRET_KEY": SECRET, "SMTP_URL": "smtp://localhost:25",
        "MAIL_FROM": "caf@example.org", "SECURE_COOKIES": "1",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"CAF_{name}", value)
    settings = Settings.from_environment()
    assert settings.database_url == "postgresql://caf@localhost/caf"
    assert (settings.secret_key, settings.smtp_url, settings.mail_from, settings.secure_cookies) == (
        SECRET, "smtp://localhost:25", "caf@example.org", True,
    )  # fmt: skip


def test_a_database_named_by_hand_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAF_DATABASE_URL", "sqlite:///one.db")
    assert Settings.from_environment(database="sqlite:///two.db").database_url == "sqlite:///two.db"


def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAF_SECRET_KEY", "s" * 31)
    with pytest.raises(Invalid, match="at least 32") as refused:
        Settings.from_environment()
    assert refused.value.details["field"] == "CAF_SECRET_KEY"
    monkeypatch.setenv("CAF_SECRET_KEY", "s" * 32)
    assert Settings.from_environment().secret_key == "s" * 32


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(folder: Path) -> None:
    first = Settings.from_environment().secret_key
    assert len(first) >= 32
    assert Settings.from_environment().secret_key == first
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600


def test_each_folder_has_a_secret_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = Settings.from_environment().secret_key
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path / "other"))
    assert Settings.from_environment().secret_key != first


def test_secrets_are_not_in_the_words_of_the_settings() -> None:
    settings = Settings("sqlite://", Path("var"), SECRET, smtp_url="smtp://caf:hunter2@host")
    assert SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


ORGANISATION = {"OIDC_ISSUER": "https://id.example.org/", "OIDC_CLIENT_ID": "caf", "OIDC_CLIENT_SECRET": "not told"}


def test_single_sign_on_is_set_whole_and_its_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().single_sign_on is None
    for name, value in ORGANISATION.items():
        monkeypatch.setenv(f"CAF_{name}", value)
    settings = Settings.from_environment()
    assert settings.single_sign_on == SingleSignOn("https://id.example.org", "caf", "not told")
    assert "not told" not in repr(settings)
    for name, value in (("OIDC_NAME", "Hillshire"), ("OIDC_NEW_ACCOUNTS", "1"), ("OIDC_AUTHORITY", "hillshire")):
        monkeypatch.setenv(f"CAF_{name}", value)
    found = Settings.from_environment().single_sign_on
    assert found is not None
    assert (found.called, found.makes_accounts, found.authority) == ("Hillshire", True, "hillshire")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://id.example.org"),
        ("OIDC_CLIENT_ID", ""),
        ("OIDC_CLIENT_SECRET", ""),
        ("PROXIES", "-1"),
        ("PROXIES", "many"),
    ],
)
def test_what_is_set_wrongly_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    for each, given in {**ORGANISATION, name: value}.items():
        monkeypatch.setenv(f"CAF_{each}", given)
    with pytest.raises(Invalid) as refused:
        Settings.from_environment()
    assert refused.value.details["field"] == f"CAF_{name}"


def test_how_many_proxies_stand_before_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().proxies == 0
    monkeypatch.setenv("CAF_PROXIES", "2")
    assert Settings.from_environment().proxies == 2
