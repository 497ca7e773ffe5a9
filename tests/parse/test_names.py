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
        (["Roe, J., Doe, P. A., The OPEN Collaborative,"], ("Roe, J", "Doe, P. A", "The OPEN Collaborative")),
        (["Smith, J., Jones, A., van der Berg, C."], ("Smith, J", "Jones, A", "van der Berg, C")),
        (["Roe, J., & Doe, P."], ("Roe, J", "Doe, P")),
        (["Roe, Jane and Doe, Peter"], ("Roe, Jane", "Doe, Peter")),
        (["eideditor@example.gov (A. Smith, B. Jones, et al.)"], ("A. Smith", "B. Jones")),
        (["Ann Smith <ann@example.org>"], ("Ann Smith",)),
        (["By Ann Smith and Bob Jones"], ("Ann Smith", "Bob Jones")),
        (["Ann Smith, MD, PhD, Bob Jones, MSc"], ("Ann Smith", "Bob Jones")),
        (["Ann Smith, Department of Health, University of Leeds, Leeds, UK"], ("Ann Smith",)),
        (["Ann Smith", "1Department of Health, University of Leeds"], ("Ann Smith",)),
        (["Ann Smith<sup>1</sup>, Bob Jones<sup>2</sup>"], ("Ann Smith", "Bob Jones")),
        (["Ann Smith1,2*", "u/smith12"], ("Ann Smith", "u/smith12")),
        (["Ann Smith|Bob Jones"], ("Ann Smith", "Bob Jones")),
        (["Ann Smith, Bob Jones, on behalf of the OPEN Study Group"], ("Ann Smith", "Bob Jones", "OPEN Study Group")),
        (["Office for National Statistics, NHS England"], ("Office for National Statistics, NHS England",)),
        (["siteadmin", "editor"], ()),
    ],
)
def test_names_are_told_apart(texts: list[str], authors: tuple[str, ...]) -> None:
    assert names.read(texts) == authors


def test_a_list_without_end_is_cut() -> None:
    assert len(names.read([f"Person {number}-Smith" for number in range(1_000)])) == names.LIMIT
    assert len(names.read([", ".join(f"Person {number}-Smith" for number in range(9_000))])) == names.LIMIT
