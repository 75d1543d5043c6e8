"""The stub as a process of its own, which ends with its pipe.

It speaks TLS, as AWS does: over plain http botocore would sign each body, and read it twice.
"""

from __future__ import annotations

import json
import multiprocessing
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

from benchmarks.stub import answers
from benchmarks.stub.gate import Counted, Delay, Rounds

_HOST = "127.0.0.1"
_READ_AT_ONCE = 1024 * 1024


class Stub:
    """Where it is, what a program needs to find and trust it, and how many calls it has had."""

    def __init__(self, url: str, authority: Path, pipe: Connection) -> None:
        self.url = url
        self.environment = {"AWS_ENDPOINT_URL": url, "AWS_CA_BUNDLE": str(authority)}
        self._pipe = pipe

    def counted(self) -> Counted:
        self._pipe.send("count")
        counted: Counted = self._pipe.recv()
        return counted


@contextmanager
def running(delay: float, rows: int = 0, quiet: float | None = None) -> Iterator[Stub]:
    """A stub whose answers take `delay` seconds; with `quiet` they come in rounds instead."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with TemporaryDirectory() as folder:
        authority, own = Path(folder) / "authority.pem", Path(folder) / "own.pem"
        made = trustme.CA()
        made.cert_pem.write_to_path(authority)
        made.issue_cert(_HOST).private_key_and_cert_chain_pem.write_to_path(own)
        process = context.Process(target=_serve, args=(there, own, delay, rows, quiet), daemon=True)
        process.start()
        try:
            yield Stub(f"https://{_HOST}:{here.recv()}", authority, here)
        finally:
            here.send("end")
            process.join()


def _serve(pipe: Connection, own: Path, delay: float, rows: int, quiet: float | None) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own)
    with ExitStack() as stack:
        gate: Delay | Rounds = Delay(delay)
        if quiet is not None:
            gate = Rounds(quiet)
            stack.enter_context(gate.open())
        handler = type("Handler", (_Handler,), {"gate": gate, "rows": rows})
        server = stack.enter_context(_Server((_HOST, 0), handler))
        # A caller's handshake is for the thread that serves it.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        stack.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pipe.send(server.server_port)
        while pipe.recv() == "count":
            pipe.send(gate.counted() if isinstance(gate, Rounds) else Counted(0, 0))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # an answer is one packet
    gate: Delay | Rounds
    rows: int

    def handle_expect_100(self) -> bool:
        """Said at once: botocore sends no body before, or before a second is over."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def do_GET(self) -> None:
        self._take()
        self._answer(answers.function(), {"Content-Type": "application/json"})

    def do_PUT(self) -> None:
        self._take()
        checksum = self.headers.get("x-amz-checksum-crc32")
        given = {"x-amz-checksum-crc32": checksum} if checksum else {}
        self._answer("", {"ETag": '"0"', "x-amz-version-id": "v1", **given})

    def do_POST(self) -> None:
        body = self._take()
        target = self.headers.get("X-Amz-Target", "")
        place = urlsplit(self.path)
        if target.startswith("DynamoDB"):
            page_of = answers.page_of_links if target.endswith("Scan") else answers.page_of_ledger
            page = page_of(json.loads(body), self.rows)
            self._answer(page, {"Content-Type": "application/x-amz-json-1.0"})
        elif "uploads" in place.query:
            self._answer(answers.begun_upload(place.path.rpartition("/")[2]))
        elif "uploadId" in place.query:
            whole = answers.whole_upload(place.path.rpartition("/")[2])
            self._answer(whole, {"x-amz-version-id": "v1"})
        else:
            asked = parse_qs(body.decode())
            is_stack = asked["Action"] == ["DescribeStacks"]
            self._answer(answers.stack(asked["StackName"][0]) if is_stack else answers.who_calls())

    def _take(self) -> bytes:
        """Read what was sent; only the end of what is long is kept, for nobody asks for it."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self._read(size)
                self.rfile.readline()
            self.rfile.readline()
            content = b""
        else:
            content = self._read(int(self.headers.get("Content-Length", 0)))
        self.gate.enter()
        return content

    def _read(self, left: int) -> bytes:
        content = b""
        while left > 0:
            content = self.rfile.read(min(left, _READ_AT_ONCE))
            left -= len(content)
        return content

    def _answer(self, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(200)
        for name, value in {"Content-Type": "text/xml", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """It says nothing."""
