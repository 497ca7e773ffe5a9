"""The Renderer: an issue in, mail and pages out. Templates come through a loader; nothing is read from disk here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING, Literal, Protocol

import jinja2

from alerts.errors import Problem
from alerts.model.bulletins import IssueContent, Team
from alerts.model.text import unstacked
from alerts.render import drafts, message
from alerts.render.assembly import assemble
from alerts.render.environment import Counting, TemplateFailure, environment, told, unused
from alerts.render.headers import header_text
from alerts.render.message import Kind, Marks, Skeleton
from alerts.render.pages import small_page
from alerts.render.view import issue_view

if TYPE_CHECKING:
    from css_inline import CSSInliner

NoticeName = Literal["left", "paused", "returned", "sign_up", "staff", "test"]
SAMPLE_TOKEN = "your-own-link"  # noqa: S105 (what a preview shows in place of a reader's token)
SAMPLE_WHY = "Each reader sees here why they get this bulletin."


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """One line of a list of issues or bulletins: its words, where it leads, and its date."""

    title: str
    address: str
    date_line: str = ""
    detail: str = ""


class IssueLike(Protocol):
    """What a list of issues needs to know of an issue."""

    @property
    def number(self) -> int:
        """The issue's number."""
        ...

    @property
    def subject(self) -> str:
        """The issue's subject."""
        ...

    @property
    def date_line(self) -> str:
        """The issue's date in words."""
        ...


class BulletinLike(Protocol):
    """What a list of bulletins needs to know of a bulletin; issues newest first."""

    @property
    def id(self) -> str:
        """The bulletin's id."""
        ...

    @property
    def title(self) -> str:
        """The bulletin's title."""
        ...

    @property
    def signs_up(self) -> bool:
        """Whether readers may join by themselves."""
        ...

    @property
    def issues(self) -> Sequence[IssueLike]:
        """Its issues, newest first."""
        ...


