"""What can be said about a body: the findings P0xx, and the one error that means there is nothing to read."""

from __future__ import annotations

from alerts.errors import AlertsError, Problem


class NotAFeed(AlertsError):
    """The body is not a feed: a web page, a sign-in page, an empty answer, or a file of another kind."""

    code = "P001"
    remedy = "Open the address in a browser, find the address of the feed itself and put it in config/sources/."

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the remedy when the error comes back from a child process."""
        return (_rebuilt, (self.sentence, self.remedy))


def _rebuilt(sentence: str, remedy: str) -> NotAFeed:
    return NotAFeed(sentence, remedy=remedy)


class NotALetter(AlertsError):
    """The letter shows nothing that can be read: sealed, empty, broken, or no letter at all. It costs only itself."""

    code = "P152"
    remedy = "Look at it in the mailbox; if it is none of the newsletter's, narrow the source (letters: senders)."


class NotAsDocumented(AlertsError):
    """A service that is asked by its API answered with something else than its documentation says."""

    code = "F600"
    remedy = "Nothing to do unless it lasts: the source is asked again later. If it lasts, report it to the project."


class QuestionRefused(AlertsError):
    """The database does not understand what it is asked: the query, or another key of the source."""

    code = "F601"
    remedy = "Try the query on the database's own search page, and correct it in config/sources/."


class ServiceTrouble(AlertsError):
    """The service answered that it has a fault of its own."""

    code = "F602"
    remedy = "Nothing to do unless it lasts: the source is asked again later."


class NotReferences(AlertsError):
    """The file holds no records in a format that can be read."""

    code = "P090"
    remedy = "Export the records as RIS, NBIB (PubMed format), PubMed XML, CSV or JSON Lines."


class NotContent(AlertsError):
    """The body is not a page as GOV.UK's content API gives it."""

    code = "P130"
    remedy = "Nothing to do unless it lasts; if it does, GOV.UK's content API has changed: tell the project."


def doctype_removed() -> Problem:
    """P002: the body declared entities of its own (an internal DTD subset), which are never expanded."""
    return Problem(
        "P002",
        "warning",
        "The feed declares its own entities (an internal DTD subset); they were removed and not expanded.",
        "Tell the publisher if words are missing.",
    )


def encoding_wrong(said: str, used: str) -> Problem:
    """P003: the bytes are not in the encoding that was declared; the text was read in another."""
    return Problem(
        "P003",
        "note",
        f"The feed says that it is written in {said or 'no known encoding'}, but its bytes are {used}; read as {used}.",
        "Nothing to do unless letters look wrong.",
    )


def undecodable(count: int) -> Problem:
    """P004: some bytes are letters in no encoding and show as �."""
    return Problem(
        "P004",
        "warning",
        f"{count} byte{'s' if count != 1 else ''} of the feed could not be read as text and show as “�”.",
        "Tell the publisher.",
    )


def repaired(what: str, form: str = "XML") -> Problem:
    """P005: the feed is not well-formed, and small mendings made it readable whole."""
    return Problem(
        "P005",
        "warning",
        f"The feed is not well-formed {form} ({what}); it was mended and read whole.",
        "Tell the publisher if it goes on.",
    )


def salvaged(whole: int, broken: int, form: str = "XML") -> Problem:
    """P006: the feed is too broken to read whole; its items were read one by one."""
    return Problem(
        "P006",
        "warning",
        f"The feed is broken {form}; its items were read one by one ({whole} whole, {broken} damaged).",
        "Look whether items are missing, and tell the publisher.",
    )


def too_many(limit: int) -> Problem:
    """P007: the feed holds more items than are taken from one body."""
    return Problem(
        "P007",
        "warning",
        f"The feed holds more than {limit:,} items; only the first {limit:,} were read.",
        "Use a narrower address if the publisher offers one.",
    )


def no_entries() -> Problem:
    """P008: a readable feed without any item."""
    return Problem("P008", "note", "The feed is readable but holds no items.", "Look at the address if this goes on.")


