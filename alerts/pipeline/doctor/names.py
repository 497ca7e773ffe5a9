"""What the DNS says of the domains that mail comes from: SPF, DMARC and DKIM decide whether others believe it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alerts.pipeline.doctor.finding import Finding
from alerts.pipeline.doctor.ground import Ground

if TYPE_CHECKING:
    from dns.resolver import Resolver

ABOUT = "sender's domain"
MOST_DOMAINS = 5
ANSWER_S = 5.0
_OWNER = "Ask whoever keeps the DNS of {domain}."


class NotAnswered(Exception):
    """The name servers could not be asked, or did not answer."""


def sender(ground: Ground) -> Iterator[Finding]:
    """Look up the records of every domain that mail comes from."""
    domains = _domains(ground)
    if not domains or not ground.settings.smtp_host:  # nothing goes out yet
        return
    try:
        resolver = resolver_of_this_machine()
    except ModuleNotFoundError:
        yield Finding(
            ABOUT, "unknown", "SPF, DKIM and DMARC were not looked at: the package dnspython is not installed.",
            "Install alerts[doctor].",
        )  # fmt: skip
        return
    except NotAnswered as why:
        yield Finding(ABOUT, "unknown", f"SPF, DKIM and DMARC were not looked at: {why}.")
        return
    for domain in domains[:MOST_DOMAINS]:
        try:
            yield from _of(ground, resolver, domain)
        except NotAnswered as why:
            yield Finding(ABOUT, "unknown", f"The DNS of {domain} could not be asked: {why}.")


def _domains(ground: Ground) -> list[str]:
    if ground.settings.mail_from:
        addresses = [ground.settings.mail_from]
    else:
        teams = ground.loaded.catalogue.teams.values() if ground.loaded else ()
        addresses = [each.sender_address for each in teams]
    return list(dict.fromkeys(each.rpartition("@")[2].lower() for each in addresses if "@" in each))


def resolver_of_this_machine() -> Resolver:
    """Return the resolver that this machine is set up with; raise `NotAnswered` where it has none."""
    import dns.resolver  # an extra: most installations never ask

    try:
        found = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration as error:
        raise NotAnswered("this machine names no name server") from error
    found.lifetime = found.timeout = ANSWER_S
    return found


def _of(ground: Ground, resolver: Resolver, domain: str) -> Iterator[Finding]:
    if not _exists(resolver, domain):
        remedy = "Mend the sender of the team, or ALERTS_MAIL_FROM."
        yield Finding(ABOUT, "failure", f"The domain {domain} does not exist: nobody takes mail from it.", remedy)
        return
    yield _spf(_texts(resolver, domain), domain)
    yield _dmarc(resolver, domain)
    yield _dkim(ground, resolver, domain)


def _spf(texts: list[str], domain: str) -> Finding:
    found = [each for each in texts if each.lower().split(" ")[0] == "v=spf1"]
    remedy = _OWNER.format(domain=domain)
    if not found:
        sentence = f"{domain} has no SPF record: some receivers will not believe that mail comes from it."
        return Finding(ABOUT, "warning", sentence, f"{remedy} The mail server's owner knows what belongs into it.")
    if len(found) > 1:
        return Finding(ABOUT, "failure", f"{domain} has {len(found)} SPF records; receivers then believe none.", remedy)
    if any(each in ("+all", "all") for each in found[0].lower().split()):
        return Finding(ABOUT, "warning", f"The SPF record of {domain} lets everybody send in its name.", remedy)
    return Finding(ABOUT, "ok", f"{domain} has an SPF record: {found[0][:200]}")


def _dmarc(resolver: Resolver, domain: str) -> Finding:
    """Look at the domain itself, then at those it is part of, as receivers do (RFC 7489, 6.6.3)."""
    parts = domain.split(".")
    for start in range(max(1, len(parts) - 1)):
        name = ".".join(parts[start:])
        found = [each for each in _texts(resolver, f"_dmarc.{name}") if each.lower().startswith("v=dmarc1")]
        if found:
            return Finding(ABOUT, "ok", f"{name} has a DMARC record: {found[0][:200]}")
    sentence = f"{domain} has no DMARC record: large providers want one of everybody who sends bulletins."
    return Finding(ABOUT, "warning", sentence, _OWNER.format(domain=domain))


def _dkim(ground: Ground, resolver: Resolver, domain: str) -> Finding:
    s = ground.settings
    if s.dkim_selector:
        return _own_key(resolver, s.dkim_selector, s.dkim_domain)
    if s.mail_preset == "exchange-online":
        names = (f"selector1._domainkey.{domain}", f"selector2._domainkey.{domain}")
        if any(_has_key(_texts(resolver, each)) for each in names):
            return Finding(ABOUT, "ok", f"{domain} has a DKIM key of Exchange Online.")
        sentence = f"{domain} has no DKIM key of Exchange Online: its mail is signed for another domain only."
        return Finding(ABOUT, "warning", sentence, "Have DKIM switched on for it in Microsoft 365.")
    return Finding(
        ABOUT, "unknown", f"Whether mail of {domain} is signed (DKIM) is the mail server's affair, and cannot be seen.",
        "Send a test to a mailbox elsewhere (“alerts bulletin send-test”) and look for DKIM-Signature in its source.",
    )  # fmt: skip


def _own_key(resolver: Resolver, selector: str, domain: str) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    if _has_key(_texts(resolver, name)):
        return Finding(ABOUT, "ok", f"{name} has the public half of a DKIM key.")
    sentence = f"Mail is signed (DKIM), but there is no key at {name}: receivers take the signature for forged."
    return Finding(ABOUT, "failure", sentence, _OWNER.format(domain=domain))


def _has_key(texts: list[str]) -> bool:
    tags = (part.partition("=") for text in texts for part in text.split(";"))
    return any(name.strip().lower() == "p" and value.strip() for name, _, value in tags)


def _exists(resolver: Resolver, domain: str) -> bool:
    import dns.exception
    import dns.resolver

    try:
        resolver.resolve(domain, "SOA", raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    except (dns.exception.DNSException, OSError) as error:
        raise NotAnswered(_why(error)) from error
    return True


def _texts(resolver: Resolver, name: str) -> list[str]:
    """Return the TXT records of a name; none where there is no such name."""
    import dns.exception
    import dns.resolver

    try:
        answer = resolver.resolve(name, "TXT", raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise NotAnswered(_why(error)) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()]


def _why(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
