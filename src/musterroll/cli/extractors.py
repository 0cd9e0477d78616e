"""The options that choose who finds the claims: the rules, a language model, or both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..extract import RULES, Extractor

ExtractorOption = Annotated[str, typer.Option("--extractor", help="rules, llm, or merge: the rules' claims with notes where a model differs.")]
EndpointOption = Annotated[str | None, typer.Option("--endpoint", metavar="URL", help="For a model: an OpenAI-compatible address; $MUSTER_LLM_URL.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="For a model: its name; $MUSTER_LLM_MODEL. The key is taken from $MUSTER_LLM_KEY.")]
BudgetOption = Annotated[int | None, typer.Option("--budget", metavar="TOKENS", min=1, help="For a model: most tokens to spend, asked and answered.")]
PaceOption = Annotated[int | None, typer.Option("--per-minute", metavar="N", min=1, help="For a model: most requests a minute.")]


def chosen(kind: str, endpoint: str | None, model: str | None, budget: int | None, per_minute: int | None, *, keep: bool = True) -> Extractor:
    """The extractor that the options ask for; `keep` its answers for a later run. Raises UsageError where the options do not say enough."""
    if kind == "rules":
        if any(x is not None for x in (endpoint, model, budget, per_minute)):
            raise UsageError(
                "--endpoint, --model, --budget, --per-minute", "say how to ask a model", "Add --extractor llm or merge, or leave them out"
            )
        return RULES
    if kind not in ("llm", "merge"):
        raise UsageError(f"--extractor {kind}", "is none of rules, llm, merge")
    url, name = endpoint or os.environ.get("MUSTER_LLM_URL"), model or os.environ.get("MUSTER_LLM_MODEL")
    if not url or not name:
        raise UsageError(
            f"--extractor {kind}", "needs an endpoint and a model", "Give --endpoint and --model, or set MUSTER_LLM_URL and MUSTER_LLM_MODEL"
        )
    from ..extract.endpoint import Asker, Endpoint
    from ..extract.llm import ModelExtractor

    asker = Asker(Endpoint(url, name, os.environ.get("MUSTER_LLM_KEY") or "none", budget, per_minute, answers_folder() if keep else None))
    return ModelExtractor(asker, beside=kind == "merge")


def answers_folder() -> Path:
    """Where accepted answers are kept: $MUSTER_LLM_ANSWERS, else the user's cache."""
    given = os.environ.get("MUSTER_LLM_ANSWERS")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "musterroll" / "answers"


def told(extractor: Extractor) -> str:
    """What a model cost and what was refused of its answers, in a line; empty for the rules."""
    if extractor is RULES:
        return ""
    from ..extract.llm import ModelExtractor

    assert isinstance(extractor, ModelExtractor)
    asker, refused = extractor.asker, extractor.refused
    line = f"{asker.endpoint.model}: {asker.requests} requests, {asker.spent} tokens, {asker.kept} answers kept from before"
    line += f"; {asker.not_kept} answers could not be kept in {answers_folder()}" if asker.not_kept else ""
    return line + (f"; refused: {', '.join(f'{n} {why}' for why, n in refused.most_common())}" if refused else "")
