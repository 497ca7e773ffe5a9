"""PubMed and plain strategies as people write them: the tree that is read, and what is said about it."""

from __future__ import annotations

import csv
import io

import pytest

from alerts.search import compile_text
from alerts.search.dialects.reading import read_strategy
from alerts.search.tree import BlockRef, Dates, Group, Heading, LineRef, Near, Node, Not, Scoped, Term


def shape(node: Node | None) -> str:
    """Draw a tree: words as they stand with their tag, `H` a heading (`+` exploded, `*` focus), `~` side by side."""
    match node:
        case Term():
            return "_".join(node.words) + ("" if node.window is None else f"~{node.window}")
        case Heading():
            marks = ("+" if node.explode else "") + ("*" if node.focus else "")
            return f"H{marks}<{'/'.join([node.name, *node.subheadings])}>"
        case Group():
            sign = {"and": " & ", "or": " | "}[node.op]
            return "(" + (" ~ " if node.spread else sign).join(shape(child) for child in node.children) + ")"
        case Not():
            return f"({'*' if node.left is None else shape(node.left)} - {shape(node.right)})"
        case Near():
            return f"({shape(node.left)} {'next' if node.ordered else 'near'}{node.gap} {shape(node.right)})"
        case Scoped():
            return shape(node.child) + node.fields.written
        case LineRef():
            return f"#{node.number}"
        case BlockRef():
            return f"#{node.id}"
        case Dates():
            return f"{node.first or ''}..{node.last or ''}"
    return "nothing"


def read(text: str, dialect: str) -> tuple[str, set[str]]:
    """Return the drawing of the last line, and the codes of what was found, headings and fields of none aside."""
    found = read_strategy(text, dialect)  # type: ignore[arg-type]  # one of the dialects
    problems = compile_text(text, dialect=dialect).problems  # type: ignore[arg-type]  # one of the dialects
    codes = {problem.code for problem in problems} - {"S060", "S064", "S037", "S034"}
    return shape(found.syntax.lines[-1].node), codes


