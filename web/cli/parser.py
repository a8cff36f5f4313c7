"""What the `caf` command line understands. Each command's module is loaded only when it runs."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from engine.errors import shown
from web.cli.program import program

_DATABASE = "SQLAlchemy URL of the database (default: CAF_DATABASE_URL, else an SQLite file in the folder var)"
_PEOPLE = """

people.csv has one person a line below the names of its columns (only name, job_title and agency are needed):
  name,job_title,agency,team,manager,email,phone,username,roles
  Ruth Adeyemi,Team manager,Hillshire Council,Early help,,ruth@example.org,01632 960201,ruth,line_manager case_worker
  Dele Martins,Health visitor,Hillshire NHS,,Ruth Adeyemi,dele@example.org,01632 960202,dele,case_worker
  Tomas Reid,Service lead,Hillshire Council,,,,,tomas,designer administrator
Whoever has a username can sign in; the password made for each is printed once. Roles: case_worker line_manager
coordinator mag_member safeguarding_lead senior_officer designer administrator. Run it again with other people to add
them to an authority that is there: so an administrator is made when nobody can sign in as one."""
_DECIDE = """Prints JSON: the result, and the rows that matched and why. Inputs that are not
given are null, and named on standard error; text like 2026-06-04 is taken as a date.
Rule files that FILE imports are read from its folder; their inputs are named "IMPORT.NAME".
Examples of FILE.dmn stand beside it in FILE.tests.yaml, and deploying the rules tries them too:
  decision: review_interval
  usually: {authority: barnet, reviews_held: 1}     # an example says only what differs
  examples:
    Things got worse, so the next review is sooner:
      when: {outcome: worse}
      then: 4                                       # of several outputs those that count
      rows: [worse]                                 # the rows that match, by id or number; no others
    The first review comes after six weeks, whatever the outcome:
      when: {reviews_held: 0}
      for each: {outcome: [better, same, worse]}
      then: 6"""
_PROFILE = """

The profile file holds whom to ring on the concern page, how the team is reached, its multi-agency groups, and the
local word for a team meeting; everything in it is optional:
  {"name": "Hillshire Council", "nation": "england-and-wales", "team": "Early help team",
   "address": "1 High Street\\nHillshire", "phone": "01632 960100",
   "safeguarding": [{"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"}],
   "mags": [{"name": "North", "area": "north of the river", "meetings": ["2026-12-03"]}], "meeting_term": "TAF"}
The one of Barnet comes with the service: caf init --profile barnet"""
_REHEARSAL = """

The record itself always keeps the machine's time. --rehearse copies it (SQLite) and lets time pass on the copy, from
timer to timer, until WHEN: a day like 2027-03-01 (its midnight, where the authority is), 2027-03-01T09:00,
2027-03-01T09:00+01:00, or +90d. The copy's pages then go on from there, its messages only ever go to files, and
--now with --database moves it on further. It holds the same children's records: delete it afterwards."""
_SIMULATION = """

The real engine, diagrams, rules and timers run on a fake clock; only the people are pretend. They are late, away, ill
or refuse as often as engine/simulation/behaviours.py says. --people changes some of its figures, as
  {"life": {"concern": 0.1}, "timings": {"hold_review": {"on_time": 0.6}}, "away": {"leaves": 0.2}}
With --rules the same caseload is played twice, by the rules as they are and by these, and how many escalate, when, and
what managers get to do is compared; the pages and the history are then those of the second time, by the changed rules.
The rules as they are: those of --models; else those in force in the record that --database or CAF_DATABASE_URL names,
which is only read; else the shipped ones. Which they are is said.
Without --database it goes into simulation.db in the service's folder; the record itself is never touched."""
_MODELS = "a .bpmn, .dmn, .form or .yaml file, or a folder"
_SHIPPED = """

The files named become what is in force, whatever was before them. With --shipped, at every start and after an upgrade,
a file is deployed only when its content is new here. When a designer, or a deploy without --shipped, has changed the
same diagram, rules or form since, the file is left alone and a line says so and how to deploy it on purpose. Where no
folder of that name lies here, `processes` and `rules` are those that came with the program."""
_WHATIF = """

The files are checked as for deploying and stored nowhere, and nothing in any case changes. They are compared with the
rules in force, case by case: what newly escalates, no longer does, or changes level, person or reason, with the row and
the sentence. escalation.dmn and timescales.dmn may be tried together. How far it has come goes to standard error."""
_REVERT = """

Rules go back together with the examples that were in force beside them. It is a deployment like any other: examples
are tried, rows that need an approval need it again, and the version it takes the place of stays among the versions."""
_ANCHORS = """

When the history is whole, a new anchor is made in the database and printed. Keep it where nobody who can write to the
database can reach it: with --anchor it proves later that what it covers, the events of every case and who read which
record, is still as it was. What was written after it, only a later anchor covers; each night makes one too."""
MOST_DIGITS = 18
"""Of a number on the command line: more than any is, and few enough to read back."""
_NATIONS = ("england-and-wales", "scotland", "northern-ireland")
_LATE_REVIEW = '{"closed": false, "plan_agreed": true, "linked_plan": "none", "review_overdue_days": 12}'
Parsers = Any  # argparse does not name the type of what add_subparsers() returns


