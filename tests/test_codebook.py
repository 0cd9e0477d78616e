"""Every country resolves by name, demonym and plural; what several places share never resolves silently."""

from __future__ import annotations

import pytest
from babel import Locale

from musterroll.codebook import load
from musterroll.codebook.matcher import tokenise, verb_forms
from musterroll.documents import from_text
from musterroll.errors import CodebookError
from musterroll.extract import extract

BOOK = load()
TERRITORIES = Locale("en").territories
NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}  # reserved codes and test codes of CLDR
ISO = sorted(code for code in TERRITORIES if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY)
SPELLED_OTHERWISE = {"HK": "Hong Kong", "MO": "Macao", "CD": "Democratic Republic of the Congo", "CG": "Republic of the Congo"}


def test_the_codebook_holds_every_country_and_no_other() -> None:
    assert sorted(BOOK.places) == ISO
    assert len(ISO) >= 250


@pytest.mark.parametrize("code", ISO)
def test_a_country_resolves_by_name_demonym_and_plural(code: str) -> None:
    """The name is a second witness's (Unicode CLDR), not the codebook's own."""
    name = SPELLED_OTHERWISE.get(code) or TERRITORIES[code].replace("&", "and").replace("St.", "Saint")
    found = BOOK.resolve(name)
    assert found.codes == (code,) or (found.ambiguous and code in found.codes)
    place = BOOK.places[code]
    ambiguous = {c for r in BOOK.ambiguous.values() for c in r.codes}
    assert len(place.forms) >= 2 or code in ambiguous, "a country needs a name, and a demonym whose plural may look like it"
    for form in place.forms:
        resolution = BOOK.resolve(form)
        assert resolution.codes == (code,) or (resolution.ambiguous and code in resolution.codes), form


@pytest.mark.parametrize(
    ("form", "among"),
    [
        ("Georgian", {"GE", "US"}),
        ("Georgians", {"GE", "US"}),
        ("Congolese", {"CD", "CG"}),
        ("Guinea", {"GN", "GW", "GQ", "PG"}),
        ("Dominican", {"DM", "DO"}),
        ("Niger", {"NE", "NG"}),
        ("Ireland", {"IE", "GB"}),
    ],
)
def test_shared_forms_never_resolve_silently(form: str, among: set[str]) -> None:
    found = BOOK.resolve(form)
    assert found.ambiguous
    assert set(found.codes) == among
    assert found.note


def test_an_ambiguous_origin_is_noted_on_the_claim() -> None:
    (claim,) = extract(from_text("Some 40 Georgians were killed."))
    assert claim.origin in ((), ("GE",))
    assert claim.origin == () or any("could mean" in n for n in claim.notes)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nigerian", "NG"),
        ("Nigerien", "NE"),
        ("Danes", "DK"),
        ("Kosovar", "XK"),
        ("Uzbeks", "UZ"),
        ("Western Europe", "western_europe"),
        ("Chechens", "RU:chechen"),
    ],
)
def test_resolves(name: str, code: str) -> None:
    assert BOOK.resolve(name).codes == (code,)


@pytest.mark.parametrize("text", ["Jordan Peters said that 40 Norwegians had left for Iraq.", "Mr Chad said that 40 Norwegians had left for Iraq."])
def test_a_given_name_is_no_place(text: str) -> None:
    (claim,) = extract(from_text(text))
    assert claim.origin == ("NO",)


def test_every_entry_is_described_and_every_member_known() -> None:
    for m in BOOK.measures.values():
        assert len(m.description) > 10, m
        assert m.unit in BOOK.units, m
    for r in BOOK.regions.values():
        assert r.description
        assert set(r.members) <= set(BOOK.places), r.code
    for g in BOOK.groups.values():
        assert g.side in BOOK.sides
        assert g.description
    balance = BOOK.balance
    assert {balance.total, balance.present, *balance.inflows, *balance.exits, *balance.leaks} <= set(BOOK.measures)


def test_group_aliases() -> None:
    for alias, code in {"the so-called Islamic State": 0, "ISIL": 0, "Daesh": 0, "Jabhat Fatah al-Sham": 1, "al-Nusra": 1}.items():
        hits = [h for h in BOOK.matcher.find(tokenise(f"with {alias} in the east")) if h.kind == "group"]
        assert [h.value for h in hits] == [list(BOOK.groups)[code]], alias


@pytest.mark.parametrize(
    ("lemma", "irregular", "forms"),
    [
        ("travel", ("travelled", "traveled"), {"travel", "travels", "travelled", "traveled", "traveling"}),
        ("leave", ("left",), {"leave", "leaves", "left", "leaving"}),
        ("stop", (), {"stop", "stops", "stopped", "stopping"}),
        ("carry", (), {"carry", "carries", "carried", "carrying"}),
        ("round up", ("rounded up", "rounding up"), {"round up", "rounds up", "rounded up", "rounding up"}),
    ],
)
def test_verb_forms(lemma: str, irregular: tuple[str, ...], forms: set[str]) -> None:
    assert verb_forms(lemma, irregular) == forms


def test_a_bad_codebook_is_named(tmp_path) -> None:
    for content, why in [
        ("- a list", "not a mapping"),
        ("measures: {x: {}}", "no description"),
        ("a: [", "not valid YAML"),
        ("measures: {}\na: {b: 1, b: 2}", "the key b stands twice"),
        ("who: {all: x}", "no `measures`"),
    ]:
        bad = tmp_path / f"{abs(hash(content))}.yaml"
        bad.write_text(content)
        with pytest.raises(CodebookError, match=why):
            load(bad)