PUBMED = [
    # tags, in any case, with spaces and long names
    ("asthma[TI]", "asthma[ti]", ""),
    ("asthma [ Title ]", "asthma[title]", ""),
    ("asthma[Title / Abstract]", "asthma[title/abstract]", ""),
    ("asthma[TITLE/ABSTRACT]", "asthma[title/abstract]", ""),
    ("asthma[Text  Word]", "asthma[text word]", ""),
    ("asthma[all fields]", "asthma[all fields]", ""),
    ("asthma[Other Term]", "asthma[other term]", ""),
    ('"Review" [Publication Type]', "review[publication type]", ""),
    ('"Khan A"[Author - First]', "khan_a[author - first]", ""),
    ("S0140-6736(20)1[pii]", "(s0140_6736 ~ 20 ~ 1[pii])", "S071"),
    ("asthma[ti,ab]", "asthma[ti,ab]", "S046"),
    ("asthma[tiba]", "asthma[tiba]", "S005"),
    ("asthma[ti][ab]", "asthma[ti]", "S051"),
    ("(asthma OR wheeze)[ti]", "(asthma | wheeze)[ti]", ""),
    ("(asthma[ti] OR wheeze[ti])[ab]", "(asthma[ti] | wheeze[ti])", "S051"),
    ("[animal studies] asthma[ti]", "asthma[ti]", "S067"),
    # headings
    ('"Asthma"[Mesh]', "H+<Asthma>", ""),
    ("asthma[mesh terms]", "H+<asthma>", ""),
    ("asthma[Mesh: NoExp]", "H<asthma>", ""),
    ("asthma [MeSH Terms : noexp]", "H<asthma>", ""),
    ("asthma[MeSH Major Topic]", "H+*<asthma>", "S062"),
    ("asthma[majr:noexp]", "H*<asthma>", "S062"),
    ('"Asthma/prevention and control"[Mesh]', "H+<Asthma/pc>", "S063"),
    ("Surgical Procedures, Operative[mh]", "H+<Surgical Procedures, Operative>", ""),
    ("(asthma OR eczema)[mh]", "(H+<asthma> | H+<eczema>)", ""),
    ("asthm*[mh]", "asthm*", "S080"),
    ('exp "Asthma"[Mesh]', "H+<Asthma>", "S046"),
    # phrases and words side by side
    ("lung function test*[tiab]", "lung_function_test*[tiab]", ""),
    ('"lung function"', "lung_function", ""),
    ("lung function", "(lung ~ function)", "S071"),
    ('children "lung function"[ti]', "(children ~ lung_function[ti])", "S071"),
    ('"asthma" "wheeze"[ti]', "(asthma ~ wheeze[ti])", "S071"),
    ("“lung function”[ti] OR ‘peak flow’[ti]", "(lung_function[ti] | peak_flow[ti])", "S077"),
    ('"asthma"[ti]OR"wheeze"[ti]', "(asthma[ti] | wheeze[ti])", ""),
    ("(asthma[ti])AND(child*[ti])NOT(rats[ti])", "((asthma[ti] & child*[ti]) - rats[ti])", ""),
    ("asthma[ti] child*[ti]", "(asthma[ti] ~ child*[ti])", "S071"),
    ("asthma[ti] OR wheeze[ti];", "(asthma[ti] | wheeze[ti])", "S075"),
    ('"Parkinson’s disease"[tiab]', "parkinson_s_disease[tiab]", ""),
    ("{lung function}[ti]", "lung_function[ti]", "S077"),
    # operators
    ("asthma[ti] And child*[ti]", "(asthma[ti] & child*[ti])", "S031"),
    ("asthma[ti] or wheeze[ti] not rats[ti]", "((asthma[ti] | wheeze[ti]) - rats[ti])", "S030 S031"),
    ("asthma[ti] OR wheeze[ti] AND child*[ti]", "((asthma[ti] | wheeze[ti]) & child*[ti])", "S030"),
    ("asthma[ti] AND NOT rats[ti]", "(asthma[ti] - rats[ti])", "S078"),
    ("asthma[ti] NOT (animals[mh] NOT humans[mh])", "(asthma[ti] - (H+<animals> - H+<humans>))", "S072"),
    ("asthma[ti] OR", "asthma[ti]", "S003"),
    # truncation and proximity
    ("ast*[ti]", "ast*[ti]", "S032"),
    ('"lung func*"[ti]', "lung_func*[ti]", ""),
    ("wom?n[ti]", "wom?n[ti]", "S040"),
    ("wom#n[ti]", "wom#n[ti]", "S040"),
    ("asthm$[ti]", "asthm*[ti]", "S040"),
    ('"school asthma plan"[tiab:~3]', "school_asthma_plan~3[tiab]", ""),
    ('"school asthma"[Title: ~0]', "school_asthma~0[title]", ""),
    ('"school asthm*"[tiab:~3]', "school_asthm*[tiab]", "S039"),
    ('"school asthma"[mh:~3]', "H+<school asthma>", "S050"),
    ('"school asthma"[tw:~3]', "school_asthma~3[tw]", "S050"),
    # dates and limits
    ("2015:2020[dp]", "2015-01-01..2020-12-31", "S036 S061"),
    ('"2015/03/01"[PDAT] : "3000"[PDAT]', "2015-03-01..", "S035 S061"),
    ('"2015"[Date - Publication]:"present"[Date - Publication]', "2015-01-01..", "S035 S061"),
    ('("2018/05"[dp]:"2019")', "2018-05-01..2019-12-31", "S036 S061"),
    ("2019[dp]", "2019-01-01..2019-12-31", "S036 S061"),
    ('"last 5 years"[PDat]', "..", "S035 S061"),
    ("hasabstract[text]", "..", "S035 S061"),
    ("asthma[ti] AND hasabstract", "(asthma[ti] & ..)", "S061"),
    ("2020:2015[dp]", "..", "S018"),
    ("english[lang]", "english[lang]", ""),
    ("systematic[sb]", "systematic[sb]", ""),
    ("free full text[filter]", "free_full_text[filter]", ""),
    # other dialects' ways
    ("asthma.ti,ab. OR wheeze[tiab]", "(asthma.ti,ab. | wheeze[tiab])", "S046"),
    ("(asthma OR wheeze).ti,ab. OR croup[ti]", "((asthma | wheeze).ti,ab. | croup[ti])", "S046"),
    ("exp Asthma/ OR wheeze[ti]", "(H+<Asthma> | wheeze[ti])", "S046"),
    ("ti:asthma OR wheeze[ti]", "(asthmati: | wheeze[ti])", "S046"),
    ("asthma:ti,ab OR wheeze[ti]", "(asthma:ti,ab | wheeze[ti])", "S046"),
    ("asthma NEAR/3 school", "(asthma near3 school)", "S046"),
    # lines
    ("#1 asthma[ti]\n#2 wheeze[ti]\n#3 #1 OR #2", "(#1 | #2)", ""),
    ("1. asthma[ti]\n2. wheeze[ti]\n3. (#1) OR (#2)", "(#1 | #2)", ""),
    ("#1 Search asthma[ti]\n#2 Search: wheeze[ti]\n#3 Search #1 OR #2", "(#1 | #2)", "S065"),
    ("Search details: asthma[ti] OR wheeze[ti]", "(asthma[ti] | wheeze[ti])", "S065"),
    ("1 asthma[ti]\n2 wheeze[ti]\n3 1 OR 2", "(#1 | #2)", "S044"),
    ("1. asthma[ti]\n2. 1 AND child*[ti]", "(#1 & child*[ti])", "S044"),
    ("asthma[ti]\nwheeze[ti]\n#1 OR #2", "(#1 | #2)", ""),
    ("#3 #1 OR #2\n#2 wheeze[ti]\n#1 asthma[ti]", "(#1 | #2)", "S082"),
    ("#1 asthma[ti] 1,203\n#2 wheeze[ti] 405\n#3 #1 OR #2 1,501", "(#1 | #2)", "S066"),
    ("(asthma[ti] OR\nwheeze[ti])\n\nAND child*[ti]", "((asthma[ti] | wheeze[ti]) & child*[ti])", ""),
    ("asthma[ti] Filters: English, Humans Sort by: Most Recent", "asthma[ti]", "S061 S065"),
]