class _Parser(argparse.ArgumentParser):
    """Tells misuse in one line, and takes a word that begins like a number below zero as the value it is meant for."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the words given, by default those of the command line."""
        return super().parse_known_args(_joined(sys.argv[1:] if args is None else args), namespace)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to look it up, and end with the status 2."""
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}; see {self.prog} --help\n")


def _joined(words: Sequence[str]) -> list[str]:
    """Join an option to what follows it like -3d: argparse would take it for another option, and none begins so."""
    joined: list[str] = []
    for word in words:
        if re.match(r"-[0-9]", word) and joined and re.fullmatch(r"--[a-z-]+", joined[-1]):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; what it reads has `command`, and `run`, a function of the options that gives the status."""
    parser = _Parser(
        prog=program(),
        description="Coordinate support for a child: run cases from diagrams and rule files.",
        epilog=f"Each command explains itself: {program()} COMMAND --help",
    )
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _database_commands(parsers)
    _model_commands(parsers)
    _time_commands(parsers)
    _simulate_command(parsers)
    _serve_command(parsers)
    return parser


def _database_commands(parsers: Parsers) -> None:
    _init_command(parsers)
    demo = _add(parsers, "demo", "database", "Load the invented demo caseload, once", "caf demo")
    demo.add_argument("--authority", type=_words, metavar="KEY", help="which one, where there are several")
    demo.description = (
        "Simulates a caseload up to today and loads it once, all of it or nothing; "
        "what a person has entered is left alone."
    )
    words = "first bring the database and what is shipped up to date, as `caf init` and `caf deploy --shipped` do"
    demo.add_argument("--prepare", action="store_true", help=words)
    words = "Check that no history was edited, deleted, reordered or cut"
    verify = _add(parsers, "verify", "database", words, "caf verify")
    verify.epilog = f"{verify.epilog}{_ANCHORS}"
    verify.add_argument("--anchor", metavar="HASH", help="an anchor printed before and kept elsewhere")
    verify.add_argument("--read-only", action="store_true", help="make no new anchor; print the newest there is")
    backup = _add(parsers, "backup", "database", "Copy the live database into one file", "caf backup monday.cafbackup")
    backup.add_argument("file", type=_words, metavar="FILE", help="where to write; must not exist yet")
    example = "caf restore monday.cafbackup --database sqlite:///restored.db"
    restore = _add(parsers, "restore", "database", "Put a backup into an empty or new database", example)
    restore.add_argument("file", type=_words, metavar="FILE", help="a file that caf backup wrote")
    restore.add_argument(
        "--rehearsal", action="store_true", help="to try things on: caf tick --now may run its clock on"
    )


