"""Addresses are checked once, on entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.model.addresses import BadAddress


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("jo.bloggs@example.nhs.uk", "jo.bloggs@example.nhs.uk"),
        ("Jo.Bloggs@Example.NHS.uk", "Jo.Bloggs@example.nhs.uk"),
        ("o'neill+alerts@example.org", "o'neill+alerts@example.org"),
        ("x@bücher.example", "x@xn--bcher-kva.example"),
        ("a@b.co", "a@b.co"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_a_usable_address_is_kept_with_its_domain_in_lower_case_ascii(written: str, kept: str) -> None:
    assert addresses.check(written) == kept


@pytest.mark.parametrize(
    "address",
    [
        "x@y.org\r\nRCPT TO:<evil@z.org>",
        "x@y.org\n",
        "x@y.org ",
        " x@y.org",
        "x y@example.org",
        "Jo Bloggs <jo@example.org>",
        "<jo@example.org>",
        '"jo bloggs"@example.org',
        "jo(comment)@example.org",
        "jo@example.org,evil@example.org",
        "jo@@example.org",
        "jo@evil@example.org",
        "jö@example.org",
        "jo@example",
        "jo@localhost",
        "jo@[127.0.0.1]",
        "jo@127.0.0.1",
        "jo@-example.org",
        "jo@example..org",
        "jo@.example.org",
        ".jo@example.org",
        "jo.@example.org",
        "jo..b@example.org",
        "jo@exa_mple.org",
        "jo@example.org\x00",
        "jo\u2028@example.org",
        "jo@exam\u202eple.org\r\n",
        "@example.org",
        "jo@",
        "jo",
        "",
        "a" * 65 + "@example.org",
        "a" * 60 + "@" + ".".join(["b" * 60] * 4),
        "a@" + "b" * 64 + ".org",
    ],
)
def test_what_could_break_a_command_line_a_header_or_a_key_is_refused(address: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        addresses.check(address)
    assert isinstance(refusal.value, AlertsError)
    assert refusal.value.code == "D001"
    assert "\r" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.text(max_size=300))
def test_whatever_is_accepted_is_one_line_of_ascii_with_one_at_sign(text: str) -> None:
    try:
        checked = addresses.check(text)
    except BadAddress:
        return
    assert checked.isascii()
    assert checked.isprintable()
    assert not any(each in checked for each in ' <>,;"\\()[]')
    assert checked.count("@") == 1
    assert len(checked) <= 254
    assert addresses.check(checked) == checked


@given(
    st.from_regex(r"[a-z0-9]{1,10}(\.[a-z0-9]{1,10}){0,2}", fullmatch=True),
    st.from_regex(r"[a-z]{1,10}(\.[a-z]{2,8}){1,3}", fullmatch=True),
)
def test_an_ordinary_address_is_never_refused(local: str, domain: str) -> None:
    assert addresses.check(f"{local}@{domain}") == f"{local}@{domain}"


def test_addresses_that_differ_by_case_only_have_one_key() -> None:
    assert addresses.key("Jo@Example.NHS.uk") == addresses.key("jo@example.nhs.uk")


def test_a_masked_address_shows_its_owner_enough_and_a_stranger_nothing_to_use() -> None:
    masked = addresses.mask("jo.bloggs@example.nhs.uk")
    assert masked == "j…@example.nhs.uk"
    assert "bloggs" not in masked
