"""The librarians' files as forms: which keys there are, what each may say, and its one-line description.

One class a kind of file (or part of one). The descriptions are the reference: editors show them through the JSON Schema,
and `docs/configuration.md` has every key in the same words. Forms check a file by itself; what files say about
each other is checked in `crossing`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from alerts.config.fields import (
    CALENDARS,
    Address,
    Clock,
    Day,
    DocumentLink,
    EvidenceType,
    Id,
    Language,
    Line,
    MailboxText,
    Prose,
    SearchText,
    Span,
    WebAddress,
    refused,
)


class Form(BaseModel):
    """What all forms share: unknown keys are refused, and a form that was read does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ServiceForm(Form):
    """`service.yaml`: the service as a whole."""

    name: Line = Field(default="Library alerts", description="The name of the service, as readers see it.")
    contact: MailboxText | None = Field(
        default=None,
        description="Who answers for the service: Name <address>. Publishers see the address when we fetch.",
    )
    foot: Prose | None = Field(
        default=None, description="Last lines of every mail, where the team has none of its own."
    )
    disclaimer: Prose | None = Field(
        default=None, description="Disclaimer of every mail, where the team has none of its own."
    )


class AbstractsForm(Form):
    """How much of a publisher's own summary is shown."""

    mail: Literal["full", "snippet", "none"] = Field(
        default="snippet", description="In mails: full, snippet (two lines) or none."
    )
    web: Literal["full", "snippet", "none"] = Field(
        default="snippet", description="On web pages: full, snippet or none."
    )


class SourceDefaults(Form):
    """`defaults:` of a file of sources: what its sources have in common."""

    publisher: Line | None = Field(default=None, description="Who publishes it, as readers see it.")
    kind: Literal["feed", "govuk", "europepmc", "pubmed", "crossref", "page", "mailbox"] = Field(
        default="feed", description="How it is read: feed, govuk, europepmc, pubmed, crossref, page or mailbox."
    )
    type: EvidenceType | None = Field(
        default=None, description="Type of evidence of its items when no rule of types.yaml says better."
    )
    place: Line | None = Field(default=None, description="The place it speaks for, a name of places.yaml.")
    tags: tuple[Id, ...] = Field(
        default=(), description="Words that profiles choose sources by; a source adds to those of the defaults."
    )
    language: Language = Field(default="en", description="Language of its items, two letters.")
    abstracts: AbstractsForm = Field(
        default=AbstractsForm(), description="How much of the publisher's own summary is shown."
    )
    updates: Literal["text", "date", "never"] = Field(
        default="text", description="What counts as an update: a changed text, a changed date, or never."
    )
    every: Span = Field(
        default=3600, ge=60, le=2_678_400, description="How often to ask it, at most: 30 minutes, 1 hour, 1 day."
    )
    rhythm: Span | None = Field(
        default=None, ge=3600, description="How often something new is expected; longer silence is reported."
    )
    first_run_days: int = Field(
        default=14, ge=0, le=3650, description="On its first reading, older items are backlog and never mailed."
    )
    flood: int = Field(
        default=200, ge=1, le=2000, description="More new items than this at once are held for the librarian."
    )
    sure: Literal["A", "B", "C"] = Field(
        default="C", description="How sure the address is: A tried, B likely, C to be checked."
    )
    checked: Day | None = Field(default=None, description="The day somebody last looked at the address.")
    enabled: bool = Field(default=True, description="false: not read, but kept.")
    note: Prose | None = Field(default=None, description="A remark for librarians; never shown to readers.")


class SourceForm(SourceDefaults):
    """One source: a journal, guideline body or site that is followed."""

    id: Id = Field(description="Its key for ever: small letters, digits and hyphens.")
    title: Line = Field(description="Its name, as readers see it.")
    address: WebAddress = Field(description="The web address of the feed.")
    type: EvidenceType = Field(description="Type of evidence of its items when no rule of types.yaml says better.")
    formerly: tuple[Id, ...] = Field(default=(), description="Ids it had before, so that its history is kept.")


class SourcesForm(Form):
    """`sources/*.yaml`: where to look; many sources in one file."""

    defaults: SourceDefaults = Field(
        default=SourceDefaults(), description="What the sources of this file have in common."
    )
    sources: tuple[SourceForm, ...] = Field(min_length=1, description="The sources.")


