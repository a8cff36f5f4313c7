"""The file of people that `caf init --people` reads: a table of one person a line, with a first row of names."""

from __future__ import annotations

import csv
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.casework.permissions import ROLES
from engine.commands.setup import Person
from engine.errors import EngineError, Invalid

COLUMNS: Final = ("name", "job_title", "agency", "team", "manager", "email", "phone", "username", "roles")
NEEDED: Final = ("name", "job_title", "agency")
LONGEST: Final = 200
MAX_BYTES: Final = 5_000_000
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are mistaken for each other on paper


@dataclass(frozen=True, slots=True)
class Row:
    """A person and the line of the file that names them."""

    line: int
    person: Person


class PeopleFile:
    """The people of one file, each manager before those they manage."""

    def __init__(self, path: Path) -> None:
        """Read and check the file at `path`. Raises `Invalid` naming the line and the column."""
        self._path = path
        rows = [self._row(line, values) for line, values in self._read()]
        if not rows:
            raise Invalid(f"{path}: there is nobody in it; write one person a line below the names of the columns")
        self._check_user_names(rows)
        self.rows = self._managers_first(rows)

    @property
    def people(self) -> list[Person]:
        """The people, in an order in which they can be added."""
        return [row.person for row in self.rows]

    def explain(self, error: EngineError) -> Invalid:
        """Return what adding somebody was refused for, with the line and the column."""
        who, field = error.details.get("person"), str(error.details.get("field") or "name")
        row = next((row for row in self.rows if row.person.name == who), None)
        return self._wrong(row.line, field, error.message) if row else Invalid(f"{self._path}: {error.message}")

    def _read(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        try:
            text = self._source().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(f"{self._path}: save it as “CSV UTF-8”; it is in another encoding") from error
        reader = csv.reader(text.splitlines(keepends=True), strict=True)
        try:
            names = [name.strip().lower() for name in next(reader, [])]
            self._check_names(names)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, self._named(reader.line_num, names, cells)
        except csv.Error as error:
            raise Invalid(f"{self._path}, line {reader.line_num}: {error}") from error

    def _source(self) -> bytes:
        with self._path.open("rb") as file:
            source = file.read(MAX_BYTES + 1)
        if len(source) > MAX_BYTES:
            raise Invalid(f"{self._path}: this is larger than {MAX_BYTES // 1_000_000} MB")
        return source

    def _check_names(self, names: Sequence[str]) -> None:
        for name, times in Counter(names).items():
            if name not in COLUMNS:
                shown = "".join(each if each.isprintable() else "?" for each in name)
                raise Invalid(f"{self._path}, line 1: no column is called “{shown}”; columns are {', '.join(COLUMNS)}")
            if times > 1:
                raise self._wrong(1, name, "there are two columns of this name")
        for name in NEEDED:
            if name not in names:
                raise Invalid(f"{self._path}, line 1: the column {name} is missing")

    def _named(self, line: int, names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
        if len(cells) > len(names):
            raise Invalid(
                f"{self._path}, line {line}: there are {len(cells)} values for {len(names)} columns; "
                'put a value with a comma in it between quotation marks, as "Health, North"'
            )
        return {name: cell.strip() for name, cell in zip(names, cells, strict=False)}

    def _row(self, line: int, values: Mapping[str, str]) -> Row:
        for name in NEEDED:
            if not values.get(name):
                raise self._wrong(line, name, "write something here; it is needed")
        for name, value in values.items():
            if len(value) > LONGEST:
                raise self._wrong(line, name, f"use at most {LONGEST} characters")
            if not value.isprintable():
                raise self._wrong(line, name, "it holds a character that cannot be seen; type it anew")
        roles = values.get("roles", "").replace(",", " ").split()
        username = values.get("username", "").lower()
        self._check_account(line, username, roles)
        kept = {name: value for name, value in values.items() if name not in ("username", "roles")}
        password = new_password() if username else ""
        return Row(line, Person(**kept, username=username, password=password, roles=tuple(dict.fromkeys(roles))))

    def _check_account(self, line: int, username: str, roles: Sequence[str]) -> None:
        if roles and not username:
            raise self._wrong(line, "username", "somebody with roles needs a user name to sign in with")
        if len(username.split()) > 1:
            raise self._wrong(line, "username", "write it without spaces")
        for role in roles:
            if role not in ROLES:
                raise self._wrong(line, "roles", f"there is no role “{role}”; roles are {', '.join(ROLES)}")

    def _check_user_names(self, rows: Sequence[Row]) -> None:
        first: dict[str, int] = {}
        for row in rows:
            taken = first.setdefault(row.person.username, row.line)
            if row.person.username and taken != row.line:
                raise self._wrong(row.line, "username", f"“{row.person.username}” is on line {taken} already")

    def _managers_first(self, rows: Sequence[Row]) -> list[Row]:
        """Order the rows; a manager who is not in the file must be known already, which adding them tells."""
        named = Counter(row.person.name for row in rows)
        ordered: list[Row] = []
        waiting = list(rows)
        while waiting:
            later = {row.person.name for row in waiting}
            ready = [row for row in waiting if row.person.manager not in later]
            if not ready:
                raise self._wrong(waiting[0].line, "manager", "these people manage each other in a ring; name one less")
            ordered += ready
            waiting = [row for row in waiting if row not in ready]
        for row in rows:
            if named[row.person.manager] > 1:
                text = f"two people are called {row.person.manager}; tell them apart in the column name"
                raise self._wrong(row.line, "manager", text)
        return ordered

    def _wrong(self, line: int, column: str, text: str) -> Invalid:
        return Invalid(f"{self._path}, line {line}, {column}: {text}")


def new_password() -> str:
    """Return a password of 79 bits that can be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
