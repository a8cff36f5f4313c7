"""Where messages go: `.eml` files in a folder, or an SMTP server. No personal details are in them."""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.errors import Invalid
from engine.settings import Settings
from engine.store.outbox import Claimed

SMTP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Folder:
    """Writes each message as `ID.eml`, whole or not at all; the same message again replaces itself."""

    path: Path
    sender: str

    def send(self, message: Claimed) -> None:
        """Write one message. Raises `OSError`."""
        self.path.mkdir(parents=True, exist_ok=True)
        target = self.path / f"{message.id}.eml"
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            file.write(_letter(message, self.sender).as_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Hands each message to an SMTP server. `tls` means STARTTLS before anything is said."""

    host: str
    port: int
    sender: str
    tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)

    def send(self, message: Claimed) -> None:
        """Hand over one message. Raises `OSError`, `SMTPException`."""
        with smtplib.SMTP(self.host, self.port, timeout=SMTP_SECONDS) as server:
            if self.tls:
                server.starttls(context=ssl.create_default_context())
            if self.username:
                server.login(self.username, self.password)
            server.send_message(_letter(message, self.sender))


def courier(settings: Settings) -> Folder | SmtpServer:
    """Return the courier that the settings name. Raises `Invalid` when the SMTP address cannot be read."""
    if settings.smtp_url is None:
        return Folder(settings.variable_folder / "outbox", settings.mail_from)
    try:
        return _server(settings.smtp_url, sender=settings.mail_from)
    except ValueError:
        # Without the cause, whose words may hold the password.
        raise Invalid(
            "CAF_SMTP_URL must look like smtp://host:25 or smtp+tls://user:password@host:587", field="CAF_SMTP_URL"
        ) from None


def _server(url: str, *, sender: str) -> SmtpServer:
    """Read an address. Raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtp+tls") or not parts.hostname:
        raise ValueError("no mail server is named")
    tls = parts.scheme == "smtp+tls"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (587 if tls else 25),
        sender=sender,
        tls=tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _letter(message: Claimed, sender: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Message-ID"] = f"<{message.id}@caf-engine>"
    letter["Date"] = format_datetime(message.queued_at)
    letter["From"] = sender
    letter["To"] = message.recipient
    letter["Subject"] = message.subject
    letter.set_content(message.body)
    if message.calendar:
        letter.add_alternative(message.calendar, subtype="calendar", params={"method": _method(message.calendar)})
    return letter


def _method(calendar: str) -> str:
    """Return what a calendar entry asks for; mail programs act on it only when the message says the same."""
    return "CANCEL" if "METHOD:CANCEL" in calendar.splitlines() else "REQUEST"
