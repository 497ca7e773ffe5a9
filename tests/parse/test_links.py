"""Links: absolute, http or https, without tracking, and comparable between sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse import links


@pytest.mark.parametrize(
    ("url", "base", "link"),
    [
        ("https://www.Example.org:443/a/../b?x=1&utm_source=rss&utm_medium=feed", "", "https://www.example.org/b?x=1"),
        ("/doc/1", "https://example.org/feed.xml", "https://example.org/doc/1"),
        ("doc/1", "https://example.org/news/feed.xml", "https://example.org/news/doc/1"),
        ("//example.org/x", "https://a.org/", "https://example.org/x"),
        ("https://www.tandfonline.com/doi/full/10.1080/1?af=R", "", "https://www.tandfonline.com/doi/full/10.1080/1"),
        ("https://journals.example.org/doi/10.1177/1?ai=1gvoi&mi=3ricys&af=R", "",
         "https://journals.example.org/doi/10.1177/1"),
        ("https://example.org/a?ai=1&mi=2", "", "https://example.org/a?ai=1&mi=2"),
        ("https://example.org/a?TRACK=RSS", "", "https://example.org/a"),
        ("https://example.org/a?rss=currentIssue", "", "https://example.org/a"),
        ("https://academic.oup.com/b/article/1?rss=1", "", "https://academic.oup.com/b/article/1"),
        ("https://pubmed.ncbi.nlm.nih.gov/1/?fc=2021&ff=2&v=2.15", "", "https://pubmed.ncbi.nlm.nih.gov/1/"),
        ("http://dx.doi.org/10.1000/1", "", "https://doi.org/10.1000/1"),
        ("https://example.org/a?b=2&amp;c=3", "", "https://example.org/a?b=2&c=3"),
        ("https://example.org/a b", "", "https://example.org/a%20b"),
        ("https://user:secret@example.org/a", "", "https://example.org/a"),
        ("https://example.org/a\u202egpj", "", "https://example.org/agpj"),
        ("https://example.org/page?id=7", "", "https://example.org/page?id=7"),
        ("https://example.org/page#part-2", "", "https://example.org/page#part-2"),
        ("https://example.org/page#xtor=RSS-1", "", "https://example.org/page"),
        ("javascript:alert(1)", "https://example.org/", ""),
        ("data:text/html,x", "", ""),
        ("ftp://example.org/x", "", ""),
        ("mailto:a@example.org", "", ""),
        ("https://", "", ""),
        ("http://[::1", "", ""),
        ("https://example.org/" + "x" * 2_100, "", ""),
        ("", "https://example.org/", ""),
    ],
)  # fmt: skip
def test_a_link_is_absolute_safe_and_untracked(url: str, base: str, link: str) -> None:
    assert links.canonical(url, base) == link


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_address_raises_and_what_comes_out_is_http(url: str, base: str) -> None:
    link = links.canonical(url, base)
    assert link == "" or link.startswith(("http://", "https://"))
    links.identity(link)
    links.doi_in(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.example.org/a/", "https://example.org/a"),
        ("https://example.org/a/index.html", "https://example.org/a"),
        ("https://example.org/a?x=1&y=2", "https://example.org/a?y=2&x=1"),
    ],
)
def test_two_ways_of_writing_one_page_have_one_identity(one: str, other: str) -> None:
    assert links.identity(one) == links.identity(other) != ""


def test_different_pages_and_front_pages_have_no_common_identity() -> None:
    assert links.identity("https://example.org/a?id=1") != links.identity("https://example.org/a?id=2")
    assert links.identity("https://example.org/") == ""


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://doi.org/10.1136/bmj.n71", "10.1136/bmj.n71"),
        ("http://onlinelibrary.wiley.com/resolve/doi?DOI=10.1111%2Fjvs.12118", "10.1111/jvs.12118"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1111/add.16000?af=R", "10.1111/add.16000"),
        ("https://onlinelibrary.wiley.com/doi/10.1002/(SICI)1097-0258(19980815)17:15/16<1661::AID>3.0.CO;2-2/full",
         "10.1002/(sici)1097-0258(19980815)17:15/16<1661::aid>3.0.co;2-2"),
        ("https://doi.org/10.1002/(SICI)1097-4598(199911)22:11<1541::AID-MUS9>3.0.CO;2-E.",
         "10.1002/(sici)1097-4598(199911)22:11<1541::aid-mus9>3.0.co;2-e"),
        ("http://dx.doi.org/10.1002%2F%28SICI%291097-0258%2819980815%2917%3A15%3C1661%3A%3AAID%3E3.0.CO%3B2-2",
         "10.1002/(sici)1097-0258(19980815)17:15<1661::aid>3.0.co;2-2"),
        ("https://journals.ametsoc.org/doi/abs/10.1175/1520-0469(1963)020%3C0130:DNF%3E2.0.CO;2",
         "10.1175/1520-0469(1963)020<0130:dnf>2.0.co;2"),
        ("https://onlinelibrary.wiley.com/doi/10.1002/(SICI)1097-0258(19980815)17:15/16", None),
        ("https://journals.sagepub.com/doi/10.1177/0269216326123456?af=R", "10.1177/0269216326123456"),
        ("https://onlinelibrary.wiley.com/doi/10.1155/2026/1234567", "10.1155/2026/1234567"),
        ("https://karger.com/doi/10.1159/000512345", "10.1159/000512345"),
        ("https://www.emerald.com/insight/content/doi/10.1108/JHOM-01-2026/full/html", "10.1108/jhom-01-2026"),
        ("https://www.medrxiv.org/content/10.1101/2026.01.02.26345678v2.full.pdf+html", "10.1101/2026.01.02.26345678"),
        ("https://www.thelancet.com/doi/10.1016/S2468-2667(26)00201-4/fulltext", "10.1016/s2468-2667(26)00201-4"),
        ("https://academic.oup.com/j/article-abstract/doi/10.1093/pubmed/fdaa123/5867393?redirectedFrom=fulltext",
         "10.1093/pubmed/fdaa123"),
        ("https://pubs.rsc.org/dd/article/doi/10.1039/D6DD00290K/1293461/Learning-the", "10.1039/d6dd00290k"),
        ("https://academic.oup.com/j/advance-article/doi/10.1093/pubmed/fdaa123/5867393", "10.1093/pubmed/fdaa123"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full?rss=1", "10.1101/2020.01.01.123456"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0035869", "10.1371/journal.pone.0035869"),
        ("https://link.springer.com/article/10.1007/s11033-021-06887-9", "10.1007/s11033-021-06887-9"),
        ("https://bmcpublichealth.biomedcentral.com/articles/10.1186/s12889-020-1.pdf", "10.1186/s12889-020-1"),
        ("https://www.nature.com/articles/d41586-023-00870-z", "10.1038/d41586-023-00870-z"),
        ("https://sysengi.cjoe.ac.cn/CN/10.12011/1000-6788-2019-0625-21", "10.12011/1000-6788-2019-0625-21"),
        ("https://onlinelibrary.wiley.com/loi/10.1111/(ISSN)1654-1103", None),
        ("https://www.nature.com/articles/about", None),
        ("https://example.org/v10.2/release", None),
        ("https://example.org/page", None),
    ],
)  # fmt: skip
def test_the_doi_in_an_address_is_found(url: str, doi: str | None) -> None:
    assert links.doi_in(url) == doi
