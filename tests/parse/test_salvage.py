"""Broken feeds keep their entries: small things are mended, and a damaged item costs at most itself."""

from __future__ import annotations

import time

import pytest

from alerts.parse import Parsed, parse_body, salvage

ITEMS = [
    f"<item><title>Item {n}</title><link>https://example.org/{n}</link><guid>g{n}</guid>"
    f"<dc:identifier>doi:10.1000/{n}</dc:identifier><description>Words of item {n}.</description></item>"
    for n in range(5)
]
HEAD = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Feed</title>'
TAIL = "</channel></rss>"


def parsed(text: str | bytes) -> Parsed:
    return parse_body(text if isinstance(text, bytes) else text.encode(), address="https://example.org/")


def codes(result: Parsed) -> list[str]:
    return [each.code for each in result.problems]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "".join(ITEMS).replace("Words", "Fish & chips") + TAIL,
        HEAD + "".join(ITEMS).replace("Words", "Caf&eacute;&nbsp;&unknown;") + TAIL,
        HEAD + "".join(ITEMS).replace("Words", "A\x08B&#0;&#x1F;&#xD800;") + TAIL,
        HEAD.replace(' xmlns:dc="http://purl.org/dc/elements/1.1/"', "") + "".join(ITEMS) + TAIL,
        HEAD + "".join(ITEMS) + TAIL + "<!-- served by x --><script>x</script>",
        "PHP Warning: something\n" + HEAD + "".join(ITEMS) + TAIL,
        "<?<html><html>xml version='1.0'?>" + HEAD + "".join(ITEMS) + TAIL,
        HEAD + "<image hidden/>" + "".join(ITEMS) + TAIL,
        "<!-- first -->\n<?xml version='1.0'?>\n" + HEAD + "".join(ITEMS) + TAIL,
    ],
)
def test_small_faults_are_mended_and_no_item_is_lost(text: str) -> None:
    result = parsed(text)
    assert [entry.title for entry in result.entries] == [f"Item {n}" for n in range(5)]
    assert [entry.identifier("doi") for entry in result.entries] == [f"10.1000/{n}" for n in range(5)]
    assert [entry.key for entry in result.entries] == [f"g{n}" for n in range(5)]
    assert set(codes(result)) <= {"P005"}


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        (ITEMS[2].replace("</description>", ""), 5),
        (ITEMS[2].replace("<link>", "<link"), 5),
        (ITEMS[2].replace("</item>", ""), 5),
        (ITEMS[2].replace("<item>", "<\x00i tem"), 5),
        (ITEMS[2].replace("<item>", "").replace("<title>", "<titel>"), 5),
        (ITEMS[2].replace("Words", "<![CDATA[ never closed"), 5),
        (ITEMS[2].replace("<title>", "<title attr=unquoted <<>>"), 5),
    ],
)
def test_a_damaged_item_costs_at_most_itself(broken: str, kept: int) -> None:
    result = parsed(HEAD + "".join([*ITEMS[:2], broken, *ITEMS[3:]]) + TAIL)
    healthy = [entry for entry in result.entries if entry.key in ("g0", "g1", "g3", "g4")]
    assert [entry.title for entry in healthy] == ["Item 0", "Item 1", "Item 3", "Item 4"]
    assert [entry.identifier("doi") for entry in healthy] == ["10.1000/0", "10.1000/1", "10.1000/3", "10.1000/4"]
    assert len(result.entries) == kept
    assert result.is_malformed


@pytest.mark.parametrize(("begin", "end", "lost"), [("<![CDATA[", "]]>", "]>"), ("<!--", "-->", "->")])
def test_a_part_that_lost_its_end_does_not_swallow_the_next_item(begin: str, end: str, lost: str) -> None:
    items = [item.replace("Words", f"{begin}Some words{end}More") for item in ITEMS]
    items[2] = items[2].replace(end, lost)
    result = parsed(HEAD + "".join(items) + TAIL)
    assert [entry.title for entry in result.entries if "Item 2" not in entry.title] == [
        f"Item {n}" for n in (0, 1, 3, 4)
    ]
    assert len(result.entries) == 5
    assert codes(result) == ["P006"]