class SelectionForm(Form):
    """Which sources a profile listens to: the union of tags and ids; nothing given means all."""

    tags: tuple[Id, ...] = Field(default=(), description="Sources with any of these tags.")
    ids: tuple[Id, ...] = Field(default=(), description="These sources, by id.")
    exclude: tuple[Id, ...] = Field(default=(), description="Not these sources, whatever tags and ids say.")


class ResultForm(Form):
    """Which line of the strategy is the result."""

    full: int = Field(
        default=0, ge=0, le=500, description="The line for items with an abstract; 0 or left out: the last line."
    )
    brief: int | None = Field(
        default=None, ge=0, le=500, description="The line for items of fewer than 60 words; left out: the same as full."
    )


class LimitsForm(Form):
    """Limits on what is matched."""

    language: tuple[Language, ...] = Field(
        default=(), description="Only items in these languages, two letters each; items that do not say theirs pass."
    )


class ExampleForm(Form):
    """A publication that the profile must, or must not, find."""

    title: Line | None = Field(default=None, description="The title of a publication, matched as an item of few words.")
    summary: Prose | None = Field(default=None, description="Its summary, where the title alone is not enough.")
    doi: Line | None = Field(default=None, description="Or its DOI: tested where the publication is in the store.")
    pmid: Line | None = Field(default=None, description="Or its PMID: tested where the publication is in the store.")

    @model_validator(mode="before")
    @classmethod
    def _a_bare_text_is_a_title(cls, value: Any) -> Any:
        return {"title": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_something(self) -> ExampleForm:
        if not (self.title or self.doi or self.pmid):
            raise refused("The example names no publication.", "Give a title, a doi or a pmid.")
        return self


class ExamplesForm(Form):
    """The profile's own tests, run by `alerts check`."""

    must_match: tuple[ExampleForm, ...] = Field(default=(), description="Publications that the profile must find.")
    must_not_match: tuple[ExampleForm, ...] = Field(default=(), description="Publications that it must not find.")


class SearchForm(Form):
    """What profiles and blocks share: a strategy, here or in a file beside."""

    search: SearchText | None = Field(default=None, description="The search strategy, below a | and indented.")
    search_file: Line | None = Field(default=None, description="Or the file beside this one that holds the strategy.")
    dialect: Literal["ovid", "pubmed", "plain"] | None = Field(
        default=None, description="ovid, pubmed or plain; left out: told from the text."
    )

    @model_validator(mode="after")
    def _one_strategy(self) -> SearchForm:
        if (self.search is None) == (self.search_file is None):
            raise refused("There should be one strategy here.", "Give either search: or search_file:, one of them.")
        return self


class ProfileForm(SearchForm):
    """`profiles/*.yaml`: one topic."""

    id: Id | None = Field(default=None, description="Its key for ever; left out: the name of the file.")
    title: Line = Field(description="The topic, as readers see it.")
    team: Id = Field(description="The team it belongs to, a file of teams/.")
    owner: MailboxText | None = Field(
        default=None, description="Who looks after it: Name <address>; left out: the team's owner."
    )
    sources: SelectionForm = Field(default=SelectionForm(), description="Which sources it listens to; left out: all.")
    database: Line | None = Field(
        default=None, description="The database the strategy was written for, where its headings are not MeSH."
    )
    result: ResultForm = Field(
        default=ResultForm(), description="Which lines are the result: {full: 8, brief: 7}, or one number."
    )
    limits: LimitsForm = Field(default=LimitsForm(), description="Limits on what is matched.")
    spelling: Literal["variants", "exact"] = Field(
        default="variants", description="variants: British and American spellings alike; exact: as written."
    )
    places: tuple[Line, ...] = Field(
        default=(), description="Places whose items stand higher; others are never hidden."
    )
    examples: ExamplesForm = Field(default=ExamplesForm(), description="The profile's own tests, run by alerts check.")
    formerly: tuple[Id, ...] = Field(default=(), description="Ids it had before, so that its history is kept.")

    @field_validator("result", mode="before")
    @classmethod
    def _one_number_is_both_lines(cls, value: Any) -> Any:
        return {"full": value} if isinstance(value, str) else value


class MetByForm(Form):
    """What satisfies a block without words."""

    source_place: tuple[Line, ...] = Field(
        min_length=1, description="A source of one of these places satisfies the block."
    )


class BlockForm(SearchForm):
    """`blocks/*.yaml`: a shared block, named in strategies by `#` and its id."""

    id: Id | None = Field(default=None, description="Its key; left out: the name of the file.")
    title: Line | None = Field(default=None, description="What it is for.")
    met_by: MetByForm | None = Field(default=None, description="What satisfies the block without words.")


class SectionForm(Form):
    """One heading of a bulletin."""

    title: Line = Field(description="The heading.")
    types: tuple[EvidenceType, ...] = Field(default=(), description="The types of evidence that go under it.")
    lens: Literal["local", "dated"] | None = Field(
        default=None, description="Or: local (items of the bulletin's places), dated (items with a closing date)."
    )
    limit: int | None = Field(default=None, ge=1, le=100, description="At most so many items.")
    empty: Literal["omit", "say"] = Field(
        default="omit", description="When there is nothing: omit the heading, or say so."
    )

    @model_validator(mode="after")
    def _holds_something(self) -> SectionForm:
        if bool(self.types) == bool(self.lens):
            raise refused("A section needs types: or lens:, one of them.", "For example: types: [guidance].")
        return self


class ScheduleForm(Form):
    """When a bulletin goes out."""

    every: Literal["day", "week", "fortnight", "month"] = Field(description="day, week, fortnight or month.")
    on: Line | None = Field(
        default=None, description="A day of the week (Tuesday); for month with its place: first Tuesday, last Friday."
    )
    at: Clock = Field(description='The time of day, in quotes: "07:30".')
    zone: Line = Field(default="Europe/London", description="The time zone of that time.")
    calendar: Literal["england", "wales", "scotland", "northern-ireland", "none"] = Field(
        default="england", description=f"Whose bank holidays count: {', '.join(CALENDARS)}."
    )
    working_days_only: bool = Field(
        default=True, description="true: moved to the next working day when it falls on a weekend or bank holiday."
    )
    starting: Day | None = Field(default=None, description="The first day, for every: fortnight.")


class BudgetForm(Form):
    """How much an issue may hold; the rest is listed as “more items”."""

    items: int = Field(default=10, ge=1, le=200, description="At most so many items.")
    html_kb: int = Field(
        default=85,
        ge=20,
        le=100,
        description="At most so many kilobytes of finished mail; past 102 Gmail hides the end.",
    )


class ReviewForm(Form):
    """Hold each issue for the librarian."""

    deadline: Span = Field(ge=60, le=2_678_400, description="How long an issue waits: 24 hours.")
    then: Literal["send", "hold", "warn"] = Field(
        default="hold", description="At the deadline: send it, hold it, or warn and hold it."
    )


class BulletinForm(Form):
    """`bulletins/*.yaml`: one bulletin."""

    id: Id | None = Field(default=None, description="Its key for ever; left out: the name of the file.")
    title: Line = Field(description="Its name, as readers see it.")
    team: Id = Field(description="The team whose library, sender and foot it carries.")
    teams: tuple[Id, ...] = Field(default=(), description="The teams whose people receive it; left out: that one team.")
    profiles: tuple[Id, ...] = Field(min_length=1, description="The topics it reports on, in order.")
    sections: Line | tuple[SectionForm, ...] = Field(
        default=(), description="A preset of types.yaml by name, or the headings in order."
    )
    schedule: ScheduleForm = Field(description="When it goes out.")
    budget: BudgetForm = Field(default=BudgetForm(), description="How much an issue may hold.")
    group_by: Literal["type", "profile", "publisher"] = Field(
        default="type", description="What the headings are: type, profile or publisher."
    )
    when_empty: Literal["skip", "notice"] = Field(
        default="skip", description="With nothing to say: skip the issue, or send a notice."
    )
    first_run_days: int = Field(
        default=14, ge=0, le=3650, description="When it is new, older items are backlog and never mailed."
    )
    places: tuple[Line, ...] = Field(
        default=(), description="Its places: items from there stand under the local heading, and higher."
    )
    introduction: Prose | None = Field(default=None, description="One or two sentences at the top of each issue.")
    review: ReviewForm | None = Field(
        default=None, description="Hold each issue for the librarian; left out: sent without."
    )
    formerly: tuple[Id, ...] = Field(default=(), description="Ids it had before, so that its history is kept.")

    @field_validator("sections", mode="wrap")
    @classmethod
    def _a_name_or_a_list(cls, value: Any, validate: Any) -> Any:
        if isinstance(value, str):
            return value.strip()
        return (
            validate(value)
            if not isinstance(value, list)
            else tuple(SectionForm.model_validate(each) for each in value)
        )

    @model_validator(mode="after")
    def _headings_by_type_need_sections(self) -> BulletinForm:
        if self.group_by == "type" and not self.sections:
            raise refused(
                "The bulletin has no sections.", "Name a preset of types.yaml, for example sections: public-health."
            )
        return self


class TeamForm(Form):
    """`teams/*.yaml`: a team and its library. Its people are in people.csv, outside version control."""

    id: Id | None = Field(default=None, description="Its key for ever; left out: the name of the file.")
    title: Line = Field(description="Its name.")
    library: Line = Field(description="The library that serves it.")
    owner: MailboxText = Field(description="The librarian who is told when something is wrong: Name <address>.")
    sender: MailboxText | None = Field(
        default=None, description="Whom its mails come from: Name <address>; left out: the owner."
    )
    reply_to: MailboxText | None = Field(default=None, description="Where answers go; left out: the owner.")
    foot: Prose | None = Field(default=None, description="Last lines of its mails.")
    disclaimer: Prose | None = Field(default=None, description="Disclaimer of its mails.")
    document_link: DocumentLink | None = Field(
        default=None, description="The library's link to a document, with {doi} in it."
    )
    document_help: Prose | None = Field(default=None, description="How to get a document that is not open.")
    feedback: Address | None = Field(default=None, description="Where readers tell what they used; left out: reply_to.")
    phone: Line | None = Field(default=None, description="Telephone number of the library.")


SpellingWord = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\W_]+([ '’-][^\W_]+)*\*?$", max_length=60)
]


class SpellingForm(Form):
    """`spelling.yaml`: spellings that mean the same."""

    groups: tuple[Annotated[tuple[SpellingWord, ...], Field(min_length=2)], ...] = Field(
        description="Lists of spellings of one word; a * at the end stands for every ending."
    )


class TypeRuleForm(Form):
    """A rule for the type of evidence; all its conditions must hold, and the first rule that fits wins."""

    id: Id = Field(description="Its name, shown as the reason.")
    type: EvidenceType = Field(description="The type it gives.")
    title_starts: tuple[Line, ...] = Field(default=(), description="The title begins with one of these.")
    title_any: tuple[Line, ...] = Field(default=(), description="The title has one of these words or phrases.")
    summary_any: tuple[Line, ...] = Field(default=(), description="The summary has one of these words or phrases.")
    publication_type_any: tuple[Line, ...] = Field(
        default=(), description="One of its publication types is one of these."
    )
    link_any: tuple[Line, ...] = Field(default=(), description="The link contains one of these.")
    source_type_any: tuple[EvidenceType, ...] = Field(default=(), description="The source's own type is one of these.")
    design: Line | None = Field(default=None, description="The study design it states.")

    @model_validator(mode="after")
    def _has_a_condition(self) -> TypeRuleForm:
        given = (self.title_starts, self.title_any, self.summary_any, self.publication_type_any, self.link_any)
        if not any(given) and not self.source_type_any:
            raise refused(
                "The rule has no condition, so that it would fit everything.", "Give for example title_any: [...]."
            )
        return self


class TypesForm(Form):
    """`types.yaml`: rules for the type of evidence, and which heading each type goes under."""

    labels: dict[EvidenceType, Line] = Field(default={}, description="What readers see for a type.")
    rules: tuple[TypeRuleForm, ...] = Field(default=(), description="The rules, tried in order.")
    sections: dict[Id, tuple[SectionForm, ...]] = Field(
        default={}, description="Presets of headings that bulletins name."
    )


class PlaceForm(Form):
    """One place."""

    name: Line = Field(description="Its name, as readers see it.")
    kind: Literal["nation", "region", "icb", "council"] = Field(description="nation, region, icb or council.")
    within: tuple[Line, ...] = Field(default=(), description="The places around it.")
    also: tuple[Line, ...] = Field(default=(), description="Its other names.")


class PlacesForm(Form):
    """`places.yaml`: nations and regions, ICBs and councils."""

    as_of: Day = Field(description="The day for which the list is right.")
    places: tuple[PlaceForm, ...] = Field(description="The places.")


class NoSendForm(Form):
    """A day on which nothing is sent."""

    day: Day = Field(description="The day.")
    reason: Line = Field(description="Why, for the log.")
    calendars: tuple[Literal["england", "wales", "scotland", "northern-ireland", "none"], ...] = Field(
        default=(), description="For bulletins of these calendars only; left out: for all."
    )


class CalendarForm(Form):
    """`calendar.yaml`: days on which nothing is sent; bank holidays are built in."""

    no_send: tuple[NoSendForm, ...] = Field(default=(), description="The days.")


__all__ = [name for name in globals() if name.endswith(("Form", "Defaults"))]
