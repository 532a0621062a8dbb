"""An object store of our own: lists and sends objects as S3 does, records every request, and fails where it is told to."""

from __future__ import annotations

import email.utils
import hashlib
import http.server
import itertools
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

BUCKET = "logs"
TIME = 1774663200  # 2026-03-28T02:00:00Z


@dataclass
class Thing:
    """An object."""

    content: bytes
    modified: float = TIME
    tag: str = ""
    storage: str = "STANDARD"  # its storage class

    def __post_init__(self) -> None:
        self.tag = self.tag or '"' + hashlib.md5(self.content).hexdigest() + '"'


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    base: str = ""  # the path of the endpoint

    @property
    def key(self) -> str | None:
        """The key that is asked for; None for the bucket itself."""
        path = urllib.parse.unquote(self.target.partition("?")[0].removeprefix(self.base))
        if self.headers["host"].startswith(BUCKET + "."):
            return path[1:] or None
        return path[1:].partition("/")[2] or None

    @property
    def query(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))


@dataclass
class Fault:
    """What goes wrong with one request."""

    status: int = 0  # answered instead
    code: str = "InternalError"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # so many bytes of the body are sent; less than 0: not even the head
    reset: bool = False  # the cut is a reset of the connection
    stall: float = 0  # seconds before anything more is sent, at the place of the cut
    tells: int | None = None  # the length that the head tells, whatever comes
    ignores_range: bool = False


# What goes wrong with a request, counted from 1.
Faults = Callable[[int, Request], Fault | None]


def at_request(number: int, fault: Fault) -> Faults:
    """One request goes wrong, and no other."""
    return lambda n, _: fault if n == number else None


def endless_listings() -> dict[str, Callable[[Request], bytes]]:
    """Listings of `x/` that never end, each with what is to be said of it."""

    def page(names: list[str], token: str) -> bytes:
        rest = "<LastModified>2026-03-28T02:00:00Z</LastModified><Size>0</Size></Contents>"
        entries = "".join(f"<Contents><Key>x/{name}.log</Key>{rest}" for name in names)
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
        return f"<ListBucketResult>{more}{entries}</ListBucketResult>".encode()

    def numbered(give: Callable[[int], bytes]) -> Callable[[Request], bytes]:
        numbers = itertools.count(10000)
        return lambda _: give(next(numbers))

    return {
        "it gives the same continuation token twice": numbered(lambda n: page([f"{n}"], "t")),
        "it gives a page twice": numbered(lambda n: page([f"a{n % 2}", f"b{n % 2}"], f"t{n}")),
        "it gives a key twice": numbered(lambda n: page([f"{n}", f"{n + 1}"], f"t{n}")),
        "it gives 1000 pages in a row without a key": numbered(lambda n: page([], f"t{n}")),
    }


