"""The child of `isolated`: reads the files it is given, one after the other, under limits that it sets upon itself first."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
from typing import Any

from ..errors import MusterError
from .about import About

MEMORY_SPENT = 77  # exit code
MOST_WRITTEN = 256 * 1024 * 1024  # bytes of a temporary file; the identifier of languages unpacks its tables into one


def main() -> None:
    """Serve until the parent closes the pipe."""
    memory = int(sys.argv[1])
    _bound("RLIMIT_AS", memory)
    _bound("RLIMIT_CORE", 0)
    _bound("RLIMIT_FSIZE", MOST_WRITTEN)
    _no_network()
    from . import read_all
    from .isolated import send

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    source = sys.stdin.buffer
    while line := source.readline():
        import json

        head = json.loads(line)
        data = source.read(head["size"])
        about = About(**{**head["about"], "authors": tuple(head["about"]["authors"])})
        _bound_time(head["seconds"])
        try:
            for read in read_all(data, head["name"], about, skip=head["skip"], announce=lambda name: send(out, {"begins": name})):
                same = read.data == data
                answer: dict[str, Any] = {"name": read.name, "same": same}
                if read.fault is not None:
                    answer["fault"] = (read.fault.what, read.fault.why, read.fault.remedy)
                elif read.document is not None:
                    answer["document"] = read.document.plain()
                send(out, answer, b"" if same else read.data)
            send(out, {"done": True})
        except MemoryError:
            os._exit(MEMORY_SPENT)
        except MusterError as e:
            send(out, {"name": head["name"], "same": True, "fault": (e.what, e.why, e.remedy)})
            send(out, {"done": True})
        except Exception as e:  # whatever a library stumbled over, the next file is another one
            why = f"could not be read ({type(e).__name__}: {str(e)[:120]})"
            send(out, {"name": head["name"], "same": True, "fault": (head["name"], why, "It is damaged; open it and save it anew")})
            send(out, {"done": True})
        gc.collect()


def _bound(name: str, value: int) -> None:
    """Set a limit where the system has it."""
    try:
        import resource
    except ImportError:  # a system without limits of this kind; the parent's clock still stands
        return
    with contextlib.suppress(ValueError, OSError, AttributeError):
        resource.setrlimit(getattr(resource, name), (value, value))


def _bound_time(seconds: float) -> None:
    """Let this process use `seconds` of the processor from now on."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def _no_network() -> None:
    """Sockets that refuse to be made: no reader has a reason to."""

    class Refused(socket.socket):
        def __init__(self, *_: object, **__: object) -> None:
            raise OSError("readers have no network")

    socket.socket = Refused  # type: ignore[misc]


if __name__ == "__main__":
    main()
