"""The lock files, the build settings and the bundles agree with each other and hold only what they should."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "web" / "assets"
BUILT = ROOT / "web" / "static" / "built"
PYTHONS = ("3.11.0", "3.11.9", "3.12.0", "3.13.0")


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _requirements(text: str) -> list[Requirement]:
    lines = (line.strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def _entries(lock: str) -> list[str]:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _locked(lock: str, python: str) -> dict[str, Version]:
    """Return the version of each package that `lock` gives to Linux with this `python`."""
    environment = {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": "linux"}
    locked = {}
    for entry in _entries(lock):
        requirement = Requirement(entry.partition("--hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            locked[canonicalize_name(requirement.name)] = Version(pin.version)
    return locked


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock", "requirements-event-log.lock"])
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    entries = _entries(lock)
    assert entries
    loose = [entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)]
    assert not loose


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["build"]), ("requirements-test.lock", ["build", "test"])]
)
def test_the_lock_satisfies_setup_cfg(lock: str, extras: list[str], python: str) -> None:
    setup = _setup()
    texts = [setup["options"]["install_requires"], *(setup["options.extras_require"][extra] for extra in extras)]
    locked = _locked(lock, python)
    for requirement in _requirements("\n".join(texts)):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{lock} has {version} for {requirement}: run `make lock`"


@pytest.mark.parametrize("python", PYTHONS)
def test_both_locks_choose_the_same_versions(python: str) -> None:
    everything = _locked("requirements-test.lock", python)
    running = _locked("requirements.lock", python)
    assert running == {name: everything.get(name) for name in running}


def test_the_build_requirements_are_written_once_and_repeated_faithfully() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = _requirements(_setup()["options.extras_require"]["build"])
    assert {str(item) for item in extra} == set(project["build-system"]["requires"])
    assert set(project) == {"build-system", "tool"}
    assert set(project["tool"]) == {"ruff"}


def test_npm_packages_are_exact_and_carry_integrity_without_addresses() -> None:
    package = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    locked = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    bare = [name for name, entry in locked.items() if name and ("integrity" not in entry or "resolved" in entry)]
    assert not bare


@pytest.mark.parametrize("name", ["app.css", "govuk.js", "viewer.css", "viewer.js", "licences.txt", "manifest.json"])
def test_every_bundle_is_built(name: str) -> None:
    path = BUILT / name
    assert path.is_file(), "run `make frontend`"
    assert path.stat().st_size


@pytest.mark.parametrize("name", ["app.css", "viewer.css"])
def test_styles_carry_no_government_identity_and_fetch_nothing(name: str) -> None:
    css = (BUILT / name).read_text(encoding="utf-8")
    assert not re.search(r"GDS Transport|crest|crown|#1d70b8", css, re.IGNORECASE)
    addresses = re.findall(r"url\(\s*['\"]?([^'\")]{0,40})", css)
    assert all(address.startswith("data:") for address in addresses)


def test_scripts_need_no_unsafe_policy() -> None:
    for name in ("govuk.js", "viewer.js"):
        script = (BUILT / name).read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function\(|sourceMappingURL", script)


def test_the_logo_is_in_the_viewer_and_its_licence_is_shipped() -> None:
    assert "bjs-powered-by" in (BUILT / "viewer.js").read_text(encoding="utf-8")
    licences = (BUILT / "licences.txt").read_text(encoding="utf-8")
    for package in ("bpmn-js", "diagram-js", "govuk-frontend"):
        assert re.search(rf"^{package} \d", licences, re.MULTILINE)