class Renderer:
    """Draws issues, pages and notices with the templates of `loader`, each of which `overrides` may replace."""

    def __init__(self, loader: jinja2.BaseLoader, overrides: jinja2.BaseLoader | None = None) -> None:
        self._html = environment(loader, overrides, escape=True)
        self._text = environment(loader, overrides, escape=False)

    def measure(self, content: IssueContent) -> int:
        """Return the bytes of the HTML mail, styles inlined, a reader's own values counted as they will be."""
        page = self._mail_html(content, "person", Marks.of(content))
        return len(page.encode("utf-8", "replace"))

    def html(self, content: IssueContent, kind: Kind = "person") -> str:
        """Return the HTML mail with sample words in place of a reader's own, for previews."""
        marks = Marks.of(content)
        page = self._mail_html(content, kind, marks)
        return page.replace(marks.token, SAMPLE_TOKEN).replace(marks.why, escape(SAMPLE_WHY))

    def text(self, content: IssueContent, kind: Kind = "person") -> str:
        """Return the text mail with sample words in place of a reader's own, for previews."""
        marks = Marks.of(content)
        shown = self._mail_text(content, kind, marks)
        return shown.replace(marks.token, SAMPLE_TOKEN).replace(marks.why, SAMPLE_WHY)

    def mail(self, content: IssueContent, kind: Kind = "person") -> Skeleton:
        """Return the message of an issue with holes for each reader's own values (see `assemble`)."""
        marks = Marks.of(content)
        html = self._mail_html(content, kind, marks)
        text = self._mail_text(content, kind, marks)
        made = message.skeleton(content, kind, text=text, html=html, marks=marks)
        return Skeleton(made, len(html.encode("utf-8", "replace")))

    def page(self, content: IssueContent, *, newer: str = "", older: str = "") -> str:
        """Return the archive page of an issue, with no person on it; `newer` and `older` are addresses."""
        view = issue_view(content, "person", None)
        index = view.archive_address or "index.html"
        return _drawn(self._html, "issue.html.j2", view=view, newer=newer, older=older, index=index)

    def archive(
        self, title: str, issues: Sequence[ArchiveLine], *, library: str = "", contact: str = "", home: str = ""
    ) -> str:
        """Return a list of issues (or of bulletins) as a page."""
        groups = (("", "", tuple(issues)),)
        return _drawn(
            self._html,
            "archive.html.j2",
            title=title,
            groups=groups,
            library=library,
            contact=contact,
            home=home,
            join="",
        )

    def index(
        self, listings: Sequence[BulletinLike], *, home: str = "", base: str = "", title: str = "", contact: str = ""
    ) -> str:
        """Return the page of one bulletin's issues, or of several bulletins; links are under the path `base`."""
        alone = len(listings) == 1
        groups = tuple(
            (
                "" if alone else each.title,
                f"{base}/bulletins/{each.id}",
                tuple(
                    ArchiveLine(
                        issue.subject,
                        f"{base}/bulletins/{each.id}/{issue.number}",
                        issue.date_line,
                        f"Issue {issue.number}",
                    )
                    for issue in (each.issues if alone else each.issues[:3])
                ),
            )
            for each in listings
        )
        shown = title or (listings[0].title if alone else "Bulletins")
        join = f"{base}/join/{listings[0].id}" if alone and listings[0].signs_up else ""
        home = home if alone else ""
        return _drawn(
            self._html, "archive.html.j2", title=shown, groups=groups, library="", contact=contact, home=home, join=join
        )

    def small_page(self, name: str, **values: object) -> str:
        """Return a small page (see `pages` for names and values)."""
        return _drawn(self._html, "small.html.j2", page=small_page(name, values))

    def notice(
        self, name: NoticeName, *, team: Team, fields: Mapping[str, str], values: Mapping[str, object] | None = None
    ) -> bytes:
        """Return a complete message about the service itself.

        `fields` are those of `assemble`. `values`: `bulletin_title`; for `staff` also `message` (the subject), `lines`
        (a sequence of paragraphs) and `sections` (of `NoticeSection`); `subject` overrides the subject of any; `link`
        is an address to follow and `link_text` its words.
        """
        given = {**(values or {})}
        told = small_page(f"mail_{name}", given)
        extra = given.get("lines", ())
        lines = extra if isinstance(extra, list | tuple) else (extra,)
        paragraphs = (*told.paragraphs, *(str(each) for each in lines))
        listed = given.get("sections", ())
        sections = listed if isinstance(listed, list | tuple) else ()
        marks = Marks.of((name, team, told, paragraphs, sections))
        shown = {
            "title": told.title,
            "paragraphs": paragraphs,
            "sections": sections,
            "team": team,
            "why": marks.why if fields.get("why") else "",
            "link": str(given.get("link", "")),
            "link_text": str(given.get("link_text", "")),
        }
        text = _tidied(_drawn(self._text, "notice.txt.j2", **shown))
        html = _inlined(_drawn(self._html, "notice.html.j2", **shown))
        subject = header_text(str(given.get("subject") or told.title))
        return assemble(message.notice(team, subject, text=text, html=html, marks=marks), fields)

    def draft(self, content: IssueContent, lines: Sequence[str], fields: Mapping[str, str]) -> bytes:
        """Return a complete message that shows the staff an issue as its readers would see it, below these lines."""
        html = drafts.html_with(self.html(content), lines)
        text = drafts.text_with(self.text(content), lines)
        subject = header_text(f"Draft for review: {content.subject}")
        return assemble(message.notice(content.team, subject, text=text, html=html, marks=Marks.of(html)), fields)

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the templates, found by drawing a sample with each of them."""
        from alerts.render.sample import sample_issue, sample_team

        content = sample_issue()
        fields = {
            **dict.fromkeys(("to_name", "token", "why"), ""),
            "to_address": "reader@example.nhs.uk",
            "message_id": "<a@b>",
            "date": "Mon, 02 Nov 2026 09:00:00 +0000",
        }
        drawings: tuple[Callable[[], object], ...] = (
            partial(self.html, content),
            partial(self.text, content, "list"),
            partial(self.page, content),
            partial(self.archive, "Bulletins", [ArchiveLine("Title", "1", "2 November 2026", "Issue 1")]),
            partial(self.small_page, "leave", action="/leave/x", contact="library@example.nhs.uk"),
            partial(self.notice, "test", team=sample_team(), fields=fields),
        )
        own = self._html.own_templates()
        found = [*unused(self._html, own)]
        for draw in drawings:
            try:
                draw()
            except TemplateFailure as failure:
                found.append(told(failure, own))
        return tuple(dict.fromkeys(found))

    def _mail_html(self, content: IssueContent, kind: Kind, marks: Marks) -> str:
        return _inlined(_drawn(self._html, "mail.html.j2", view=issue_view(content, kind, marks)))

    def _mail_text(self, content: IssueContent, kind: Kind, marks: Marks) -> str:
        return _tidied(_drawn(self._text, "mail.txt.j2", view=issue_view(content, kind, marks)))


_UNWANTED: dict[int, str | None] = {
    **dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)), None),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000), 0xFEFF), None),
    **dict.fromkeys((0x2028, 0x2029), " "),
}
"""Characters that no drawing holds, whatever came in: control, bidi overrides, unpaired surrogates, odd separators."""


def _drawn(where: Counting, name: str, **values: object) -> str:
    """Return template `name` drawn with `values`; whatever goes wrong is a `TemplateFailure` with its line."""
    try:
        return unstacked(where.draw(name, values).translate(_UNWANTED))
    except jinja2.TemplateSyntaxError as failure:
        what = (failure.message or "it does not parse").rstrip(".")
        raise TemplateFailure(what, template=failure.name or name, line=failure.lineno) from failure
    except jinja2.TemplateNotFound as failure:
        raise TemplateFailure(f"There is no template {failure.name}") from failure
    except Exception as failure:
        template, line = _place_of(failure, name)
        raise TemplateFailure(str(failure).rstrip("."), template=template, line=line) from failure


_SLASH = re.compile(r"[/\\]")


def _place_of(failure: BaseException, name: str) -> tuple[str, int]:
    """Return the innermost template at work and its line; Jinja rewrites tracebacks to name them."""
    trace = failure.__traceback__
    place = (name, 0)
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = (_SLASH.split(file)[-1], trace.tb_lineno)
        elif file == "<template>":
            place = (name, trace.tb_lineno)
        trace = trace.tb_next
    return place


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    """Return the one inliner; imported late, since most commands draw nothing."""
    from css_inline import CSSInliner

    make: Callable[..., CSSInliner] = CSSInliner  # its constructor has no annotations
    return make(load_remote_stylesheets=False, keep_style_tags=False, minify_css=True)


def _inlined(page: str) -> str:
    """Return a mail with its styles on its elements; rules for small and dark screens stay in their own `<style>`."""
    return str(_inliner().inline(page))


def _tidied(text: str) -> str:
    """Return the text part without trailing blanks and with at most one empty line in a row."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept).strip("\n") + "\n"
