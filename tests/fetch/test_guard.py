from __future__ import annotations

import ipaddress
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.fetch.failures import AddressRefused, CredentialsInAddress, ForbiddenAddress, PortRefused
from alerts.fetch.guard import Guard, is_public
from alerts.fetch.settings import FetchSettings

FORBIDDEN = json.loads(Path(__file__).with_name("forbidden.json").read_text(encoding="utf-8"))
PLAIN = Guard(FetchSettings())


@pytest.mark.parametrize("host", FORBIDDEN["hosts"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_a_forbidden_address_is_accepted(scheme: str, host: str) -> None:
    with pytest.raises(AddressRefused):
        PLAIN.target(f"{scheme}://{host}/feed")


@pytest.mark.parametrize("address", FORBIDDEN["addresses"])
def test_an_address_that_is_wrong_in_itself_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        PLAIN.target(address)
    assert caught.value.sentence.endswith(".")
    assert caught.value.remedy
    assert caught.value.cause


@pytest.mark.parametrize("machine", FORBIDDEN["machines"])
def test_a_name_that_leads_to_a_forbidden_machine_is_refused(machine: str) -> None:
    with pytest.raises(ForbiddenAddress):
        PLAIN.judge(PLAIN.target("https://example.org/"), machine)


@pytest.mark.parametrize(
    "machine", ["8.8.8.8", "1.1.1.1", "151.101.0.81", "2606:4700:4700::1111", "2a00:1450:4009::1", "::ffff:8.8.8.8"]
)
def test_a_public_machine_is_accepted(machine: str) -> None:
    PLAIN.judge(PLAIN.target("https://example.org/"), machine)
    assert is_public(ipaddress.ip_address(machine))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://www.gov.uk/search.atom?a=1&b=%20#top", "https://www.gov.uk/search.atom?a=1&b=%20"),
        ("HTTP://WWW.Example.ORG", "http://www.example.org/"),
        ("https://example.org:443/x", "https://example.org/x"),
        ("http://example.org:443/x", "http://example.org:443/x"),
        ("https://example.org./x", "https://example.org/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://a_b.example.org/x", "https://a_b.example.org/x"),
        (" https://example.org/a b ", "https://example.org/a b"),
        ("http://[2606:4700::1]/", "http://[2606:4700::1]/"),
        ("http://8.8.8.8:80/", "http://8.8.8.8/"),
    ],
)  # fmt: skip
def test_an_honest_address_is_rebuilt_and_asked(address: str, asked: str) -> None:
    assert PLAIN.target(address).address == asked


def test_what_is_wrong_is_said_by_the_kind_of_failure() -> None:
    with pytest.raises(CredentialsInAddress) as caught:
        PLAIN.target("https://reader:secret@example.org/")
    assert "secret" not in f"{caught.value} {caught.value.cause}"
    with pytest.raises(PortRefused):
        PLAIN.target("https://example.org:8443/")
    with pytest.raises(ForbiddenAddress) as met:
        PLAIN.target("http://169.254.169.254/latest/meta-data")
    assert met.value.code == "F002"


ALLOWED = Guard(
    FetchSettings(
        allow_hosts=frozenset(
            {
                "intranet.example.nhs.uk",
                ".trust.example.nhs.uk",
                "feeds.local:8080",
                "10.20.0.0/16",
                "[fd00:1::]:8080",
                "127.0.0.2",
            }
        )
    )
)


@pytest.mark.parametrize(
    ("address", "machine"),
    [
        ("http://intranet.example.nhs.uk/", "10.1.1.1"),
        ("http://intranet.example.nhs.uk/", "192.168.1.1"),
        ("http://intranet.example.nhs.uk/", "fd00::5"),
        ("http://library.trust.example.nhs.uk/", "172.16.5.5"),
        ("http://feeds.local:8080/", "10.1.1.1"),
        ("http://anything.example.org/", "10.20.30.40"),
        ("http://10.20.30.40/", "10.20.30.40"),
        ("http://127.0.0.2/", "127.0.0.2"),
        ("http://[fd00:1::]:8080/", "fd00:1::"),
    ],
)
def test_an_intranet_host_on_the_allow_list_may_lie_inside(address: str, machine: str) -> None:
    ALLOWED.judge(ALLOWED.target(address), machine)


