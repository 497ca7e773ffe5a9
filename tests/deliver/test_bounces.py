"""Reports of failed mail as mail servers write them, and what is none."""

from __future__ import annotations

import pytest

from alerts.deliver.bounces import own_sender, read_report

MARK = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32


def report(
    *blocks: str,
    returned: str = f"Message-ID: <{MARK}@alerts.example.nhs.uk>\r\nSubject: Update",
    kind: str = "text/rfc822-headers",
    to: str = "library@example.nhs.uk",
    report_type: str = "delivery-status",
) -> bytes:
    """A report as RFC 3464 has it, with a block for each recipient."""
    said = "\r\n\r\n".join(("Reporting-MTA: dns; mx.example.nhs.uk", *blocks))
    return (
        f"From: MAILER-DAEMON@mx.example.nhs.uk\r\nTo: {to}\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={report_type}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{said}\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n\r\n--b--\r\n"
    ).encode()


def failed(status: str, action: str = "failed") -> str:
    return (
        f"Final-Recipient: rfc822; ann@example.nhs.uk\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.nhs.uk>:\r\n user unknown"
    )


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_says_which_message_and_why(kind: str) -> None:
    found = read_report(report(failed("5.1.1"), kind=kind))
    assert found is not None
    assert (found.marks, found.kind, found.status) == ((MARK,), "permanent", "5.1.1")
    assert found.words.startswith("smtp; 550 5.1.1")
    assert "user unknown" in found.words
    assert "ann@" not in found.words, "what servers say is kept without addresses"


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("5.1.1", "failed", "permanent"),
        ("5.2.2 (mailbox full)", "failed", "permanent"),
        ("5.0.0", "Failed", "permanent"),
        ("5.7.1", "failed", "other"),
        ("5.6.0", "failed", "other"),
        ("5.2.3", "failed", "other"),
        ("4.4.7", "failed", "passing"),
        ("4.2.2", "delayed", "passing"),
        ("", "failed", "passing"),
    ],
)
def test_only_what_is_final_and_about_the_mailbox_is_permanent(status: str, action: str, kind: str) -> None:
    found = read_report(report(failed(status, action)))
    assert found is not None
    assert found.kind == kind


def test_the_own_envelope_sender_names_the_message_where_nothing_is_returned() -> None:
    sender = own_sender("bounces@alerts.example.nhs.uk", f"<{MARK}@alerts.example.nhs.uk>")
    assert sender == f"bounces+{MARK}@alerts.example.nhs.uk"
    assert len(sender.partition("@")[0]) <= 64
    found = read_report(report(failed("5.1.1"), returned="Subject: x", to=sender.upper()))
    assert found is not None
    assert found.marks == (MARK,)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff" * 1000,
        b"From: ann@example.nhs.uk\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nBack on Monday.",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts",
        report(failed("2.1.5", "delivered")),
        report(failed("2.1.5", "relayed")),
        report(),
        report(failed("5.1.1"), report_type="disposition-notification"),
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"\r\n" * 100_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_report_of_a_failure_is_left_alone(body: bytes) -> None:
    assert read_report(body) is None


def test_a_report_without_our_message_id_names_no_message() -> None:
    found = read_report(report(failed("5.1.1"), returned="Message-ID: <made-up@example.org>"))
    assert found is not None
    assert found.marks == ()


def test_the_worst_of_several_recipients_counts() -> None:
    found = read_report(report(failed("4.2.2", "delayed"), failed("2.1.5", "delivered"), failed("5.1.1")))
    assert found is not None
    assert found.kind == "permanent"
