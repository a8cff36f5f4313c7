"""Letters: whole files in a folder, or a server named by an address that is understood or refused."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine.errors import Invalid
from engine.mail import Folder, SmtpServer, courier
from engine.settings import Settings
from engine.store.outbox import Claimed

ID = UUID(int=5)
LETTER = Claimed(
    id=ID, authority_id=UUID(int=1), case_id=None, recipient="hana@northcombe.example",
    subject="A plan needs you – now", body="Sign in to see the case.", epoch=1, tries=1,
    queued_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)  # fmt: skip


def chosen(url: str | None, folder: Path = Path("var")) -> Folder | SmtpServer:
    return courier(Settings("sqlite://", folder, "s" * 32, smtp_url=url, mail_from="caf@example.org"))


def test_without_an_address_letters_are_files(tmp_path: Path) -> None:
    assert chosen(None, tmp_path) == Folder(tmp_path / "outbox", "caf@example.org")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "username", "password"),
    [
        ("smtp://mail.example", "mail.example", 25, False, "", ""),
        ("smtp://mail.example:2525", "mail.example", 2525, False, "", ""),
        ("smtp+tls://mail.example", "mail.example", 587, True, "", ""),
        ("smtp+tls://caf:pass@mail.example:465", "mail.example", 465, True, "caf", "pass"),
        ("smtp://[::1]:1025", "::1", 1025, False, "", ""),
        ("smtp+tls://caf%40example.org:p%40ss%2Fw%3Ard@mail.example", "mail.example", 587, True, "caf@example.org",
         "p@ss/w:rd"),
    ],
)  # fmt: skip
def test_an_address_is_read(url: str, host: str, port: int, tls: bool, username: str, password: str) -> None:
    expected = SmtpServer(host, port, "caf@example.org", tls=tls, username=username, password=password)
    assert chosen(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mail.example", "http://mail.example", "smtps://mail.example", "smtp://", "smtp://:25", "smtp://host:many",
        "smtp://host:70000", "smtp://[::1",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Invalid, match="must look like smtp://host:25") as refused:
        chosen(url)
    assert refused.value.details["field"] == "CAF_SMTP_URL"


def test_a_refusal_does_not_show_the_password() -> None:
    with pytest.raises(Invalid) as refused:
        chosen("smtp://caf:hunter2@host:many")
    assert "hunter2" not in str(refused.value)


def test_a_server_s_password_is_not_in_its_words() -> None:
    assert "hunter2" not in repr(chosen("smtp://caf:hunter2@host"))


def test_a_letter_is_one_whole_file_named_by_its_id(tmp_path: Path) -> None:
    box = tmp_path / "outbox"
    for _ in range(2):  # a message may be sent twice; it is still one letter
        Folder(box, "caf@example.org").send(LETTER)
    (file,) = box.iterdir()
    assert file.name == f"{ID}.eml"
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["Message-ID"] == f"<{ID}@caf-engine>"
    assert (letter["From"], letter["To"]) == ("caf@example.org", "hana@northcombe.example")
    assert letter["Subject"] == "A plan needs you – now"
    assert letter["Date"].datetime == LETTER.queued_at
    assert letter.get_content().strip() == "Sign in to see the case."


def test_a_folder_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(OSError, match="outbox"):
        Folder(tmp_path / "outbox", "caf@example.org").send(LETTER)


class Server:
    """Stands for a mail server and keeps what is said to it."""

    said: list[tuple[Any, ...]]

    def __init__(self, host: str, port: int, timeout: int) -> None:
        type(self).said = [("connect", host, port)]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self.said.append(("quit",))

    def starttls(self, *, context: ssl.SSLContext) -> None:
        assert context.verify_mode is ssl.CERT_REQUIRED
        self.said.append(("starttls",))

    def login(self, username: str, password: str) -> None:
        self.said.append(("login", username, password))

    def send_message(self, letter: EmailMessage) -> None:
        self.said.append(("send", letter["To"], letter["Message-ID"]))


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("smtp://host", []),
        ("smtp+tls://host:25", [("starttls",)]),
        ("smtp+tls://u:p@host:25", [("starttls",), ("login", "u", "p")]),
    ],
)
def test_nothing_is_said_before_the_line_is_safe(
    monkeypatch: pytest.MonkeyPatch, url: str, first: list[tuple[Any, ...]]
) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Server)
    chosen(url).send(LETTER)
    sent = ("send", "hana@northcombe.example", f"<{ID}@caf-engine>")
    assert Server.said == [("connect", "host", 25), *first, sent, ("quit",)]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_message_says_what_its_calendar_entry_asks_for(tmp_path: Path, method: str) -> None:
    calendar = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n"
    Folder(tmp_path, "caf@example.org").send(replace(LETTER, calendar=calendar))
    (written,) = tmp_path.glob("*.eml")
    letter = message_from_bytes(written.read_bytes(), policy=policy.default)
    (part,) = [each for each in letter.walk() if each.get_content_type() == "text/calendar"]
    assert part.get_param("method") == method
