"""Mail signed by the library itself (DKIM), from the settings to the mail server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.feed_server import FeedServer, rss
from tests.journeys.test_main_job import ITEMS
from tests.render.signing_keys import key_pair

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

dkim = pytest.importorskip("dkim")


def test_what_was_published_is_signed_and_stays_as_it_was_signed(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    key, record = key_pair()
    library.write("dkim.pem", key)
    library.env |= {
        "ALERTS_DKIM_DOMAIN": "example.nhs.uk",
        "ALERTS_DKIM_SELECTOR": "s1",
        "ALERTS_DKIM_KEY_FILE": str(library.folder / "dkim.pem"),
    }
    library.run("collect")
    library.run("publish", "--now")
    library.write("dkim.pem", key_pair(2)[0])
    assert library.json("deliver")["sent"] == 2

    def published(name: bytes, timeout: int = 5) -> bytes | None:
        return record if name == b"s1._domainkey.example.nhs.uk." else None

    assert len(mailbox.messages) == 2
    assert all(dkim.verify(body, dnsfunc=published) for _, body in mailbox.messages)


def test_with_a_key_that_cannot_sign_nothing_goes_out_unsigned(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.env |= {
        "ALERTS_DKIM_DOMAIN": "example.nhs.uk",
        "ALERTS_DKIM_SELECTOR": "s1",
        "ALERTS_DKIM_KEY": "not a key",
    }
    library.run("collect")
    (report,) = library.json("publish", "--now", expect=None)
    assert (report["outcome"], report["code"]) == ("failed", "B023")