@pytest.mark.parametrize(
    ("address", "machine"),
    [
        ("http://intranet.example.nhs.uk/", "169.254.169.254"),
        ("http://intranet.example.nhs.uk/", "127.0.0.1"),
        ("http://intranet.example.nhs.uk/", "::1"),
        ("http://intranet.example.nhs.uk/", "0.0.0.0"),
        ("http://intranet.example.nhs.uk/", "224.0.0.1"),
        ("http://intranet.example.nhs.uk/", "168.63.129.16"),
        ("http://intranet.example.nhs.uk/", "fd00:ec2::254"),
        ("http://intranet.example.nhs.uk/", "64:ff9b::a00:1"),
        ("http://evil.example.org/", "10.1.1.1"),
        ("http://notintranet.example.nhs.uk/", "10.1.1.1"),
        ("http://trust.example.nhs.uk/", "10.1.1.1"),
        ("http://intranet.example.nhs.uk.evil.example/", "10.1.1.1"),
    ],
)  # fmt: skip
def test_the_allow_list_opens_no_more_than_it_says(address: str, machine: str) -> None:
    with pytest.raises(ForbiddenAddress):
        ALLOWED.judge(ALLOWED.target(address), machine)


@pytest.mark.parametrize(
    "address", ["http://intranet.example.nhs.uk:8080/", "http://10.20.1.1:8080/", "http://other.local:8080/"]
)
def test_a_port_is_allowed_only_where_it_was_named(address: str) -> None:
    with pytest.raises(PortRefused):
        ALLOWED.target(address)
    assert Guard(FetchSettings(allow_hosts=frozenset({"10.20.0.0/16"}), allow_ports=frozenset({8080}))).target(
        "http://10.20.1.1:8080/"
    )


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9999", "[::1]:9999", "[::ffff:127.0.0.1]:9999", "localhost:9999", "127.8.8.8"]
)
def test_loopback_is_open_only_by_setting(host: str) -> None:
    home = Guard(FetchSettings(allow_loopback=True))
    home.judge(home.target(f"http://{host}/"), "127.0.0.1")
    for inside in ("10.0.0.1", "169.254.169.254", "0.0.0.0"):
        with pytest.raises(ForbiddenAddress):
            home.judge(home.target(f"http://{host}/"), inside)
    with pytest.raises(AddressRefused):
        PLAIN.judge(PLAIN.target(f"http://{host}/"), "127.0.0.1")


def test_loopback_in_odd_spelling_stays_closed_even_then() -> None:
    home = Guard(FetchSettings(allow_loopback=True))
    for host in ("2130706433", "0x7f.1", "127.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"):
        with pytest.raises(AddressRefused):
            home.target(f"http://{host}/")


def test_the_operators_proxy_may_lie_anywhere() -> None:
    proxy = PLAIN.proxy("http://user:word@10.0.0.8:3128")
    assert (proxy.host, proxy.port) == ("10.0.0.8", 3128)
    PLAIN.judge(proxy, "10.0.0.8")
    with pytest.raises(AddressRefused):
        PLAIN.proxy("proxy.example.nhs.uk:8080")


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_when_it_is_mapped_into_ipv6(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert is_public(mapped) is is_public(address)


@given(st.ip_addresses())
def test_nothing_that_python_calls_special_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(address) and getattr(address, "ipv4_mapped", None) is None:
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_plain_refusal(text: str) -> None:
    for address in (text, f"http://{text}", f"https://{text}/feed"):
        with suppress(AddressRefused):
            target = PLAIN.target(address)
            assert target.host.isascii()
            assert "@" not in target.host


def test_the_corpus_is_as_large_as_was_asked() -> None:
    assert len(set(FORBIDDEN["hosts"])) + len(set(FORBIDDEN["addresses"])) >= 500


@pytest.mark.parametrize(("address", "machine"), FORBIDDEN["allowed"])
def test_an_honest_address_stays_allowed(address: str, machine: str) -> None:
    PLAIN.judge(PLAIN.target(address), machine)


PROXIED = Guard(
    FetchSettings(proxy="http://proxy.example.nhs.uk:8080", allow_hosts=frozenset({"intranet", ".trust.local"}))
)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer", "metadata.google.internal", "nas.local", "router.home.arpa",
     "wiki.corp", "trust.local", "x.lan"],
)  # fmt: skip
def test_behind_a_proxy_a_name_that_can_only_be_local_is_not_handed_on(host: str) -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        PROXIED.target(f"http://{host}/")
    assert "proxy" in caught.value.sentence


@pytest.mark.parametrize("host", ["intranet", "feeds.trust.local", "www.gov.uk", "local.example.org", "8.8.8.8"])
def test_behind_a_proxy_public_names_and_those_on_the_allow_list_are_handed_on(host: str) -> None:
    assert PROXIED.target(f"http://{host}/").host == host


def test_behind_a_proxy_literals_are_ours_to_refuse() -> None:
    for host in FORBIDDEN["hosts"]:
        with pytest.raises(AddressRefused):
            PROXIED.target(f"https://{host}/feed")
