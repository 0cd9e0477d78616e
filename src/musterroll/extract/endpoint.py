"""Ask a language model behind an OpenAI-compatible endpoint, within a budget. Needs the extra `[llm]`.

Answers that were accepted are kept in a folder under the digest of what was asked, so that a run that was stopped goes on where it ended and a
second one costs nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import BudgetSpent, ServiceError, UsageError
from ..records import content_hash

LONGEST = 4000  # tokens of an answer
LEAST = 200  # tokens of an answer that are worth asking for
TRIES = 3  # askings until an answer is accepted
LETTERS_PER_TOKEN = 3  # of English text at least: an estimate that is never too low
Accepted = TypeVar("Accepted")


class Truncated(Exception):
    """The answer was longer than it may be: ask for less at a time."""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, whom, and how much. `budget` is in tokens, asked and answered; `answers` is the folder of kept answers."""

    url: str
    model: str
    key: str = field(default="none", repr=False)
    budget: int | None = None
    per_minute: int | None = None
    answers: Path | None = None
    timeout: float = 120.0
    retries: int = 4

    @property
    def local(self) -> bool:
        """Does what is asked stay on this machine?"""
        return urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")


class Asker:
    """Asks an endpoint and keeps count of what was spent."""

    def __init__(self, endpoint: Endpoint) -> None:
        try:
            import openai
        except ImportError:
            raise UsageError("--extractor", "needs the client of language models", "Install the extra: pip install 'musterroll[llm]'") from None
        if urlsplit(endpoint.url).scheme not in ("http", "https"):
            raise UsageError(endpoint.url, "is no address of an endpoint", "Give one such as http://localhost:8080/v1")
        self.endpoint, self._openai = endpoint, openai
        self._client = openai.OpenAI(base_url=endpoint.url, api_key=endpoint.key, max_retries=endpoint.retries, timeout=endpoint.timeout)
        self.spent = self.requests = self.kept = 0
        self._last = -1e9

    def ask(self, system: str, text: str, schema: dict[str, Any], accept: Callable[[str], Accepted]) -> Accepted:
        """What `accept` makes of the answer; it raises ValueError where the answer will not do, and the model is asked again.

        Raises Truncated where the answer was cut off, BudgetSpent, and ServiceError where the endpoint does not answer as it should.
        """
        kept = self._file(system, text, schema)
        if kept is not None and kept.is_file():
            self.kept += 1
            return accept(json.loads(kept.read_text(encoding="utf-8"))["answer"])
        fault = ""
        for _ in range(TRIES):
            answer = self._once(system, text, schema)
            try:
                accepted = accept(answer)
            except ValueError as e:
                fault = str(e)
                continue
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                part = kept.with_suffix(".part")
                part.write_text(json.dumps({"model": self.endpoint.model, "answer": answer}, ensure_ascii=False), encoding="utf-8")
                part.replace(kept)
            return accepted
        raise ServiceError(self.endpoint.model, f"gave {TRIES} answers that cannot be used ({fault})", "Run again, or take another model")

    def _file(self, system: str, text: str, schema: dict[str, Any]) -> Path | None:
        if self.endpoint.answers is None:
            return None
        return self.endpoint.answers / f"{content_hash(self.endpoint.model, system, json.dumps(schema, sort_keys=True), text)[:40]}.json"

    def _once(self, system: str, text: str, schema: dict[str, Any]) -> str:
        """One answer's text."""
        e, room = self.endpoint, LONGEST
        if e.budget is not None:
            room = min(room, e.budget - self.spent - (len(system) + len(text)) // LETTERS_PER_TOKEN)
            if room < LEAST:
                raise BudgetSpent(
                    e.model, f"the budget of {e.budget} tokens is spent", "Run again with a greater --budget: what was answered is kept"
                )
        if e.per_minute:
            time.sleep(max(0.0, self._last + 60.0 / e.per_minute - time.monotonic()))
            self._last = time.monotonic()
        self.requests += 1
        try:
            reply = self._client.chat.completions.create(
                model=e.model,
                temperature=0,
                max_tokens=room,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": text}],
                response_format={"type": "json_schema", "json_schema": {"name": "claims", "schema": schema, "strict": True}},
            )
        except self._openai.OpenAIError as fault:
            raise _service_error(e, fault) from None
        if not reply.choices:
            raise ServiceError(e.url, "answered without an answer", "See whether this endpoint speaks the chat completions protocol")
        self.spent += reply.usage.total_tokens if reply.usage else (len(system) + len(text)) // LETTERS_PER_TOKEN + room
        if reply.choices[0].finish_reason == "length":
            raise Truncated
        return reply.choices[0].message.content or ""


def _service_error(e: Endpoint, fault: Exception) -> ServiceError:
    """The client's error as one with a remedy."""
    status = getattr(fault, "status_code", None)
    if status in (401, 403):
        return ServiceError(e.url, "does not accept the key", "Set MUSTER_LLM_KEY")
    if status == 404:
        return ServiceError(e.url, f"knows no model {e.model}", "Name one it has with --model, and see that the address ends as its manual says")
    if status == 429:
        return ServiceError(e.url, "is asked too often", "Run again later, or with a smaller --per-minute: what was answered is kept")
    if status is not None:
        return ServiceError(e.url, f"answered with status {status}", "Run again later: what was answered is kept")
    return ServiceError(e.url, "does not answer", "See that it runs and can be reached")
