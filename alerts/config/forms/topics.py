"""`profiles/*.yaml` and `blocks/*.yaml`."""

from __future__ import annotations

from typing import Literal

from alerts.config.fields import ID, LANGUAGE, LINE, MAILBOX, PROSE, SEARCH, choice, whole
from alerts.config.mailboxes import Mailbox
from alerts.config.shape import Form, Listing, Part, Refused, key


class SelectionForm(Form):
    """Which sources a profile listens to: the union of tags and ids; nothing given means all."""

    tags: tuple[str, ...] = key(Listing(ID), "Sources with any of these tags.", default=())
    ids: tuple[str, ...] = key(Listing(ID), "These sources, by id.", default=())
    exclude: tuple[str, ...] = key(Listing(ID), "Not these sources, whatever tags and ids say.", default=())


class ResultForm(Form):
    """Which line of the strategy is the result."""

    full: int = key(whole(0, 500), "The line for items with an abstract; 0 or left out: the last line.", default=0)
    brief: int | None = key(
        whole(0, 500), "The line for items of fewer than 60 words; left out: the same as full.", default=None
    )


class LimitsForm(Form):
    """Limits on what is matched."""

    language: tuple[str, ...] = key(
        Listing(LANGUAGE),
        "Only items in these languages, two letters each; items that do not say theirs pass.",
        default=(),
    )


class ExampleForm(Form):
    """A publication that the profile must, or must not, find."""

    title: str | None = key(LINE, "The title of a publication, matched as an item of few words.", default=None)
    summary: str | None = key(PROSE, "Its summary, where the title alone is not enough.", default=None)
    doi: str | None = key(LINE, "Or its DOI: tested where the publication is in the store.", default=None)
    pmid: str | None = key(LINE, "Or its PMID: tested where the publication is in the store.", default=None)

    def check(self) -> None:
        """Refuse an example that names nothing."""
        if not (self.title or self.doi or self.pmid):
            raise Refused("The example names no publication.", "Give a title, a doi or a pmid.")


_EXAMPLES: Listing[ExampleForm] = Listing(Part(ExampleForm, bare="title"))


class ExamplesForm(Form):
    """The profile's own tests, run by `alerts check`."""

    must_match: tuple[ExampleForm, ...] = key(_EXAMPLES, "Publications that the profile must find.", default=())
    must_not_match: tuple[ExampleForm, ...] = key(_EXAMPLES, "Publications that it must not find.", default=())


class SearchForm(Form):
    """What profiles and blocks share: a strategy, here or in a file beside."""

    search: str | None = key(SEARCH, "The search strategy, below a | and indented.", default=None)
    search_file: str | None = key(
        LINE, "Or the file beside this one that holds the strategy: text, or a Word document.", default=None
    )
    dialect: Literal["ovid", "pubmed", "plain"] | None = key(
        choice("ovid", "pubmed", "plain"), "ovid, pubmed or plain; left out: told from the text.", default=None
    )

    def check(self) -> None:
        """Refuse a form with no strategy, or two."""
        if (self.search is None) == (self.search_file is None):
            raise Refused("There should be one strategy here.", "Give either search: or search_file:.", "C021")


class ProfileForm(SearchForm):
    """`profiles/*.yaml`: one topic."""

    id: str | None = key(ID, "Its key for ever; left out: the name of the file.", default=None)
    title: str = key(LINE, "The topic, as readers see it.")
    team: str = key(ID, "The team it belongs to, a file of teams/.")
    owner: Mailbox | None = key(
        MAILBOX, "Who looks after it: Name <address>; left out: the team's owner.", default=None
    )
    sources: SelectionForm = key(
        Part(SelectionForm), "Which sources it listens to; left out: all.", default=SelectionForm()
    )
    database: str | None = key(
        LINE, "The database the strategy was written for, where its headings are not MeSH.", default=None
    )
    result: ResultForm = key(
        Part(ResultForm, bare="full"),
        "Which lines are the result: {full: 8, brief: 7}, or one number.",
        default=ResultForm(),
    )
    limits: LimitsForm = key(Part(LimitsForm), "Limits on what is matched.", default=LimitsForm())
    spelling: Literal["variants", "exact"] = key(
        choice("variants", "exact"),
        "variants: British and American spellings alike; exact: as written.",
        default="variants",
    )
    places: tuple[str, ...] = key(
        Listing(LINE), "Places whose items stand higher; others are never hidden.", default=()
    )
    examples: ExamplesForm = key(
        Part(ExamplesForm), "The profile's own tests, run by alerts check.", default=ExamplesForm()
    )
    formerly: tuple[str, ...] = key(Listing(ID), "Ids it had before, so that its history is kept.", default=())


class MetByForm(Form):
    """What satisfies a block without words."""

    source_place: tuple[str, ...] = key(Listing(LINE, least=1), "A source of one of these places satisfies the block.")


class BlockForm(SearchForm):
    """`blocks/*.yaml`: a shared block, named in strategies by `#` and its id."""

    id: str | None = key(ID, "Its key; left out: the name of the file.", default=None)
    title: str | None = key(LINE, "What it is for.", default=None)
    met_by: MetByForm | None = key(Part(MetByForm), "What satisfies the block without words.", default=None)