class Store:
    """The server; `fault(number, request)` says what goes wrong with a request, counted from 1."""

    def __init__(self, things: dict[str, Thing] | None = None, page: int = 1000, tls: tuple[str, str] | None = None):
        self.things = dict(things or {})
        self.page = page
        self.base = ""
        # The token of the next page is the last key, as Ceph's gateway has it: not encoded, control characters as references.
        self.tokens_are_keys = False
        self.requests: list[Request] = []
        self.fault: Faults = lambda number, request: None
        self.pages: Callable[[Request], bytes] | None = None
        self.lock = threading.Lock()
        self.over = threading.Event()
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Else a body waits 40 ms for the other side to have the head.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                store.serve(self)

            do_HEAD = do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass  # connections that the other side gives up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def keys_read(self) -> list[str]:
        return [request.key for request in self.requests if request.method == "GET" and request.key]

    def serve(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        request = Request(
            handler.command,
            handler.path,
            {k.lower(): v for k, v in handler.headers.items()},
            handler.rfile.read(length),
            self.base,
        )
        with self.lock:
            self.requests.append(request)
            number = len(self.requests)
        fault = self.fault(number, request) or Fault()
        if fault.status:
            message = f"secret {request.headers.get('authorization')}"
            body = f"<Error><Code>{fault.code}</Code><Message>{message}</Message></Error>"
            return self.send(handler, fault.status, fault.headers, body.encode(), fault)
        status, headers, body = self.answer(request, fault)
        self.send(handler, status, headers | fault.headers, body, fault)
        return None

    def answer(self, request: Request, fault: Fault) -> tuple[int, dict[str, str], bytes]:
        if request.method == "POST":
            return 200, {}, self.keys(request)
        key = request.key
        if key is None:
            return 200, {}, self.pages(request) if self.pages else self.listing(request)
        thing = self.things.get(key)
        if thing is None:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        if request.headers.get("if-match", thing.tag) != thing.tag:
            return 412, {}, b"<Error><Code>PreconditionFailed</Code></Error>"
        headers = {"ETag": thing.tag, "Last-Modified": email.utils.formatdate(thing.modified, usegmt=True)}
        asked = request.headers.get("range")
        if not asked or fault.ignores_range:
            return 200, headers, thing.content
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        size = len(thing.content)
        return 206, headers | {"Content-Range": f"bytes {start}-{size - 1}/{size}"}, thing.content[start:]

    def listing(self, request: Request) -> bytes:
        query = request.query
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        found: dict[str, Thing | None] = {}
        for key in sorted(self.things, key=str.encode):
            if not key.startswith(prefix) or key.encode() <= query.get("start-after", "").encode():
                continue
            place = key.find(delimiter, len(prefix)) if delimiter else -1
            found[key if place < 0 else key[: place + 1]] = self.things[key] if place < 0 else None
        names = list(found)
        token = query.get("continuation-token")
        if token is None:
            start = 0
        elif self.tokens_are_keys:
            start = names.index(token) + 1
        else:
            start = int(token.partition("+")[0])
        most = min(self.page, int(query.get("max-keys", self.page)))
        shown = names[start : start + most]
        code = (lambda text: escape(urllib.parse.quote_plus(text, safe="/"))) if query.get("encoding-type") else escape
        parts = [
            "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>",
            f"<Name>{BUCKET}</Name><Prefix>{code(prefix)}</Prefix><EncodingType>url</EncodingType>",
        ]
        more = start + most < len(names)
        parts.append(f"<IsTruncated>{str(more).lower()}</IsTruncated>")
        if more:
            token = reference(shown[-1]) if self.tokens_are_keys else f"{start + most}+/ =%"
            parts.append(f"<NextContinuationToken>{token}</NextContinuationToken>")
        for name in shown:
            if found[name] is None:
                parts.append(f"<CommonPrefixes><Prefix>{code(name)}</Prefix></CommonPrefixes>")
            else:
                parts.append(entry(code(name), found[name]))
        return ("".join(parts) + "</ListBucketResult>").encode()

    def keys(self, request: Request) -> bytes:
        """Keys for a web identity."""
        fields = dict(urllib.parse.parse_qsl(request.body.decode()))
        assert fields["Action"] == "AssumeRoleWithWebIdentity" and fields["WebIdentityToken"] == "podtoken", fields
        return (
            b"<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
            b"<AccessKeyId>ASIAPOD</AccessKeyId><SecretAccessKey>pod-secret</SecretAccessKey>"
            b"<SessionToken>pod-session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
            b"</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        )

    def send(
        self, handler: http.server.BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes, fault: Fault
    ) -> None:
        if fault.cut is not None and fault.cut < 0:
            return self.cut(handler, fault)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if fault.tells is None else fault.tells))
        handler.end_headers()
        if handler.command == "HEAD":
            return None
        handler.wfile.write(body if fault.cut is None else body[: fault.cut])
        handler.wfile.flush()
        if fault.cut is not None:
            self.cut(handler, fault)
        elif fault.tells is not None:
            handler.close_connection = True
        return None

    def cut(self, handler: http.server.BaseHTTPRequestHandler, fault: Fault) -> None:
        if fault.stall:
            self.over.wait(fault.stall)
        if fault.reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True


def reference(text: str) -> str:
    """The text as Ceph's gateway writes it into XML, which has no such characters."""
    return "".join(f"&#x{ord(c):02x};" if c < " " else c for c in escape(text))


def entry(name: str, thing: Thing) -> str:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(thing.modified)) + f".{int(thing.modified * 1000) % 1000:03}Z"
    return (
        f"<Contents><Key>{name}</Key><LastModified>{stamp}</LastModified><ETag>{escape(thing.tag)}</ETag>"
        f"<Size>{len(thing.content)}</Size><StorageClass>{thing.storage}</StorageClass></Contents>"
    )
