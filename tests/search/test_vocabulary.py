"""Vocabularies: reading NLM's files and a library's own, and what headings mean with one."""

from __future__ import annotations

import gzip
import io
import time
from pathlib import Path

import pytest

from alerts.model.profiles import Profile
from alerts.model.records import Entry
from alerts.search import Descriptor, Vocabulary, compile, compile_text, searchable
from alerts.search.headings.old_headings import OLD_HEADINGS
from alerts.search.headings.vocabulary import natural_orders, vocabulary_of
from alerts.search.headings.vocabulary_files import NotAVocabulary, read_changes, read_csv, read_mesh_xml, read_table

XML = b"""<?xml version="1.0"?>
<DescriptorRecordSet LanguageCode="eng">
<DescriptorRecord DescriptorClass="1">
<DescriptorUI>D1</DescriptorUI><DescriptorName><String>Smoking</String></DescriptorName>
<TreeNumberList><TreeNumber>F01.145.805</TreeNumber></TreeNumberList>
<ConceptList><Concept><TermList>
<Term><String>Smoking</String></Term>
<Term><String>Smoking Behaviors</String></Term>
<Term><String>Smoking, Habit</String></Term>
</TermList></Concept></ConceptList>
</DescriptorRecord>
<DescriptorRecord DescriptorClass="1">
<DescriptorUI>D2</DescriptorUI><DescriptorName><String>Vaping</String></DescriptorName>
<TreeNumberList><TreeNumber>F01.145.805.500</TreeNumber></TreeNumberList>
<ConceptList><Concept><TermList><Term><String>E-Cigarette Use</String></Term></TermList></Concept></ConceptList>
</DescriptorRecord>
</DescriptorRecordSet>"""


def found(search: str, vocabulary: Vocabulary | None, entry: Entry) -> bool:
    compiled = compile_text(search, dialect="ovid", vocabulary=vocabulary)
    assert compiled.strategy is not None, compiled.problems
    return compiled.strategy.matches(searchable(entry))


def codes(search: str, vocabulary: Vocabulary | None, database: str = "") -> set[str]:
    compiled = compile_text(search, dialect="ovid", vocabulary=vocabulary, database=database)
    return {problem.code for problem in compiled.problems}


def test_a_record_without_a_name_is_no_heading() -> None:
    nameless = "<DescriptorRecord><DescriptorUI>D1</DescriptorUI></DescriptorRecord>"
    named = "<DescriptorRecord><DescriptorName><String>Smoking</String></DescriptorName></DescriptorRecord>"
    whole = f"<DescriptorRecordSet>{nameless}{named}</DescriptorRecordSet>"
    assert [each.name for each in read_mesh_xml(io.BytesIO(whole.encode()))] == ["Smoking"]
    with pytest.raises(NotAVocabulary):
        list(read_mesh_xml(io.BytesIO(f"<DescriptorRecordSet>{nameless}</DescriptorRecordSet>".encode())))


def test_nlm_xml_is_read_record_by_record() -> None:
    smoking, vaping = read_mesh_xml(io.BytesIO(XML))
    assert smoking == Descriptor("Smoking", ("Smoking Behaviors", "Smoking, Habit"), ("F01.145.805",), ui="D1")
    assert vaping.entry_terms == ("E-Cigarette Use",)


@pytest.mark.parametrize("body", [b"<DescriptorRecordSet>", b"<html></html>", b"not XML"])
def test_what_is_no_vocabulary_is_refused_in_a_plain_sentence(body: bytes) -> None:
    with pytest.raises(NotAVocabulary) as refusal:
        list(read_mesh_xml(io.BytesIO(body)))
    assert refusal.value.code == "S090"


