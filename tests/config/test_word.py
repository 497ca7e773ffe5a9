"""Strategies in Word documents: read as they show on the page, and hostile ones refused."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from alerts.config.strategy_file import strategy_text
from alerts.config.word import word_text
from alerts.search import compile_text
from tests.config.folders import Folder


def saved(document: Any) -> bytes:
    body = io.BytesIO()
    document.save(body)
    return body.getvalue()


def read(document: Any) -> list[str]:
    """The lines of a document that is read without a word said."""
    text, problems = word_text(saved(document), "s.docx")
    assert problems == []
    assert text is not None
    return [line for line in text.split("\n") if line.strip()]


def add(document: Any, inner: str) -> None:
    """Add a paragraph as Word writes it."""
    paragraph = parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>")
    document.element.body.insert(len(document.element.body) - 1, paragraph)


def run(text: str, kind: str = "t") -> str:
    return f'<w:r><w:{kind} xml:space="preserve">{text}</w:{kind}></w:r>'


def rewritten(body: bytes, part: str, change: tuple[bytes, bytes]) -> bytes:
    """A document in which bytes of one part are others."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(*change) if name == part else data)
    return out.getvalue()


def test_paragraphs_are_lines_and_words_own_marks_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("1.\t\u201cswap to stop\u201d.ti.")
    add(document, f"{run('2. e')}<w:r><w:noBreakHyphen/></w:r>{run('cig*.ti,')}<w:r><w:br/></w:r>{run('ab.')}")
    add(document, f"<w:hyperlink>{run('3. 1 ')}</w:hyperlink><w:smartTag>{run('or 2')}</w:smartTag>")
    assert read(document) == ["1.\t\u201cswap to stop\u201d.ti.", "2. e-cig*.ti,", "ab.", "3. 1 or 2"]


def test_automatic_numbers_are_written_out_by_paragraph_and_by_style() -> None:
    document = docx.Document()
    document.add_paragraph("Population")
    for line in ("exp Smoking/", "smok*.ti,ab."):
        document.add_paragraph(line, style="List Number")
    document.add_paragraph("a remark", style="List Bullet")
    document.add_paragraph("", style="List Number")
    document.add_paragraph("1 or 2", style="List Number")
    assert read(document) == ["Population", "1.\texp Smoking/", "2.\tsmok*.ti,ab.", "a remark", "4.\t1 or 2"]


def test_a_list_that_begins_elsewhere_has_the_numbers_that_show() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="5"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
        )
    )
    kind = next(each for each in numbering if each.get(docx.oxml.ns.qn("w:abstractNumId")) == "5")
    kind[:] = []
    kind.append(
        parse_xml(
            f'<w:lvl {nsdecls("w")} w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
            '<w:lvlText w:val="#%1"/></w:lvl>'
        )
    )
    for text in ("a.ti.", "b.ti."):
        properties = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr></w:pPr>'
        add(document, f"{properties}{run(text)}")
    assert read(document) == ["#7\ta.ti.", "#8\tb.ti."]


def test_ovids_history_pasted_as_a_table_has_a_line_to_a_row() -> None:
    document = docx.Document()
    document.add_paragraph("Ovid MEDLINE(R) ALL")
    rows = [
        ("#", "Searches", "Results"),
        ("1", "exp Smoking/", "12,345"),
        ("2", "quit*.ti.", "99"),
        ("3", "1 and 2", "7"),
    ]
    table = document.add_table(rows=0, cols=3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    table.rows[2].cells[1].add_paragraph("or stop*.ti.")
    assert read(document)[1:] == [
        "#\tSearches\tResults",
        "1\texp Smoking/\t12,345",
        "2\tquit*.ti. or stop*.ti.\t99",
        "3\t1 and 2\t7",
    ]


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ((["MEDLINE"], ["smok*.ti.", "quit*.ti."]), ["MEDLINE", "smok*.ti.", "quit*.ti."]),
        ((["1", "2"], ["smok*.ti.", "quit*.ti."]), ["1\tsmok*.ti.", "2\tquit*.ti."]),
        ((["smok*.ti.", "quit*.ti."],), ["smok*.ti.", "quit*.ti."]),
    ],
)
def test_a_cell_with_a_whole_strategy_keeps_its_lines(cells: tuple[list[str], ...], lines: list[str]) -> None:
    document = docx.Document()
    row = document.add_table(rows=1, cols=len(cells)).rows[0]
    for cell, texts in zip(row.cells, cells, strict=True):
        cell.text = texts[0]
        for text in texts[1:]:
            cell.add_paragraph(text)
    assert read(document) == lines


def test_numbers_that_word_counts_in_a_table_are_read() -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for row, text in zip(table.rows, ("a.ti.", "b.ti."), strict=True):
        row.cells[0].paragraphs[0].style = "List Number"
        row.cells[1].text = text
    assert read(document) == ["1.\ta.ti.", "2.\tb.ti."]


