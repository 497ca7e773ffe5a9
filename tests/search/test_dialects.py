"""What each dialect means, construct by construct, as the specification lists them."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.model.records import Entry
from alerts.search import compile_text, searchable


def finds(search: str, title: str, dialect: str | None = "ovid", **fields: Any) -> bool:
    compiled = compile_text(search, dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    assert compiled.strategy is not None, compiled.problems
    return compiled.strategy.matches(searchable(Entry(key="1", title=title, **fields)))


@pytest.mark.parametrize(
    ("search", "title", "found"),
    [
        ("cat", "Medical education", False),
        ("cat", "Cat bites in children", True),
        ("e-cigarette*", "E cigarettes in schools", True),
        ("e-cigarette*", "e\u2011cigarettes in schools", True),
        ("alzheimer's", "Alzheimer\u2019s disease", True),
        ("co2", "CO<sub>2</sub> in wards", True),
        ("alpha beta", "<p>alpha</p><p>beta</p>", True),
        ("alphabeta", "<p>alpha</p><p>beta</p>", False),
        ("oedeme", "\u0153d\u00e8me", False),
        ("tobacco", "tobac\u00adco", True),
        ("naive", "na\u00efve", True),
        ("smok*", "smokers", True),
        ("smok$", "smokers", True),
        ("smok:", "smokers", True),
        ("smok*2", "smoker", True),
        ("smok*2", "smokers", False),
        ("smok$3", "smokers", True),
        ("wom#n", "women", True),
        ("wom#n", "womn", False),
        ("colo?r", "color", True),
        ("colo?r", "colour", True),
        ("randomi?", "random", False),
        ("randomi?", "randomis", True),
        ("heart attack", "attack of the heart", False),
        ("heart adj attack", "heart attack", True),
        ("heart adj attack", "attack heart", False),
        ("heart adj1 attack", "attack heart", True),
        ("heart adj2 attack", "attack on heart", True),
        ("heart adj2 attack", "attack on the heart", False),
        ("(heart adj2 heart)", "one heart only", False),
        ("(heart adj2 heart)", "heart to heart", True),
        ("((smok* or tobacco) adj3 (quit* or cessation))", "cessation of all tobacco", True),
        ("((care adj2 home) adj3 team*)", "home for care and their team", True),
        ("care adj2 home adj3 team", "care at home by one team", True),
        ('"care of the elderly"', "care of the elderly", True),
        ("smoking.ti.", "Smoking", True),
        ("smoking.ab.", "Smoking", False),
        ("(smoking or vaping).ti,ab.", "Vaping", True),
        ("smoking.TI,AB.", "Smoking", True),
        ("smoking .tw.", "Smoking", True),
        ("smoking.ti,ab", "Smoking", True),
        ("Rapid and (test* or kit*).ti,ab", "Rapid tests", True),
        ("smoking and vaping or drinking", "drinking", True),
        ("drinking or smoking and vaping", "smoking", False),
        ("smoking not vaping", "smoking and vaping", False),
        ("smoking and not vaping", "smoking", True),
        ("HIV/AIDS", "HIV and AIDS", False),
        ("HIV/AIDS", "HIV/AIDS services", True),
        ("24/7 care", "A 24/7 care line", True),
        ("Smoking Cessation/", "Smoking cessation in pregnancy", True),
        ("Smoking Cessation.sh.", "Smoking cessation in pregnancy", True),
        ("exp Smoking Cessation/pc, th", "Smoking cessation in pregnancy", True),
        ("*Smoking/", "Smoking", True),
        ("exp *Smoking/", "Smoking", True),
        ('"Wounds and Injuries"/', "Wounds and injuries in sport", True),
        ("exp Wounds and Injuries/", "Wounds and injuries in sport", True),
        ("exp Wounds and Injuries/", "Injuries and wounds in sport", False),
        ("exp Wounds/ and Injuries/", "Injuries and wounds in sport", True),
        ("exp Wounds/ or exp Burns/", "Burns", True),
        ("Surveys and Questionnaires/", "Questionnaires and surveys", False),
        ("fever and Smoking/", "Smoking with a fever", True),
        ("[smok*.ti. or vap*.ti.]", "vaping", True),
        ("smok*.mp. [mp=title, abstract]", "smoker", True),
        ("(heart or cardiac) attack*", "cardiac attacks", True),
        ("drug therapy.fs. or drug.ti.", "a drug", True),
        ("drug therapy.fs. or drug.ti.", "drug therapy", True),
        ("therapy.fs.", "therapy", False),
        ("a b 1 c", "a b 1 c", True),
        ("(2019 or 2020).ti.", "In 2020", True),
        ("(type adj 2)", "type 2 diabetes", True),
        ("(2019* or 2020*)", "In 20201", True),
    ],
)
def test_ovid(search: str, title: str, found: bool) -> None:
    assert finds(search, title) is found


@pytest.mark.parametrize(
    ("search", "title", "found"),
    [
        ("smoking cessation[ti]", "Cessation of smoking", False),
        ("smoking cessation[ti]", "Smoking cessation", True),
        ("smoking cessation", "Cessation of smoking", True),
        ('"smoking cessation"', "Cessation of smoking", False),
        ("smok*[tiab]", "smokers", True),
        ('"smok* cess*"[ti]', "smoker cessation", True),
        ("smoking[Title/Abstract]", "Smoking", True),
        ("smoking[ TITLE ]", "Smoking", True),
        ("smoking[ab]", "Smoking", False),
        ("smoking[ti] and vaping[ti]", "smoking", False),
        ("a[ti] OR smoking[ti] AND vaping[ti]", "a vaping", True),
        ("a[ti] OR smoking[ti] AND vaping[ti]", "a", False),
        ('"quit smoking now"[ti:~2]', "now they all quit smoking", True),
        ('"quit smoking now"[ti:~1]', "now they all quit smoking", False),
        ('"quit quit"[ti:~3]', "quit", False),
        ('"smok* quit"[ti:~3]', "quit smoking", False),
        ('"Smoking"[Mesh]', "Smoking", True),
        ('"Smoking/prevention and control"[Mesh]', "Smoking", True),
        ("Surgical Procedures, Operative[MeSH]", "Operative surgical procedures", True),
        ("smoking[ti] NOT (Animals[Mesh] NOT Humans[Mesh])", "Smoking in animals", True),
        ("smoking[ti] AND 2015:3000[dp]", "Smoking", True),
        ('smoking[ti] AND ("2008/03/01"[Date - Create] : "3000"[Date - Create])', "Smoking", True),
        ("smoking[ti] AND english[la]", "Smoking", False),
        ("\u201csmoking cessation\u201d[ti]", "Smoking cessation", True),
        ("(smoking OR vaping)[ti]", "vaping", True),
    ],
)
def test_pubmed(search: str, title: str, found: bool) -> None:
    assert finds(search, title, "pubmed") is found


@pytest.mark.parametrize(
    ("search", "title", "found"),
    [
        ("smoking cessation", "Cessation of smoking", True),
        ('"smoking cessation"', "Cessation of smoking", False),
        ("ti:smoking", "Smoking", True),
        ("ab:smoking", "Smoking", False),
        ('ti:("quit now" OR vap*)', "vaping", True),
        ("smoking NEAR/2 school", "school against all smoking", True),
        ("smoking NEAR/1 school", "school against all smoking", False),
        ("smoking NEXT/2 school", "school against all smoking", False),
        ("smoking NEXT/2 school", "smoking in a school", True),
        ("(vap* OR smok*) NEAR/3 (school* OR college*)", "colleges against vaping", True),
        ('mesh:"Smoking"', "Smoking", True),
        ('mesh+:"Smoking"', "Smoking", True),
        ("colo?r", "colour", True),
        ("smoking NOT rats", "smoking rats", False),
        ("smoking la:en", "Smoking", False),
        ("term:ti,ab", "A term", True),
    ],
)
def test_plain(search: str, title: str, found: bool) -> None:
    assert finds(search, title, "plain") is found


@pytest.mark.parametrize(
    ("text", "dialect", "sure"),
    [
        ("1. exp Smoking/\n2. smok*.ti,ab.\n3. or/1-2", "ovid", True),
        ("(smok* adj3 quit*)", "ovid", True),
        ('"Smoking"[Mesh] OR smok*[tiab]', "pubmed", True),
        ("ti:smoking AND (vap* NEAR/3 school)", "plain", True),
        ("smoking cessation", "plain", False),
        ("smoking\nvaping\n1 or 2", "ovid", False),
        ("smoking OR vaping AND school", "pubmed", False),
    ],
)
def test_the_dialect_is_told_from_the_text_or_said_to_be_a_guess(text: str, dialect: str, sure: bool) -> None:
    compiled = compile_text(text)
    assert compiled.dialect == dialect
    assert ("S041" in {problem.code for problem in compiled.problems}) is not sure


def test_fields_and_their_values_never_run_into_each_other() -> None:
    assert not finds("home care.af.", "At home", summary="Care now")
    assert not finds("(home adj5 care).kw.", "x", keywords=("home", "care"))
    assert finds("(home adj5 care).kw.", "x", keywords=("home and care",))


def test_journal_author_type_language_and_identifier_are_fields() -> None:
    known: dict[str, Any] = {
        "journal": "British Medical Journal",
        "authors": ("Smith, John A",),
        "publication_types": ("Randomized Controlled Trial",),
        "language": "en-GB",
        "affiliations": ("University of Leeds, UK",),
    }
    for search in (
        "british medical journal.jn.",
        "smith.au.",
        "smith j.au.",
        "randomized controlled trial.pt.",
        "english.la.",
        "eng.lg.",
        "leeds.in.",
    ):
        assert finds(search, "x", **known), search
        assert not finds(search, "british medical journal smith english leeds randomized controlled trial"), search
    assert finds("smith j[au] AND leeds[ad] AND english[la]", "x", "pubmed", **known)


@pytest.mark.parametrize("dialect", ["ovid", "pubmed"])
@pytest.mark.parametrize(
    ("asked", "stored", "found"),
    [
        ("smith ja", "Smith, J. A.", True),
        ("smith ja", "Smith J A", True),
        ("smith ja", "Smith JA", True),
        ("smith ja", "J. A. Smith", True),
        ("smith ja", "John A. Smith", True),
        ("smith ja", "Smith, John Andrew", True),
        ("smith ja", "Smith JB", False),
        ("smith ja", "Jane Smith", False),
        ("smith j a", "Smith JA", True),
        ("smith j a", "JA Smith", True),
        ("smith j.a.", "Smith, J. A.", True),
        ("smith j", "Smith JA", True),
        ("smith j", "Jane Smith", True),
        ("smith j", "Smith B", False),
        ("smith j*", "John Smith", True),
        ("o'brien m", "Mary O\u2019Brien", True),
        ("smith john", "Smith JA", False),
        ("ng", "Ng K", True),
    ],
)
def test_an_author_is_found_however_initials_are_written(dialect: str, asked: str, stored: str, found: bool) -> None:
    search = f"{asked}.au." if dialect == "ovid" else f"{asked}[au]"
    assert finds(search, "Falls", dialect, authors=("Khan Q", stored)) is found


def test_initials_of_two_authors_never_make_one() -> None:
    assert not finds("smith ja.au.", "Falls", authors=("Smith J", "Adams B"))


@pytest.mark.parametrize(
    ("limit", "language", "headings", "found"),
    [
        ("english language", "", (), True),
        ("english language", "de", (), False),
        ("(english or german)", "de", (), True),
        ("humans", "", (), True),
        ("humans", "", ("Humans",), True),
        ("humans", "", ("Animals",), False),
        ("(humans and english)", "en", ("Humans",), True),
        ('"all adult (19 plus years)"', "", (), True),
        ('yr="2015 -Current"', "", (), True),
        ("ed=20150101-20991231", "", (), True),
    ],
)
def test_limits_hide_only_what_is_known_not_to_meet_them(
    limit: str, language: str, headings: tuple[str, ...], found: bool
) -> None:
    search = f"1. smoking.ti.\n2. limit 1 to {limit}\n"
    assert finds(search, "Smoking", language=language, headings=headings) is found


SPELLING = [
    ["paediatric*", "pediatric*"],
    ["tumour*", "tumor*"],
    ["oedema*", "edema*"],
    ["organisation*", "organization*"],
]


@pytest.mark.parametrize(
    ("search", "title", "found"),
    [
        ("paediatric ward", "Pediatric ward", True),
        ("paediatrician*", "Pediatricians", True),
        ("paediatr*", "pediatrics", True),
        ("paed*", "pediatrics", False),
        ("oed*", "educational", False),
        ("oedema", "Edema", True),
        ("tumo?r", "tumor", True),
        ("reorganisation", "reorganization", False),
        ("organi*", "organization", True),
    ],
)
def test_spelling_variants(search: str, title: str, found: bool) -> None:
    compiled = compile_text(search, dialect="ovid", spelling=SPELLING)
    assert compiled.strategy is not None
    assert compiled.strategy.matches(searchable(Entry(key="1", title=title))) is found


def test_the_expansion_of_a_term_can_be_seen() -> None:
    compiled = compile_text("paediatric ward.ti.", dialect="ovid", spelling=SPELLING)
    assert compiled.strategy is not None
    (expansion,) = compiled.strategy.expansions()
    assert (expansion.term, expansion.also) == ("paediatric ward", ("pediatric",))


def test_the_revision_is_a_hash_of_what_decides_matches() -> None:
    def revision(text: str, **options: object) -> str:
        compiled = compile_text(text, **options)  # type: ignore[arg-type]  # options of compile_text
        assert compiled.strategy is not None
        return compiled.strategy.revision

    assert revision("1. smok*.ti.") == revision("-- a remark\n1. SMOK*.ti.")
    assert revision("1. smok*.ti.") != revision("1. smok*.ab.")
    assert revision("tumour.ti.") != revision("tumour.ti.", spelling=SPELLING)
    two = "1. smok*.ti.\n2. vap*.ti."
    assert revision(two, result=1) != revision(two)
