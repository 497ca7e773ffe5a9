"""Letters to items: whatever a newsletter is made of, its items come out with title, words and link."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import quote

import pytest

from alerts.model.records import Entry
from alerts.model.sources import Letters
from alerts.parse import parse
from alerts.parse.body import Parsed
from alerts.parse.letters.boilerplate import is_boilerplate
from alerts.parse.letters.heads import head_of, is_wanted
from alerts.parse.letters.items import is_generic
from alerts.parse.letters.lines import MOST_LINKS
from alerts.parse.letters.redirects import decoded, is_personal
from alerts.parse.problems import NotALetter
from tests.newsletters import FOOT, item, letter

DAY = datetime(2026, 11, 6, 8, tzinfo=UTC)
REAL = "https://www.example.org/reports/smoking?page=2"


def read(raw: bytes, **options: object) -> Parsed:
    return parse(raw, kind="mailbox", address="imaps://u@mail.example.org/INBOX", **options)


def of_html(body: str, **options: object) -> dict[str, Entry]:
    found = read(letter(html=f"<html><body>{body}{FOOT}</body></html>", day=DAY), **options)
    return {each.title: each for each in found.entries}


def b64(text: str, *, safe: bool = True) -> str:
    made = base64.urlsafe_b64encode(text.encode()) if safe else base64.b64encode(text.encode())
    return made.decode().rstrip("=")


JWT = f"eyJhbGciOiJIUzI1NiJ9.{b64(json.dumps({'uri': 'bp2:click', 'url': REAL}))}.c2ln"
MAILGUN = (
    base64.urlsafe_b64encode(zlib.compress(f"h=1&l={quote(REAL, safe='')}&r=a%40b.c".encode())).decode().rstrip("=")
)
MANDRILL = b64(json.dumps({"s": "x", "v": 1, "p": json.dumps({"u": 1, "url": REAL})}))


@pytest.mark.parametrize(
    "href",
    [
        REAL + "&utm_source=news&utm_medium=email&mc_eid=abc123",
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(REAL, safe='')}&data=05%7C01&reserved=0",
        f"https://urldefense.proofpoint.com/v1/url?u={quote(REAL, safe='')}&k=x",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.example.org_reports_smoking-3Fpage-3D2&d=DwM&c=x",
        f"https://urldefense.com/v3/__https://www.example.org/reports/smoking*page=2__;{b64('?')}!!abc$",
        f"https://lnks.gd/l/{JWT}",
        f"https://links-2.govdelivery.com/CL0/{quote(REAL, safe=':')}/1/0101/abc=300",
        f"https://x1.awstrack.me/L0/{quote(REAL, safe=':')}/1/0102/abc=12",
        f"https://www.google.com/url?q={quote(REAL, safe='')}&sa=D",
        f"https://linkprotect.cudasvc.com/url?a={quote(REAL, safe='')}&c=E,1,x",
        f"https://mandrillapp.com/track/click/30/www.example.org?p={MANDRILL}",
        f"https://substack.com/redirect/2/{b64(json.dumps({'e': REAL}))}.sig",
        f"https://0x.mjt.lu/lnk/AAA/1/bbb/{b64(REAL)}",
        f"https://eu1.protection.sophos.com/?d=example.org&u={quote(b64(REAL, safe=False))}&i=x",
        f"https://secure-web.cisco.com/1abc/{quote(REAL, safe='')}",
        f"https://clicktime.symantec.com/3abc?u={quote(REAL, safe='')}",
        f"https://protect.fireeye.com/v1/url?k=1&u={quote(REAL, safe='')}",
        f"https://mail.charity.example.net/track/click?id=4&url={quote(REAL, safe='')}",
        f"https://mail.charity.example.net/link-tracker?sig=1&redirectUrl={b64(quote(REAL, safe=''))}",
        f"http://links.govdelivery.com:80/track?type=click&enid=ZWFzPTEmbWFpbGluZ2lk&&&101&&&{REAL}",
        f"https://x1.r.eu-west-1.awstrack.me/L0/{quote(REAL, safe='')}/1/0102/abc=12",
        f"https://click.convertkit-mail2.com/gkul57k05ph5hlzm/dpheh0hewge40qbm/{b64(REAL)}",
        f"https://e.customeriomail.com/e/c/{b64(json.dumps({'email_id': 'x', 'href': REAL, 'link_id': 3}))}/e5f97b8c",
        f"https://flight.beehiiv.net/v2/clicks/{JWT}",
        f"https://track.pstmrk.it/3s/{quote(REAL.removeprefix('https://'), safe='')}/I76j/74HEAQ/AQ/1556/1/rFvv",
        f"https://email.mg1.news.example.net/c/{MAILGUN}",
        f"https://url.avanan.click/v2/r01/___{REAL}___.YXAzOm4",
        f"https://protect.checkpoint.com/v2/___{REAL.replace('//', '/', 1)}___.YXAzOm4",
        f"https://atpscan.global.hornetsecurity.com/?d=1&f=2&u={quote(REAL, safe='')}",
        "https://urldefense.com/v3/__https://x1.awstrack.me/L0/https:*2F*2Fwww.example.org*2Freports*2Fsmoking*3Fpage"
        f"=2/1/0102/abc=388__;{b64('%%%%%')}!!abc$",
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(f'https://lnks.gd/l/{JWT}', safe='')}",
    ],
)
def test_a_link_within_a_tracker_or_filter_of_a_known_form_is_decoded_and_not_followed(href: str) -> None:
    assert decoded(href) == (REAL, "")


@pytest.mark.parametrize(
    ("href", "whose"),
    [
        ("https://fund.us1.list-manage.com/track/click?u=1a2b&id=3c4d&e=5e6f", "Mailchimp"),
        ("https://r20.rs6.net/tn.jsp?f=001abcdef", "Constant Contact"),
        ("https://u1.ct.sendgrid.net/ls/click?upn=u001.abc", "SendGrid"),
        ("https://fund.cmail19.com/t/r-l-abcdef-l-r/", "Campaign Monitor"),
        ("https://d1.eu1.hubspotlinks.com/Ctc/5C+113/abc", "HubSpot"),
        ("https://protect-eu.mimecast.com/s/abcDEF", "Mimecast"),
        ("https://r1.dmtrk.net/4ABC-1/c.aspx", "Dotdigital"),
        ("https://t.charity.example.net/4TEX-1ABCD-C3XKXW8-2QX6A-1/c.aspx", "Dotdigital"),
        ("https://r1.ddlnk.net/4TEX-1ABCD-1ABC-2QX/c.aspx", "Dotdigital"),
        (
            "https://substack.com/redirect/ed771677-18ec-475e-9e66-428aa7c4c7f2?j=eyJ1IjoiMSJ9.bqmJ9TjykdtTXCviJ3jD",
            "Substack",
        ),
        ("https://qplxqb.clicks.mlsend.com/tf/c/eyJ2Ijoie1wiYVwiOjgzMzg5MH0iLCJzIjoiYTlmIn0", "MailerLite"),
        ("https://app.news.charity.example.net/e/er?s=18&lid=24&elqTrackId=abc&elq=d0&elqaid=1&elqat=1", "Eloqua"),
        ("https://links.charity.example.net/f/a/C8dXlOi2JnL8X6b3bQCH4A~~/AAVyQxA~/RgRj", "SparkPost"),
        ("https://www.charity.example.net/civicrm/mailing/url?u=123&qid=456", "CiviCRM"),
        ("https://email.mg1.news.example.net/c/eJwNotPackedAtAllNotPackedAtAll", "Mailgun"),
        ("https://fund.msgfocus.com/c/1abc", "Adestra"),
        ("https://click.news.charity.example.net/?qs=0123456789abcdef0123456789abcdef", "Salesforce"),
        ("https://links.charity.example.net/els/v2/kRc9xQ3mTz81LbXy77qAavZ/aUk2QmR4", "a click counter"),
    ],
)
def test_a_link_that_only_its_tracker_can_look_up_is_kept_and_said(href: str, whose: str) -> None:
    found = decoded(href)
    assert found.tracker == whose
    assert found.address.startswith(href[:25])
    assert is_personal(found.tracker)


@pytest.mark.parametrize(
    "href",
    [
        "https://www.gov.uk/government/publications/the-long-name-of-a-report-on-health-in-2026-and-2027",
        "https://assets.publishing.service.gov.uk/media/5a7c2f1ee5274a7318b8f2b1/report.pdf",
        "https://doi.org/10.1136/bmj.n71",
        "https://news.example.org/stories/what-we-know-about-nicotine-pouches-among-young-people",
        "https://www.example.org/search?q=https://www.example.net/page",
        "https://account.example.org/signin?redirect=https://www.example.org/report",
        "https://www.example.org/documents/eyJhIjoxfQ/aReportWithALongNameOfItsOwn",
        "https://www.example.org/government/publications/aHR0cCBpcyBub3QgYW4gYWRkcmVzcw",
    ],
)
def test_a_plain_link_is_left_as_it_is(href: str) -> None:
    assert decoded(href) == (href, "")


@pytest.mark.parametrize(
    "href",
    ["mailto:a@example.org", "tel:+44", "#top", "javascript:alert(1)", "data:text/html,x", "", "https://", "x" * 9000,
     "https://urldefense.com/v3/__**_**_**_**__;!!", "https://lnks.gd/l/a.b.c", "https://[::1", "https://mandrillapp.com/t?p=W10"],
)  # fmt: skip
def test_what_is_no_usable_link_gives_none_and_never_an_error(href: str) -> None:
    assert isinstance(decoded(href).address, str)


def test_a_linked_heading_is_an_item_with_the_paragraphs_below_it() -> None:
    found = of_html(item("Stopping smoking in pregnancy: a review", REAL, "Incentives double quit rates."))
    (entry,) = found.values()
    assert (entry.title, entry.summary) == ("Stopping smoking in pregnancy: a review", "Incentives double quit rates.")
    assert (entry.link, entry.key) == (REAL, REAL)
    assert (entry.published, entry.date_kind, entry.publisher) == (DAY, "published", "Example Fund")


def test_read_more_takes_the_heading_above_and_the_paragraph_between() -> None:
    found = of_html(
        "<h2>New guidance on vaping in hospitals</h2><p>Trusts should offer vapes.</p>"
        '<p><a href="https://www.example.org/vaping">Find out more &gt;</a></p>'
        "<p><strong>Housing and health</strong></p><p>Cold homes cost lives. "
        '<a href="https://www.example.org/homes">Read the full report here</a>.</p>'
    )
    assert {title: each.link[-6:] for title, each in found.items()} == {
        "New guidance on vaping in hospitals": "vaping",
        "Housing and health": "/homes",
    }
    assert found["New guidance on vaping in hospitals"].summary == "Trusts should offer vapes."
    assert found["Housing and health"].summary.startswith("Cold homes cost lives")


def test_a_link_within_a_paragraph_is_called_by_its_words_or_by_the_heading_or_the_sentence() -> None:
    found = of_html(
        '<p>They looked at <a href="https://www.example.org/p">community pharmacies in five towns</a> this year.</p>'
        '<h3>Sleep and shift work</h3><p>Nurses sleep badly, says a <a href="https://www.example.org/s">study</a>.</p>'
        "<h3>Data</h3><p>Nothing here.</p><p>Other news. The ministry counted 4,000 more midwives than before "
        '(<a href="https://www.example.org/m">ONS data</a>). More later.</p>'
    )
    assert list(found) == [
        "Community pharmacies in five towns",
        "Sleep and shift work",
        "The ministry counted 4,000 more midwives than before (ONS data).",
    ]


def test_no_item_is_ever_called_read_more_or_by_the_file_of_an_image() -> None:
    found = of_html(
        '<a href="https://www.example.org/1"><img alt="img_0034.jpg" src="x.jpg"></a><h3>Loneliness in later life</h3>'
        '<p>What helps.</p><a href="https://www.example.org/1">Read more</a>'
        '<a href="https://www.example.org/2"><img alt="Cover of the report on air quality and asthma" src="y"></a>'
        '<a href="https://www.example.org/3">here</a>'
    )
    assert [*found] == ["Loneliness in later life", "Cover of the report on air quality and asthma"]
    assert not [title for title in found if is_generic(title)]


@pytest.mark.parametrize(
    "words",
    ["Read more", "here", "Click here", "Find out more about this", "Download the report (PDF)", "https://www.example.org/x",
     "www.example.org", "report.pdf", "IMG_0042.png", "Learn more »", "Continue reading", "Register now", "→",
     "Darllen mwy", "View the full guidance", "this link"],
)  # fmt: skip
def test_words_that_say_nothing_of_where_a_link_leads(words: str) -> None:
    assert is_generic(words)


@pytest.mark.parametrize(
    "words",
    ["Reading and dementia: a review", "Here comes winter: pressures on wards", "Report on smoking in pregnancy",
     "Data strategy for public health", "View from the ward: a year on", "Download speeds and telehealth"],
)  # fmt: skip
def test_titles_that_only_begin_like_them(words: str) -> None:
    assert not is_generic(words)
    assert not is_boilerplate(words, "https://www.example.org/x")


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("Unsubscribe", "https://www.example.org/x"), ("unsubscribe from this list", "https://www.example.org/x"),
        ("Update your preferences", "https://www.example.org/x"), ("View this email in your browser", "https://www.example.org/x"),
        ("View in browser", "https://www.example.org/x"), ("Forward to a friend", "https://www.example.org/x"),
        ("Privacy policy", "https://www.example.org/x"), ("Follow us on LinkedIn", "https://www.example.org/x"),
        ("Facebook icon", "https://www.example.org/x"), ("Contact us", "https://www.example.org/x"),
        ("Visit our website", "https://www.example.org/x"), ("The Fund", "https://www.example.org/"),
        ("Our channel of films", "https://www.youtube.com/@fund"), ("A fine page of ours", "https://twitter.com/fund"),
        ("Anything at all here", "https://fund.us1.list-manage.com/unsubscribe?u=1"),
        ("Anything at all here", "https://public.govdelivery.com/accounts/UKX/subscriber/edit?preferences=true"),
        ("Manage subscriptions", "https://www.example.org/x"), ("Add us to your address book", "https://www.example.org/x"),
        ("Powered by Mailchimp", "https://www.example.org/x"), ("Newsletter archive", "https://www.example.org/x"),
        ("No images? Click here", "https://network.cmail19.com/t/r-e-abc-r/"),
        ("Click here", "https://network.cmail19.com/t/r-e-abc-r/"),
        ("Preferences and profile", "https://network.updatemyprofile.com/r-l"),
        ("Yes, please confirm my subscription", "https://www.example.org/c?x=1"),
        ("Verify your email address", "https://www.example.org/c?x=1"),
        ("Jo Bloggs", "https://substack.com/@jo-bloggs"),
        ("Comment", "https://www.example.org/p?x=1"),
        ("Read in app", "https://www.example.org/p?x=1"),
    ],
)  # fmt: skip
def test_what_every_newsletter_has_is_no_item(words: str, address: str) -> None:
    assert is_boilerplate(words, address)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("Contacting hard-to-reach groups: a review", "https://www.example.org/x"),
        ("Privacy and genomics: what patients say", "https://www.example.org/x"),
        ("Follow-up after stroke at home", "https://www.example.org/x"),
        ("Sharing data between trusts", "https://www.example.org/x"),
        ("Film: a day in A&E", "https://www.youtube.com/watch?v=abc"),
        ("Home care in crisis", "https://www.example.org/x"), ("Help for carers in winter", "https://www.example.org/x"),
        ("Join-up care: the evidence", "https://www.example.org/x"),
    ],
)  # fmt: skip
def test_items_whose_titles_begin_like_them_are_kept(words: str, address: str) -> None:
    assert not is_boilerplate(words, address)


def test_links_at_the_end_of_a_letter_and_hidden_ones_are_left_out() -> None:
    found = of_html(
        '<div style="display:none"><a href="https://www.example.org/hidden">A preview line that nobody sees</a></div>'
        '<!--[if mso]><a href="https://www.example.org/mso">Only for Outlook, twice the same</a><![endif]-->'
        + item("Stopping smoking in pregnancy: a review", REAL)
    )
    assert list(found) == ["Stopping smoking in pregnancy: a review"]


def test_what_the_librarian_wants_left_out_is_left_out() -> None:
    body = item("Stopping smoking in pregnancy: a review", REAL) + item(
        "Our leadership course", "https://www.example.org/courses/1"
    )
    assert len(of_html(body)) == 2
    assert list(of_html(body, leave_out=("/courses/",))) == ["Stopping smoking in pregnancy: a review"]
    assert list(of_html(body, leave_out=("LEADERSHIP course",))) == ["Stopping smoking in pregnancy: a review"]


def test_an_item_has_its_own_date_where_one_stands_with_it_and_not_that_of_an_event() -> None:
    found = of_html(
        item("Stopping smoking in pregnancy: a review", REAL, "3 November 2026</p><p>Incentives double quit rates.")
        + item("Conference on prevention in Leeds", "https://www.example.org/c", "12 December 2026</p><p>Book early.")
    )
    assert found["Stopping smoking in pregnancy: a review"].published == datetime(2026, 11, 3, tzinfo=UTC)
    assert found["Stopping smoking in pregnancy: a review"].summary == "Incentives double quit rates."
    assert found["Conference on prevention in Leeds"].published == DAY


def test_identifiers_and_closing_dates_are_understood_as_in_feeds() -> None:
    found = of_html(
        item("A trial of text messages for quitting", "https://doi.org/10.1136/bmj.n71?utm_source=x")
        + item("Consultation on vape flavours", "https://www.gov.uk/government/consultations/vape-flavours",
               "Consultation closes on 4 December 2026.")
    )  # fmt: skip
    assert found["A trial of text messages for quitting"].identifier("doi") == "10.1136/bmj.n71"
    assert found["Consultation on vape flavours"].closes == datetime(2026, 12, 4, tzinfo=UTC)


def test_the_section_above_several_items_is_kept_as_a_word_to_search_by() -> None:
    found = of_html("<h2>Tobacco</h2>" + item("Stopping smoking in pregnancy: a review", REAL))
    assert found["Stopping smoking in pregnancy: a review"].keywords == ("Tobacco",)


def test_the_same_item_of_next_weeks_letter_has_the_same_name_though_its_tracker_is_another() -> None:
    def one(number: int) -> Entry:
        link = f"https://fund.us1.list-manage.com/track/click?u=1&id={number}&e=9"
        (entry,) = of_html(item("Stopping smoking in pregnancy: a review", link)).values()
        return entry

    first, second = one(1), one(2)
    assert first.link != second.link
    assert (first.key, first.fingerprint) == (second.key, second.fingerprint)
    assert not first.identifier("link"), "a number of the subscriber's names no publication"


def test_the_heading_and_the_read_more_of_one_item_are_one_though_trackers_differ() -> None:
    def tracked(number: int) -> str:
        return f"https://fund.us1.list-manage.com/track/click?u=1&id={number}&e=9"

    found = of_html(
        f'<a href="{tracked(1)}"><img src="a.png"></a><h3><a href="{tracked(2)}">Loneliness in later life</a></h3>'
        f'<p>What helps.</p><a href="{tracked(3)}">Read more</a>'
    )
    assert list(found) == ["Loneliness in later life"]


def test_links_that_stand_in_one_line_with_nothing_beside_them_are_items_of_their_own() -> None:
    found = of_html(
        '<a href="https://x.example.org/measles">Measles outbreak in coastal towns contained</a>\n'
        '<a href="https://x.example.org/nursing">New framework for school nursing published</a>'
    )
    assert [(title, each.summary) for title, each in found.items()] == [
        ("Measles outbreak in coastal towns contained", ""), ("New framework for school nursing published", "")
    ]  # fmt: skip


def test_a_row_of_ways_to_one_article_is_one_item() -> None:
    found = of_html(
        "<ol><li><b>Home monitoring after stroke</b><br>BMJ Open 2026<br>A trial of 200 patients. "
        '<a href="https://doi.org/10.5555/x1">Full text</a> | <a href="https://libkey.example.org/x1">LibKey</a></li></ol>'
    )
    assert [(title, each.identifier("doi")) for title, each in found.items()] == [
        ("Home monitoring after stroke", "10.5555/x1")
    ]


def test_a_sentence_that_a_link_belongs_to_is_not_cut_apart_for_a_title() -> None:
    assert list(of_html('<p>The whole report is out, and <a href="https://x.example.org/r">here</a>.</p>')) == [
        "The whole report is out, and here."
    ]


def test_text_without_html_is_read_by_its_lines() -> None:
    text = """TOBACCO
