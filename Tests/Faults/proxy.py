"""A proxy between the program and the server that cuts the connection after a number of bytes.

It understands as much of PostgreSQL's protocol as it takes to find the answers to COMMIT in what the server sends.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

TO_SERVER, TO_CLIENT = 0, 1
NAMES = ("to the server", "to the client")
COMMIT_ANSWER = b"C" + struct.pack("!I", 11) + b"COMMIT\0"


@dataclass(frozen=True)
class Cut:
    """Where to cut: after so many bytes in one direction over all connections, or before the answer to the so-manieth
    COMMIT, when the server has given it and the client does not have it."""

    direction: int = TO_CLIENT
    bytes: int | None = None
    commit: int | None = None
    resets: bool = False  # ends with a RST, else with a FIN
    lasting: bool = False  # nobody listens afterwards

    def __str__(self) -> str:
        place = (
            f"{self.bytes} bytes {NAMES[self.direction]}"
            if self.commit is None
            else f"the answer to COMMIT {self.commit} withheld"
        )
        return place + (", reset" if self.resets else "") + (", for good" if self.lasting else "")


@dataclass
class Measured:
    """What went through: bytes in each direction, and for each answer to COMMIT how many had gone before."""

    bytes: list[int] = field(default_factory=lambda: [0, 0])
    commits: list[tuple[int, int, int]] = field(default_factory=list)  # to the server; to the client before it; after it
    connections: int = 0
    cut: bool = False


class Messages:
    """Divides what a server sends into messages: a type, a length that counts itself, a body."""

    def __init__(self):
        self.rest = b""

    def complete(self, data: bytes) -> list[bytes]:
        """The messages that end with this data."""
        self.rest += data
        messages, position = [], 0
        while len(self.rest) - position >= 5:
            length = 1 + struct.unpack_from("!I", self.rest, position + 1)[0]
            if len(self.rest) - position < length:
                break
            messages.append(self.rest[position : position + length])
            position += length
        self.rest = self.rest[position:]
        return messages


class Proxy:
    """Listens on a port of its own, until closed; `measured` tells what happened. `on_commit` is called when the server has
    committed and the client does not know it yet."""

    def __init__(self, server_socket: str, cut: Cut | None = None, on_commit: Callable[[], None] = lambda: None):
        self.server_socket, self.cut, self.on_commit = server_socket, cut, on_commit
        self.measured = Measured()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def connection(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "port": self.port, "sslmode": "disable", "gssencmode": "disable"}

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.server_socket)
            except OSError:
                client.close()
                continue
            self.measured.connections += 1
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        messages = Messages()
        with client, server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for source in ready:
                    try:
                        data = source.recv(65536)
                        if not data:
                            return
                        with self.lock:
                            if source is client:
                                goes_on = self.pass_on(TO_SERVER, data, client, server)
                            else:
                                goes_on = self.answer(messages.complete(data), client, server)
                    except OSError:
                        return
                    if not goes_on:
                        # Closed at once, the socket would take away from the server what it has not read yet.
                        with contextlib.suppress(OSError):
                            while server.recv(65536):
                                pass
                        return

    def answer(self, messages: list[bytes], client: socket.socket, server: socket.socket) -> bool:
        """Whole messages only go to the client, which cannot do anything with less; a cut may divide one nevertheless."""
        waiting = b""
        for message in messages:
            if message == COMMIT_ANSWER:
                before = self.measured.bytes[TO_CLIENT] + len(waiting)
                self.measured.commits.append((self.measured.bytes[TO_SERVER], before, before + len(message)))
                self.on_commit()
                if self.cut and not self.measured.cut and self.cut.commit == len(self.measured.commits):
                    client.sendall(waiting)
                    self.measured.bytes[TO_CLIENT] += len(waiting)
                    return self.sever(client, server)
            waiting += message
        return self.pass_on(TO_CLIENT, waiting, client, server)

    def pass_on(self, direction: int, data: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Forwards data, up to the cut where it comes here. Returns whether the connection goes on."""
        target = server if direction == TO_SERVER else client
        cut = self.cut
        if cut and not self.measured.cut and cut.commit is None and cut.direction == direction:
            left = cut.bytes - self.measured.bytes[direction]
            if len(data) >= left:
                target.sendall(data[:left])
                self.measured.bytes[direction] += left
                return self.sever(client, server)
        target.sendall(data)
        self.measured.bytes[direction] += len(data)
        return True

    def sever(self, client: socket.socket, server: socket.socket) -> bool:
        self.measured.cut = True
        if self.cut.lasting:
            self.stop_listening()
        if self.cut.resets:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        # The server gets every byte that was let through, and then an end; what it still says is lost.
        server.shutdown(socket.SHUT_WR)
        return False

    def stop_listening(self) -> None:
        # Only a shutdown wakes the thread that waits in accept().
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def close(self) -> None:
        self.stop_listening()
