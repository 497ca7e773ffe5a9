"""Real strategies and translations, as librarians and review authors published them."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from alerts.model.records import Entry
from alerts.parse.references import read_references
from alerts.search import Index, compile_text, searchable
from alerts.search.headings.vocabulary import vocabulary_of
from alerts.search.headings.vocabulary_files import read_table
from tests.search.reference import Reference, Rows

BROKEN = {
    "clef-tar-CD011431": "S004",
    "sigir2017-008": "S004",
    "sigir2017-027": "S008",
    "sigir2017-086": "S008",
    "sigir2017-133": "S008",
    "srupdate-CD007020": "S001",
    "srupdate-CD008127": "S014",
}
"""Strategies that are broken in themselves, read by hand: no operator, a line that refers to itself, a bracket."""


@pytest.fixture(scope="module")
def strategies(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "strategies" / "strategies.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_real_strategies_are_accepted_unless_they_are_broken_in_themselves(strategies: list[dict[str, Any]]) -> None:
    refused = {}
    for each in strategies:
        compiled = compile_text(each["text"], dialect=each["syntax"])
        if compiled.strategy is None:
            refused[each["id"]] = {problem.code for problem in compiled.problems if problem.severity == "error"}
    assert refused.keys() == BROKEN.keys()
    assert all(code in refused[name] for name, code in BROKEN.items())


def test_the_dialect_of_real_strategies_is_told_or_said_to_be_a_guess(strategies: list[dict[str, Any]]) -> None:
    for each in strategies:
        compiled = compile_text(each["text"])
        unsure = "S041" in {problem.code for problem in compiled.problems}
        assert compiled.dialect == each["syntax"] or unsure, each["id"]


def test_printed_and_read_again_a_real_strategy_is_the_same(strategies: list[dict[str, Any]]) -> None:
    for each in strategies:
        strategy = compile_text(each["text"], dialect=each["syntax"]).strategy
        if strategy is None:
            continue
        printed = strategy.translate(strategy.dialect)
        again = compile_text(printed.text, dialect=strategy.dialect)
        assert again.strategy is not None, (each["id"], again.problems)
        for other in ("ovid", "pubmed", "plain"):
            translated = strategy.translate(other)
            assert compile_text(translated.text, dialect=translated.dialect).strategy is not None, (each["id"], other)


def test_translations_into_ovid_and_pubmed_are_accepted(shared_data: Path) -> None:
    lines = (shared_data / "strategies" / "syntax_translations.jsonl").read_text(encoding="utf-8").splitlines()
    dialects = {"Ovid MEDLINE": "ovid", "PubMed abbreviation": "pubmed"}
    for each in map(json.loads, lines):
        dialect = dialects.get(each["target"])
        if dialect is not None:
            compiled = compile_text(each["translation"], dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
            assert compiled.strategy is not None, (each["translation"], compiled.problems)


NOT_THE_SAME = {
    ("term.ab,ti", "PubMed abbreviation"): "[tiab] takes in keywords",
    ("term .tw.", "PubMed abbreviation"): "[tiab] takes in keywords",
    ("hello world .tw.", "PubMed abbreviation"): "[tiab] takes in keywords",
    ("ornamental androids", "PubMed abbreviation"): "words side by side become a phrase",
    ("notational origins", "PubMed abbreviation"): "words side by side become a phrase",
    ('"foo#"\nand\nbar', "PubMed abbreviation"): "one letter becomes any ending",
    ("<RCT Filter>", "PubMed abbreviation"): "the name of a filter, not a search",
    ("<RCT Filter>", "Ovid MEDLINE"): "the name of a filter, not a search",
}
"""Translations of the tool that mean something else, read by hand."""


def test_both_sides_of_a_translation_match_alike(shared_data: Path) -> None:
    lines = (shared_data / "strategies" / "syntax_translations.jsonl").read_text(encoding="utf-8").splitlines()
    dialects = {"Ovid MEDLINE": "ovid", "PubMed abbreviation": "pubmed"}
    compared = 0
    for each in map(json.loads, lines):
        query, target = each["source_query"], each["target"]
        if target not in dialects or (query, target) in NOT_THE_SAME:
            continue
        before = compile_text(query).strategy
        after = compile_text(each["translation"], dialect=dialects[target]).strategy  # type: ignore[arg-type]  # as above
        assert before is not None
        assert after is not None
        words = [word for word in dict.fromkeys(re.findall(r"\w+", query)) if word not in {"AND", "and"}]
        values = ["", *words, " ".join(words), " ".join(reversed(words)), " x ".join(words)]
        for title, summary, keyword in itertools.product(values, values, ["", values[-1]]):
            for headings in [(), (" ".join(words),), ("psoriasis",)]:
                entry = Entry(key="1", title=title, summary=summary, keywords=(keyword,), headings=headings)
                text = searchable(entry)
                assert before.matches(text) is after.matches(text), (query, target, entry)
        compared += 1
    assert compared > 15


def test_the_index_gives_exactly_the_answers_of_real_strategies(
    strategies: list[dict[str, Any]], shared_data: Path
) -> None:
    body = gzip.decompress((shared_data / "abstracts" / "drug_class_NSAIDS.jsonl.gz").read_bytes())
    texts = [searchable(each.entry) for each in read_references(body).records[:60]]
    known = {
        each["id"]: compiled.strategy
        for each in strategies
        if (compiled := compile_text(each["text"], dialect=each["syntax"])).strategy is not None
    }
    alone = [[name for name, strategy in known.items() if strategy.matches(text)] for text in texts]
    index = Index(known)
    assert index.matching_many(texts) == alone
    assert [index.matching(text) for text in texts] == alone
    assert any(alone)


@pytest.mark.parametrize("with_vocabulary", [False, True], ids=["words only", "with much of MeSH"])
def test_real_strategies_on_real_records_are_answered_as_the_reference_does(
    strategies: list[dict[str, Any]], shared_data: Path, with_vocabulary: bool
) -> None:
    rows = Rows([])
    vocabulary = None
    if with_vocabulary:
        with gzip.open(shared_data / "mesh" / "mesh_descriptors.tsv.gz", "rt", encoding="utf-8") as lines:
            diseases = [each for each in read_table(lines) if any(number < "D" for number in each.tree_numbers)]
        rows = Rows(diseases)
        vocabulary = vocabulary_of(rows.rows, "MeSH")
    body = gzip.decompress((shared_data / "abstracts" / "micronutrients.jsonl.gz").read_bytes())
    texts = [searchable(each.entry) for each in read_references(body).records[::8]]
    found = 0
    for each in strategies[::3]:
        strategy = compile_text(each["text"], dialect=each["syntax"], vocabulary=vocabulary).strategy
        if strategy is None:
            continue
        answers = [(text, strategy.matches(text)) for text in texts]
        some = [*filter(lambda each: each[1], answers)][:2] + [*filter(lambda each: not each[1], answers)][:2]
        for text, answer in some:
            used = strategy.plan.brief_line if text.is_brief else strategy.plan.full_line
            reference = Reference(strategy.syntax, text.entry, rows)
            assert reference.result(used) is answer, (each["id"], text.entry.key)
            found += answer
    assert found > 2