def test_a_table_and_a_csv_and_changes_are_read() -> None:
    table = ["ui\theading\tentry_terms\ttree_numbers\n", "D1\tSmoking\tSmoking Habit|Smokers\tF01|F02\n"]
    own = ["Term,Synonyms,Narrower\n", "commissioning,purchasing; contracting out,strategic commissioning\n"]
    changes = ["change\tui\told_heading\tnew_heading\n", "renamed\tD2\tOld Name\tNew Name\n", "new\tD3\t\tLacrosse\n"]
    assert list(read_table(table)) == [Descriptor("Smoking", ("Smoking Habit", "Smokers"), ("F01", "F02"), ui="D1")]
    assert list(read_csv(own)) == [
        Descriptor("commissioning", ("purchasing", "contracting out"), narrower=("strategic commissioning",))
    ]
    assert list(read_changes(changes)) == [("Old Name", "New Name"), ("", "Lacrosse")]
    with pytest.raises(NotAVocabulary):
        list(read_csv(["name\n", "x\n"]))
    with pytest.raises(NotAVocabulary):
        list(read_table(["ui\tname\n"]))


def test_an_exploded_heading_matches_by_the_words_of_its_subtree() -> None:
    vocabulary = vocabulary_of(read_mesh_xml(io.BytesIO(XML)), "two headings")
    item = Entry(key="1", title="E-cigarette use at school")
    assert found("exp Smoking/", vocabulary, item)
    assert not found("Smoking/", vocabulary, item)
    assert not found("exp Smoking/", None, item)
    assert found("exp smoking behaviors/", vocabulary, item)
    indexed = Entry(key="2", title="A study", headings=("Vaping/adverse effects",))
    assert found("exp Smoking/", vocabulary, indexed)
    assert not found("(a study).ti. not exp Smoking/", vocabulary, indexed)
    assert found("school.ti. not exp Smoking/", vocabulary, item)


def test_inverted_names_are_also_looked_for_as_one_would_say_them() -> None:
    assert natural_orders("Smoking, Passive") == [("smoking", "passive"), ("passive", "smoking")]
    assert found("Home Care Services, Hospital-Based/", None, Entry(key="1", title="Hospital-based home care services"))


def test_everyday_and_very_short_entry_terms_are_not_words() -> None:
    vocabulary = vocabulary_of(
        [Descriptor("Social Support", ("Social Care", "SS"), ("I1",)), Descriptor("Child", ("Children",))]
    )
    assert not found("Social Support/", vocabulary, Entry(key="1", title="Social care workforce in the SS"))
    assert found("Social Support/", vocabulary, Entry(key="1", title="Social support networks"))
    assert found("exp Child/", vocabulary, Entry(key="1", title="Children in care"))
    assert "S076" in codes("Social Support/", vocabulary)
    strategy = compile_text("Social Support/", dialect="ovid", vocabulary=vocabulary).strategy
    assert strategy is not None
    assert [each.left_out for each in strategy.expansions()] == [("Social Care", "SS")]


def test_names_of_many_words_are_looked_for() -> None:
    classification = "International Statistical Classification of Diseases and Related Health Problems"
    vocabulary = vocabulary_of([Descriptor("ICD", (classification,), ("L1",))])
    assert found("ICD/", vocabulary, Entry(key="1", title=f"The {classification} in practice"))


def test_headings_of_another_database_count_as_words_with_one_note() -> None:
    vocabulary = vocabulary_of([Descriptor("Smoking", (), ("F1",))])
    search = "1. exp smoking cessation program/\n2. exp nicotine patch/\n3. 1 or 2"
    assert {"S073"} == codes(search, vocabulary, database="Embase") & {"S073", "S038"}
    assert {"S038"} == codes(search, vocabulary) & {"S073", "S038"}


def test_a_profile_may_say_which_database_its_strategy_was_written_for() -> None:
    profile = Profile(id="x", title="X", search="exp smoking cessation program/", database="Embase")
    assert "S073" in {problem.code for problem in compile(profile).problems}


