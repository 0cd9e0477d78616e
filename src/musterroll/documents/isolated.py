"""Reading in a process of its own, with bounds on time and memory: what a broken or hostile file does there, the batch survives.

    with Reader() as reader:
        for read in reader.read(data, "report.pdf"): ...

Requests and answers go through pipes as a line of JSON and bytes behind it; nothing that the child sends is executed here. The child has no
network: its sockets are closed to it before it sees the first file.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from ..errors import MusterError, Unreadable
from ..records import Document
from . import Read
from .about import About
from .kinds import PLAIN, kind


@dataclass(frozen=True)
class Limits:
    """What one file may take: seconds of the processor, more for each megabyte, and bytes of memory."""

    seconds: float = 60.0
    seconds_per_megabyte: float = 30.0
    memory: int = 2 * 1024**3

    def time(self, size: int) -> float:
        """Seconds of the processor for a file of `size` bytes."""
        return self.seconds + self.seconds_per_megabyte * size / 1e6


WAIT = 5  # times the limit of processor seconds that a file may take by the clock, because the machine may be busy
PLAIN_AT_HOME = 200_000  # bytes of plain text below which a process of its own is not worth its start
MOST_STARTS = 20  # processes that one archive may end
LONGEST_ANSWER = 1024**3  # bytes


class Reader:
    """A process that reads files. It starts with the first file that is not plain text, and again where one has ended it."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._incoming: Incoming | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            for pipe in (self._child.stdin, self._child.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            self._child.kill()
            self._child.wait()
            self._child = None

    def read(self, data: bytes, name: str, about: About = About()) -> Iterator[Read]:
        """Every report in a file, as `documents.read_all` gives them; where the process ends over one, what came before and the reason."""
        from . import read_all

        if len(data) < PLAIN_AT_HOME and _is_plain(data, name):  # nothing but decoding is done to it
            yield from read_all(data, name, about)
            return
        skip, starts = 0, 0
        now: list[str] = [name]
        while True:
            try:
                for read in self._ask(data, name, about, skip, now):
                    skip += 1
                    yield read
                return
            except (BrokenPipeError, EOFError, OSError, ValueError):
                yield Read(now[-1], data if now[-1] == name else b"", fault=self._ended(now[-1], len(data)))
            skip, starts = skip + 1, starts + 1  # the reports behind the one that ended the process are read by another
            if now[-1] == name or starts >= MOST_STARTS:
                return

    def _ask(self, data: bytes, name: str, about: About, skip: int, now: list[str]) -> Iterator[Read]:
        child = self._start()
        assert child.stdin is not None and self._incoming is not None
        limit = self._limits.time(len(data))
        ended = False
        try:
            send(child.stdin, {"name": name, "about": asdict(about), "seconds": limit, "skip": skip}, data)
            deadline = time.monotonic() + WAIT * limit
            while True:
                head, body = self._incoming.receive(deadline)
                if head.get("done"):
                    ended = True
                    return
                if head.get("begins"):
                    now.append(head["begins"])
                    continue
                inner = data if head["same"] else body
                if fault := head.get("fault"):
                    yield Read(head["name"], inner, fault=Unreadable(*fault))
                else:
                    yield Read(head["name"], inner, Document.of(head["document"]))
        except GeneratorExit:
            if not ended:  # what is still on its way would be taken for the next file's answer
                self.close()
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            command = [sys.executable, "-I", "-m", f"{__package__}.worker", str(self._limits.memory)]
            environ = {k: v for k, v in os.environ.items() if not k.startswith(("MUSTER_", "PYTHON"))} | {"OMP_NUM_THREADS": "1"}
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ)
            assert self._child.stdout is not None
            self._incoming = Incoming(self._child.stdout)
        return self._child

    def _ended(self, name: str, size: int) -> MusterError:
        """Why the process ended, from how it did."""
        child = self._child
        code = None
        if child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(0.5)
        self.close()
        limit = self._limits.time(size)
        if code is None or code == -24:  # still at work, or stopped by the system at its limit (SIGXCPU)
            return Unreadable(name, f"took more than {limit:.0f} seconds to read", "Print it to a new PDF, or save its text")
        if code == 77:
            return Unreadable(name, f"needs more than {self._limits.memory // 1024**2} MB of memory to read", "Split it into parts, or save its text")
        return Unreadable(name, "made its reader fail", "It is damaged; open it and save it anew, or save its text")


def _is_plain(data: bytes, name: str) -> bool:
    try:
        return kind(data, name) in PLAIN
    except MusterError:
        return True  # the reader says why, with no library between


def send(pipe: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """A line of JSON with the length of the bytes behind it."""
    pipe.write(json.dumps({**head, "size": len(body)}, ensure_ascii=True).encode() + b"\n" + body)
    pipe.flush()


class Incoming:
    """Messages from a pipe, with a deadline."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._buffer = bytearray()

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """What `send` sent. Raises EOFError where the other side has ended, or the deadline has passed."""
        scanned = 0
        while (end := self._buffer.find(b"\n", scanned)) < 0:
            scanned = len(self._buffer)
            self._more(deadline)
        head = json.loads(bytes(self._buffer[:end]))
        size = int(head["size"])
        while len(self._buffer) < end + 1 + size:
            self._more(deadline)
        body = bytes(self._buffer[end + 1 : end + 1 + size])
        del self._buffer[: end + 1 + size]
        return head, body

    def _more(self, deadline: float) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._pipe, selectors.EVENT_READ)
            if not ready.select(max(0.0, deadline - time.monotonic())):
                raise EOFError
        got = os.read(self._pipe.fileno(), 1 << 20)
        if not got or len(self._buffer) > LONGEST_ANSWER:
            raise EOFError
        self._buffer.extend(got)