def test_deleted_text_is_left_out_and_that_is_said() -> None:
    document = docx.Document()
    gone = '<w:del w:id="1" w:author="A">{}</w:del>'
    add(document, run("1. smok*.ti.") + gone.format(run(" and rats", "delText")))
    add(document, f'<w:ins w:id="2" w:author="A">{run("2. vap*.ti.")}</w:ins>')
    add(document, "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + gone.format(run("3. mice.ti.", "delText")))
    add(document, f"<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('3. 1 or')}")
    add(document, run(" 2"))
    text, (problem,) = word_text(saved(document), "s.docx")
    assert text is not None
    assert text.split() == ["1.", "smok*.ti.", "2.", "vap*.ti.", "3.", "1", "or", "2"]
    assert (problem.code, problem.severity, "tracked changes" in problem.message) == ("C039", "note", True)


def test_what_stands_beside_the_page_is_not_read_and_that_is_said() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Anytown Library"
    document.add_comment(document.add_paragraph("smok*.ti.").runs, text="why?")
    add(
        document,
        f'<w:r><w:pict><v:shape {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        f"<w:p>{run('vap*.ti.')}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
    )
    text, (problem,) = word_text(saved(document), "s.docx")
    assert text is not None
    assert text.strip() == "smok*.ti."
    assert "comments and headers and text boxes" in problem.message


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 and then nothing", b"not a zip", b"\xd0\xcf\x11\xe0" * 50])
def test_what_is_no_word_document_is_refused(body: bytes) -> None:
    text, (problem,) = word_text(body, "s.docx")
    assert (text, problem.code, problem.severity) == (None, "C038", "error")


def test_a_zip_that_is_no_word_document_is_refused() -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as packed:
        packed.writestr("hello.txt", "smok*.ti.")
    text, (problem,) = word_text(body.getvalue(), "s.docx")
    assert (text, problem.code) == (None, "C038")


def test_a_zip_bomb_is_never_unpacked() -> None:
    good = saved(docx.Document())
    body = io.BytesIO(good)
    with zipfile.ZipFile(body, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/zeros.xml", b"\0" * 60_000_000)
    assert len(body.getvalue()) < 200_000
    text, (problem,) = word_text(body.getvalue(), "s.docx")
    assert (text, "too large" in problem.message) == (None, True)


def test_a_document_of_a_million_empty_runs_is_refused() -> None:
    body = rewritten(
        saved(docx.Document()), "word/document.xml", (b"<w:body>", b"<w:body><w:p>" + b"<w:r/>" * 1_000_000 + b"</w:p>")
    )
    text, (problem,) = word_text(body, "s.docx")
    assert (text, problem.code, "tags" in problem.message) == (None, "C038", True)


def test_entities_are_never_let_in() -> None:
    document = docx.Document()
    document.add_paragraph("smok*.ti.")
    bomb = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document'
    body = rewritten(saved(document), "word/document.xml", (b"<w:document", bomb))
    text, (problem,) = word_text(body, "s.docx")
    assert (text, "document type" in problem.message) == (None, True)


def test_a_damaged_document_is_refused_in_plain_words() -> None:
    document = docx.Document()
    document.add_paragraph("smok*.ti.")
    body = rewritten(saved(document), "word/document.xml", (b"</w:body>", b""))
    text, (problem,) = word_text(body, "s.docx")
    assert (text, "damaged" in problem.message) == (None, True)
    deep = rewritten(saved(document), "word/document.xml", (b"<w:body>", b"<w:body>" + b"<w:sdt>" * 5000))
    assert word_text(deep, "s.docx")[0] is None


PROFILE = "profiles/tobacco.yaml"
APART = "title: Tobacco\nteam: public-health\nsearch_file: tobacco.docx\n"


def test_a_profile_takes_its_strategy_from_a_word_document(folder: Folder) -> None:
    document = docx.Document()
    for line in ("smok*.ti.", "(vap* or", "quit*).ti.", "1 or 2"):
        document.add_paragraph(line, style=None if line.startswith("quit") else "List Number")
    folder.write({PROFILE: APART, "profiles/tobacco.docx": saved(document), "profiles/other.docx": saved(document)})
    loaded = folder.load()
    assert not loaded.errors
    assert loaded.catalogue.profiles["tobacco"].search == "1.\tsmok*.ti.\n2.\t(vap* or\nquit*).ti.\n3.\t1 or 2\n"
    assert [Path(each.file).name for each in loaded.problems if each.code == "C019"] == ["other.docx"]
    folder.write({"profiles/tobacco.docx": b"spoilt"})
    assert folder.load(last_good=loaded.files).held_back == (PROFILE,)


def test_without_the_extra_the_remedy_is_said(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write({PROFILE: APART, "profiles/tobacco.docx": saved(docx.Document())})
    monkeypatch.setitem(sys.modules, "docx", None)
    (problem,) = [each for each in folder.load().problems if each.code == "C038"]
    assert (problem.severity, problem.line, problem.column) == ("error", 3, 14)
    assert re.search(r"alerts\[word\].*plain text", problem.remedy)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_strategy_file_is_read_whatever_saved_it(encoding: str) -> None:
    written = "1. smok*.ti.\n2. (“quit” or café).ti.\n3. 1 and 2"
    text, problems = strategy_text(written.encode(encoding), "tobacco.txt")
    assert text == written
    assert [(each.code, each.severity) for each in problems] == ([("C013", "note")] if encoding == "cp1252" else [])


def test_line_separators_of_unicode_end_the_lines_of_a_strategy_file() -> None:
    text, _ = strategy_text("1. smok*.ti.\u20282. vap*.ti.\u20283. 1 or 2".encode(), "tobacco.txt")
    assert text is not None
    strategy = compile_text(text).strategy
    assert strategy is not None
    assert [line.number for line in strategy.lines] == [1, 2, 3]