def test_a_csv_vocabulary_stands_beside_mesh() -> None:
    vocabulary = vocabulary_of(
        [
            Descriptor("Smoking", (), ("F1",)),
            Descriptor("commissioning", ("purchasing care",), narrower=("joint commissioning",)),
            Descriptor("joint commissioning", ("pooled budgets",)),
        ]
    )
    assert found("exp commissioning/", vocabulary, Entry(key="1", title="Pooled budgets in practice"))


@pytest.fixture(scope="module")
def mesh(shared_data: Path) -> Vocabulary:
    """All of MeSH 2024."""
    with gzip.open(shared_data / "mesh" / "mesh_descriptors.tsv.gz", "rt", encoding="utf-8") as lines:
        vocabulary = vocabulary_of(read_table(lines), "MeSH 2024")
    with (shared_data / "mesh" / "changes_to_2026.tsv").open(encoding="utf-8") as changes:
        for old, new in read_changes(changes):
            vocabulary.rename(old, new)
    return vocabulary


def test_the_whole_of_mesh_is_read_and_exploded(mesh: Vocabulary) -> None:
    assert len(mesh) > 30_700
    neoplasms = mesh.find("neoplasms")
    assert neoplasms is not None
    assert len(mesh.below(neoplasms)) > 600
    assert found("exp Neoplasms/", mesh, Entry(key="1", title="Living with small cell lung carcinoma"))
    assert not found("exp Neoplasms/", mesh, Entry(key="1", title="Medical education in the community"))
    assert mesh.nearest("Smoking Cesation") == "Smoking Cessation"
    assert mesh.nearest("Scopolamine Hydrobromide") == "Scopolamine"
    assert mesh.nearest("Quite another thing") == ""


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("injuries", "Wounds and Injuries"),
        ("Sedatives", "Hypnotics and Sedatives"),
        ("dose fractionation", "Dose Fractionation, Radiation"),
        ("Intensive Care", "Intensive Care Units"),
        ("axis", "Axis, Cervical Vertebra"),
        ("school health", "School Health Services"),
        ("Immunoassay Immunoassay", "Immunoassay"),
        ("Attitude of Health Personel", "Attitude of Health Personnel"),
        ("intervention studies", ""),
    ],
)
def test_the_nearest_heading_is_a_slip_of_the_pen_or_one_about_the_same(
    mesh: Vocabulary, written: str, nearest: str
) -> None:
    assert mesh.nearest(written) == nearest


def test_thousands_of_strange_headings_take_little_time(mesh: Vocabulary) -> None:
    strange = " or ".join(f"exp Studies of {n} things/" for n in range(3000))
    begun = time.process_time()
    problems = compile_text(strange, dialect="ovid", vocabulary=mesh).problems
    assert time.process_time() - begun < 10
    assert {each.code for each in problems} == {"S038"}


def test_headings_that_mesh_renamed_long_ago_are_accepted_with_a_note(mesh: Vocabulary) -> None:
    assert found("exp Great Britain/", mesh, Entry(key="1", title="Hospices in Scotland"))
    assert {"S074", "S038"} & codes("exp Great Britain/", mesh) == {"S074"}
    assert mesh.now_called("United Kingdom") is None


def test_every_old_name_leads_to_a_heading(mesh: Vocabulary) -> None:
    assert [old for old in OLD_HEADINGS if mesh.find(" ".join(old)) is None] == []


def test_a_heading_of_mesh_and_of_the_librarys_own_list_is_one() -> None:
    vocabulary = vocabulary_of(
        [
            Descriptor("Smoking", ("Smoking Habit",), ("F1",)),
            Descriptor("Vaping", (), ("F1.5",)),
            Descriptor("smoking", ("tobacco control",), narrower=("shisha",)),
            Descriptor("shisha"),
        ]
    )
    titles = ["The smoking habit", "Vaping at school", "Tobacco control", "Shisha cafes", "A study"]
    assert [found("exp Smoking/", vocabulary, Entry(key="1", title=each)) for each in titles] == [True] * 4 + [False]
    assert found("exp smoking habit/", vocabulary, Entry(key="1", title="Tobacco control"))