def _init_command(parsers: Parsers) -> None:
    more = "caf init --database sqlite:///hillshire.db --authority hillshire --profile profile.json --people people.csv"
    init = _add(parsers, "init", "database", "Create the database, or bring it up to date", "caf init")
    init.epilog = f"{init.epilog}\n  {_said(more)}{_PROFILE}{_PEOPLE}"
    init.add_argument(
        "--authority", type=_words, metavar="KEY", help="its short name (default: the one there is, else northcombe)"
    )
    init.add_argument(
        "--name", type=_words, help="its name on the pages (default: the profile's, else Northcombe Council)"
    )
    init.add_argument(
        "--nation", choices=_NATIONS, help=f"whose bank holidays (default: the profile's, else {_NATIONS[0]})"
    )
    init.add_argument("--zone", default="Europe/London", help="the zone of its clocks (default: %(default)s)")
    init.add_argument(
        "--profile", type=_words, metavar="FILE", help="a JSON file of its own numbers and words, or barnet; see below"
    )
    init.add_argument(
        "--people", type=_words, metavar="FILE", help="a CSV file of people to add, all or none; see below"
    )
    init.add_argument(
        "--ring",
        action="append",
        type=_number,
        metavar="NUMBER",
        help="whom to ring when a child is at risk, as 'MASH: 01632 960101 (weekdays, 9am to 5pm)'; once for each",
    )


def _model_commands(parsers: Parsers) -> None:
    example = "caf deploy processes rules"
    deploy = _add(parsers, "deploy", "models", "Deploy diagrams, rules and forms together", example)
    deploy.add_argument("paths", nargs="*", type=_words, metavar="PATH", help=_MODELS)
    deploy.add_argument("--authority", type=_words, metavar="KEY", help="whose; needed only when there are several")
    deploy.add_argument(
        "--shipped",
        action="store_true",
        help="the files come with the service: leave alone what was deployed before or was changed here since",
    )
    _by(deploy)
    deploy.add_argument(
        "--reason", "--note", dest="note", default="", help="what changed and why; needed when rules change"
    )
    deploy.add_argument(
        "--scenarios-why", default="", metavar="WHY",
        help="deploy although scenarios in force go otherwise than they say, and keep the reason",
    )  # fmt: skip
    deploy.add_argument(
        "--from-git", metavar="REF", help="read the files of the one folder named as they are in this commit of git"
    )
    deploy.epilog = f"{deploy.epilog}\n  {_said('caf deploy --shipped processes rules')}{_SHIPPED}"
    export = _add(parsers, "export", "models", "Write what is in force into a folder", "caf export models --git")
    export.add_argument("folder", type=_words, metavar="FOLDER", help="where to write; what lies there is written over")
    export.add_argument("--git", action="store_true", help="commit each deployment there, with who, when and why")
    export.add_argument("--authority", type=_words, metavar="KEY", help="whose; needed only when there are several")
    _revert_command(parsers)
    _take_back_command(parsers)
    lint = _add(parsers, "lint", "models", "Check diagrams, rules and forms", "caf lint processes rules", db=False)
    lint.add_argument("paths", nargs="+", type=_words, metavar="PATH", help=_MODELS)
    lint.add_argument(
        "--tables", action="store_true", help="say of each decision table what was looked at, and what cannot be told"
    )
    lint.description = "Prints one line a finding, `file:element id: what, and what instead`; exits 1 if any refuses."
    lint.description += " The examples beside a rule file (NAME.tests.yaml) are tried with it, and it is read together"
    lint.description += " with the time limits and the rule files that it imports, where they lie in the same folder."
    words = "Try scenarios on diagrams, rules and forms"
    tried = _add(parsers, "scenarios", "scenarios", words, "caf scenarios processes rules", db=False)
    tried.add_argument("paths", nargs="+", type=_words, metavar="PATH", help="files and folders that belong together")
    tried.description = "Plays each .scenario.yaml file among them with pretend people; exits 1 if one goes otherwise."
    _decide_command(parsers)
    _whatif_command(parsers)


