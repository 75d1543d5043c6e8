"""A portal without AWS: the real pages of shares and a bucket that gives their files, each on a
port of its own, with a clock that ticks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from portal_links.tokens import Token
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.lambda_src.fakes import NOW, Clock
from tests.lambda_src.portal_world import PortalWorld
from tests.lambda_src.shares_world import ShareBucket, share

_REFUSAL = '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
_THROTTLED = '{"message":"Too Many Requests"}'  # by API Gateway
_STAMP = "%Y%m%dT%H%M%SZ"


class TickingClock(Clock):
    """It begins at NOW."""

    def __init__(self) -> None:
        self._ahead = NOW - datetime.now(UTC)
        super().__init__()

    @property
    def now(self) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) + self._ahead

    @now.setter
    def now(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(UTC)


class SiteBucket(ShareBucket):
    """A bucket with an address; `origin` is known once it is served."""

    origin = ""

    def generate_presigned_url(self, _operation: str, parameters: dict[str, str]) -> str:
        return f"{self.origin}/{parameters['Bucket']}/{quote(parameters['Key'], safe='/~')}?x"


@dataclass
class ShareSite:
    """What a recipient's browser talks to; tests fill it, and break it."""

    world: PortalWorld = field(
        default_factory=lambda: PortalWorld(bucket=SiteBucket(), clock=TickingClock())
    )
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    clicks: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # keys, as downloads began
    refused: int = 0
    is_throttled: bool = False
    refuses: set[str] = field(default_factory=set)  # keys, however well signed
    let_go: threading.Event = field(default_factory=threading.Event)  # ends each download

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.let_go.set()

    @property
    def bucket(self) -> SiteBucket:
        assert isinstance(self.world.bucket, SiteBucket)
        return self.world.bucket

    def share(self, files: Mapping[str, bytes] | Sequence[str], **more: Any) -> str:
        """Share files; gives the link."""
        return self.link(share(self.world, files, **more))

    def link(self, token: Token) -> str:
        return f"{self.url}/d/{token.text}"

    def answer(self, request: Request) -> Response:
        """As the HTTP API hands a request over, and gives back what it gets."""
        with self._lock:
            if self.is_throttled:
                return Response(_THROTTLED, 429, content_type="application/json")
            token = request.path.removeprefix("/d/")
            if request.method == "POST":
                self.clicks.append(request.get_data(as_text=True))
            found = self.world.request(
                "ANY /d/{token}",
                request.method,
                request.path,
                parameters={"token": token},
                body=request.get_data(as_text=True),
                settings=self.settings,
            )
        return Response(found.body, found.status, found.headers)

    def download(self, request: Request) -> Response:
        """As S3 answers whoever has a URL, in time."""
        key = request.path.split("/", 2)[2]
        if key in self.refuses or not self._is_signed(request):
            self.refused += 1
            return Response(_REFUSAL, 403, content_type="application/xml")
        content = self.bucket.contents[key]
        self.given.append(key)
        disposition = request.args["response-content-disposition"]
        headers = {"content-disposition": disposition, "content-length": str(len(content))}
        return Response(self._pieces(content), 200, headers, content_type="binary/octet-stream")

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        yield content[:1]
        self.let_go.wait()
        yield content[1:]

    def _is_signed(self, request: Request) -> bool:
        if "X-Amz-Signature" not in request.args:
            return False
        signed_at = datetime.strptime(request.args["X-Amz-Date"], _STAMP).replace(tzinfo=UTC)
        ends_at = signed_at + timedelta(seconds=int(request.args["X-Amz-Expires"]))
        return self.world.clock.now < ends_at


class _Silent(WSGIRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"  # as S3: a browser has so many connections, and keeps them

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        pass


@contextmanager
def _served(answer: Callable[[Request], Response]) -> Iterator[str]:
    server = make_server(
        "127.0.0.1", 0, Request.application(answer), threaded=True, request_handler=_Silent
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def share_site() -> Iterator[ShareSite]:
    site = ShareSite()
    with _served(site.answer) as site.url, _served(site.download) as site.bucket.origin:
        try:
            yield site
        finally:
            site.let_go.set()
