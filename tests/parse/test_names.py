"""Authors: one name an element, or all in one."""

from __future__ import annotations

import pytest

from alerts.parse import names


@pytest.mark.parametrize(
    ("texts", "authors"),
    [
        (["Ju Sung Kim", "Taehyun Chang"], ("Ju Sung Kim", "Taehyun Chang")),
        (["Kukla, D., Crampton, A., Wood, D."], ("Kukla, D", "Crampton, A", "Wood, D")),
        (["García-Castaño J, Balao F, Lorenzo M, et al. "], ("García-Castaño J", "Balao F", "Lorenzo M")),
        (["Marshall, Judith"], ("Marshall, Judith",)),
        (["Meng Kang, Scott X. Chang, En-Rong Yan"], ("Meng Kang", "Scott X. Chang", "En-Rong Yan")),
        (["Xin Wang; Anshu Raj; Kun Lu"], ("Xin Wang", "Anshu Raj", "Kun Lu")),
        (["Ann Smith and Bob Jones"], ("Ann Smith", "Bob Jones")),
        (["范存祥,林志斌，俞雅丽"], ("范存祥", "林志斌", "俞雅丽")),
        (["alex@example.org (Alex Blackie)"], ("Alex Blackie",)),
        (["news@example.org"], ()),
        (["Department of Health and Social Care"], ("Department of Health and Social Care",)),
        (
            ["Ann Smith, Bob Jones, Carl Gray, and the Recovery Collaborative Group"],
            ("Ann Smith", "Bob Jones", "Carl Gray", "the Recovery Collaborative Group"),
        ),
        (["Institute of Health, University of Leeds"], ("Institute of Health, University of Leeds",)),
        (["Anonymous", "et al.", ""], ()),
        (["<b>Ann</b> Smith", "Ann Smith"], ("Ann Smith",)),
    ],
)
def test_names_are_told_apart(texts: list[str], authors: tuple[str, ...]) -> None:
    assert names.read(texts) == authors


def test_a_list_without_end_is_cut() -> None:
    assert len(names.read([f"Person Number{number}" for number in range(1_000)])) == names.LIMIT
