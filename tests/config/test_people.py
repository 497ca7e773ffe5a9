"""people.csv as spreadsheets leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.config.people import PeopleRead, check_teams, read_people, read_rows

HEADING = "address,name,teams,kind\n"


def rows(text: str) -> PeopleRead:
    return read_rows(text, "people.csv")


def said(read: PeopleRead) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in read.problems]


def test_a_list_is_read_with_names_teams_and_kinds() -> None:
    read = rows(HEADING + "asha@example.nhs.uk,Asha Example,public-health;commissioning,person\n"
                "all@example.nhs.uk,,public-health,list\n")  # fmt: skip
    assert read.state == "read"
    assert [(each.address, each.name, each.teams, each.kind, each.line) for each in read.people] == [
        ("asha@example.nhs.uk", "Asha Example", ("public-health", "commissioning"), "person", 2),
        ("all@example.nhs.uk", "", ("public-health",), "list", 3),
    ]
    assert not read.problems


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator_that_excel_writes_is_understood(separator: str) -> None:
    text = HEADING + 'asha@example.nhs.uk,Asha,"a;b",person\n'
    read = rows(text.replace(",", separator))
    assert [person.teams for person in read.people] == [("a", "b")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_encoding_that_excel_writes_is_understood(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes((HEADING + "zoe@example.nhs.uk,Zoë Sömething,a,person\n").encode(encoding))
    read = read_people(path)
    assert [person.name for person in read.people] == ["Zoë Sömething"]


def test_the_debris_of_spreadsheets_passes_without_a_word() -> None:
    text = (
        "sep=;\r\n;;;\r\nE-Mail; Name ;TEAM;Kind;Remarks\r\n\r\n"
        " asha@example.nhs.uk\u00a0;\u200bAsha;a ;;on leave\r\n;;;;\r\nmailto:ben@example.nhs.uk;;a;LIST\r\n"
    )
    read = rows(text)
    assert [(each.address, each.name, each.teams, each.kind, each.line) for each in read.people] == [
        ("asha@example.nhs.uk", "Asha", ("a",), "person", 5),
        ("ben@example.nhs.uk", "", ("a",), "list", 7),
    ]
    assert not read.problems


def test_an_address_with_its_name_as_outlook_copies_it_is_taken_apart() -> None:
    read = rows(HEADING + '"Asha Example <asha@example.nhs.uk>",,a,\n')
    assert [(each.address, each.name) for each in read.people] == [("asha@example.nhs.uk", "Asha Example")]


def test_a_bad_row_costs_only_itself_and_is_named_by_its_line() -> None:
    read = rows(
        HEADING + "asha@example.nhs.uk,Asha,a,person\nnot an address,X,a,person\n,Y,a,person\n"
        "ben@example.nhs.uk,Ben,,person\ncarys@example.nhs.uk,Carys,a,robot\n"
        '"dev@example.nhs.uk\nRCPT TO: evil",Dev,a,person\nella@example.nhs.uk,Ella,a,person\n'
    )
    assert [person.name for person in read.people] == ["Asha", "Ella"]
    assert said(read) == [("C052", 3), ("C052", 4), ("C054", 5), ("C055", 6), ("C052", 7)]


def test_findings_never_show_an_address() -> None:
    read = rows(HEADING + "asha@example..nhs.uk,Asha,a,person\nben@example.nhs.uk,,a,\nben@example.nhs.uk,,b,\n")
    assert len(read.problems) == 2
    assert not any("@" in problem.message for problem in read.problems)


def test_an_address_twice_is_one_person_with_the_teams_of_both_lines() -> None:
    read = rows(HEADING + "asha@example.nhs.uk,,a,person\nASHA@example.nhs.uk,Asha,b,person\n")
    assert [(each.name, each.teams, each.line) for each in read.people] == [("Asha", ("a", "b"), 2)]
    assert said(read) == [("C053", 3)]


@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("", "empty", "C056"),
        (HEADING, "empty", "C056"),
        ("\n;;\n", "empty", "C056"),
        ("asha@example.nhs.uk\n", "broken", "C051"),
        ("address,name\nasha@example.nhs.uk,Asha\n", "broken", "C051"),
        (HEADING + "nonsense,,,\n", "broken", "C052"),
    ],
)
def test_a_list_without_a_person_says_why_and_gives_nobody(text: str, state: str, code: str) -> None:
    read = rows(text)
    assert (read.state, read.people, read.problems[0].code) == (state, (), code)


def test_a_list_that_is_not_there_is_missing_and_not_empty(tmp_path: Path) -> None:
    read = read_people(tmp_path / "people.csv")
    assert (read.state, [problem.code for problem in read.problems]) == ("missing", ["C050"])


def test_a_folder_in_its_place_is_said_and_not_a_traceback(tmp_path: Path) -> None:
    read = read_people(tmp_path)
    assert (read.state, [problem.code for problem in read.problems]) == ("broken", ["C010"])


def test_a_list_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(HEADING.encode() + b"x" * 10_000_001)
    assert [problem.code for problem in read_people(path).problems] == ["C011"]


@pytest.mark.parametrize("others", [1, 9000])
@pytest.mark.parametrize("closing", ["", 'zoe@example.nhs.uk,"Zoe",a,person\n'], ids=["never closed", "closed later"])
def test_a_stray_quote_takes_no_reader_from_the_list_in_silence(others: int, closing: str) -> None:
    first, stray = "asha@example.nhs.uk,Asha,a,person\n", 'ben@example.nhs.uk,"Ben,a,person\n'
    read = rows(HEADING + first + stray + "carys@example.nhs.uk,Carys,a,person\n" * others + closing)
    assert (read.state, read.people) == ("broken", ())
    assert said(read) == [("C057", 3)]


@pytest.mark.parametrize(
    "tail",
    ['ben@example.nhs.uk,"Ben,a,person\n', 'ben@example.nhs.uk,"Ben,a,person\ncarys@example.nhs.uk,",a,person\n'],
    ids=["in the last line", "closed just so"],
)
def test_a_stray_quote_is_seen_wherever_it_stands(tail: str) -> None:
    assert said(rows(HEADING + "asha@example.nhs.uk,Asha,a,person\n" + tail)) == [("C057", 3)]


def test_unknown_teams_are_said_and_known_ones_kept() -> None:
    read = rows(HEADING + "asha@example.nhs.uk,Asha,public-health;publik-health,person\n")
    people, problems = check_teams(read, {"public-health"}, set(), "people.csv")
    assert [person.teams for person in people] == [("public-health",)]
    assert [(problem.code, problem.line) for problem in problems] == [("C054", 2)]
    assert "public-health" in problems[0].remedy


def test_a_slip_in_a_teams_file_takes_nobody_out_of_the_team() -> None:
    read = rows(HEADING + "asha@example.nhs.uk,Asha,public-health,person\n")
    people, problems = check_teams(read, set(), {"public-health"}, "people.csv")
    assert [person.teams for person in people] == [("public-health",)]
    assert not problems


def test_names_that_would_write_headers_are_made_harmless() -> None:
    read = rows(HEADING + 'asha@example.nhs.uk,"Asha\nBcc: everyone\u202e",a,person\n')
    assert [person.name for person in read.people] == ["Asha Bcc: everyone"]
