"""The bytes on the wire, read back as mail programs read them."""

from __future__ import annotations

import email
import email.policy
import os
import re
import subprocess
import sys
from dataclasses import replace
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.render import BadField, assemble, mail_date, mail_domain, message_id
from tests.render.builders import FIELDS, RENDERER, TEMPLATES, body, header_block, issue, read, wire, with_item
from tests.render.wire_rules import broken

HOSTILE = [
    "Smoking\r\nBcc: everyone@example.org\r\n\r\nBody",
    "=?utf-8?q?evil=0d=0aBcc:_x@example.org?=",
    "=<token> =<to> {{ 7 * 7 }} =<why-html>",
    "\u202egnikoms\u202c \u2066hidden\u2069",
    "nul\x00 and bell\x07 and \u2028 separators \u2029",
    "x" * 100_000,
    "\U0001f6ad " * 60,
    "Ünïcödé " * 40,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a=b" * 30,
    "From here. It goes\n.\n",
    "lone \ud800 surrogate",
    "Z\u0351\u036b\u0343a\u0334l\u0335g\u0358o" + "\u0301" * 200,
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 (English) 123",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 " * 30,
    "--=_alerts_0 boundary\r\n--=_alerts_0--",
    "\t\v\f\x1b[31m\x85 tabs and escapes",
    "?= =?utf-8?b?",
    "",
]


def test_the_headers_are_those_of_the_specification_and_no_others() -> None:
    message = read(wire(issue()))
    assert {name: str(value) for name, value in message.items() if name not in {"Content-Type"}} == {
        "From": "Northmoor Library <alerts@example.nhs.uk>",
        "Reply-To": "Northmoor Library and Knowledge Service <library@example.nhs.uk>",
        "To": "Zoë Lund <zoe.lund@example.nhs.uk>",
        "Date": "Tue, 17 Nov 2026 07:30:00 +0000",
        "Message-ID": "<0123456789abcdef@alerts.example.nhs.uk>",
        "Subject": "Helping people in shared housing to stop smoking + 2 more",
        "List-Id": '"Public health update" <sample.alerts.example.nhs.uk>',
        "List-Unsubscribe": (
            "<https://alerts.example.nhs.uk/leave/a1.Zm9vYmFyYmF6cXV4MTIzNA>, "
            "<mailto:library@example.nhs.uk?subject=Stop%20Public%20health%20update>"
        ),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://alerts.example.nhs.uk/bulletins/sample>",
        "Archived-At": "<https://alerts.example.nhs.uk/bulletins/sample/12>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Language": "en-GB",
        "MIME-Version": "1.0",
    }


def test_text_comes_first_and_both_parts_are_whole() -> None:
    message = read(wire(issue()))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects
    assert all(not part.defects for part in message.iter_parts())
    assert not list(message.iter_attachments())


@pytest.mark.parametrize("kind", ["person", "list"])
def test_without_a_public_address_one_leaves_by_mail_and_nothing_links_to_pages(kind: str) -> None:
    message = read(wire(issue(public_address=""), "list" if kind == "list" else "person"))
    assert message["List-Unsubscribe"] == "<mailto:library@example.nhs.uk?subject=Stop%20Public%20health%20update>"
    assert not {"List-Unsubscribe-Post", "List-Archive", "Archived-At"} & set(message.keys())
    assert message["List-Id"] == '"Public health update" <sample.example.nhs.uk>'


def test_a_distribution_list_gets_no_one_click_link_since_one_member_would_remove_all() -> None:
    whole = wire(issue(), "list")
    message = read(whole)
    assert message["List-Unsubscribe"].startswith("<mailto:")
    assert "List-Unsubscribe-Post" not in message
    assert FIELDS["token"].encode() not in whole
    assert message["Archived-At"]


@pytest.mark.parametrize("length", [31, 90, 200])
def test_the_list_unsubscribe_line_is_one_line_for_any_public_address(length: int) -> None:
    public = "https://alerts.example.nhs.uk/a" + "a" * (length - 31)
    lines = [line for line in header_block(wire(issue(public_address=public))) if line.lower().startswith(b"list-")]
    assert len(lines) == 4
    assert all(len(line) <= 998 for line in lines)
    (unsubscribe,) = [line for line in lines if line.startswith(b"List-Unsubscribe: ")]
    assert unsubscribe.startswith(f"List-Unsubscribe: <{public}/leave/{FIELDS['token']}>, <mailto:".encode())
    assert b"=?" not in unsubscribe


