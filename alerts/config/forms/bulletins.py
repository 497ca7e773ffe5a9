"""`bulletins/*.yaml` and `teams/*.yaml`."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from alerts.config.fields import (
    ADDRESS,
    CALENDARS,
    DAY,
    DOCUMENT_LINK,
    DOMAIN,
    EVIDENCE_TYPE,
    FLAG,
    ID,
    LINE,
    MAILBOX,
    PROSE,
    TIME,
    choice,
    span,
    whole,
)
from alerts.config.mailboxes import Mailbox
from alerts.config.shape import Form, Listing, NameOr, Part, Refused, key

Calendar = Literal["england", "wales", "scotland", "northern-ireland", "none"]


class SectionForm(Form):
    """One heading of a bulletin."""

    title: str = key(LINE, "The heading.")
    types: tuple[str, ...] = key(Listing(EVIDENCE_TYPE), "The types of evidence that go under it.", default=())
    lens: Literal["local", "dated"] | None = key(
        choice("local", "dated"),
        "Or: local (items of the bulletin's places), dated (items with a closing date).",
        default=None,
    )
    limit: int | None = key(whole(1, 100), "At most so many items.", default=None)
    empty: Literal["omit", "say"] = key(
        choice("omit", "say"), "When there is nothing: omit the heading, or say so.", default="omit"
    )

    def check(self) -> None:
        """Refuse a section that is both, or neither."""
        if bool(self.types) == bool(self.lens):
            raise Refused("A section needs types: or lens:, one of them.", "For example: types: [guidance].")


class ScheduleForm(Form):
    """When a bulletin goes out."""

    every: Literal["day", "week", "fortnight", "month"] = key(
        choice("day", "week", "fortnight", "month"), "day, week, fortnight or month."
    )
    on: str | None = key(
        LINE, "A day of the week (Tuesday); for month with its place: first Tuesday, last Friday.", default=None
    )
    at: time = key(TIME, 'The time of day, in quotes: "07:30".')
    zone: str = key(LINE, "The time zone of that time.", default="Europe/London")
    calendar: Calendar = key(
        choice(*CALENDARS), f"Whose bank holidays count: {', '.join(CALENDARS)}.", default="england"
    )
    working_days_only: bool = key(
        FLAG, "true: moved to the next working day when it falls on a weekend or bank holiday.", default=True
    )
    starting: date | None = key(DAY, "The first day, for every: fortnight.", default=None)


class BudgetForm(Form):
    """How much an issue may hold; the rest is listed as “more items”."""

    items: int = key(whole(1, 200), "At most so many items.", default=10)
    html_kb: int = key(
        whole(20, 100), "At most so many kilobytes of finished mail; past 102 Gmail hides the end.", default=85
    )


class ReviewForm(Form):
    """Hold each issue for the librarian."""

    deadline: int = key(span(60, 2_678_400), "How long an issue waits: 24 hours.")
    then: Literal["send", "hold", "warn"] = key(
        choice("send", "hold", "warn"), "At the deadline: send it, hold it, or warn and hold it.", default="hold"
    )


class SignUpForm(Form):
    """Let readers join by themselves, on a page; each confirms it by a link in a mail."""

    domains: tuple[str, ...] = key(
        Listing(DOMAIN, least=1),
        "Only addresses in these domains, or below them; any: everybody.",
    )


class BulletinForm(Form):
    """`bulletins/*.yaml`: one bulletin."""

    id: str | None = key(ID, "Its key for ever; left out: the name of the file.", default=None)
    title: str = key(LINE, "Its name, as readers see it.")
    team: str = key(ID, "The team whose library, sender and foot it carries.")
    teams: tuple[str, ...] = key(Listing(ID), "The teams whose people receive it; left out: that one team.", default=())
    profiles: tuple[str, ...] = key(Listing(ID, least=1), "The topics it reports on, in order.")
    sections: str | tuple[SectionForm, ...] = key(
        NameOr(LINE, Listing(Part(SectionForm))),
        "A preset of types.yaml by name, or the headings in order; left out only with group_by: profile or publisher.",
        default=(),
    )
    schedule: ScheduleForm = key(Part(ScheduleForm), "When it goes out.")
    budget: BudgetForm = key(Part(BudgetForm), "How much an issue may hold.", default=BudgetForm())
    group_by: Literal["type", "profile", "publisher"] = key(
        choice("type", "profile", "publisher"), "What the headings are: type, profile or publisher.", default="type"
    )
    when_empty: Literal["skip", "notice"] = key(
        choice("skip", "notice"), "With nothing to say: skip the issue, or send a notice.", default="skip"
    )
    first_run_days: int = key(
        whole(0, 3650), "When it is new, items older than this are backlog and never mailed.", default=14
    )
    places: tuple[str, ...] = key(
        Listing(LINE), "Its places: items from there stand under the local heading, and higher.", default=()
    )
    introduction: str | None = key(PROSE, "One or two sentences at the top of each issue.", default=None)
    review: ReviewForm | None = key(
        Part(ReviewForm), "Hold each issue for the librarian; left out: sent without.", default=None
    )
    sign_up: SignUpForm | None = key(
        Part(SignUpForm), "Let readers join by themselves; left out: only people.csv says who reads it.", default=None
    )
    formerly: tuple[str, ...] = key(Listing(ID), "Ids it had before, so that its history is kept.", default=())

    def check(self) -> None:
        """Refuse headings by type without sections."""
        if self.group_by == "type" and not self.sections:
            remedy = "Name a preset of types.yaml, for example sections: public-health."
            raise Refused("The bulletin has no sections.", remedy, "C021")


class TeamForm(Form):
    """`teams/*.yaml`: a team and its library. Its people are in people.csv, outside version control."""

    id: str | None = key(ID, "Its key for ever; left out: the name of the file.", default=None)
    title: str = key(LINE, "Its name.")
    library: str = key(LINE, "The library that serves it.")
    owner: Mailbox = key(MAILBOX, "The librarian who is told when something is wrong: Name <address>.")
    sender: Mailbox | None = key(
        MAILBOX, "Whom its mails come from: Name <address>; left out: the owner.", default=None
    )
    reply_to: Mailbox | None = key(MAILBOX, "Where answers go; left out: the owner.", default=None)
    foot: str | None = key(PROSE, "Last lines of its mails.", default=None)
    disclaimer: str | None = key(PROSE, "Disclaimer of its mails.", default=None)
    document_link: str | None = key(DOCUMENT_LINK, "The library's link to a document, with {doi} in it.", default=None)
    document_help: str | None = key(PROSE, "How to get a document that is not open.", default=None)
    feedback: str | None = key(ADDRESS, "Where readers tell what they used; left out: reply_to.", default=None)
    phone: str | None = key(LINE, "Telephone number of the library.", default=None)