@pytest.mark.parametrize(("text", "drawing", "codes"), PUBMED, ids=[each[0] for each in PUBMED])
def test_a_pubmed_search_is_read_as_it_is_meant(text: str, drawing: str, codes: str) -> None:
    assert read(text, "pubmed") == (drawing, set(codes.split()))


PLAIN = [
    ("quit smoking", "(quit ~ smoking)", ""),
    ('"quit smoking" OR vap*', "(quit_smoking | vap*)", ""),
    ("'quit smoking' OR vap*", "(quit_smoking | vap*)", "S077"),
    ("ti:smoking", "smokingti:", ""),
    ("TI: smoking AND ab:(quit OR stop)", "(smokingTI: & (quit | stop)ab:)", ""),
    ('ti,ab:"quit smoking"', "quit_smokingti,ab:", ""),
    ("tittle:smoking", "smokingtittle:", "S005"),
    ("ti:", "nothing", "S003"),
    ("smoking NEAR/3 (quit* OR stop*)", "(smoking near3 (quit* | stop*))", ""),
    ("quit NEXT/2 smoking", "(quit next2 smoking)", ""),
    ("quit NEXT smoking", "(quit next0 smoking)", "S046"),
    ("quit NEAR smoking", "(quit near6 smoking)", "S046"),
    ('mesh:"Smoking" OR mesh+:"Tobacco Use"', "(H<Smoking> | H+<Tobacco Use>)", ""),
    ('mesh:("Smoking" OR "Vaping")', "(Smoking | Vaping)".lower(), "S003"),
    ('ti:(mesh:"Smoking")', "H<Smoking>", "S051"),
    ("vaping AND #uk-filter", "(vaping & #uk-filter)", "S012"),
    ("vaping AND dp:2015-", "(vaping & 2015-01-01..)", "S061"),
    ("vaping AND dp:>2015", "(vaping & 2015dp:)", "S018 S075"),
    ("vaping OR smoking AND school", "(vaping | (smoking & school))", "S014"),
    ("colo?r", "colo?r", ""),
    ("wom#n", "wom#n", "S040"),
    ("vaping -rats", "(vaping ~ rats)", "S046"),
    ("(smok* OR vap*):ti,ab,kw", "(smok* | vap*):ti,ab,kw", "S046"),
    ('"quit smoking":ti', "quit_smoking:ti", "S046"),
    ("smoking[ti]", "smoking[ti]", "S046"),
    ("smoking[mesh]", "H+<smoking>", "S046"),
    ("smoking[tiba]", "smoking", "S005"),
    ("smoking [animal studies]", "smoking", "S067"),
    ("smoking.ti,ab.", "smoking.ti,ab.", "S046"),
    ("exp Smoking Cessation/ AND vaping", "(H+<Smoking Cessation> & vaping)", "S046"),
    ("1. vaping\n2. smoking\n3. #1 OR #2", "(#1 | #2)", ""),
    ("1. vaping\n2. 1 AND school", "(#1 & school)", "S044"),
]