def test_lines_keep_to_their_lengths_and_end_in_crlf() -> None:
    whole = wire(issue())
    assert whole.isascii()
    assert whole.count(b"\n") == whole.count(b"\r\n") == whole.count(b"\r")
    for line in header_block(whole):
        assert len(line) <= (998 if line.startswith((b"List-", b"Archived-At")) else 76), line
    assert all(len(line) <= 76 for line in whole.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_harmless(title: str) -> None:
    whole = wire(with_item(title=title, summary=title, web_summary=title, note="", publisher=title))
    assert broken(whole) == []
    message = read(whole)
    assert len(message.keys()) == len(read(wire(issue())).keys())
    assert "Bcc" not in message
    assert message["To"].addresses[0].addr_spec == FIELDS["to_address"]
    raw = [line for line in header_block(whole) if line.startswith(b"Subject:") or line.startswith(b" ")]
    assert all(len(line) <= 76 for line in raw)
    assert all(len(word) <= 75 for line in raw for word in re.findall(rb"=\?\S+\?=", line))
    subject = str(make_header(decode_header(email.message_from_bytes(whole)["Subject"])))
    assert len(subject) <= 150
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u2028\u2029]", subject)
    html = body(whole, "html")
    assert "<script" not in html
    assert "<img" not in html
    assert max(map(len, whole.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76
    assert html.count(FIELDS["token"]) == 2, "no title can bring the reader's own link into a place of its choosing"


def test_a_letter_has_at_most_four_accents_wherever_it_stands() -> None:
    pile = "Z" + "\u0301" * 400
    content = with_item(title=pile, web_summary=pile, summary=pile, publisher=pile)
    whole = wire(content)
    for shown in (str(read(whole)["Subject"]), body(whole, "plain"), body(whole, "html"), RENDERER.page(content)):
        assert "\u0301" in shown
        assert "\u0301" * 5 not in shown


def test_an_encoded_word_in_a_title_is_shown_as_it_is_written() -> None:
    title = "=?utf-8?q?evil?= =<token>"
    assert str(read(wire(issue(subject=title)))["Subject"]) == title


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_name_of_a_bulletin_library_or_reader_breaks_no_rule(title: str) -> None:
    team = replace(issue().team, library=title or "x", owner_name=title, sender_name=title, foot=title, phone=title)
    for kind in ("person", "list"):
        for public in ("", "https://alerts.example.nhs.uk"):
            content = issue(bulletin_title=title, team=team, note=title, preheader=title, public_address=public)
            made = RENDERER.mail(content, "list" if kind == "list" else "person").message
            assert broken(assemble(made, {**FIELDS, "to_name": title, "why": title})) == []


@pytest.mark.parametrize("title", ["\u516c\u5171\u885b\u751f" * 20, "\U0001f6ad" * 80, "é" * 80])
def test_the_longest_addresses_and_names_leave_list_unsubscribe_whole(title: str) -> None:
    team = replace(issue().team, reply_to=f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.uk")
    public = "https://alerts.example.nhs.uk/" + "a" * 170
    whole = wire(issue(bulletin_title=title, team=team, public_address=public, bulletin_id="x" * 64))
    assert broken(whole) == []
    (line,) = [line for line in header_block(whole) if line.startswith(b"List-Unsubscribe: ")]
    assert line.startswith(f"List-Unsubscribe: <{public}/leave/{FIELDS['token']}>, <mailto:".encode())
    assert len(line) <= 998


@pytest.mark.parametrize("public", ["https://bücher.example", "https://[2001:db8::1]/x", "http://127.0.0.1:8000"])
def test_an_address_that_is_no_plain_host_still_makes_a_message(public: str) -> None:
    whole = wire(issue(public_address=public.replace("http:", "https:")))
    assert broken(whole) == []
    assert message_id("x", domain=mail_domain(public, issue().team)).isascii()


def test_the_strict_reader_finds_what_is_wrong() -> None:
    whole = wire(issue())
    assert broken(whole) == []
    wrongs = (
        (b"\r\nTo: ", b"\nTo: "),
        (b"Precedence: bulk", b"Precedence: \xc3\xa9"),
        (b"Precedence: bulk", b"Precedence: " + b"bulk " * 30),
        (b"Zo=C3=AB", b"Zo=C3"),
        (b"<zoe.lund@", b"<zoe lund@"),
        (b"Date: Tue,", b"Date: "),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: =?utf-8?q?_<"),
        (b"Subject: ", b"Subject: x\r\nSubject: "),
        (b"text/plain", b"text/html"),
        (b"quoted-printable\r\n\r\n", b"quoted-printable\r\n\r\n=zz"),
    )
    for was, wrong in wrongs:
        assert was in whole, was
        assert broken(whole.replace(was, wrong, 1)), (was, wrong)


@given(st.text(max_size=400))
def test_any_subject_makes_one_well_formed_header(subject: str) -> None:
    whole = wire(issue(subject=subject))
    assert broken(whole) == []
    message = email.message_from_bytes(whole)
    assert len(message.keys()) == 17
    shown = str(make_header(decode_header(str(message["Subject"])))) if message["Subject"] else ""
    expected = " ".join(subject.split())
    if expected.isalnum() and len(expected) <= 150:
        assert shown == expected


@given(st.text(max_size=120), st.text(max_size=700), st.text(st.characters(codec="ascii"), max_size=60))
def test_a_readers_own_values_never_break_the_message(name: str, why: str, token: str) -> None:
    whole = wire(issue(), to_name=name, why=why, token=token)
    assert broken(whole) == []
    message = read(whole)
    assert len(message.keys()) == 17
    assert message["To"].addresses[0].addr_spec == FIELDS["to_address"]
    assert all(len(line) <= 76 for line in whole.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))
    assert whole.count(b"\n") == whole.count(b"\r\n")
    assert len([part for part in message.iter_parts() if not part.defects]) == 2
    plain = " ".join(body(whole, "plain").split())
    assert plain.count("Forwarded to you?") == 1


def test_a_reason_of_any_length_and_script_is_told_in_both_parts() -> None:
    why = "Vous êtes <abonné> & équipe 公衆衛生 — " * 8
    whole = wire(issue(), why=why)
    told = " ".join(why.split())
    assert told in " ".join(body(whole, "plain").split())
    assert told.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in body(whole, "html")


def test_a_readers_link_stands_in_header_text_and_html() -> None:
    whole = wire(issue())
    own = f"https://alerts.example.nhs.uk/leave/{FIELDS['token']}"
    assert own in read(whole)["List-Unsubscribe"]
    assert body(whole, "plain").count(own) == 2
    assert body(whole, "html").count(f'href="{own}"') == 2


def test_no_mark_or_hole_is_left_in_a_finished_message() -> None:
    whole = wire(issue())
    assert not re.search(rb"=<[a-z-]+>", whole)
    assert not re.search(r"q(?:token|why)[0-9a-f]{24}q", body(whole, "plain") + body(whole, "html"))


def test_the_same_values_make_the_same_bytes_and_other_readers_differ_only_in_theirs() -> None:
    assert wire(issue()) == wire(issue())
    mine, yours = wire(issue()), wire(issue(), to_name="Zöe Dunl", to_address="zoe.dunl@example.nhs.uk")
    differing = [line for line in zip(mine.split(b"\r\n"), yours.split(b"\r\n"), strict=True) if line[0] != line[1]]
    assert len(differing) == 1


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import hashlib; from benchmarks.invented import issues; from alerts.compose import compose; "
        "from tests.render.builders import RENDERER; bulletin, candidates, setting = issues()['full']; "
        "made = compose(bulletin, candidates, setting=setting, measure=RENDERER.measure); "
        "print(hashlib.sha256(RENDERER.mail(made.content).message + RENDERER.page(made.content).encode()).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=TEMPLATES.parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1
    assert len(made.pop().strip()) == 64


@pytest.mark.parametrize(
    "fields",
    [
        {"to_address": "x@y\r\nRCPT TO:<evil@example.org>"},
        {"to_address": "no-at-sign"},
        {"to_address": "two@@example.org"},
        {"to_address": "a b@example.org"},
        {"to_address": "dot..dot@example.org"},
        {"to_address": "é@example.org"},
        {"message_id": "<a b@c>"},
        {"message_id": "<a@b>\r\nX: y"},
        {"date": "yesterday"},
        {"date": "Tue, 17 Nov 2026 07:30:00 +0000\r\nX: y"},
    ],
)
def test_a_value_that_cannot_be_a_header_is_refused(fields: dict[str, str]) -> None:
    skeleton = RENDERER.mail(issue()).message
    with pytest.raises(BadField):
        assemble(skeleton, {**FIELDS, **fields})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(BadField, match="token, why"):
        assemble(b"", {name: value for name, value in FIELDS.items() if name not in {"token", "why"}})


def test_a_domain_in_another_script_goes_out_in_ascii() -> None:
    assert b"zoe@xn--bcher-kva.example" in wire(issue(), to_address="zoe@bücher.example")


@pytest.mark.parametrize("name", ["", "Lund, Zoë", 'Zoe "Z" Lund', "a" * 149, "名前 " * 30, "x = y", "back\\slash"])
def test_names_of_all_kinds_are_read_back(name: str) -> None:
    whole = wire(issue(), to_name=name)
    (address,) = read(whole)["To"].addresses
    assert address.addr_spec == FIELDS["to_address"]
    raw = email.message_from_bytes(whole)["To"].replace("\\\\", "\\").replace('\\"', '"')
    phrase = str(make_header(decode_header(raw))).rpartition("<")[0] if name else ""
    assert phrase.strip().removeprefix('"').removesuffix('"').strip() == " ".join(name.split())


def test_ids_and_dates_are_stable() -> None:
    assert message_id("update", 12, 7, domain="alerts.example.nhs.uk") == message_id(
        "update", 12, 7, domain="alerts.example.nhs.uk"
    )
    assert message_id("update", 12, 7, domain="a.example") != message_id("update", 1, 27, domain="a.example")
    assert message_id("é", domain="bücher.example").endswith("@xn--bcher-kva.example>")
    from datetime import datetime, timedelta, timezone

    assert mail_date(datetime(2026, 11, 17, 8, 30, tzinfo=timezone(timedelta(hours=1)))) == FIELDS["date"]


def test_answers_go_to_the_librarian_or_the_owner_or_the_sender() -> None:
    team = issue().team
    owner = replace(team, reply_to="", owner_address="owner@example.nhs.uk")
    sender = replace(team, reply_to="", owner_address="")
    assert read(wire(issue(team=owner)))["Reply-To"].addresses[0].addr_spec == "owner@example.nhs.uk"
    assert str(read(wire(issue(team=sender)))["Reply-To"]) == "alerts@example.nhs.uk"
    assert "owner@example.nhs.uk" in read(wire(issue(team=owner), "list"))["List-Unsubscribe"]


@pytest.mark.parametrize(("language", "said"), [("cy", "cy"), ("cy-GB", "cy-GB"), ("x\r\ny", "en-GB"), ("é", "en-GB")])
def test_only_a_language_tag_is_a_language(language: str, said: str) -> None:
    assert read(wire(issue(language=language)))["Content-Language"] == said


def test_a_notice_is_a_whole_message_that_asks_for_no_answer() -> None:
    team = issue().team
    fields = {**FIELDS, "why": "", "token": ""}
    message = read(RENDERER.notice("left", team=team, fields=fields, values={"bulletin_title": "Vaping <update>"}))
    assert message["Subject"] == "You have left Vaping <update>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in message
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert "Vaping <update>" in plain.get_content()
    assert "Vaping &lt;update&gt;" in html.get_content()


def test_a_word_to_the_staff_has_its_lines_as_paragraphs() -> None:
    values = {"message": "3 sources failed", "lines": ["BMJ answered 410.", "NICE timed out."]}
    message = read(RENDERER.notice("staff", team=issue().team, fields=FIELDS, values=values))
    assert message["Subject"] == "3 sources failed"
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().count("<p") == 4


def test_a_bulletin_with_an_odd_name_still_has_a_list_id() -> None:
    content = replace(issue(), bulletin_id="Ünit/42", bulletin_title='Our "best" <update>')
    assert read(wire(content))["List-Id"] == "<nit-42.alerts.example.nhs.uk>"
