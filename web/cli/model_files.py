"""Diagrams, rules and forms as a person names them on the command line: files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path

from engine.errors import Invalid

KINDS = (".bpmn", ".dmn", ".form", ".tests.yaml", ".scenario.yaml")
EXAMPLES = ".tests.yaml"
SHIPPED = ("processes", "rules")
"""The folders that come with the program."""
_ENDINGS = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"


def rules_in(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each rule file that lies in one of the folders."""
    for path in (file for folder in folders for file in sorted(folder.glob("*.dmn")) if file.is_file()):
        yield path.name, path.read_bytes()


def read_files(paths: Sequence[str]) -> dict[str, bytes]:
    """Return file name -> content for `paths`; a folder gives every diagram, rule file and form below it.

    Raises `Invalid` for what is not there, is of another kind, or shares its name with another file.
    """
    found: dict[str, bytes] = {}
    for path in (file for text in paths for file in _files(Path(text))):
        if path.name in found:
            raise Invalid(f"{path}: another file is called {path.name} too; give each its own name")
        found[path.name] = path.read_bytes()
    return found


def installed(paths: Sequence[str]) -> list[str]:
    """Return `paths`, those of `SHIPPED` that are no folder here as they came with the program; all of it for none."""
    return [
        text if text not in SHIPPED or Path(text).exists() else str(resources.files(text)) for text in paths or SHIPPED
    ]


def with_examples(paths: Sequence[str]) -> list[str]:
    """Return `paths` with the examples (NAME.tests.yaml) that lie beside each rule file (NAME.dmn) among them.

    They are left out where a file of their name is there already.
    """
    files = [file for text in paths for file in _files(Path(text))]
    names = {file.name for file in files}
    beside = [examples_of(file) for file in files if file.suffix == ".dmn"]
    return [*paths, *(str(file) for file in beside if file.is_file() and file.name not in names)]


def examples_of(path: Path) -> Path:
    """Return where the examples of a rule file lie."""
    return path.with_name(f"{path.name.removesuffix('.dmn')}{EXAMPLES}")


def path_of(name: str, paths: Sequence[str]) -> Path:
    return next(file for text in paths for file in _files(Path(text)) if file.name == name)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.name.endswith(KINDS) and file.is_file())
        if not files:
            raise Invalid(f"{path}: no {_ENDINGS} file is in this folder")
        return files
    if not path.exists():
        raise Invalid(f"{path}: there is no such file or folder")
    if not path.is_file():
        raise Invalid(f"{path}: this is no file that can be read; name a {_ENDINGS} file, or a folder of them")
    if not path.name.endswith(KINDS):
        raise Invalid(f"{path}: not a {_ENDINGS} file")
    return [path]
