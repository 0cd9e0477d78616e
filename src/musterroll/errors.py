"""The errors a user can meet, as one tree.

    MusterError                  anything this package raises on purpose; carries a remedy and an exit code
    ├── InputError               a file or text that cannot be read (exit code 1)
    │   ├── NotFound             no such file, folder, document, claim or place
    │   └── Unreadable           it is there, but empty, binary, too large, forbidden or in an unknown encoding
    ├── ServiceError             a service that was asked does not answer as it should (exit code 1)
    │   └── BudgetSpent          what it may cost is spent
    ├── UsageError               the request itself is wrong: unknown measure, bad date, bad filter (exit code 2)
    ├── SpanError                a claim's span does not hold its number: a fault of the caller, never of the user's data
    ├── CodebookError            a codebook file that does not say what it must
    └── LedgerError              the ledger cannot be opened or written (exit code 2)
        ├── LedgerLocked         another process holds it
        ├── LedgerCorrupt        the file is no ledger or is damaged
        ├── LedgerNewer          written by a newer version of this package
        └── DiskFull             no space left where the ledger lives

Every message names the thing (`what`), says what is wrong (`why`) and what to do (`remedy`).
"""

from __future__ import annotations


class MusterError(Exception):
    """Base of all errors raised on purpose. `exit_code` is what a command ends with."""

    exit_code = 1

    def __init__(self, what: object, why: str, remedy: str = "") -> None:
        self.what, self.why, self.remedy = str(what), why, remedy
        super().__init__(self.line())

    def line(self) -> str:
        """One line for a terminal: what, why, and the remedy where there is one."""
        text = f"{self.what}: {self.why}" if self.what else self.why
        return f"{text}. {self.remedy}" if self.remedy else text


class InputError(MusterError):
    """A file or text that cannot be read."""


class NotFound(InputError):
    """What was asked for does not exist."""


class Unreadable(InputError):
    """It exists and cannot be used."""


class ServiceError(MusterError):
    """A service on the network does not answer as it should. `final`: it will not do so for the next file either."""

    def __init__(self, what: object, why: str, remedy: str = "", *, final: bool = False) -> None:
        super().__init__(what, why, remedy)
        self.final = final


class BudgetSpent(ServiceError):
    """What a service may cost is spent."""

    def __init__(self, what: object, why: str, remedy: str = "") -> None:
        super().__init__(what, why, remedy, final=True)


class UsageError(MusterError):
    """The request itself is wrong."""

    exit_code = 2


class SpanError(MusterError, ValueError):
    """A span that does not hold the words it claims to hold."""


class CodebookError(MusterError):
    """A codebook file that cannot be loaded."""

    exit_code = 2


class LedgerError(MusterError):
    """The ledger cannot be opened, read or written."""

    exit_code = 2


class LedgerLocked(LedgerError):
    """Another process holds the ledger."""


class LedgerCorrupt(LedgerError):
    """The file is not a ledger, or is damaged."""


class LedgerNewer(LedgerError):
    """The ledger was written by a newer version of this package."""


class DiskFull(LedgerError):
    """There is no space left where the ledger lives."""
