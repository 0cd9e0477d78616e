"""Ask a language model behind an OpenAI-compatible endpoint, within a budget. Needs the extra `[llm]`.

Answers that were accepted are kept in a folder under the digest of what was asked, so that a run that was stopped goes on where it ended and a
second one costs nothing. Every attempt is paced and counted here; the client itself neither retries nor follows redirects.
"""

from __future__ import annotations

import json
import tempfile
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
BYTES_PER_TOKEN = 3  # at least, in any script: an estimate that is not too low
LONGEST_WAIT = 60.0  # seconds between two attempts
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
        """Is the address on this machine? (What stands behind it cannot be seen from here.)"""
        return urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")


class Asker:
    """Asks an endpoint and keeps count of what was spent."""

    def __init__(self, endpoint: Endpoint) -> None:
        try:
            import openai
        except ImportError:
            raise UsageError("--extractor", "needs the client of language models", "Install the extra: pip install 'musterroll[llm]'") from None
        _check(endpoint)
        self.endpoint, self._openai = endpoint, openai
        http = openai.DefaultHttpxClient(follow_redirects=False, trust_env=not endpoint.local)  # a proxy or redirect would carry the text elsewhere
        self._client = openai.OpenAI(base_url=endpoint.url, api_key=endpoint.key, max_retries=0, timeout=endpoint.timeout, http_client=http)
        self.spent = self.requests = self.kept = self.not_kept = 0
        self._last = -1e9

    def ask(self, system: str, text: str, schema: dict[str, Any], accept: Callable[[str], Accepted]) -> Accepted:
        """What `accept` makes of the answer; it raises ValueError where the answer will not do, and the model is asked again.

        Raises Truncated where the answer was cut off, BudgetSpent, and ServiceError where the endpoint does not answer as it should.
        """
        file = self._file(system, text, schema)
        kept = _kept(file)
        fault = ""
        for asked in range(TRIES + (kept is not None)):
            new = asked > 0 or kept is None  # a kept answer that will not do any more is asked for again, and replaced
            try:
                answer = self._once(system, text, schema) if new else str(kept)
                accepted = accept(answer)
            except Truncated:
                self._keep(file, {"truncated": True})
                raise
            except ValueError as e:
                fault = str(e)
                continue
            if new:
                self._keep(file, {"model": self.endpoint.model, "answer": answer})
            else:
                self.kept += 1
            return accepted
        raise ServiceError(self.endpoint.model, f"gave {TRIES} answers that cannot be used ({fault})", "Run again, or take another model")

    def _file(self, system: str, text: str, schema: dict[str, Any]) -> Path | None:
        if self.endpoint.answers is None:
            return None
        return self.endpoint.answers / f"{content_hash(self.endpoint.model, system, json.dumps(schema, sort_keys=True), text)[:40]}.json"

    def _keep(self, file: Path | None, content: dict[str, Any]) -> None:
        """Write an answer whole, for its owner's eyes; where that fails the answer still serves this run, and is counted as not kept."""
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".part", delete=False, encoding="utf-8") as part:
                part.write(json.dumps(content, ensure_ascii=False))
            Path(part.name).replace(file)
        except OSError:
            self.not_kept += 1

    def _once(self, system: str, text: str, schema: dict[str, Any]) -> str:
        """One answer's text, after as many attempts as are allowed."""
        e, room = self.endpoint, LONGEST
        asked = len(f"{system}{text}{json.dumps(schema)}".encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN
        if e.budget is not None:
            room = min(room, e.budget - self.spent - asked)
            if room < LEAST:
                raise _spent(e)
        reply = self._attempt(system, text, schema, room)
        try:
            choice = reply.choices[0]
            cut, content = choice.finish_reason == "length", choice.message.content or ""
            used = getattr(reply.usage, "total_tokens", None)
        except (AttributeError, IndexError, TypeError, KeyError):
            raise _no_completion(e) from None
        if not isinstance(content, str):
            raise _no_completion(e)
        self.spent += used if isinstance(used, int) and used > 0 else asked + room
        if cut:
            if room < LONGEST:
                raise _spent(e)  # it was the budget that cut it off
            raise Truncated
        return content

    def _attempt(self, system: str, text: str, schema: dict[str, Any], room: int) -> Any:
        """The endpoint's reply; a busy or failing endpoint is asked again after the time it names, else after ever longer ones."""
        e, openai = self.endpoint, self._openai
        for attempt in range(e.retries + 1):
            if e.per_minute:
                time.sleep(max(0.0, self._last + 60.0 / e.per_minute - time.monotonic()))
                self._last = time.monotonic()
            self.requests += 1
            try:
                return self._client.chat.completions.create(
                    model=e.model,
                    temperature=0,
                    max_tokens=room,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": text}],
                    response_format={"type": "json_schema", "json_schema": {"name": "claims", "schema": schema, "strict": True}},
                )
            except openai.OpenAIError as fault:
                status = getattr(fault, "status_code", None)
                passing = isinstance(fault, openai.APIConnectionError) or status in (408, 409, 429) or (status or 0) >= 500
                if not passing or attempt == e.retries:
                    raise _service_error(e, fault) from None
                time.sleep(_wait(fault, attempt))
            except (ValueError, RecursionError):  # a page that is no JSON, bytes that are no text
                raise _no_completion(e) from None
        raise AssertionError("unreachable")


def _check(e: Endpoint) -> None:
    """Raises UsageError for an address or key that no request can be made with."""
    try:
        parts = urlsplit(e.url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise UsageError(e.url, "is no address of an endpoint", "Give one such as http://localhost:8080/v1")
    if not e.key.isascii() or not e.key.isprintable():
        raise UsageError("MUSTER_LLM_KEY", "holds letters that no key has", "Set it again")


def _kept(file: Path | None) -> str | None:
    """A kept answer; None where there is none that can be read. Raises Truncated where it is kept that the answer is too long."""
    if file is None:
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    if content.get("truncated") is True:
        raise Truncated
    answer = content.get("answer")
    return answer if isinstance(answer, str) else None


def _wait(fault: Exception, attempt: int) -> float:
    """Seconds until the next attempt."""
    headers = getattr(getattr(fault, "response", None), "headers", {})
    try:
        return min(max(float(headers.get("retry-after", "")), 0.0), LONGEST_WAIT)
    except ValueError:
        return min(0.5 * 2.0**attempt, LONGEST_WAIT)


def _spent(e: Endpoint) -> BudgetSpent:
    return BudgetSpent(e.model, f"the budget of {e.budget} tokens is spent", "Run again with a greater --budget: what was answered is kept")


def _no_completion(e: Endpoint) -> ServiceError:
    return ServiceError(e.url, "answered with something that is no chat completion", "See that the address ends as its manual says", final=True)


def _service_error(e: Endpoint, fault: Exception) -> ServiceError:
    """The client's error as one with a remedy."""
    status = getattr(fault, "status_code", None)
    if status in (401, 403):
        return ServiceError(e.url, "does not accept the key", "Set MUSTER_LLM_KEY", final=True)
    if status == 404:
        remedy = "Name one it has with --model, and see that the address ends as its manual says"
        return ServiceError(e.url, f"knows no model {e.model}", remedy, final=True)
    if status == 429:
        return ServiceError(e.url, "is asked too often", "Run again later, or with a smaller --per-minute: what was answered is kept")
    if status is not None and 300 <= status < 400:
        return ServiceError(e.url, "sends its questions elsewhere, which is not followed", "Give the address itself", final=True)
    if status is not None:
        return ServiceError(e.url, f"answered with status {status}", "Run again later: what was answered is kept")
    return ServiceError(e.url, "does not answer", "See that it runs and can be reached", final=True)