def _by(parser: argparse.ArgumentParser) -> None:
    told = "the designer who does it, by user name; kept with it (without it, the name you are logged in by here)"
    parser.add_argument("--by", type=_words, metavar="USERNAME", help=told)


def _decide_command(parsers: Parsers) -> None:
    example = f"caf decide rules/escalation.dmn escalation --input '{_LATE_REVIEW}'"
    decide = _add(parsers, "decide", "decide", "Ask one decision of a rule file", example, db=False)
    decide.add_argument("file", type=_words, metavar="FILE", help="a .dmn file")
    decide.add_argument(
        "decision", type=_words, nargs="?", metavar="DECISION", help="the id or the name of a decision in it"
    )
    decide.add_argument("--input", default="{}", metavar="JSON", help="the inputs, as a JSON object")
    decide.add_argument(
        "--explain", action="store_true", help="say it in plain sentences, with the sums and the limits, not as JSON"
    )
    decide.add_argument(
        "--examples", action="store_true", help="ask nothing, but try the examples beside it, in FILE's .tests.yaml"
    )
    decide.description = _DECIDE


def _revert_command(parsers: Parsers) -> None:
    words = "Put an earlier version of a diagram, rules file or form in force again, as a new version"
    example = "caf revert escalation.dmn --reason 'Managers were told too early'"
    revert = _add(parsers, "revert", "models", words, example)
    revert.epilog = f"{revert.epilog}{_REVERT}"
    revert.add_argument(
        "key", type=_words, metavar="KEY", help="its file, its key as caf deploy prints it, or a decision that it holds"
    )
    revert.add_argument(
        "--to", type=_positive, metavar="VERSION", help="the version (default: the last one with another text)"
    )
    revert.add_argument("--reason", required=True, help="why, kept with it")
    _by(revert)
    revert.add_argument("--authority", type=_words, metavar="KEY", help="whose; needed only when there are several")


def _take_back_command(parsers: Parsers) -> None:
    words = "Take a release back whole: every file that came into force with it, in one act"
    example = "caf take-back agree_plan.bpmn --by petra --reason 'Nobody understood the new step'"
    back = _add(parsers, "take-back", "models", words, example)
    back.description = f"{words}. What was before is in force again, what came new is no longer, and cases that moved"
    back.description += " go back where they can. Use caf revert for one file, or for an older version."
    back.add_argument("key", type=_words, metavar="KEY", help="a file of the release, its key, or a decision it holds")
    back.add_argument("--by", type=_words, metavar="USERNAME", required=True, help="the designer who does it")
    back.add_argument("--reason", required=True, help="why, kept with it")
    back.add_argument("--authority", type=_words, metavar="KEY", help="whose; needed only when there are several")


def _whatif_command(parsers: Parsers) -> None:
    words = "Try changed rules out on the caseload: which cases would newly escalate, and which no longer"
    whatif = _add(parsers, "whatif", "whatif", words, "caf whatif rules/escalation.dmn")
    whatif.epilog = f"{whatif.epilog}\n  {_said('caf whatif rules/escalation.dmn --on 2026-09-01')}{_WHATIF}"
    whatif.add_argument(
        "paths", nargs="+", type=_words, metavar="FILE", help="the changed rules (.dmn); examples beside them come too"
    )
    whatif.add_argument("--on", metavar="DAY", help="as the cases stood at the end of a past day, like 2026-09-01")
    whatif.add_argument(
        "--rules-of-the-day", action="store_true", help="compare with the rules in force on that day, not today's"
    )
    whatif.add_argument("--authority", type=_words, metavar="KEY", help="on whose cases (default: each authority's)")
    whatif.add_argument("--json", action="store_true", help="print JSON, as the API gives it")


def _time_commands(parsers: Parsers) -> None:
    tick = _add(parsers, "tick", "passing", "Do everything that is due, once, and stop", "caf tick")
    tick.epilog = f"{tick.epilog}\n  {_said('caf tick --now +90d --rehearse trial.db')}{_REHEARSAL}"
    tick.add_argument("--now", metavar="WHEN", help="until when time passes: a day, an instant, or +90d from now")
    tick.add_argument(
        "--rehearse", type=_words, metavar="COPY", help="a new file: the copy of the database on which time passes"
    )


