"""What a page is that does not hold the list: a sign-in, a question for consent, a shell that JavaScript fills."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.errors import AlertsError
from alerts.parse import html

if TYPE_CHECKING:
    from alerts.parse.pages.page import WebPage

_SIGN_IN = re.compile(
    r"\bcaptcha\b|just a moment|attention required|access denied|request (?:was )?(?:blocked|rejected)"
    r"|are you (?:a )?human|verify(?:ing)? (?:that )?you are|unusual traffic|\b(?:sign|log)[ -]?in\b|shibboleth"
    r"|openathens",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"\bcookies?\b|\bconsent\b|before you continue", re.IGNORECASE)
_NEEDS_SCRIPT = re.compile(r"\bjavascript\b", re.IGNORECASE)
_ROOTS = "#root, #app, #__next, #___gatsby, app-root, [ng-app], [data-reactroot]"
_FEW_LETTERS = 600
_FEW_LINKS = 20
_NO_SITE = 6
"""A page with fewer links has no menu of a site around it: all that it says is about itself."""


class NoList(AlertsError):
    """The page does not hold the list: the selectors find nothing on it, or nothing that tells its items apart."""

    code = "P140"
    remedy = (
        "Open the page in a browser. If the list is there, find its selectors anew with “alerts source try ADDRESS” "
        "and change items: of this source; if it has moved, change its address."
    )


def instead_of(page: WebPage) -> NoList | None:
    """Return the error that says what a page is, if it can be told; takes scripts out of the page."""
    tree = page.tree
    scripts, anchors = len(tree.css("script")), len(tree.css("a[href]"))
    asks = tree.css_first("input[type=password]") is not None and anchors < _FEW_LINKS
    notices = " ".join(each.text() for each in tree.css("noscript"))
    waiting = tree.css_first(_ROOTS) is not None
    for each in tree.css("script, style, noscript, template"):
        each.decompose()
    text = html.to_line(tree.body.text(separator=" ") if tree.body else "", 20_000)
    short = len(text) < _FEW_LETTERS
    heading = tree.css_first("h1")
    said = f"{page.title} {heading.text() if heading else ''} {text if anchors < _NO_SITE else ''}"
    if asks or (short and _SIGN_IN.search(said)):
        return NoList(
            f"The address answered with a sign-in or blocking page{page.named}, not with the list.",
            remedy="Open the address in a browser without signing in. A page behind a sign-in cannot be followed; if "
            "the site keeps programs out, ask its publisher, or follow its newsletter.",
        )
    if scripts and (short or (waiting and anchors < 5)) and (waiting or anchors < 5 or _NEEDS_SCRIPT.search(notices)):
        return NoList(
            f"The page{page.named} is empty until a browser runs its JavaScript, which this service does not.",
            remedy="Such a page cannot be followed: look for a feed, a newsletter or a plain list of this publisher.",
        )
    if short and _CONSENT.search(said):
        return NoList(
            f"The address answered with a question for consent to cookies{page.named}, not with the list.",
            remedy="This service cannot consent. Look for a feed, a newsletter or another page of this publisher.",
        )
    return None
