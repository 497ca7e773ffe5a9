"""What can go wrong between a source's address and its entries: one class per thing a person would do something about.

Each failure has a code (`F410`), a sentence for the librarian (who need not know what a socket is), the technical
`cause` for the person who does, and a remedy. Where the server said when to come back, `retry_after_s` holds it,
already clamped to what SAFETY allows (60 s to 24 h). Sentences and causes name the host, never the query string: an
address may carry a key.
"""

from __future__ import annotations

from alerts.errors import AlertsError


class FetchFailure(AlertsError):
    """A source could not be read this time. It is asked again later, for ever.

    `status` is the HTTP status where there was one, else 0. `counts` is False when the source itself did nothing wrong
    (its host asked everybody to wait), so that it must not be counted as failing. `resting_host` is the host that asked
    everybody to wait, for `retry_after_s`, in this very answer. `via` are the places (host:port) that redirects led to.
    """

    code = "F000"
    remedy = "Nothing to do unless it lasts: the source is asked again later."
    counts = True
    resting_host = ""
    via: tuple[str, ...] = ()

    def __init__(
        self,
        sentence: str,
        *,
        cause: str = "",
        status: int = 0,
        retry_after_s: float | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(sentence, remedy=remedy)
        self.cause = cause
        self.status = status
        self.retry_after_s = retry_after_s


class AddressRefused(FetchFailure):
    """The address is none that this service may ask: not http or https, or not an address at all."""

    code = "F001"
    remedy = "Correct the address of the source in config/sources/: it must begin with https:// or http://."


class ForbiddenAddress(AddressRefused):
    """The address leads into a private, local or otherwise special network, and is not on the allow-list."""

    code = "F002"
    remedy = "If this is a source on your own network, add its host to the allow-list of intranet hosts."


class PortRefused(AddressRefused):
    """The address names a port other than 80 and 443 that was not allowed."""

    code = "F003"
    remedy = "Use the address without a port number, or allow the port (for an intranet host: host:port)."


class CredentialsInAddress(AddressRefused):
    """The address carries a user name or password."""

    code = "F004"
    remedy = "Remove everything between // and @ from the address."


class NameNotFound(FetchFailure):
    """No machine of that name could be found (DNS)."""

    code = "F010"
    remedy = "Check the spelling of the host name; if it is right, the publisher's name service may be down."


class CannotConnect(FetchFailure):
    """The machine did not accept, or dropped, the connection."""

    code = "F011"


class TlsFailure(FetchFailure):
    """The server could not prove who it is (certificate expired, for another name, or from an unknown authority)."""

    code = "F012"
    remedy = (
        "If a browser opens the address without a warning, give the certificate authority of your network in "
        "the setting for the CA bundle (ALERTS_CA_BUNDLE); else tell the publisher."
    )


class UnusableBundle(TlsFailure):
    """The file of further certificate authorities, which a setting names, cannot be read."""

    code = "F016"
    exit_code = 78
    remedy = "Give the path of a PEM file with the certificates of your own authority."


class ProxyFailure(FetchFailure):
    """The web proxy, or a filter on the way, did not pass the request on."""

    code = "F013"
    remedy = "Check the proxy setting (ALERTS_PROXY), and ask your network team to let this host through."


class BlockedByProxy(ProxyFailure):
    """Our own network's proxy, filter or sign-in page answered in the publisher's stead: blocked by your proxy."""

    code = "F014"
    remedy = (
        "Ask your network team to let this service through to the host, or to let it sign in at the proxy "
        "(ALERTS_PROXY). “alerts sources hosts” lists all that it calls."
    )


class NoConnectionInTime(FetchFailure):
    """Connecting took longer than allowed (10 s)."""

    code = "F020"


class Silent(FetchFailure):
    """The server was connected and then said nothing for longer than allowed (20 s)."""

    code = "F021"


class TooSlow(FetchFailure):
    """The whole answer took longer than allowed (60 s)."""

    code = "F022"


class TooLarge(FetchFailure):
    """The answer is larger than allowed (10 MB on the wire, 15 MB unpacked)."""

    code = "F030"
    remedy = "Look for a smaller feed of the same publisher (latest items, one section)."


class SuspiciousCompression(TooLarge):
    """The answer unpacks to so many times its size that it must be meant to exhaust memory."""

    code = "F031"


class CutShort(FetchFailure):
    """The answer ended before it was complete; nothing of it is kept, so that nothing is missed."""

    code = "F040"


class UnknownCompression(FetchFailure):
    """The answer is packed in a way we did not ask for, more than once, or is damaged."""

    code = "F041"


class NotHttp(FetchFailure):
    """What answered does not speak HTTP as it should."""

    code = "F042"


class TooManyRedirects(FetchFailure):
    """The address sends on, and on, more than 5 times."""

    code = "F050"
    remedy = "Open the address in a browser and put the one it ends at into config/sources/."


class BadRedirect(FetchFailure):
    """The address sends on to nowhere: a redirect without a place to go to, or to one too long to be an address."""

    code = "F051"


class UnexpectedAnswer(FetchFailure):
    """The server answered with a status that makes no sense for this question."""

    code = "F400"
    remedy = "Open the address in a browser; if it shows no feed, find the new address."


class LoginNeeded(FetchFailure):
    """The publisher wants a login (HTTP 401)."""

    code = "F401"
    remedy = "Ask the publisher for a public feed; sources behind a login cannot be followed."


class AccessRefused(FetchFailure):
    """The publisher refuses us (HTTP 403): often a filter against robots."""

    code = "F403"
    remedy = "Ask the publisher to let this service in (it names itself and your contact address in every request)."


class NotThere(FetchFailure):
    """There is nothing at this address (HTTP 404)."""

    code = "F404"
    remedy = "Find the source's new feed address and change it in config/sources/."


class SourceGone(FetchFailure):
    """The publisher says this feed no longer exists (HTTP 410)."""

    code = "F410"
    remedy = "Find the source's new feed address and change it in config/sources/."


class HostResting(FetchFailure):
    """The host asked everybody to wait, in an answer to another source: this one was not asked at all."""

    code = "F428"
    counts = False
    remedy = "Nothing to do: it is asked once the host's own waiting time is over."


class TooManyRequests(FetchFailure):
    """The publisher asks us to come less often (HTTP 429)."""

    code = "F429"
    remedy = "If it lasts, poll this source less often (every: 6 hours)."


class ServerTrouble(FetchFailure):
    """The publisher's server has a fault of its own (HTTP 5xx)."""

    code = "F500"


class EndedEarly(FetchFailure):
    """A search gave fewer records than it counted; nothing of it is kept, so that nothing is missed."""

    code = "F603"


class JournalUnknown(FetchFailure):
    """Crossref knows no journal with this ISSN."""

    code = "F620"
    remedy = (
        "Compare the ISSN with the journal’s own page (portal.issn.org knows them all). A journal that registers no "
        "DOIs with Crossref cannot be followed there: use its feed."
    )


class ParseFailure(FetchFailure):
    """A body could not be read safely; the source fails, the run goes on.

    `body` names the body that brought its child down (empty when none did), `times` how often it has done so.
    """

    code = "F070"
    remedy = "Tell the publisher that the feed is broken; it is tried again when its content changes."
    body = ""
    times = 0


class ParserExhausted(ParseFailure):
    """Reading the body took more processor time, clock time or memory than allowed (20 s, 30 s, 512 MB)."""

    code = "F071"


class ParserCrashed(ParseFailure):
    """The process that reads bodies died, or raised an error nobody foresaw, on this body."""

    code = "F072"


class Quarantined(ParseFailure):
    """The very same body has brought the parser down three times; it is not tried again until it changes."""

    code = "F073"


class ParserUnavailable(ParseFailure):
    """No process for reading bodies could be started: a fault of this machine, not of the source."""

    code = "F074"
    counts = False
    remedy = "Look at the machine: memory, process limits, a damaged installation. The source is tried again."


class RobotsForbid(FetchFailure):
    """The site's robots.txt asks programs not to read this page (RFC 9309); it is not read."""

    code = "F640"
    remedy = (
        "Ask the publisher whether the page may be watched, or follow the publisher otherwise: a feed, a newsletter, "
        "a search; then set enabled: false here."
    )


class RobotsUnknown(FetchFailure):
    """The site's robots.txt could not be read for a fault of the site: what may be read is not known now (RFC 9309)."""

    code = "F641"
    remedy = "Nothing to do unless it lasts: the page is asked again later."


class NothingLikeBefore(FetchFailure):
    """What a watched page lists is not the list of last time: its layout has changed, and nothing of it is taken."""

    code = "F644"
    remedy = (
        "Open the page in a browser. If its layout has changed, find its selectors anew with “alerts source try "
        "ADDRESS” and change items: of this source. If the list is right, and may be another one altogether from one "
        "reading to the next, write turnover: true below items:."
    )