def _simulate_command(parsers: Parsers) -> None:
    words = "Play a year of an invented caseload and say what came of it"
    example = "caf simulate --cases 200 --days 365 --seed 1"
    simulate = _add(parsers, "simulate", "simulate", words, example, db=False)
    simulate.epilog = f"{simulate.epilog}\n  {_said('caf simulate --cases 200 --report year.html')}"
    simulate.epilog += f"\n  {_said('caf simulate --rules rules/escalation.dmn --report changed.html')}{_SIMULATION}"
    simulate.add_argument("--cases", type=_positive, default=200, help="how many open in that time (%(default)s)")
    simulate.add_argument("--days", type=_positive, default=365, help="over how many days (%(default)s)")
    simulate.add_argument("--seed", type=_seed, default=1, help="the same number gives the same year (%(default)s)")
    simulate.add_argument("--until", metavar="DAY", help="the last day, as 2027-12-31, which it is when none is named")
    simulate.add_argument("--report", metavar="FILE", help="a new HTML file: plots and their tables")
    simulate.add_argument("--history", metavar="FILE", help="a new file: the whole history, a line of JSON an event")
    simulate.add_argument("--people", type=_words, metavar="FILE", help="a JSON file of how people behave; see below")
    simulate.add_argument("--models", nargs="+", metavar="PATH", help="diagrams, rules and forms (default: shipped)")
    simulate.add_argument(
        "--rules", nargs="+", type=_words, metavar="FILE",
        help="changed rules: play it twice, by the rules as they are and by these, and print what differs",
    )  # fmt: skip
    simulate.add_argument(
        "--authority", type=_words, metavar="KEY", help="whose rules, in a record with several authorities"
    )
    simulate.add_argument(
        "--database", type=_words, metavar="URL", help="an empty one (default: simulation.db), or with --rules a record"
    )
    simulate.add_argument(
        "--into", type=_words, metavar="URL", help="an empty database that it goes to, where --database names a record"
    )


def _serve_command(parsers: Parsers) -> None:
    serve = _add(parsers, "serve", "serve", "Serve the pages and run the timers until stopped", "caf serve --port 8080")
    serve.add_argument("--host", type=_words, default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8000, help="port to listen on (default: %(default)s)")
    serve.add_argument("--workers", type=_positive, default=2, help="web server processes (default: %(default)s)")


def _add(
    parsers: Parsers, name: str, module: str, words: str, example: str, *, db: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parsers.add_parser(
        name,
        help=words,
        description=words + ".",
        epilog=f"example:\n  {_said(example)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if db:
        parser.add_argument("--database", type=_words, metavar="URL", help=_DATABASE)
    parser.set_defaults(run=_late(module, name.replace("-", "_")))
    return parser


def _said(example: str) -> str:
    """Return an example as it is to be typed here."""
    return f"{program()}{example.removeprefix('caf')}"


def _late(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        function: Callable[[argparse.Namespace], int] = getattr(import_module(f"web.cli.{module}"), name)
        return function(options)

    return run


def _words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("this is empty")
    return text


def _number(text: str) -> dict[str, str]:
    """Return a number to ring as a profile holds it, from NAME: PHONE (WHEN)."""
    parts = re.fullmatch(r"\s*([^:()]+):\s*(\+?[0-9 ]+)(?:\(([^()]+)\)\s*)?", text)
    if parts is None or not parts[1].strip() or not parts[2].strip():
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is no number to ring; write 'MASH: 01632 960101 (weekdays)'")
    return {"name": parts[1].strip(), "phone": parts[2].strip(), "when": (parts[3] or "").strip()}


def _port(text: str) -> int:
    number = _positive(text)
    if number > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is not a whole number of up to {MOST_DIGITS} digits")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is not a whole number above 0")
    return int(text)
