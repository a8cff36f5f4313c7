"""Pages are sent packed to browsers that unpack them, and to nobody else."""

import gzip

import pytest
from flask import Flask

from web import compression

LONG = "<p>Ada’s plan has not moved since 3 March.</p>" * 200


@pytest.fixture
def browser():
    app = Flask("t")
    compression.install(app)
    app.add_url_rule("/long", "long", lambda: LONG)
    app.add_url_rule("/short", "short", lambda: "<p>Nothing waits.</p>")
    app.add_url_rule("/letter", "letter", lambda: (LONG.encode(), {"Content-Type": "application/pdf"}))
    app.add_url_rule("/list", "list", lambda: (iter([LONG]), {"Content-Type": "text/html"}))
    return app.test_client()


def test_a_long_page_is_packed_and_says_so(browser):
    answer = browser.get("/long", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(LONG) / 4
    assert gzip.decompress(answer.data).decode() == LONG


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0"])
def test_a_browser_that_cannot_unpack_gets_the_page_as_it_is(browser, accepted):
    answer = browser.get("/long", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers and answer.text == LONG
    assert "Accept-Encoding" in answer.headers["Vary"], "a cache between must not give it the packed one"


@pytest.mark.parametrize("path", ["/short", "/letter", "/list"])
def test_what_gains_nothing_or_is_streamed_is_left_as_it_is(browser, path):
    assert "Content-Encoding" not in browser.get(path, headers={"Accept-Encoding": "gzip"}).headers
