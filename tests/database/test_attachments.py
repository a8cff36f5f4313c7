"""Files kept with a case, in the database, in chunks."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from docx import Document

from engine.commands import attachments
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, Unavailable
from engine.queries import attachments as files
from engine.store.attachments import CHUNK
from engine.store.tables.files import attachment_chunks
from engine.store.tables.keeping import record_reads
from engine.store.tables.record import cases
from tests.worlds import World, open_world

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN = "application/vnd.oasis.opendocument.text"
PDF = b"%PDF-1.7 " + bytes(range(256)) * 2500 + b"%%EOF"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def add(world: World, case_id: UUID, by: str = "hana", **changes: object) -> UUID:
    given = {"name": "Report of the school.pdf", "media_type": "application/pdf", "content": PDF, **changes}
    return attachments.add(world.engine, actor=world.actor(by), case_id=case_id, **given)


def read(world: World, file_id: UUID, by: str) -> files.Content:
    return files.read(world.engine, actor=world.actor(by), attachment_id=file_id)


def test_a_file_comes_back_as_it_was_and_reading_it_is_kept(world: World) -> None:
    case_id = world.start_case()
    file_id = add(world, case_id)
    chunks = world.rows(sa.select(attachment_chunks).order_by(attachment_chunks.c.seq))
    assert [len(row.body) for row in chunks] == [CHUNK, CHUNK, len(PDF) - 2 * CHUNK]
    assert read(world, file_id, "morgan").body == PDF
    reads = world.rows(sa.select(record_reads).where(record_reads.c.what == "a file"))
    assert [row.practitioner_id for row in reads] == [world.ids["morgan"]]
    (listed,) = files.of_case(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert (listed.name, listed.size, listed.added_by) == ("Report of the school.pdf", len(PDF), world.ids["hana"])
    (event,) = world.history(case_id, "attachment_added")
    assert event.subject_id == file_id and "school" not in str(event.detail)
    assert not world.verified().findings


def test_who_may_not_see_the_case_sees_no_file(world: World) -> None:
    case_id = world.start_case()
    file_id = add(world, case_id)
    for refused in (
        lambda: read(world, file_id, "noor"),
        lambda: add(world, case_id, "noor"),
        lambda: files.of_case(world.engine, actor=world.actor("noor"), case_id=case_id),
        lambda: read(world, UUID(int=5), "hana"),
        lambda: add(world, case_id, task_id=UUID(int=5)),
    ):
        with pytest.raises(NotFound):
            refused()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"content": b"MZ not a document"}, "Choose a PDF"),
        ({"content": b"%PDF-1.4MZ\x90\x00 a program"}, "Choose a PDF"),
        ({"content": b"%PDF-1.4\nMZ\x90\x00 a program\n%%EOF\n"}, "Choose a PDF"),
        ({"content": b"%PDF-1.4\nhalf of it"}, "Choose a PDF"),
        ({"media_type": WORD, "content": b"PK\x03\x04 setup.exe"}, "Choose a PDF"),
        ({"media_type": "text/html", "content": b"<script>"}, "Choose a PDF"),
        ({"media_type": "text/plain", "content": b"MZ\x90\x00\x03\x00 a program"}, "Choose a PDF"),
        ({"media_type": "text/plain", "content": b"\x7fELF\x02\x01\x01"}, "Choose a PDF"),
        ({"media_type": "text/plain", "content": codecs.BOM_UTF16_LE + b"\x00\xd8M"}, "Choose a PDF"),
        ({"media_type": "text/plain", "content": b""}, "empty"),
        ({"media_type": "text/plain", "content": b"x" * (10 * 1024 * 1024 + 1)}, "at most 10 MB"),
    ],
)
def test_what_is_no_document_is_refused(changes: dict[str, object], said: str) -> None:
    with open_world() as world, pytest.raises(Invalid, match=said):
        add(world, world.start_case(), **changes)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_kept_whatever_it_was_written_with(code: str) -> None:
    content = "She said:\r\n\t“Zoë is late – again”\r\n\x0c".encode(code)
    with open_world() as world:
        kept = add(world, world.start_case(), media_type="text/plain", content=content)
        assert read(world, kept, "hana").body == content


@pytest.mark.parametrize("kind", ["Word", "OpenDocument"])
def test_a_real_document_of_a_word_processor_is_kept(kind: str) -> None:
    content = io.BytesIO()
    if kind == "Word":
        Document().save(content)
    else:
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("mimetype", OPEN)
    with open_world() as world:
        case_id = world.start_case()
        kept = add(world, case_id, media_type=WORD if kind == "Word" else OPEN, content=content.getvalue())
        assert read(world, kept, "hana").body == content.getvalue()


def test_a_name_is_only_a_name() -> None:
    with open_world() as world:
        case_id = world.start_case()
        add(world, case_id, name="../../etc/pass\nwd", task_id=world.tasks(case_id)[0].id)
        (listed,) = files.of_case(world.engine, actor=world.actor("hana"), case_id=case_id)
        assert listed.name == ".. .. etc pass wd"


def test_a_wrong_file_is_taken_away_for_good(world: World) -> None:
    case_id = world.start_case()
    file_id = add(world, case_id)

    def remove(by: str, why: str = "Of another child") -> None:
        attachments.remove(world.engine, actor=world.actor(by), attachment_id=file_id, why=why)

    with pytest.raises(NotPermitted):
        remove("morgan")
    with pytest.raises(Invalid):
        remove("hana", " ")
    remove("hana")
    assert not world.rows(sa.select(attachment_chunks))
    assert not files.of_case(world.engine, actor=world.actor("hana"), case_id=case_id)
    with pytest.raises(NotFound):
        read(world, file_id, "hana")
    assert world.history(case_id, "attachment_removed")


def test_a_closed_case_takes_no_files_and_damage_is_said() -> None:
    with open_world() as world:
        case_id = world.start_case()
        file_id = add(world, case_id)
        world.write(sa.update(attachment_chunks).where(attachment_chunks.c.seq == 1).values(body=b"other"))
        with pytest.raises(Unavailable, match="damaged"):
            read(world, file_id, "hana")
        world.write(sa.update(cases).where(cases.c.id == case_id).values(closed_on=world.today))
        with pytest.raises(Conflict, match="closed"):
            add(world, case_id)
