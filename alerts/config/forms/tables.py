"""The single files: `service.yaml`, `spelling.yaml`, `types.yaml`, `places.yaml` and `calendar.yaml`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from alerts.config.fields import CALENDARS, DAY, EVIDENCE_TYPE, FLAG, ID, LINE, MAILBOX, PROSE, SPELLING, choice
from alerts.config.forms.bulletins import Calendar, SectionForm
from alerts.config.mailboxes import Mailbox
from alerts.config.shape import Form, Listing, Part, Refused, Table, key


class ServiceForm(Form):
    """`service.yaml`: the service as a whole."""

    name: str = key(LINE, "The name of the service, as readers see it.", default="Library alerts")
    contact: Mailbox | None = key(
        MAILBOX,
        "Who answers for the service: Name <address>. Publishers see the address when we fetch.",
        default=None,
    )
    owner: Mailbox | None = key(
        MAILBOX,
        "Who is told by mail when a source fails, falls silent or moves: Name <address>. Left out: nobody is.",
        default=None,
    )
    foot: str | None = key(PROSE, "Last lines of every mail, where the team has none of its own.", default=None)
    disclaimer: str | None = key(PROSE, "Disclaimer of every mail, where the team has none of its own.", default=None)


class SpellingForm(Form):
    """`spelling.yaml`: spellings that mean the same."""

    groups: tuple[tuple[str, ...], ...] = key(
        Listing(Listing(SPELLING, least=2)), "Lists of spellings of one word; a * at the end stands for every ending."
    )


class TypeRuleForm(Form):
    """A rule for the type of evidence; all its conditions must hold, and the first rule that fits wins."""

    id: str = key(ID, "Its name, shown as the reason.")
    type: str = key(EVIDENCE_TYPE, "The type it gives.")
    title_starts: tuple[str, ...] = key(Listing(LINE), "The title begins with one of these.", default=())
    title_any: tuple[str, ...] = key(Listing(LINE), "The title has one of these words or phrases.", default=())
    notice_any: tuple[str, ...] = key(
        Listing(choice("corrected", "withdrawn", "retracted")),
        "Its title or publication type says that a publication, another or itself, was one of these.", default=(),
    )  # fmt: skip
    summary_any: tuple[str, ...] = key(Listing(LINE), "The summary has one of these words or phrases.", default=())
    publication_type_any: tuple[str, ...] = key(
        Listing(LINE), "One of its publication types is one of these.", default=()
    )
    link_any: tuple[str, ...] = key(Listing(LINE), "The link contains one of these.", default=())
    source_type_any: tuple[str, ...] = key(Listing(EVIDENCE_TYPE), "The source's own type is one of these.", default=())
    design: str | None = key(LINE, "The study design it states.", default=None)

    def check(self) -> None:
        """Refuse a rule that would fit everything."""
        words = (self.title_starts, self.title_any, self.summary_any, self.publication_type_any, self.link_any)
        if not any(words) and not self.notice_any and not self.source_type_any:
            raise Refused(
                "The rule has no condition, so that it would fit everything.", "Give for example title_any: [...]."
            )


class TypesForm(Form):
    """`types.yaml`: rules for the type of evidence, and which heading each type goes under."""

    replace: bool = key(
        FLAG, "true: this file stands alone. Otherwise what comes with the service follows it.", default=False
    )
    labels: dict[str, str] = key(Table(EVIDENCE_TYPE, LINE), "What readers see for a type.", default={})
    rules: tuple[TypeRuleForm, ...] = key(
        Listing(Part(TypeRuleForm)), "The rules, tried in order, before those that come with the service.", default=()
    )
    sections: dict[str, tuple[SectionForm, ...]] = key(
        Table(ID, Listing(Part(SectionForm), least=1)), "Presets of headings that bulletins name.", default={}
    )


class PlaceForm(Form):
    """One place."""

    name: str = key(LINE, "Its name, as readers see it.")
    kind: Literal["nation", "region", "icb", "council"] = key(
        choice("nation", "region", "icb", "council"), "nation, region, icb or council."
    )
    within: tuple[str, ...] = key(Listing(LINE), "The places around it.", default=())
    also: tuple[str, ...] = key(Listing(LINE), "Its other names.", default=())


class PlacesForm(Form):
    """`places.yaml`: nations and regions, ICBs and councils."""

    as_of: date = key(DAY, "The day for which the list is right.")
    places: tuple[PlaceForm, ...] = key(Listing(Part(PlaceForm)), "The places.")


class NoSendForm(Form):
    """A day on which nothing is sent."""

    day: date = key(DAY, "The day.")
    reason: str = key(LINE, "Why, for the log.")
    calendars: tuple[Calendar, ...] = key(
        Listing(choice(*CALENDARS)), "For bulletins of these calendars only; left out: for all.", default=()
    )


class CalendarForm(Form):
    """`calendar.yaml`: days on which nothing is sent; bank holidays are built in."""

    no_send: tuple[NoSendForm, ...] = key(Listing(Part(NoSendForm)), "The days.", default=())
