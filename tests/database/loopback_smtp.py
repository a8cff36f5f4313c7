"""A mail server on this machine's loopback that keeps what it is given, and can be told to misbehave."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import cast


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Speak as much SMTP as a client needs to hand over messages."""
        self._say("220 loopback")
        while line := self.rfile.readline():
            word = line.decode("ascii", "replace").split(maxsplit=1)[0].upper()
            if word == "DATA":
                self._say("354 go on")
                self._keep()
                if self._server.hangs_up:
                    return
            refused = self._server.refuses and word == "RCPT"
            self._say("550 no such person" if refused else "221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    @property
    def _server(self) -> LoopbackServer:
        return cast(LoopbackServer, self.server)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self._server.messages.append(message_from_bytes(b"".join(lines)))


class LoopbackServer(socketserver.ThreadingTCPServer):
    """`refuses` turns every recipient away; `hangs_up` takes each message and breaks off before it says so."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.messages: list[Message] = []
        self.refuses = False
        self.hangs_up = False

    @property
    def url(self) -> str:
        """Return the address as the settings want it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def loopback_server() -> Iterator[LoopbackServer]:
    """Give a running server."""
    with LoopbackServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
