"""Documents, claims, readings and judgements, kept for good: SQLite by default, another database by URL."""

from .store import Filter, Ledger, StoredDocument

__all__ = ["Filter", "Ledger", "StoredDocument"]
