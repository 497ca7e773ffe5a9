"""YAML → tree: what values are, what is refused, and that the quick reader and the full one agree."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import quick
from alerts.config.composed import compose
from alerts.config.reading import read_tree
from alerts.config.tree import Mapping, Node, Sequence, Text

ROOT = Path(__file__).resolve().parents[2]


def tree(text: str) -> Mapping:
    node, problems = read_tree(text)
    assert not problems
    assert isinstance(node, Mapping)
    return node


def value(node: Mapping, key: str) -> str:
    found = node.get(key)
    assert isinstance(found, Text)
    return found.value


@pytest.mark.parametrize("written", ["NO", "on", "yes", "07:30", "2026-11-01", "010", "1e3", ".inf", "true"])
def test_a_value_stays_the_text_that_was_written(written: str) -> None:
    assert value(tree(f"key: {written}\n"), "key") == written


@pytest.mark.parametrize("written", ["", " ", " ~", " null"])
def test_a_key_with_nothing_after_it_is_told_from_an_empty_text(written: str) -> None:
    nothing = tree(f"key:{written}\nother: ''\n").get("key")
    empty = tree(f"key:{written}\nother: ''\n").get("other")
    assert isinstance(nothing, Text)
    assert nothing.is_null
    assert isinstance(empty, Text)
    assert not empty.is_null


REFUSED = [
    ("a: &anchor 1\n", "C015", 1, 4),
    ("a: 1\nb: *anchor\n", "C015", 2, 4),
    ("a: !!python/object/apply:os.system [ls]\n", "C016", 1, 4),
    ("a: !tag x\n", "C016", 1, 4),
    ("a: 1\nb: 2\na: 3\n", "C017", 3, 1),
    ("a: {b: 1, b: 2}\n", "C017", 1, 11),
    ("a: 1\n---\nb: 2\n", "C014", 2, 1),
    ("? [a]\n: 1\n", "C018", 1, 3),
    ("a:\n\tb: 1\n", "C014", 2, 1),
    ("title: Swap to Stop: interim\n", "C014", 1, 20),
    ('a: "never closed\n', "C014", 1, 4),
    ("a: [1, 2\nb: 3\n", "C014", 2, 2),
    ("a: 1\n  b: 2\n", "C014", 2, 3),
    ("a: @x\n", "C014", 1, 4),
    ("a: 1\n b\n  c: 2\n", "C014", 3, 3),
    ("a: x\x00y\n", "C014", 1, 5),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED)
def test_what_is_not_plain_yaml_is_refused_at_its_place(text: str, code: str, line: int, column: int) -> None:
    _, problems = read_tree(text)
    assert (problems[0].code, problems[0].line, problems[0].column) == (code, line, column)
    assert problems[0].message.endswith(".")
    assert problems[0].remedy.endswith((".", ".”"))


UNINDENTED = [
    # the file, the line that is not indented, and the key above it
    ("title: F\nsearch: |\n1. falls.ti.\n2. x.ti.\n", 3, "search"),
    ("title: F\nsearch: |\n\n1. falls.ti.\nteam: x\n", 4, "search"),
    ("title: F\nsearch:\n1. falls.ti.\n2. b\nteam: x\n", 3, "search"),
    ("search: |\n  1. a.ti.\n2. b.ti.\n3. c\n", 3, "search"),
    ("search: | # as in Ovid\n(a or b).ti.\nteam: x\n", 2, "search"),
    ('search: |\n1. "a b".ti.\n2. exp Falls/\nresult: 3\n', 2, "search"),
    ("title: F\nfoot: >-\nWith kind regards\nphone: 1\n", 3, "foot"),
]


@pytest.mark.parametrize(("text", "line", "key"), UNINDENTED)
def test_a_text_that_is_not_indented_below_its_bar_is_named_as_that(text: str, line: int, key: str) -> None:
    _, (problem, *more) = read_tree(text)
    assert not more
    assert (problem.code, problem.line, problem.column) == ("C014", line, 1)
    assert f"below “{key}:” is not indented" in problem.message
    assert "two spaces" in problem.remedy
    assert ("search_file:" in problem.remedy) == (key == "search")


def test_a_later_slip_is_not_laid_at_the_door_of_a_strategy_that_is_indented() -> None:
    for after in ("title: Swap to Stop: interim\n", "  extra: x\n", "team: [x\n", "# remark\nteam: 'x\n"):
        _, problems = read_tree(f"search: |\n  1. a.ti.\n  2. b.ti.\n{after}")
        assert not any("indented here" in problem.message for problem in problems), after


@pytest.mark.parametrize(
    ("text", "line", "column", "wanted"),
    [
        ("title: Falls\n team: x\n", 2, 2, "Begin it in column 1, below the key of line 1."),
        ("title: Falls\n\n# who\n   team: x\n", 4, 4, "Begin it in column 1, below the key of line 1."),
        ('title: "Falls"\n team: x\n', 2, 2, "Begin it in column 1, below the key of line 1."),
        ("sources:\n  - id: a\n     title: b\n", 3, 6, "Begin it in column 5, below the key of line 2."),
    ],
)
def test_a_key_that_is_indented_too_deep_is_told_its_column(text: str, line: int, column: int, wanted: str) -> None:
    _, (problem,) = read_tree(text)
    assert (problem.code, problem.line, problem.column) == ("C014", line, column)
    assert "is indented deeper than line" in problem.message
    assert problem.remedy == wanted


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("items:\n  - id: 1\n    keep:no\n    note:\n", 3, "There is no blank after “keep:”."),
        ('a: "x"\nnote: "Labels" are new\nb: 1\n', 2, 'begins with ", and does not end'),
        ("note: 'Tis so\nb: \"it's\"\nc: 1\n", 1, "begins with ', and does not end"),
        ("a: [1, 2]\nnote: [New] see page 4\nb: 1\n", 2, "begins with [, and does not end"),
        ("note: one\nand two\n\nb: 1\n", 2, "should have a key and a colon"),
        ("note:\nMerry Christmas\n\nb: 1\n", 2, "below “note:” is not indented"),
    ],
)
def test_what_people_get_wrong_in_a_text_is_named_in_its_own_line(text: str, line: int, said: str) -> None:
    _, (problem,) = read_tree(text)
    assert problem.code == "C014"
    assert problem.line == line
    assert said in problem.message


def test_a_text_in_quotes_over_two_lines_is_not_blamed_for_a_later_slip() -> None:
    _, (problem,) = read_tree("a: \"one\n  two\"\nb: 'it''s'\nc: [1] # a list\nd:no\ne: 1\n")
    assert (problem.line, problem.remedy) == (5, "Write “d: no”.")


def test_a_second_colon_in_a_line_is_not_called_a_matter_of_indentation() -> None:
    _, (problem,) = read_tree("title: Swap to Stop: interim\n")
    assert "second “: ”" in problem.message
    assert "quotes" in problem.remedy
    assert "indent" not in str(problem)


def test_no_finding_shows_the_words_of_the_yaml_library() -> None:
    for text, *_ in REFUSED:
        _, problems = read_tree(text)
        assert not any(
            word in problem.message for problem in problems for word in ("<", "token", "while", "cannot be read")
        )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "- " * 100_000,
        "a: " * 60_000,
        "? " * 100_000,
        '"\\x41' * 40_000,
        "k: {" + "a: b, " * 40_000,
        "k:\n" + "".join(f"{' ' * n}- x{n}:\n" for n in range(600)),
        "a: |\n" + " x\n" * 80_000,
        "a: b\n" * 50_000,
    ],
    ids=lambda text: text[:6],
)
def test_hostile_files_of_the_largest_size_are_read_or_refused_without_a_crash(text: str) -> None:
    node, problems = read_tree(text[:256_000])
    assert node is not None or problems


def test_a_block_text_begins_on_the_line_after_its_bar_at_its_indentation() -> None:
    node = tree("a: 1\nsearch: |   # the strategy\n\n     first\n       second\n").get("search")
    assert isinstance(node, Text)
    assert node.value == "\nfirst\n  second\n"
    assert (node.text_line, node.text_column) == (3, 6)


@pytest.mark.parametrize("read", [quick.read, lambda text: compose(text)[0]], ids=["quick", "full"])
def test_quoted_texts_begin_after_the_quote(read: object) -> None:
    node = read("a: 'it''s'\nb: \"x: y\"\n")  # type: ignore[operator]  # two readers with one signature
    assert isinstance(node, Mapping)
    first, second = (item for _, item in node.pairs)
    assert isinstance(first, Text)
    assert isinstance(second, Text)
    assert (first.value, first.text_column, second.value, second.text_column) == ("it's", 5, "x: y", 5)


def agree(text: str) -> bool:
    """Hold the two readers together; False when the quick one leaves the text to the other."""
    try:
        found = quick.read(text)
    except quick.Unusual:
        return False
    expected, problems = compose(text)
    assert not problems
    assert found == expected
    return True


def test_the_quick_reader_reads_every_shipped_file_and_agrees_with_the_full_one() -> None:
    files = sorted((ROOT / "config").rglob("*.yaml"))
    assert len(files) > 30
    assert all(agree(path.read_text(encoding="utf-8")) for path in files)


WRITTEN = [
    "a:\n- x\n- y: 1\n  z: 2\nb:\n  - - 1\n    - 2\n  -\n    c: d\n",
    "s: |\n  a\n\n    b\n# c\nt: >-\n  x\n  y\nu:\nv: |-\n   z\n\n\nw: 1\n",
    "k: {a: [b, 'c''d'], e: \"f\"} # x\nl: [a,\n   b, # c\n   c]\nm: []\nn: {}\n",
    "a: b # c\n\n\n# d\nq-r s: don't\nt: https://example.org/x?y=1#z\n",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_the_quick_reader_reads_what_people_write(text: str) -> None:
    assert agree(text)


SNIPPETS = [
    " ", "\n", "\n  ", "\n\n", ":", ": ", "- ", "-", "#", " #", "'", '"', "[", "]", "{", "}", ",", ", ", "|", "|-",
    ">", "x", "&a ", "*a", "!t ", "?", "~", "null", "%", "@", "---\n", "\t", "é", "\u00a0", "\\", "  \n", "\n#", "a: b",
    "\n- c", "|\n", "1", "\u2028", "\x85", "\ufeff",
]  # fmt: skip


@given(st.sampled_from(WRITTEN), st.lists(st.tuples(st.integers(0, 200), st.sampled_from(SNIPPETS)), max_size=4))
def test_where_the_quick_reader_reads_a_damaged_file_the_full_one_agrees(
    text: str, edits: list[tuple[int, str]]
) -> None:
    for at, snippet in edits:
        text = text[: at % (len(text) + 1)] + snippet + text[at % (len(text) + 1) :]
    agree(text)


def test_where_the_quick_reader_reads_parts_of_real_files_the_full_one_reads_the_same() -> None:
    chance = random.Random(2026)
    whole = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "config").rglob("*.yaml"))]
    read = 0
    for _ in range(3000):
        lines = chance.choice(whole).split("\n")
        start = chance.randrange(len(lines))
        text = "\n".join(lines[start : start + chance.randint(1, 9)]) + "\n"
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(SNIPPETS) + text[at + chance.randint(0, 3) :]
        read += agree(text)
    assert read > 300


texts = st.text("ab1 -#:'é", min_size=1, max_size=8)


names = st.text("abc", min_size=1, max_size=3)
nested = st.recursive(
    texts,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3),
    max_leaves=12,
)


@given(nested)
def test_a_tree_written_out_in_quotes_is_read_back_as_it_was(made: object) -> None:
    def written(part: object, indent: int) -> str:
        space = " " * indent
        if isinstance(part, dict):
            return "".join(f"\n{space}{key}:{written(item, indent + 2)}" for key, item in part.items())
        if isinstance(part, list):
            return "".join(f"\n{space}-{written(item, indent + 2)}" for item in part)
        return " '" + str(part).replace("'", "''") + "'"

    def plain(node: Node) -> object:
        if isinstance(node, Text):
            return node.value
        if isinstance(node, Sequence):
            return [plain(item) for item in node.items]
        return {name.value: plain(item) for name, item in node.pairs}

    text = f"top:{written(made, 2)}\n"
    assert agree(text)
    assert plain(tree(text)) == {"top": made}