@pytest.mark.parametrize("begin", ["<![CDATA[", "<!--"])
@pytest.mark.parametrize("element", ["title", "description"])
def test_an_item_cut_off_in_such_a_part_does_not_swallow_the_next(begin: str, element: str) -> None:
    end = "]]>" if begin.startswith("<![") else "-->"
    items = [item.replace(f"<{element}>", f"<{element}>{begin}Some words{end}") for item in ITEMS]
    items[2] = items[2][: items[2].index("me words")]
    result = parsed(HEAD + "".join(items) + TAIL)
    assert [entry.key for entry in result.entries if entry.key != "g2"][:2] == ["g0", "g1"]
    assert [entry.key for entry in result.entries][-2:] == ["g3", "g4"]
    assert len(result.entries) == 5
    assert codes(result) == ["P006"]


def test_an_empty_item_element_within_an_item_begins_none() -> None:
    items = [item.replace("<guid>", "<item /><guid>") for item in ITEMS]
    items[2] = items[2].replace("</title>", "</titel>")
    result = parsed(HEAD + "".join(items) + TAIL)
    assert [entry.key for entry in result.entries] == [f"g{n}" for n in range(5)]
    assert [entry.title for entry in result.entries if entry.key != "g2"] == [f"Item {n}" for n in (0, 1, 3, 4)]


def test_an_item_that_writes_about_items_is_one_item() -> None:
    about = ITEMS[2].replace("Words", "<![CDATA[A feed has &lt;item> and <item><title>x</title></item>.]]>")
    result = parsed(HEAD + "".join([*ITEMS[:2], about, *ITEMS[3:]]) + TAIL)
    assert (len(result.entries), codes(result)) == (5, [])


def test_a_first_item_without_its_start_is_kept() -> None:
    result = parsed(HEAD + ITEMS[0].replace("<item>", "<i&em") + "".join(ITEMS[1:]) + TAIL)
    assert [entry.title for entry in result.entries] == [f"Item {n}" for n in range(5)]


def test_what_is_whole_in_a_damaged_item_is_kept() -> None:
    damaged = ITEMS[2].replace("</title>", ">")
    (entry,) = [each for each in parsed(HEAD + ITEMS[0] + damaged + TAIL).entries if each.key != "g0"]
    assert (entry.key, entry.link, entry.title) == ("g2", "https://example.org/2", "Words of item 2.")


def test_an_item_of_mere_words_is_kept_as_words() -> None:
    entries = parsed(HEAD + ITEMS[0] + "<item>iption>Only words.</descr</item>" + TAIL).entries
    assert len(entries) == 2
    assert "Only words." in entries[1].title


def test_a_feed_cut_off_in_the_middle_keeps_what_came() -> None:
    whole = HEAD + "".join(ITEMS) + TAIL
    result = parsed(whole[: whole.index("Words of item 3")])
    assert [entry.title for entry in result.entries] == ["Item 0", "Item 1", "Item 2", "Item 3"]
    assert codes(result) == ["P006"]
    assert "3 whole, 1 damaged" in result.problems[0].message


def test_a_healthy_item_reads_the_same_in_a_broken_feed() -> None:
    healthy = parsed(HEAD + "".join(ITEMS) + TAIL)
    broken = parsed(HEAD + "".join(ITEMS) + "<item><title>bad</titel></item>" + TAIL)
    assert broken.entries[:5] == healthy.entries


def test_a_feed_escaped_as_a_whole_is_read() -> None:
    escaped = (HEAD + "".join(ITEMS) + TAIL).replace("<", "&lt;").replace(">", "&gt;")
    assert len(parsed(escaped).entries) == 5


def test_broken_atom_keeps_its_dates_and_links() -> None:
    result = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>Broken <b></title><id>x</id>'
        '<link rel="alternate" href="/1"/><updated>2026-11-02T09:00:00Z</updated></entry></feed>'
    )
    (entry,) = result.entries
    assert entry.link == "https://example.org/1"
    assert entry.updated is not None


@pytest.mark.parametrize(
    "unit",
    [
        "<item>",
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in ("<item><title>x", "&", "<!--", "<![CDATA[", "<a:b ", "<rss ", "<x y='", "]]>", "<item><x ")
        ),
    ],
)
def test_twice_the_nonsense_takes_at_most_a_few_times_the_work(unit: str) -> None:
    """Quadratic growth, fourfold, is bounded by the limits on size; what is worse is not. CPU time, not the clock's."""

    def work(size: int) -> float:
        begun = time.process_time()
        assert len(parsed(HEAD + unit * (size // len(unit))).entries) <= 2_000
        return time.process_time() - begun

    work(1_000)
    assert work(40_000) <= 6 * work(20_000) + 0.2


def test_undeclared_prefixes_get_their_usual_meaning() -> None:
    assert 'xmlns:prism="http://prismstandard' in salvage.mended("<rss><prism:doi>x</prism:doi></rss>")
