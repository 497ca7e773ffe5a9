"""What a reader can do about a bulletin, on the page behind the link and through the librarian."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.in_process import InProcess
from tests.journeys.test_service import get, running, until

NOW = datetime.now(UTC)
PUBLIC = "https://alerts.example.nhs.uk"
ANN, BOB = "ann@example.nhs.uk", "bob@example.nhs.uk"


@pytest.fixture
def installed(library: Library) -> InProcess:
    """The library, its commands without a process for each."""
    return InProcess(library.folder, library.env)


@pytest.fixture
def two_bulletins(installed: InProcess) -> InProcess:
    """The library with a second bulletin for the same readers."""
    first = (installed.folder / "config/bulletins/update.yaml").read_text(encoding="utf-8")
    installed.write("config/bulletins/digest.yaml", first.replace("Smoking update", "Monthly digest"))
    return installed


def publish(library: Library, title: str, *bulletins: str, waits: bool = False) -> None:
    """Bring out an issue with one item, and send it unless it is to wait."""
    said = ("--title", title, "--publisher", "Example Press", "--date", "2026-11-02", "--type", "guidance")
    for bulletin in bulletins or ("update",):
        library.run("issue", "add", bulletin, *said)
    library.run("publish", "--now", *(bulletins or ("update",)))
    if not waits:
        library.run("deliver")


def got(mailbox: Mailbox, title: str) -> list[str]:
    """Return who got the issues with this item."""
    return sorted(reader for reader, each in mailbox.parsed() if each["List-Id"] and title in words(each))


def newest(mailbox: Mailbox, address: str) -> EmailMessage:
    """Return the last message that somebody got."""
    return next(message for reader, message in reversed(mailbox.parsed()) if reader == address)


def link_of(mailbox: Mailbox, address: str, bulletin: str = "update") -> str:
    """Return the path of the link for leaving in the last issue that somebody got."""
    theirs = [
        message
        for reader, message in mailbox.parsed()
        if reader == address and f"<{bulletin}." in str(message["List-Id"])
    ]
    (link,) = re.findall(r"<(https://[^>]+)>", str(theirs[-1]["List-Unsubscribe"]))
    return str(link).removeprefix(PUBLIC)


def press(where_to: str, /, **fields: str) -> str:
    body = urlencode({"page": "1", **fields}).encode()
    request = Request(where_to, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    with urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def states(library: Library, address: str) -> dict[str, str]:
    return {each["bulletin"]: each["state"] for each in library.json("person", "show", address)}


def words(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def subjects(mailbox: Mailbox, address: str) -> list[str]:
    return [
        str(message["Subject"]) for reader, message in mailbox.parsed() if reader == address and not message["List-Id"]
    ]


def test_stopping_all_and_thinking_better_of_it_brings_all_back(two_bulletins: InProcess, mailbox: Mailbox) -> None:
    library = two_bulletins
    publish(library, "one", "update", "digest")
    assert got(mailbox, "one") == [ANN, ANN, BOB, BOB]
    with running(library, datetime.now(UTC)) as (service, address):
        link = address + link_of(mailbox, ANN)
        assert "any bulletin" in press(f"{link}/all")
        assert states(library, ANN) == {"digest": "left", "update": "left"}
        assert states(library, BOB) == {"digest": "active", "update": "active"}
        press(f"{link}/all")
        press(f"{link}/undo")
        assert states(library, ANN) == {"digest": "active", "update": "active"}
        until(lambda: len(subjects(mailbox, ANN)) == 2, "the confirmations", service)
    assert subjects(mailbox, ANN) == ["You have left 2 bulletins", "You will receive 2 bulletins again"]
    publish(library, "two", "update", "digest")
    assert got(mailbox, "two") == [ANN, ANN, BOB, BOB]


@pytest.mark.thorough
def test_what_one_link_stopped_another_does_not_bring_back(two_bulletins: InProcess, mailbox: Mailbox) -> None:
    library = two_bulletins
    publish(library, "one", "update", "digest")
    with running(library, datetime.now(UTC)) as (_, address):
        press(address + link_of(mailbox, ANN, "digest"))
        press(address + link_of(mailbox, ANN, "update") + "/all")
        press(address + link_of(mailbox, ANN, "update") + "/undo")
    assert states(library, ANN) == {"digest": "left", "update": "active"}


def test_a_reader_who_is_away_gets_nothing_and_is_told_where_it_is_afterwards(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    publish(library, "one")
    assert got(mailbox, "one") == [ANN, BOB]
    with running(library, datetime.now(UTC)) as (service, address):
        link = address + link_of(mailbox, ANN)
        page = get(link)
        assert 'type="date"' in page
        assert "Away for a while?" in page
        with pytest.raises(HTTPError, match="400") as refused:
            press(f"{link}/pause", until=NOW.date().isoformat(), scope="one")
        assert "Nothing has changed yet" in refused.value.read().decode()
        assert states(library, ANN) == {"update": "active"}
        back = (NOW + timedelta(days=10)).date()
        assert f"{back.day} {back:%B %Y}" in press(f"{link}/pause", until=back.isoformat(), scope="one")
        assert states(library, ANN) == {"update": "paused"}
        assert "You have paused" in get(link)
        until(lambda: subjects(mailbox, ANN) == ["You have paused Smoking update"], "the confirmation", service)
    publish(library, "two")
    assert got(mailbox, "two") == [BOB]
    publish(library, "three")
    assert got(mailbox, "three") == [BOB]

    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=11)).isoformat()
    publish(library, "four")
    assert got(mailbox, "four") == [ANN, BOB]
    to_ann, to_bob = newest(mailbox, ANN), newest(mailbox, BOB)
    assert f"2 issues came out and were not sent to you: {PUBLIC}/bulletins/update" in words(to_ann)
    assert "While you were away" not in words(to_bob)
    html = to_ann.get_body(("html",))
    assert html is not None
    assert f'<a href="{PUBLIC}/bulletins/update" style="color:inherit">' in html.get_content()
    publish(library, "five")
    assert got(mailbox, "five") == [ANN, BOB]
    assert "While you were away" not in words(newest(mailbox, ANN)), "it is said once"


@pytest.mark.thorough
def test_a_bulletin_whose_only_readers_are_away_comes_out_for_the_archive(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    library.run("person", "list")
    day = (NOW + timedelta(days=5)).date().isoformat()
    for address in (ANN, BOB):
        library.run("person", "pause", address, day, "--no-mail")
    publish(library, "one")
    assert got(mailbox, "one") == []
    assert [each["number"] for each in library.json("issue", "list")] == [1]
    library.run("person", "return", ANN)
    publish(library, "two")
    assert got(mailbox, "two") == [ANN]


def test_thinking_better_of_it_sends_what_was_waiting(installed: InProcess, mailbox: Mailbox) -> None:
    library = installed
    publish(library, "one", waits=True)
    library.run("person", "leave", ANN, "update", "--no-mail")
    library.run("person", "return", ANN, "update", "--no-mail")
    library.run("deliver")
    assert sorted(reader for reader, _ in mailbox.parsed()) == [ANN, BOB]


def test_a_librarian_records_what_arrives_by_mail_and_no_edit_undoes_it(
    two_bulletins: InProcess, mailbox: Mailbox
) -> None:
    library = two_bulletins
    assert "does not go" in library.run("person", "leave", "nobody@example.nhs.uk", "update", expect=1).stderr
    assert "No bulletin goes" in library.run("person", "leave", "nobody@example.nhs.uk", expect=1).stderr
    library.run("person", "leave", "ANN@example.nhs.uk", "update")
    library.write("data/people.csv", f"address,name,teams\n{BOB},Bob,public-health\n")
    library.run("person", "list")
    library.write("data/people.csv", f"address,name,teams\n{ANN},Ann B,public-health\n{BOB},Bob,public-health\n")
    assert states(library, ANN) == {"digest": "active", "update": "left"}
    publish(library, "one", "update")
    assert got(mailbox, "one") == [BOB]
    assert subjects(mailbox, ANN) == ["You have left Smoking update"]
    library.run("person", "leave", ANN)
    assert states(library, ANN) == {"digest": "left", "update": "left"}
    library.run("person", "return", ANN)
    assert states(library, ANN) == {"digest": "active", "update": "active"}


def test_links_live_as_long_as_the_subscription_and_die_when_the_librarian_says_so(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    publish(library, "one")
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=31)).isoformat()
    library.run("deliver")
    library.env["ALERTS_SECRET_KEY_PREVIOUS"] = (library.folder / "data/secret.key").read_text(encoding="ascii")
    library.env["ALERTS_SECRET_KEY"] = "another key of more than thirty-two characters"
    with running(library, NOW + timedelta(days=31)) as (_, address):
        link = address + link_of(mailbox, ANN)
        assert "a…@example.nhs.uk" in get(link), "the mail is gone and the key is a new one: the link still works"
        library.run("person", "new-links", ANN)
        with pytest.raises(HTTPError, match="404"):
            get(link)
        assert "You will not be sent" in press(link), "the answer tells nothing"
        assert states(library, ANN) == {"update": "active"}


@pytest.mark.thorough
def test_a_reader_who_is_taken_off_the_list_is_not_sent_what_waits(installed: InProcess, mailbox: Mailbox) -> None:
    library = installed
    publish(library, "one", waits=True)
    library.write("data/people.csv", f"address,name,teams\n{BOB},Bob,public-health\n")
    library.run("person", "list")
    library.run("deliver")
    assert [reader for reader, _ in mailbox.parsed()] == [BOB]


@pytest.mark.parametrize("text", [None, "", "address,name,teams\n", 'address,name,teams\n"ann@example.nhs.uk,x,y\n'])
def test_a_list_that_is_missing_or_spoilt_keeps_the_last_good_one(
    installed: InProcess, mailbox: Mailbox, text: str | None
) -> None:
    library = installed
    library.run("person", "list")
    path = library.folder / "data/people.csv"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    publish(library, "one")
    assert got(mailbox, "one") == [ANN, BOB]


# --- what is kept of a person -----------------------------------------------------------------------------------------


def everything_written(library: Library, said: str = "") -> dict[str, bytes]:
    """Return every file of the data folder but the list of people, and what the commands logged."""
    files = {str(path): path.read_bytes() for path in (library.folder / "data").rglob("*") if path.is_file()}
    return {name: body for name, body in files.items() if not name.endswith("people.csv")} | {"log": said.encode()}


def where(library: Library, wanted: str, said: str = "") -> list[str]:
    found = everything_written(library, said)
    return [Path(name).name for name, body in found.items() if wanted.encode().lower() in body.lower()]


def test_a_person_who_is_erased_is_nowhere_any_more(installed: InProcess) -> None:
    library = installed
    library.env |= {"ALERTS_SMTP_HOST": "", "ALERTS_SMTP_PORT": "", "ALERTS_SMTP_TLS": "", "ALERTS_LOG_LEVEL": "debug"}
    said = ""
    publish(library, "one", waits=True)
    for command in (["deliver"], ["person", "leave", ANN], ["deliver"]):
        said += library.run(*command).stderr
    kept = library.json_of("person", "export", ANN)
    assert [each["state"] for each in kept["subscriptions"]] == ["left"]
    assert {each["kind"] for each in kept["messages"]} == {"delivery", "confirmation"}
    assert all(each["attempts"] for each in kept["messages"])
    before = where(library, "ann@", said)
    assert "alerts.sqlite3" in before, "the search finds what is there"
    assert sum(name.endswith(".eml") for name in before) == 2
    assert "log" not in before

    with running(library, datetime.now(UTC)):
        done = library.run("person", "erase", ANN, "--yes")
    said += done.stderr
    assert "people.csv: delete it there yourself" in done.stderr
    assert where(library, "ann@") == []
    assert where(library, "Ann Reader") == []
    assert "alerts.sqlite3" in where(library, "bob@"), "nobody else is touched"
    assert library.run("person", "export", ANN, expect=1).stdout.count("[]") == 3

    library.run("person", "list")
    assert where(library, "ann@") == [], "the list of people does not bring her back"
    told = library.run("person", "show", ANN, expect=1).stderr
    assert "left or was erased" in told, "whoever wonders why the list has her and she gets nothing is told"
    assert f"alerts person return {ANN}" in told
    assert "never did" in library.run("person", "show", "nobody@example.nhs.uk", expect=1).stderr
    library.run("person", "return", ANN)
    assert states(library, ANN) == {"update": "active"}


def test_an_address_is_forgotten_four_weeks_after_its_last_subscription_and_stays_away(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    publish(library, "one")
    assert got(mailbox, "one") == [ANN, BOB]
    library.run("person", "leave", ANN)
    library.run("deliver")
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=27)).isoformat()
    library.run("deliver")
    assert states(library, ANN) == {"update": "left"}
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=29)).isoformat()
    library.run("deliver")
    library.run("person", "show", ANN, expect=1)
    assert [each["address"] for each in library.json("person", "list")] == [BOB]
    publish(library, "two")
    assert got(mailbox, "two") == [BOB], "though people.csv still names her"


@pytest.mark.thorough
def test_mails_and_attempts_are_let_go_and_nothing_looks_restored(installed: InProcess, mailbox: Mailbox) -> None:
    library = installed
    publish(library, "one")
    assert got(mailbox, "one") == [ANN, BOB]
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=31)).isoformat()
    library.run("deliver")
    assert {each["to"] for each in library.json("delivery", "list")["messages"]} == {"—"}
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=91)).isoformat()
    library.run("deliver")
    attempts = [library.json("delivery", "show", n)["attempts"] for n in ("1", "2")]
    assert sorted(len(each) for each in attempts) == [0, 1]
    publish(library, "two")
    assert got(mailbox, "two") == [ANN, BOB]


def test_a_message_that_cannot_be_sent_again_is_told_why_and_every_act_prints_json(installed: InProcess) -> None:
    library = installed
    publish(library, "one")
    for command in ("show", "retry"):
        assert "There is no message 99." in library.run("delivery", command, "99", expect=2).stderr
    assert "it was sent" in library.run("delivery", "retry", "1", expect=1).stdout
    said = library.json("delivery", "retry", "1", expect=1)
    assert (said["retried"], said["state"]) == (False, "sent")
    assert library.json("delivery", "stop", "a wrong item ") == {"stopped": "a wrong item"}
    assert library.json("delivery", "resume") == {"stopped": None, "waits_because": "", "set_aside": 0}
    assert library.json("bulletin", "send-test", "update", ANN, expect=1)["outcome"] == "nothing new"
    library.env["ALERTS_CLOCK"] = (NOW + timedelta(days=2)).isoformat()
    library.run("person", "leave", ANN)
    waiting = library.json("delivery", "list", "--state", "pending")["messages"][0]["id"]
    assert "waits to be sent as it is" in library.run("delivery", "retry", str(waiting), expect=1).stdout


# --- telling what was used, and joining -------------------------------------------------------------------------------


def test_readers_tell_what_they_used_and_the_library_takes_it_into_a_spreadsheet(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    publish(library, "Vaping in town")
    link = f"{PUBLIC}/feedback/update/1"
    assert link in words(mailbox.parsed()[0][1]).replace("= ", "")
    with running(library, datetime.now(UTC)) as (_, address):
        page = get(address + "/feedback/update/1")
        (record,) = re.findall(r'<option value="(\d+)">Vaping in town', page)
        assert "example.nhs.uk/leave" not in page
        told = "=HYPERLINK(1)\u202e\r\nIt helped."
        assert "Thank you" in press(address + "/feedback/update/1", item=record, use="decision", told=told)
        for wrong in ({"use": "nothing"}, {"use": "care", "item": "999"}, {"use": "care", "told": "x" * 2001}, {}):
            with pytest.raises(HTTPError, match="400"):
                press(address + "/feedback/update/1", **wrong)
    library.run("feedback", "add", "update", "1", "--use", "shared", "--told", "-1 in the post", "--name", "Dr Example")
    assert "no issue 7" in library.run("feedback", "add", "update", "7", "--use", "own", expect=1).stderr
    today = f"{datetime.now(UTC):%d/%m/%Y}"
    assert len(library.json("feedback", "list", "--since", today)) == 2, "a day as people here write it"
    assert "Write it as 2026-12-24" in library.run("feedback", "list", "--since", "lately", expect=2).stderr
    assert "no bulletin “updates”" in library.run("feedback", "list", "updates", expect=2).stderr
    first, second = library.json("feedback", "list", "update")
    assert (first["title"], first["told"], first["name"]) == ("Vaping in town", "=HYPERLINK(1)\nIt helped.", "")
    assert (second["title"], second["came_by"]) == ("", "librarian")
    rows = list(csv.DictReader(io.StringIO(library.run("feedback", "export").stdout)))
    assert [each["told"][:2] for each in rows] == ["'=", "'-"]
    assert [each["used_for"] for each in rows] == ["In a decision, plan or policy", "I passed it on to colleagues"]
    assert library.json_of("feedback", "export", "--format", "json") == library.json("feedback", "list")


def test_a_reader_joins_in_two_steps_and_the_list_does_not_take_it_away(installed: InProcess, mailbox: Mailbox) -> None:
    library = installed
    path = library.folder / "config/bulletins/update.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "sign_up: {domains: [nhs.uk]}\n", encoding="utf-8")
    cat = "cat@leeds.nhs.uk"
    with running(library, datetime.now(UTC)) as (service, address):
        assert "It must end in nhs.uk" in get(f"{address}/join/update")
        assert 'href="/join/update"' in get(f"{address}/bulletins/update")
        for wrong in ("cat@example.com", "cat@evilnhs.uk", "cat", "cat@leeds.nhs.uk\r\nBcc: x@nhs.uk"):
            with pytest.raises(HTTPError, match="400"):
                press(f"{address}/join/update", address=wrong)
        asked = press(f"{address}/join/update", address=cat, name="Cat")
        assert press(f"{address}/join/update", address=ANN) == asked, "whoever reads it already, or not"
        assert press(f"{address}/join/update", address=cat) == asked
        said = ["Confirm that you would like Smoking update"]
        until(lambda: subjects(mailbox, cat) == said == subjects(mailbox, ANN), "one mail each", service)
        assert "paused" not in states(library, ANN).values()
        (to_cat,) = [message for reader, message in mailbox.parsed() if reader == cat]
        (link,) = re.findall(rf"{PUBLIC}(/join/update/\S+)", words(to_cat))
        assert str(to_cat["To"]) == cat, "a name that anybody may have written is not sent on"
        library.run("person", "show", cat, expect=1)
        assert "c…@leeds.nhs.uk" in get(address + link)
        library.run("person", "show", cat, expect=1)
        assert "You will be sent" in press(address + link)
        with pytest.raises(HTTPError, match="404"):
            press(address + link)
    publish(library, "one")
    assert cat in got(mailbox, "one")
    assert "because you asked for it" in words(newest(mailbox, cat))
    library.run("person", "leave", cat)
    publish(library, "two")
    assert cat not in got(mailbox, "two")


# --- mail that comes back ---------------------------------------------------------------------------------------------


def came_back(library: Library, envelope_sender: str, name: str) -> str:
    """Write a report as a mail server does, addressed to the envelope sender; return the file."""
    said = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n"
    text = (
        f"To: {envelope_sender}\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{said}\n--b--\n"
    )
    return str(library.write(name, text))


def test_three_issues_that_came_back_suspend_and_a_made_up_report_does_not(
    installed: InProcess, mailbox: Mailbox
) -> None:
    library = installed
    library.env["ALERTS_BOUNCE_ADDRESS"] = "bounces@alerts.example.nhs.uk"
    results = []
    for title in ("one", "two", "three"):
        publish(library, title)
        own = next(sender for sender, to in reversed(mailbox.envelopes) if to == ANN)
        assert re.fullmatch(r"bounces\+[0-9a-f]{32}@alerts\.example\.nhs\.uk", own)
        made_up = own[:-40] + ("0" if own[-40] != "0" else "1") + own[-39:]
        files = [came_back(library, made_up, "made-up.eml"), came_back(library, own, f"{title}.eml")]
        results.append(list(library.json("bounce", "read", *files).values()))
    assert results == [["unknown", "counted"], ["unknown", "counted"], ["unknown", "suspended"]]
    assert states(library, ANN) == {"update": "suspended"}
    assert states(library, BOB) == {"update": "active"}
    assert len(library.json("bounce", "list")) == 3
    publish(library, "four")
    assert got(mailbox, "four") == [BOB]
    library.run("person", "return", ANN)
    publish(library, "five")
    assert got(mailbox, "five") == [ANN, BOB]
    out_of_office = library.write("away.eml", "Auto-Submitted: auto-replied\nSubject: Away\n\nBack on Monday.\n")
    assert "left alone" in library.run("bounce", "read", str(out_of_office)).stdout
