"""The public pages: issues as they were sent, what readers can do about them, and whether the service is well.

`app()` makes a Starlette application (`site.py`) of two things it is given: a `Service` (`service.py`), which holds the
database, the keys and the clock; and `Pages`, the renderer, since no mark-up is written here. `pages.py` makes both of
the pipeline's service; tests use small ones in memory. Every call of the service happens in a thread and is one short
transaction. `serve()` runs the application inside a loop that already runs and stops with it.

GET shows and POST changes. The page behind a link for leaving (`GET /leave/{token}`) shows a masked address and forms;
mail services' link scanners may open it as often as they like. `POST /leave/{token}` is the one-click request of RFC
8058: no sign-in, cookie or redirect, both form encodings, the same answer for a link that nobody signed, harmless when
repeated. `leaving.py` has these pages, and pausing and taking it back; `telling.py` asks what was of use, by a link
that names nobody; `joining.py` lets readers into bulletins that are open to them, in two steps. An archive page is
answered byte for byte as it was stored when its issue was published.

`guard.py` surrounds every answer: a Content-Security-Policy that allows a page its own styles by their hash and
nothing else, no framing, no referrer; at most 64 kB in a request; a limit on guessing tokens that never stands in the
way of a known link. Tokens are kept out of logs by having no access log. Pages for staff are to come and will have
their own application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.web.server import CannotListen, serve
    from alerts.web.service import BulletinListing, Health, IssueListing, Leaving, Pages, Service
    from alerts.web.site import app

_HOMES = {
    "app": "alerts.web.site",
    "BulletinListing": "alerts.web.service",
    "CannotListen": "alerts.web.server",
    "Health": "alerts.web.service",
    "IssueListing": "alerts.web.service",
    "Leaving": "alerts.web.service",
    "Pages": "alerts.web.service",
    "Service": "alerts.web.service",
    "serve": "alerts.web.server",
}

__all__ = ["BulletinListing", "CannotListen", "Health", "IssueListing", "Leaving", "Pages", "Service", "app", "serve"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: only the service itself pays for the web framework."""
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
