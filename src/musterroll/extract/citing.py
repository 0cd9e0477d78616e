"""Candidates for who says it: the source phrases of the sentence and before it, none."""

from __future__ import annotations

from .analysis import Analysis
from .candidates import Candidate, Context, bucket, distance, merge, number_between
from .columns import column
from .quantities import Quantity
from .sources import SourcePhrase

BACK = 4  # sentences of the paragraph looked back


def sources(a: Analysis, q: Quantity, measure: str, ctx: Context) -> list[Candidate]:
    """Candidates for the source.

    The phrases of the sentence, of up to four sentences before in the paragraph, of the heading; the last one before all these; the
    document's first and commonest; those of the claims before; none.
    """
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    out: list[Candidate] = []
    here = [p for p in a.sources_in(i0, j0) if not (q.i <= p.i < q.j)]
    carry = next((h.value for h in a.hits_in(i0, min(j0, i0 + 3)) if h.kind == "source_carry"), None)
    nearest = min(here, key=lambda p: distance(q, p.cue, p.cue)[1], default=None)
    block = a.document.blocks[a.paragraph[s]].kind if a.document.blocks else "paragraph"
    for p in here:
        side, d = distance(q, p.i, p.j)
        same = "c" if a.clause[p.cue] == a.clause[q.i] else "s"
        f = [
            "here",
            f"pat:{p.pattern}:{same}",
            f"pat:{p.pattern}:{side}",
            f"d:{side}:{bucket(d)}:{same}",
            f"lemma:{p.lemma}",
            f"n:{min(len(here), 3)}",
        ]
        if p is nearest:
            f += ["nearest", f"nearest:{p.pattern}"]
        f += _phrase_features(a, p)
        if number_between(a, q, p.i):
            f.append(f"between:{side}:{p.pattern}")
        out.append(Candidate(p.text, "clause" if same == "c" else "sentence", p.i, p.j, f))
    named = "here" if here else "nohere"
    first = s
    for k, back in a.earlier(s, BACK):
        first = k
        found = a.sources_in(*a.bounds[k])
        for p in found:
            f = [
                f"back:{back}",
                f"back:{min(back, 2)}:{p.pattern}",
                f"back:{named}",
                f"back:carry:{carry is not None}",
                f"back:{back}:n{min(len(found), 2)}",
            ]
            if carry:
                f.append(f"carry:{carry}")
            if q.head < 0 or q.partitive:
                f.append("back:elided")
            f += [f"b{x}" for x in _phrase_features(a, p)]
            out.append(Candidate(p.text, "previous_sentence", p.i, p.j, f))
    if (hd := a.heading[s]) >= 0:
        for p in a.sources_in(*a.bounds[hd]):
            out.append(Candidate(p.text, "heading", p.i, p.j, ["heading", f"heading:{named}"]))
    if above := column(a, q):
        for p in a.sources_in(*above):
            out.append(Candidate(p.text, "heading", p.i, p.j, ["column", f"column:{named}"]))
    if (place := a.places_in_tables.get(q.i)) and place.source and (words := a.words(*place.source).strip()):
        out.append(Candidate(words, "clause", *place.source, ["cell"]))
    if place and place.caption:
        out += [Candidate(p.text, "heading", p.i, p.j, ["caption", f"caption:{named}"]) for p in a.sources_in(*place.caption)]
    if ctx.source and ctx.sentence >= 0:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "para" if a.paragraph[ctx.sentence] == a.paragraph[s] else "far"
        f = [
            f"prev:{near}",
            f"prev:{near}:{named}",
            f"prev:{near}:{'elided' if q.head < 0 else 'headed'}",
            f"prev:{near}:carry:{carry}",
        ]
        if ctx.measure == measure:
            f.append(f"prev:{near}:samem")
        out.append(Candidate(ctx.source, "previous_claim", features=f))
    if ctx.older_source:
        f = ["older", f"older:{named}", f"older:prev:{ctx.source is not None}"]
        out.append(Candidate(ctx.older_source, "previous_claim", features=f))
    habit = a.habits[0]
    for tag, far in elsewhere(a, first):
        if far is None:
            continue
        f = [tag, f"{tag}:{named}", f"{tag}:{far.pattern}", f"{tag}:{habit}"]
        if tag == "head" and far.i:
            f.append(f"head:behind:{a.tokens.low[far.i - 1]}")
        if a.salient_source.distinct == 1:
            f.append(f"{tag}:only")
        out.append(Candidate(far.text, "document", far.i, far.j, f))
    none = Candidate(
        None,
        "none",
        features=[
            "none",
            f"none:here:{min(len(here), 2)}",
            f"none:carry:{carry is not None}",
            f"none:m:{measure}",
            f"none:block:{block}",
            f"none:habit:{habit}",
            f"none:habit:{habit}:{named}",
        ],
    )
    if here:
        none.features += [f"none:pat:{p.pattern}" for p in here]
    if ctx.sentence >= 0 and ctx.source is None:
        none.features.append(f"none:prev:{'same' if ctx.sentence == s else 'next' if ctx.sentence == s - 1 else 'far'}")
    out.append(none)
    return merge(out)


def elsewhere(a: Analysis, s: int) -> tuple[tuple[str, SourcePhrase | None], ...]:
    """Source phrases that may carry on from far before sentence `s`: the last one, the document's first and commonest, and the names of its head."""
    salient = a.salient_source
    head = [("head", p) for p in a.head_sources]
    return ("xp", a.source_before(a.bounds[s][0])), ("first", salient.first), ("often", salient.often), *head


def _phrase_features(a: Analysis, p: SourcePhrase) -> list[str]:
    hits = a.hits_in(p.i, p.j)
    kinds = {h.kind for h in hits}
    head = next((h.value for h in reversed(hits) if h.kind == "source_head"), "")
    f = [f"head:{head}", f"known:{'source_known' in kinds}", f"anon:{'source_anonymous' in kinds}"]
    if "group" in kinds:
        f.append("hasgroup")
    if not head and "source_known" not in kinds:
        f.append("nohead:person" if p.j - p.i <= 3 else "nohead")
    return f