=======

Stopping smoking in pregnancy: a review
Incentives double quit rates, in a review of 41 trials that was
published this week.
https://www.example.org/pregnancy

* Vaping on hospital wards [ https://www.example.org/wards ]

Read about pharmacies in five towns: <https://www.example.org/pharmacies>

To unsubscribe: https://www.example.org/unsubscribe
"""
    found = {each.title: each.link for each in read(letter(text=text)).entries}
    assert found == {
        "Stopping smoking in pregnancy: a review": "https://www.example.org/pregnancy",
        "Vaping on hospital wards": "https://www.example.org/wards",
        "Read about pharmacies in five towns": "https://www.example.org/pharmacies",
    }


def test_a_letter_that_was_forwarded_as_an_attachment_is_read_as_itself() -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "Ann <ann@example.nhs.uk>", "FW: Weekly update"
    outer.set_content("For the alerts. My page: https://www.example.org/ann-at-work")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Fund <news@fund.example.org>", "Weekly update"
    inner["Date"] = "Fri, 06 Nov 2026 08:00:00 +0000"
    inner.add_alternative(item("Stopping smoking in pregnancy: a review", REAL), subtype="html")
    outer.add_attachment(inner)
    (entry,) = read(outer.as_bytes()).entries
    assert (entry.title, entry.publisher, entry.published) == ("Stopping smoking in pregnancy: a review", "Fund", DAY)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("transfer", ["quoted-printable", "base64", "8bit"])
def test_letters_of_every_charset_and_transfer_encoding_are_read(charset: str, transfer: str) -> None:
    body = item("Café owners and calorie labels: a survey", REAL)
    if transfer == "base64":
        packed = base64.encodebytes(body.encode(charset))
    elif transfer == "quoted-printable":
        import quopri

        packed = quopri.encodestring(body.encode(charset))
    else:
        packed = body.encode(charset)
    head = f"From: f@fund.example.org\nContent-Type: text/html; charset={charset}\n"
    head += f"Content-Transfer-Encoding: {transfer}\n\n"
    assert [each.title for each in read(head.encode() + packed).entries] == ["Café owners and calorie labels: a survey"]


def test_a_signed_letter_is_read_and_a_sealed_one_is_said() -> None:
    html = item("Stopping smoking in pregnancy: a review", REAL)
    signed = (
        'From: f@fund.example.org\nContent-Type: multipart/signed; boundary=s; protocol="x/pkcs7"\n\n'
        f"--s\nContent-Type: text/html\n\n{html}\n--s\nContent-Type: application/pkcs7-signature\n\nMIIB\n--s--\n"
    )
    assert len(read(signed.encode()).entries) == 1
    with pytest.raises(NotALetter, match="sealed"):
        read(b"From: f@fund.example.org\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB\n")


def test_heads_are_read_with_encoded_words_and_whatever_else_they_hold() -> None:
    head = head_of(
        b"From: =?utf-8?q?F=C3=BCr_Gesundheit?= <News@Fund.Example.ORG>\r\nSubject: =?utf-8?b?V29jaGU=?=\r\n"
        b" und mehr\r\nDate: Fri, 06 Nov 2026 08:00:00 +0000 (GMT)\r\nList-Id: <w.fund.example.org>\r\n\r\nSubject: x"
    )
    assert (head.sender, head.sender_name) == ("news@fund.example.org", "Für Gesundheit")
    assert (head.subject, head.date, head.list_id) == ("Woche und mehr", DAY, "<w.fund.example.org>")


@pytest.mark.parametrize(
    ("sender", "wanted", "is_it"),
    [
        ("news@fund.example.org", "fund.example.org", True), ("news@mail.fund.example.org", "@fund.example.org", True),
        ("news@fund.example.org.evil.example", "fund.example.org", False),
        ("x@notfund.example.org", "fund.example.org", False),
        ("news@fund.example.org", "NEWS@fund.example.org", True),
        ("other@fund.example.org", "news@fund.example.org", False),
    ],
)  # fmt: skip
def test_a_sender_is_an_address_or_a_domain_with_all_below_it(sender: str, wanted: str, is_it: bool) -> None:
    assert is_wanted(head_of(f"From: X <{sender}>\n\n".encode()), Letters(senders=(wanted,))) is is_it


def test_a_letter_without_any_item_is_an_error_that_names_it() -> None:
    found = read(letter(html="<p>The office is closed.</p>", subject="Closed", day=DAY))
    assert found.entries == ()
    (said,) = found.problems
    assert (said.code, said.severity) == ("P150", "error")
    assert "“Closed” of 6 November 2026" in said.message


@pytest.mark.parametrize(
    "raw", [b"", b"\x00" * 1000, b"not a letter at all", b"<html><a href='https://x.example/y'>x</a>"]
)
def test_what_is_no_letter_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(NotALetter):
        read(raw)


def nested(depth: int) -> bytes:
    out = b"From: a@example.org\n"
    for at in range(depth):
        out += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at)
    return out + b"Content-Type: text/html\n\n<a href='https://x.example/y'>A title of an item here</a>\n"


@pytest.mark.parametrize(
    "raw",
    [
        nested(40), nested(150), nested(5_000),
        b"From: a@example.org\n" + b"Content-Type: message/rfc822\n\n" * 100 + b"x",
        b"From: a@example.org\n" + b"X: y\n" * 200_000 + b"\nhttps://x.example/a-title-of-an-item",
        b"From: " + b"a" * 1_000_000 + b"\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nhttps://x.example/y",
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<div>" * 200_000 + b"<a href='https://x.example/y'>A",
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<a href='https://x.example/y'>" * 100_000,
        b"From: a@example.org\nContent-Type: text/plain\n\n" + b"(((" * 300_000 + b"https://x.example/" + b"[" * 9_000,
        b"From: a@example.org\nContent-Type: text/html; charset=utf-7\n\n+ADw-a href=x+AD4-",
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n",
    ],
    ids=["deep", "deeper", "deepest", "letters in letters", "header bomb", "long header", "deep HTML", "open links",
         "brackets", "utf-7", "no boundary"],
)  # fmt: skip
def test_hostile_letters_end_in_items_or_in_a_sentence(raw: bytes) -> None:
    try:
        said = len(read(raw).entries) <= MOST_LINKS
    except NotALetter as refused:
        said = refused.sentence.endswith(".")
    assert said


def test_a_hundred_thousand_links_are_cut_and_said() -> None:
    body = "".join(
        f'<p><a href="https://x.example/{nth}">Report about topic number {nth}</a></p>' for nth in range(100_000)
    )
    found = read(letter(html=body))
    assert len(found.entries) == MOST_LINKS
    assert [each.code for each in found.problems] == ["P156"]


def test_nothing_invisible_or_reversed_reaches_a_title() -> None:
    (entry,) = of_html(
        item("Stop\u202eping smok\u200bing\x00 in preg\u2066nancy", REAL, "What\x07 it\u202e found.")
    ).values()
    assert (entry.title, entry.summary) == ("Stopping smoking in pregnancy", "What it found.")