@pytest.mark.parametrize(("text", "drawing", "codes"), PLAIN, ids=[each[0] for each in PLAIN])
def test_a_plain_search_is_read_as_it_is_meant(text: str, drawing: str, codes: str) -> None:
    assert read(text, "plain") == (drawing, set(codes.split()))


HISTORY = [
    ["Search number", "Query", "Sort By", "Filters", "Search Details", "Results", "Time"],
    ["3", "#1 AND #2", "", "", '"stroke"[Title/Abstract] AND "rehab"[Title/Abstract]', "1234", "05:12:33"],
    ["2", '"early rehab"[tiab] OR "walking, aided"[ti]', "", "English", '"rehab"[All Fields]', "99,001", "05:12:10"],
    ["1", "stroke[tiab]", "Most Recent", "", '"stroke"[Title/Abstract]', "302111", "05:11:59"],
]
DOWNLOADED = io.StringIO()
csv.writer(DOWNLOADED, lineterminator="\r\n").writerows(HISTORY)


@pytest.mark.parametrize("text", [DOWNLOADED.getvalue(), "\n".join("\t".join(row) for row in HISTORY)])
def test_pubmed_s_history_is_read_from_its_oldest_search(text: str) -> None:
    found = read_strategy(text, None)
    assert found.syntax.dialect == "pubmed"
    assert [(line.number, shape(line.node)) for line in found.syntax.lines] == [
        (1, "stroke[tiab]"),
        (2, "(early_rehab[tiab] | walking_aided[ti])"),
        (3, "(#1 & #2)"),
    ]
    compiled = compile_text(text)
    assert compiled.strategy is not None
    assert {problem.code for problem in compiled.problems} == {"S061", "S065", "S066"}
    filtered = next(problem for problem in compiled.problems if problem.code == "S061")
    line = text.splitlines()[filtered.line - 1]
    assert line[filtered.column - 1 : filtered.column - 1 + filtered.length] == "English"


def test_what_is_said_stands_at_its_place() -> None:
    text = 'asthma[ti] OR wheeze[tiba]\nOR (croup[ti] OR\n"school plan"[tw:~3])'
    places = {}
    for problem in compile_text(text, dialect="pubmed").problems:
        line = text.splitlines()[problem.line - 1]
        places[problem.code] = line[problem.column - 1 : problem.column - 1 + problem.length]
    assert places == {"S005": "[tiba]", "S050": '"school plan"[tw:~3]'}


def test_an_animal_filter_is_noted_once_and_where_it_stands() -> None:
    text = "asthma[ti] NOT (Animals[Mesh] NOT (Animals[Mesh] AND Humans[Mesh]))"
    (noted,) = [problem for problem in compile_text(text, dialect="pubmed").problems if problem.code == "S072"]
    assert text[noted.column - 1 :].startswith("Animals[Mesh] NOT")


@pytest.mark.parametrize("required", ["english[la]", "systematic[sb]", "humans[mh]"])
def test_a_requirement_that_feed_items_cannot_meet_is_warned_of_at_its_place(required: str) -> None:
    problems = compile_text(f"asthma[ti] AND {required}", dialect="pubmed").problems
    assert 16 in [problem.column for problem in problems if problem.code == "S037"]


DETECTED = [
    ("asthma[titl] OR wheeze", "pubmed", False),
    ("asthma[Mesh: NoExp]", "pubmed", True),
    ("(#1) AND (#2)", "pubmed", False),
    ("Asthma/th [mh] OR wheeze", "pubmed", True),
    ('"a b"[tiab:~2]', "pubmed", True),
    ("ti:asthma AND wheeze[ti]", "pubmed", False),
    ("asthma.ti.", "ovid", True),
    ("or/1-4", "ovid", True),
    ("*Asthma/", "ovid", True),
    ("(asthma or wheeze).mp. [mp=title, abstract]", "ovid", True),
    ("kw: asthma", "plain", True),
    ("(asthma OR wheeze):ti,ab", "plain", True),
    ("asthma NEXT/2 plan", "plain", True),
    ("asthma", "plain", False),
]


@pytest.mark.parametrize(("text", "dialect", "sure"), DETECTED)
def test_the_dialect_is_told_or_said_to_be_a_guess(text: str, dialect: str, sure: bool) -> None:
    compiled = compile_text(text)
    assert (compiled.dialect, "S041" not in {problem.code for problem in compiled.problems}) == (dialect, sure)
