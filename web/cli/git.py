"""A folder that git looks after: deployments written there, a commit each, and the files of a commit read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from engine.errors import Invalid
from engine.queries.deployment_history import PutInForce
from web.cli.model_files import KINDS

_TRAILER: Final = "Deployment"
_NOBODY: Final = "Command line"
_ADDRESS: Final = "nobody@localhost.invalid"
"""git wants an address with each name; that of nobody, as people's own are none of the repository's business."""


def commit_each(folder: Path, history: Iterable[PutInForce]) -> int:
    """Commit each deployment that the repository at `folder` has not yet, with who, when and why; return how many.

    A folder that is no repository becomes one. Raises `Invalid` when git is not there or refuses, or it is bare.
    """
    if _is_bare(folder):
        raise Invalid(f"{folder} has no files of its own; clone it, export into the clone, and push from there")
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet")
    done, made = _committed(folder), 0
    for put in history:
        if str(put.id) not in done:
            write(folder, put.files)
            made += _commit(folder, put)
    return made


def files_of_commit(folder: Path, ref: str) -> tuple[dict[str, bytes], str]:
    """Return the models below `folder` as they are in the commit `ref`, and that commit's message in a line.

    Raises `Invalid` when there is no such commit, it holds no model, or two of one name.
    """
    if ref.startswith("-"):
        raise Invalid(f"'{ref}' names no commit")
    said = _git(folder, "log", "-1", "--format=%h %s", ref, "--").decode(errors="replace").strip()
    paths = _git(folder, "ls-tree", "-r", "-z", "--name-only", ref, "--", ".").decode(errors="replace").split("\0")
    here = "" if _is_bare(folder) else "./"
    found: dict[str, bytes] = {}
    for path in (each for each in paths if each.endswith(KINDS)):
        name = path.rsplit("/", 1)[-1]
        if name in found:
            raise Invalid(f"{path}: another file is called {name} too; give each its own name")
        found[name] = _git(folder, "show", f"{ref}:{here}{path}")
    if not found:
        raise Invalid(f"{folder}: the commit {ref} holds no {', '.join(KINDS)} file there")
    return found, f"{said} (from git)"


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below `folder`, byte for byte; one without a text is no longer there.

    Raises `Invalid` for a name that leads out of it.
    """
    for name, content in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Invalid(f"{name} would lie outside {folder}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if content:
            path.write_bytes(content)
        else:
            path.unlink(missing_ok=True)


def _is_bare(folder: Path) -> bool:
    """Tell whether a folder is a repository without files of its own, as one that others push to."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def _committed(folder: Path) -> frozenset[str]:
    """Return the deployments that the current branch has, as its commits say; nothing in a repository without any."""
    if not _git(folder, "rev-list", "--all", "--max-count=1").strip():
        return frozenset()
    told = _git(folder, "log", f"--format=%(trailers:key={_TRAILER},valueonly)")
    return frozenset(told.decode(errors="replace").split())


def _commit(folder: Path, put: PutInForce) -> int:
    # What a person's git is told to ignore or to convert is not what is in force.
    _git(folder, "-c", "core.autocrlf=false", "add", "--force", "--", *put.files)
    name = put.by or _NOBODY
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", _ADDRESS), ("DATE", put.at.isoformat()))
    }
    words = put.why or "Deployed"
    message = f"{words}\n\n{_TRAILER}: {put.id}\n"
    _git(folder, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", f"--message={message}", **who)
    return 1


def _git(folder: Path, *words: str, **environment: str) -> bytes:
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        raise Invalid(f"git is not installed here, or there is no folder {folder}")
    # Called from a hook of another repository, git would be told to work there.
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # No shell: each word is one argument, whatever stands in it.
    done = subprocess.run(  # noqa: S603
        [program, "-C", str(folder), *words], capture_output=True, check=False, env=own | environment
    )
    if done.returncode:
        raise Invalid(f"git {words[0]} refused: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