def same_names(count: int) -> Problem:
    """P009: different items carry the same guid, so the guid does not name them."""
    return Problem(
        "P009",
        "note",
        f"{count} items share their guid with a different item; their links and titles tell them apart instead.",
        "Nothing to do.",
    )


def unreadable_dates(count: int, example: str) -> Problem:
    """P010: dates in no known form, or impossible ones; the items are treated as undated, or clamped for sorting."""
    return Problem(
        "P010",
        "note",
        f"{count} date{'s' if count != 1 else ''} could not be read or cannot be, such as “{example[:60]}”.",
        "Nothing to do: such items are treated as undated, or sorted at the edge.",
    )


def bad_json_items(count: int) -> Problem:
    """P011: items of a JSON Feed that are not of its form were left out or read in part."""
    return Problem(
        "P011",
        "warning",
        f"{count} item{'s' if count != 1 else ''} of the JSON Feed did not have the right form and could not be read.",
        "Tell the publisher.",
    )


def shortened(count: int) -> Problem:
    """P012: titles or summaries over the limits were cut."""
    return Problem(
        "P012",
        "note",
        f"{count} title{'s or summaries' if count != 1 else ' or summary'} over the limit were cut.",
        "Nothing to do.",
    )


def failed_item(count: int, why: str) -> Problem:
    """P013: an item that could not be turned into an entry at all, for a reason we did not foresee."""
    return Problem(
        "P013",
        "warning",
        f"{count} item{'s' if count != 1 else ''} could not be read ({why}).",
        "Please report the feed to whoever runs this service.",
    )


def continued(read: str) -> Problem:
    """P100: there is more than one poll takes; `read` says what was read of it; the next poll goes on."""
    return Problem(
        "P100",
        "note",
        f"There is more than one poll takes: {read}, and the next poll goes on from there.",
        "Nothing to do: it catches up by itself. If it is always so, narrow the query.",
    )


def unreadable_records(count: int, of: str, why: str = "") -> Problem:
    """P101: records of an answer of the database `of` were not of the form that its documentation says."""
    return Problem(
        "P101",
        "warning",
        f"{count} record{'s' if count != 1 else ''} of {of} could not be read{f' ({why})' if why else ''}.",
        "Please report it to the project if it goes on, with the query or the ISSN.",
    )


def unknown_updates(types: list[str]) -> Problem:
    """P121: Crossref names types of update that are not known here; they are kept as links, and nothing is told."""
    shown = ", ".join(f"“{each}”" for each in types[:5])
    return Problem(
        "P121",
        "note",
        f"Crossref names updates of a type that is not known here: {shown}.",
        "Look at the item yourself, and report the type to the project.",
    )


def too_many_works(taken: int, counted: int) -> Problem:
    """P123: a publisher touched more works of a journal within an hour than one poll can take."""
    return Problem(
        "P123",
        "warning",
        f"Within one hour {counted:,} works were touched, as when a publisher sends a whole journal again; "
        f"{taken:,} of them were read.",
        "Look at the journal’s own page for what is new of these days.",
    )


MOST_LEFT_OUT = 100
"""Parts of one file of references that are told one by one."""


def left_out(problems: list[Problem], sentence: str, line: int = 0) -> None:
    """P092: part of a file of references was left out; beyond a hundred of them that there are more."""
    if len(problems) < MOST_LEFT_OUT:
        problems.append(Problem("P092", "warning", sentence, _MEND, line=line))
    elif len(problems) == MOST_LEFT_OUT:
        sentence = f"More than {MOST_LEFT_OUT} parts of the file were left out; the others are not told one by one."
        problems.append(Problem("P092", "warning", sentence, _MEND, line=line))


_MEND = "Mend the line, or export the records again."


