import argparse
import os
import signal
import socket

import pytest

from engine.bootstrap import prepare_database
from engine.errors import Invalid
from engine.settings import Settings
from web.cli import serve


@pytest.fixture(autouse=True)
def kept_signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def stop():
    reader, writer = socket.socketpair()
    with reader, writer:
        yield reader, writer


def test_a_part_that_dies_at_once_again_and_again_ends_the_whole(capsys, stop):
    child = serve.Child("broken part", os._exit, (3,))
    with pytest.raises(Invalid, match="the broken part stops as soon as it is started"):
        serve.keep_alive([child], stop[0])
    assert capsys.readouterr().err.count("starting it again") == serve.QUICK_DEATHS - 1


def test_stopping_ends_every_part():
    children = [serve.Child("one", signal.pause, ()), serve.Child("two", signal.pause, ())]
    for child in children:
        child.start()
    serve.end(children)
    assert [child.process.exitcode for child in children] == [-signal.SIGTERM] * 2


def test_it_returns_when_it_is_told_to_stop(stop):
    child = serve.Child("part", signal.pause, ())
    stop[1].send(b"x")
    serve.keep_alive([child], stop[0])
    serve.end([child])
    assert child.process.exitcode == -signal.SIGTERM


def test_a_part_that_died_after_a_while_is_started_again():
    child = serve.Child("part", os._exit, (0,), started=-1000.0, quick=serve.QUICK_DEATHS - 1)
    child.died()
    assert child.quick == 0


def test_a_taken_port_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    prepare_database(Settings.from_environment())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = argparse.Namespace(database=None, host="127.0.0.1", port=port, workers=1)
        with pytest.raises(Invalid, match="choose another with --port"):
            serve.serve(options)


def test_a_database_that_is_not_ready_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    options = argparse.Namespace(database=None, host="127.0.0.1", port=1, workers=1)
    with pytest.raises(Invalid, match="caf init"):
        serve.serve(options)
