"""What a librarian asks of GOV.UK, as the addresses of its feeds: a page copied from the browser, or a search in words.

Every search page, organisation, person and so on of GOV.UK has a feed at its own address with `.atom` behind it, with
the filters in the query. Only the newest first is of use, whatever order the page was looked at in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from alerts.config.shape import Refused
from alerts.model.sources import KINDS

_BY_TYPE: dict[str, tuple[str, str]] = {
    "guidance": ("guidance-and-regulation", ""),
    "news": ("news-and-communications", ""),
    "policy papers": ("policy-papers-and-consultations", "policy_papers"),
    "open consultations": ("policy-papers-and-consultations", "open_consultations"),
    "closed consultations": ("policy-papers-and-consultations", "closed_consultations"),
    "statistics": ("research-and-statistics", "statistics_published"),
    "upcoming statistics": ("research-and-statistics", "upcoming_statistics"),
    "research": ("research-and-statistics", "research"),
    "transparency": ("transparency-and-freedom-of-information-releases", ""),
}
DOCUMENT_TYPES = tuple(_BY_TYPE)
_ONE_ONLY = frozenset({"research-and-statistics"})
"""Search pages where one document type can be chosen, not several."""
_LISTS = re.compile(
    r"/(?:search/[a-z0-9-]+|government/(?:organisations|people|ministers|topical-events|topics)/[a-z0-9-]+"
    r"|world/[a-z0-9-]+|world/organisations/[a-z0-9-]+|drug-safety-update|drug-device-alerts|government/feed)"
)
_ENDING = re.compile(r"\.(?:atom|json)$|/$")
_IDLE = re.compile(r"order|page|parent|cachebust|content_item_id|_ga|_gl|utm_.*|gclid|fbclid")
"""Parts of a copied address that say nothing of what is looked for."""
_TOPIC = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SLUG = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")


def parse_slug(text: str) -> str:
    """Return the last part of an organisation's (person's, country's) address on GOV.UK; the address itself will do."""
    slug = _ENDING.sub("", text.partition("?")[0]).rpartition("/")[2]
    if not _SLUG.fullmatch(slug):
        raise Refused(
            f"“{text[:80]}” is no name in an address of GOV.UK.",
            "Write what stands last in the address of its page: department-of-health-and-social-care.",
        )
    return slug


def parse_topic(text: str) -> str:
    """Return the id of a topic, as a search page has it in its address."""
    if not _TOPIC.fullmatch(text.lower()):
        raise Refused(
            f"“{text[:80]}” is no topic that GOV.UK's search knows.",
            "Choose the topic on a search page of GOV.UK, and copy what stands after level_one_taxon= in the address "
            "(or level_two_taxon=).",
        )
    return text.lower()


def copied(address: str) -> tuple[str, ...]:
    """Return the feed of a page of GOV.UK that lists things; raises `Refused` for any other page."""
    parts = urlsplit(address)
    path = _ENDING.sub("", parts.path)
    if not _LISTS.fullmatch(path):
        raise Refused(
            f"“{parts.path or '/'}” is no page of GOV.UK that lists what is new.",
            "Copy the address of a search page (https://www.gov.uk/search/all?…) or of an organisation's page, or "
            "write search: with organisations, topics, document_types or keywords.",
        )
    asked = [(name, value) for name, value in parse_qsl(parts.query) if value and not _IDLE.fullmatch(name)]
    host = "www.gov.uk" if parts.netloc.lower() == "gov.uk" else parts.netloc
    return (_feed(parts.scheme, host, path, asked),)


def searched(
    base: str | None,
    *,
    keywords: str = "",
    organisations: Sequence[str] = (),
    people: Sequence[str] = (),
    world_locations: Sequence[str] = (),
    topics: Sequence[str] = (),
    document_types: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the feeds that answer a search in words together: one for each search page that its types stand on."""
    parts = urlsplit(base or KINDS["govuk"].address)
    if parts.path.strip("/") or parts.query:
        raise Refused("address: and search: both say what to look for.", "Keep one of them.")
    common = [("keywords", keywords)] if keywords else []
    common += [("organisations[]", each) for each in organisations]
    common += [("people[]", each) for each in people]
    common += [("world_locations[]", each) for each in world_locations]
    common += list(zip(("level_one_taxon", "level_two_taxon"), topics, strict=False))
    pages: dict[str, list[str]] = {}
    for each in dict.fromkeys(document_types):
        page, kind = _BY_TYPE[each]
        pages.setdefault(page, []).append(kind)
    found = []
    for page, kinds in (pages or {"all": [""]}).items():
        named = [each for each in kinds if each]
        if page in _ONE_ONLY:
            choices = [[("content_store_document_type", each)] for each in named]
        else:
            choices = [[("content_store_document_type[]", each) for each in named]]
        found += [_feed(parts.scheme, parts.netloc, f"/search/{page}", [*common, *each]) for each in choices]
    return tuple(found)


def _feed(scheme: str, host: str, path: str, asked: list[tuple[str, str]]) -> str:
    if path.startswith("/search/"):
        asked = [*asked, ("order", "updated-newest")]
    return urlunsplit((scheme, host, f"{path}.atom", urlencode(asked), ""))