def letter_without_items(named: str) -> Problem:
    """P150: a letter of the newsletter in which no link is an item."""
    return Problem(
        "P150",
        "error",
        f"The letter {named} gave no items.",
        "Look at it in the mailbox: if it is none of the newsletter's, narrow the source (letters: senders, subject).",
    )


def no_letter(where: str, days: int) -> Problem:
    """P151: nothing in the mailbox is of this source yet."""
    return Problem(
        "P151",
        "warning",
        f"In {where} no letter of the last {days} days is one of this source.",
        "Look whether the newsletter arrives there, and whether senders, list_id and subject are written as in it.",
    )


def letter_unread(named: str, why: AlertsError) -> Problem:
    """P152: one letter could not be read; the others were."""
    return Problem("P152", "warning", f"The letter {named} could not be read. {why.sentence}", NotALetter.remedy)


def opaque_links(count: int, whose: str) -> Problem:
    """P153: links that only their tracker can look up were kept as they are."""
    one = count == 1
    return Problem(
        "P153",
        "note",
        f"{count} link{'' if one else 's'} lead{'s' if one else ''} by way of {whose} and could not be decoded; "
        f"{'it was' if one else 'they were'} kept as {'it is' if one else 'they are'}, and not followed.",
        "Nothing to do: whoever opens such a link is counted as the library that subscribed.",
    )


def more_letters(count: int) -> Problem:
    """P154: there are more letters than one poll takes."""
    return Problem(
        "P154",
        "note",
        f"{count:,} more letter{'' if count == 1 else 's'} wait{'s' if count == 1 else ''} to be looked at.",
        "Nothing to do: the next poll goes on from there.",
    )


def repeated_links(titles: list[str]) -> Problem:
    """P155: links that stand in letter after letter were left out."""
    count = len(titles)
    shown = ", ".join(f"“{each[:80]}”" for each in titles[:5])
    return Problem(
        "P155",
        "note",
        f"{count} link{'' if count == 1 else 's'} left out, for standing in letter after letter: {shown}"
        f"{' …' if count > 5 else ''}.",
        "Nothing to do: what stands in every letter is no news.",
    )


def letter_cut(named: str) -> Problem:
    """P156: a letter has more in it than is looked at."""
    return Problem(
        "P156",
        "warning",
        f"The letter {named} has more lines or links than are looked at; the rest was left out.",
        "Look at it in the mailbox: no newsletter has so many.",
    )


def too_many_files(limit: int) -> Problem:
    """P157: a folder of letters holds more than are looked at."""
    return Problem(
        "P157",
        "warning",
        f"The folder holds more than {limit:,} letters; only the newest {limit:,} are looked at.",
        "Look through it, and move those that were read into another folder.",
    )


def not_marked(why: AlertsError) -> Problem:
    """P158: letters were read, but could not be marked as read in the mailbox."""
    return Problem(
        "P158",
        "warning",
        f"The letters could not be marked as read. {why.sentence}",
        "Look whether the account may change the folder; else take mark_read out of the source.",
    )


def pages_to_come(count: int) -> Problem:
    """P131: more pages were new than one poll asks about."""
    pages = "1 page waits" if count == 1 else f"{count} pages wait"
    return Problem("P131", "note", f"{pages} to be asked about at the next poll.", "Nothing to do.")


def unread_pages(count: int, path: str, sentence: str) -> Problem:
    """P132: pages that are listed could not be read."""
    others = f", and {count - 1} more," if count > 1 else ""
    return Problem(
        "P132",
        "warning",
        f"What GOV.UK says of the page {path[:200]}{others} could not be read: {sentence}",
        "Nothing to do unless it lasts: it is asked about again, and told by its title alone if that fails for long.",
    )


def may_have_missed(count: int) -> Problem:
    """P133: a list had so much new that it does not reach back to what was known."""
    return Problem(
        "P133",
        "warning",
        f"All {count} items of the list are new since the last time: there may have been more that it no longer shows.",
        "Ask it more often (every:), or make the search narrower.",
    )
