"""Questions to Crossref's REST API: what the journals (`kinds.crossref`) and the look-up of corrections share.

Lists may be asked three times a second by those who give a contact, once by others; its answers say so, and `hosts`
heeds it. Several DOIs go into one question: a filter that is given again and again means any of its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from alerts.fetch.failures import NotThere
from alerts.model.records import Entry
from alerts.model.sources import Response
from alerts.parse import Parsed
from alerts.parse.problems import QuestionRefused

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool

ACCEPT = "application/json"
SELECTED = (
    "DOI", "type", "title", "subtitle", "author", "container-title", "publisher", "volume", "issue", "page",
    "article-number", "issued", "published", "published-online", "published-print", "posted", "created", "indexed",
    "abstract", "license", "ISSN", "resource", "relation", "update-to", "updated-by",
)  # fmt: skip
"""What is asked for of each work; `language` cannot be (the API refuses it), references would be most of the bytes."""
UPDATED = ("DOI", "title", "update-to", "updated-by")
"""What is asked for of a work of which only what became of it is wanted."""
TOGETHER = 50
"""DOIs in one question, as long as they are not too long for an address."""
_LONGEST = 4_000


class Crossref:
    """Asks Crossref, and lets its answers be parsed; what the journals and the look-up of corrections share."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self.fetcher = fetcher
        self._parsers = parsers

    async def ask(self, base: str, path: str, **parameters: str) -> tuple[Response, Parsed | None]:
        """Ask one question, with the contact address that opens Crossref's polite pool, and return what it says.

        None when Crossref knows nothing of that name. The response names its address without the parameters: they hold
        the contact.
        """
        contact = self.fetcher.settings.contact
        polite = {"mailto": contact} if "@" in contact else {}
        address = f"{base.rstrip('/')}/{path}"
        query = urlencode({**parameters, **polite}, safe=":,*")
        response = await self.fetcher.ask(f"{address}?{query}", accept=ACCEPT, takes=(400, 404))
        bare = replace(response, address=address, etag="", last_modified="", permanent_address="")
        if response.status == 404:
            if b"<" in response.body[:500]:  # no word of the API's: it says "Resource not found." in plain text
                raise NotThere(
                    f"{urlsplit(base).hostname} has nothing at this address.", cause=f"{address}, status 404"
                )
            return bare, None
        return bare, await self._parsers.parse(response.body, address, response.content_type, kind="crossref")

    async def works(self, base: str, dois: Sequence[str], select: Sequence[str]) -> tuple[list[Entry], list[str]]:
        """Return what Crossref knows of some works, and the DOIs that it refuses to be asked for.

        DOIs of other agencies (DataCite, mEDRA) are not known there, and simply missing from the answer.
        """
        found: list[Entry] = []
        refused: list[str] = []
        waiting = list(_together(dois))
        while waiting:
            some = waiting.pop()
            try:
                found += await self._some(base, some, select)
            except QuestionRefused:
                if len(some) == 1:
                    refused += some
                    continue
                middle = len(some) // 2  # one of them is to blame
                waiting += [some[:middle], some[middle:]]
        return found, refused

    async def _some(self, base: str, dois: Sequence[str], select: Sequence[str]) -> tuple[Entry, ...]:
        if "," in dois[0]:  # what separates filters; such a DOI is asked for by its own address
            _, answer = await self.ask(base, f"works/{quote(dois[0], safe='')}")
            return answer.entries if answer else ()
        wanted = ",".join(f"doi:{each}" for each in dois)
        _, answer = await self.ask(base, "works", filter=wanted, select=",".join(select), rows=str(len(dois)))
        if answer is None:
            raise NotThere(f"{urlsplit(base).hostname} has nothing at this address.", cause=f"404 at {base}/works")
        return answer.entries


def _together(dois: Iterable[str]) -> Iterator[list[str]]:
    """Yield the DOIs in parts that fit into a question; one with a comma alone."""
    some: list[str] = []
    length = 0
    for doi in dois:
        size = len(quote(doi, safe="")) + 5
        if "," in doi:
            yield [doi]
            continue
        if some and (len(some) >= TOGETHER or length + size > _LONGEST):
            yield some
            some, length = [], 0
        some.append(doi)
        length += size
    if some:
        yield some
