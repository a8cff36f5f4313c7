"""What the `caf` command line understands. Each command's module is loaded only when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

_DATABASE = "SQLAlchemy URL of the database (default: CAF_DATABASE_URL, else an SQLite file in the folder var)"
_PEOPLE = """

people.csv has one person a line below the names of its columns (only name, job_title and agency are needed):
  name,job_title,agency,team,manager,email,phone,username,roles
  Ruth Adeyemi,Team manager,Hillshire Council,Early help,,ruth@example.org,01632 960201,ruth,line_manager case_worker
  Dele Martins,Health visitor,Hillshire NHS,,Ruth Adeyemi,dele@example.org,01632 960202,dele,case_worker
  Tomas Reid,Service lead,Hillshire Council,,,,,tomas,designer administrator
Whoever has a username can sign in; the password made for each is printed once. Roles: case_worker line_manager
coordinator mag_member safeguarding_lead designer administrator."""
_PROFILE = """

The profile file holds whom to ring on the concern page, and the local word for a team meeting:
  {"safeguarding": [{"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"}],
   "meeting_term": "TAF"}"""
Parsers = Any  # argparse does not name the type of what add_subparsers() returns


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; what it reads has `command`, and `run`, a function of the options that gives the status."""
    parser = argparse.ArgumentParser(
        prog="caf",
        description="Coordinate support for a child: run cases from diagrams and rule files.",
        epilog="Each command explains itself: caf COMMAND --help",
    )
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _database_commands(parsers)
    _model_commands(parsers)
    _time_commands(parsers)
    _serve_command(parsers)
    return parser


def _database_commands(parsers: Parsers) -> None:
    example = 'caf init --authority hillshire --name "Hillshire Council" --people people.csv'
    example += _PROFILE + _PEOPLE
    init = _add(parsers, "init", "database", "Create the database, or bring it up to date", example)
    init.add_argument("--authority", metavar="KEY", help="its short name (default: the one there is, else northcombe)")
    init.add_argument("--name", default="Northcombe Council", help="its name on the pages (default: %(default)s)")
    init.add_argument("--nation", default="england-and-wales", help="england-and-wales, scotland or northern-ireland")
    init.add_argument("--zone", default="Europe/London", help="the zone of its clocks (default: %(default)s)")
    init.add_argument("--profile", metavar="FILE", help="a JSON file of its own numbers and words; see below")
    init.add_argument("--people", metavar="FILE", help="a CSV file of people to add, all or none; see below")
    demo = _add(parsers, "demo", "database", "Load the invented demo caseload, once", "caf demo")
    demo.add_argument("--authority", metavar="KEY", help="which one, where there are several")
    demo.description = "Loads the demo once; what a person has entered is never overwritten."
    words = "Check that no history was edited, deleted, reordered or cut"
    verify = _add(parsers, "verify", "database", words, "caf verify")
    verify.add_argument("--anchor", metavar="HASH", help="an anchor printed before and kept elsewhere")
    backup = _add(parsers, "backup", "database", "Copy the live database into one file", "caf backup monday.cafbackup")
    backup.add_argument("file", metavar="FILE", help="where to write; must not exist yet")
    restore = _add(parsers, "restore", "database", "Put a backup back", "caf restore monday.cafbackup")
    restore.add_argument("file", metavar="FILE", help="a file that caf backup wrote")


def _model_commands(parsers: Parsers) -> None:
    example = "caf deploy processes rules"
    deploy = _add(parsers, "deploy", "models", "Deploy diagrams, rules and forms together", example)
    deploy.add_argument("paths", nargs="+", metavar="PATH", help="a .bpmn, .dmn or .form file, or a folder of them")
    deploy.add_argument("--authority", metavar="KEY", help="whose; needed only when there are several")
    deploy.add_argument("--note", default="", help="what changed and why, kept with the deployment")
    lint = _add(parsers, "lint", "models", "Check diagrams, rules and forms", "caf lint processes rules", db=False)
    lint.add_argument("paths", nargs="+", metavar="PATH", help="a .bpmn, .dmn or .form file, or a folder of them")
    lint.description = "Prints one line a finding, `file:element id: what, and what instead`; exits 1 if any refuses."
    example = """caf decide rules/escalation.dmn escalation --input '{"closed": false, "concern_open": true}'"""
    decide = _add(parsers, "decide", "models", "Ask one decision of a rule file", example, db=False)
    decide.add_argument("file", metavar="FILE", help="a .dmn file")
    decide.add_argument("decision", metavar="DECISION", help="the id or the name of a decision in it")
    decide.add_argument("--input", default="{}", metavar="JSON", help="the inputs, as a JSON object")
    decide.description = "Prints JSON: the result, and the rows that matched and why."


def _time_commands(parsers: Parsers) -> None:
    example = "caf tick --now 2026-06-04T09:00:00+01:00"
    tick = _add(parsers, "tick", "database", "Fire every timer that is due, once, and stop", example)
    tick.add_argument("--now", metavar="ISO", help="pretend it is this instant; needs a zone, as +01:00 or Z")


def _serve_command(parsers: Parsers) -> None:
    serve = _add(parsers, "serve", "serve", "Serve the pages and run the timers until stopped", "caf serve --port 8080")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8000, help="port to listen on (default: %(default)s)")
    serve.add_argument("--workers", type=_positive, default=2, help="web server processes (default: %(default)s)")


def _add(
    parsers: Parsers, name: str, module: str, words: str, example: str, *, db: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parsers.add_parser(
        name,
        help=words,
        description=words + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if db:
        parser.add_argument("--database", metavar="URL", help=_DATABASE)
    parser.set_defaults(run=_late(module, name))
    return parser


def _late(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        function: Callable[[argparse.Namespace], int] = getattr(import_module(f"web.cli.{module}"), name)
        return function(options)

    return run


def _port(text: str) -> int:
    number = _positive(text)
    if number > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
