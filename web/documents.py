"""Documents to take away: a page as a tagged PDF, a letter as a Word file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, render_template

from engine.errors import EngineError

PDF_TYPE: Final = "application/pdf"
WORD_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PACKAGES: Final = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
"""Debian's packages that making a PDF needs."""


class NoPdf(EngineError):
    """A PDF cannot be made on this machine, as libraries of the system are missing; `packages` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A letter on paper: the sender's lines, to whom at which lines, its day, whom it is about, what it says.

    `about` is empty for a letter that names nobody; `code` is a QR code as SVG, of an address that the text says too.
    """

    sender: Sequence[str]
    addressee: str
    address: Sequence[str]
    day: str
    about: str
    subject: str
    paragraphs: Sequence[Sequence[str]]
    code: str = ""


def paper(
    *,
    sender: Sequence[str],
    addressee: str,
    address: str,
    day: str,
    about: str,
    subject: str,
    body: str,
    code: str = "",
) -> Paper:
    """Return a letter as it is laid out: `body` has an empty line between its paragraphs."""
    return Paper(
        sender=sender,
        addressee=addressee,
        address=[line for line in address.splitlines() if line.strip()],
        day=day,
        about=about,
        subject=subject,
        paragraphs=[part.splitlines() for part in body.split("\n\n") if part.strip()],
        code=code,
    )


def pdf(template: str, **values: Any) -> bytes:
    """Return a page template as a PDF that a screen reader reads (PDF/UA-1); it takes nothing from any network.

    Raises `NoPdf` where the system's libraries for it are missing.
    """
    return pdf_of(render_template(template, **values))


def pdf_of(html: str) -> bytes:
    """Return a whole HTML document as a tagged PDF. Raises `NoPdf`."""
    try:
        # Here and not above: without the system's libraries the import itself fails, and everything else still works.
        from weasyprint import HTML
    except OSError as missing:
        said = "A PDF cannot be made on this computer yet. Print the page instead, or save it as PDF from there."
        raise NoPdf(said, packages=PACKAGES) from missing
    made: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return made


def word(letter: Paper) -> bytes:
    """Return a letter as a Word file."""
    # Takes as long to load as the rest of the service.
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.core_properties.title = letter.subject
    document.core_properties.author = letter.sender[0] if letter.sender else ""
    document.core_properties.language = "en-GB"
    font = document.styles["Normal"].font
    font.name, font.size = "Arial", Pt(12)
    when = (letter.day, f"About: {letter.about}") if letter.about else (letter.day,)
    for lines in (letter.sender, (letter.addressee, *letter.address), when):
        if lines:
            _lines(document.add_paragraph(), lines)
    document.add_heading(letter.subject, level=1)
    for lines in letter.paragraphs:
        _lines(document.add_paragraph(), lines)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def download(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to keep; `name` must say nothing of anybody, as it stays in a folder of downloads."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(paragraph: Any, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        run = paragraph.add_run(line)
        if number < len(lines) - 1:
            run.add_break()


def _nothing(url: str) -> Any:
    raise ValueError(f"A document takes nothing from elsewhere: {url}")
