"""Signing (DKIM): another's verifier accepts it, refuses what was tampered with, and retries carry the same bytes."""

from __future__ import annotations

import sys

import pytest

from alerts.render import Signer, assemble
from alerts.render.headers import BadField
from alerts.render.signature import BadSigningKey, NoSigning
from tests.render.builders import FIELDS, RENDERER, issue, read, wire
from tests.render.signing_keys import key_pair

dkim = pytest.importorskip("dkim")

KEY, RECORD = key_pair()
SIGNER = Signer("alerts.example.nhs.uk", "s2026", KEY)


def published(name: bytes, timeout: int = 5) -> bytes | None:
    """The DNS, as far as these tests need it."""
    return RECORD if name == b"s2026._domainkey.alerts.example.nhs.uk." else None


def verifies(message: bytes) -> bool:
    return bool(dkim.verify(message, dnsfunc=published))


def signed(**fields: str) -> bytes:
    skeleton = RENDERER.mail(issue()).message
    own = {**FIELDS, **fields}
    return assemble(skeleton, {**own, "dkim": SIGNER.signature(assemble(skeleton, own))})


def test_a_signed_message_is_accepted_by_a_verifier_and_is_the_same_below_its_signature() -> None:
    message = signed()
    assert verifies(message)
    told = " ".join(str(read(message)["DKIM-Signature"]).split())
    assert told.startswith("v=1; a=rsa-sha256; c=relaxed/relaxed; d=alerts.example.nhs.uk; i=@alerts.example.nhs.uk;")
    assert message.startswith(b"DKIM-Signature: ")
    assert message.endswith(b"\r\n" + wire(issue()))
    assert not read(message).defects


def test_the_signature_keeps_to_the_length_of_lines() -> None:
    assert max(map(len, signed().split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 200, "List-Unsubscribe is the longest"
    assert max(map(len, SIGNER.signature(wire(issue())).split("\r\n"))) <= 76


@pytest.mark.parametrize(
    "added",
    [
        b"From: Evil <evil@example.org>",
        b"To: someone@example.org",
        b"Reply-To: evil@example.org",
        b"Subject: You have won",
        b"Date: Tue, 01 Dec 2026 07:30:00 +0000",
        b"Message-ID: <other@example.org>",
        b"List-Unsubscribe: <https://evil.example.org/>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"Content-Type: text/html",
    ],
)
def test_a_second_line_of_a_kind_that_readers_act_on_breaks_the_signature(added: bytes) -> None:
    signature, headers = signed().split(b"\r\nFrom: ", 1)
    assert not verifies(signature + b"\r\n" + added + b"\r\nFrom: " + headers)
    head, body = signed().split(b"\r\n\r\n", 1)
    assert not verifies(head + b"\r\n" + added + b"\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"List-Unsubscribe: <https://alerts", b"List-Unsubscribe: <https://evil"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Subject: Helping", b"Subject: Selling"),
        (b"shared housing", b"shared  houses"),
    ],
)
def test_whatever_a_reader_sees_or_acts_on_cannot_be_changed(was: bytes, becomes: bytes) -> None:
    message = signed()
    assert was in message
    assert not verifies(message.replace(was, becomes))


def test_lines_that_a_relay_adds_or_rewraps_do_no_harm() -> None:
    message = signed()
    assert verifies(b"Received: from here by there; Tue, 17 Nov 2026 07:30:01 +0000\r\n" + message)
    assert verifies(
        message.replace(b"boundary=", b"  boundary=", 1).replace(b"Precedence: bulk", b"precedence:   bulk")
    )


def test_a_list_without_one_click_is_signed_so_that_nobody_can_add_it() -> None:
    skeleton = RENDERER.mail(issue(), "list").message
    message = SIGNER.signed(assemble(skeleton, FIELDS))
    assert verifies(message)
    assert not verifies(
        message.replace(b"List-Id:", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Id:", 1)
    )


def test_a_retry_carries_the_signature_it_was_given_whatever_became_of_the_key() -> None:
    skeleton = RENDERER.mail(issue()).message
    kept = {**FIELDS, "dkim": SIGNER.signature(assemble(skeleton, FIELDS))}
    again = Signer("alerts.example.nhs.uk", "s2026", key_pair(2)[0]).signature(assemble(skeleton, FIELDS))
    assert again != kept["dkim"]
    assert assemble(skeleton, kept) == assemble(skeleton, kept)
    assert verifies(assemble(skeleton, kept))


@pytest.mark.parametrize("line", ["X: y\r\n", "DKIM-Signature: v=1", "DKIM-Signature: v=1\r\nBcc: x@y\r\n", "é\r\n"])
def test_only_a_signature_goes_above_a_message(line: str) -> None:
    with pytest.raises(BadField, match="signature"):
        assemble(b"From: a@b\r\n\r\n", {**FIELDS, "dkim": line})


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "not found"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "cannot be used"),
        ("-----BEGIN RSA PRIVATE KEY-----\né\n-----END RSA PRIVATE KEY-----", "cannot be used"),
        (KEY[:400] + "\n-----END RSA PRIVATE KEY-----", "cannot be used"),
        (key_pair(3, 768)[0], "768 bits"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_before_anything_is_made(key: str, said: str) -> None:
    with pytest.raises(BadSigningKey, match=said) as refused:
        Signer("example.nhs.uk", "s1", key)
    assert "\n" not in refused.value.sentence


def test_a_key_saved_by_a_windows_editor_signs() -> None:
    same = Signer("alerts.example.nhs.uk", "s2026", KEY.replace("\n", "\r\n"))
    assert verifies(same.signed(wire(issue())))


def test_the_key_is_never_shown() -> None:
    assert KEY[40:80] not in repr(SIGNER)


def test_without_the_extra_package_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dkim", None)
    with pytest.raises(NoSigning, match="not installed"):
        Signer("example.nhs.uk", "s1", KEY)
