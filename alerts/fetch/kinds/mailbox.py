"""Newsletters: out of a folder of a mailbox (IMAP over TLS), or out of a folder of `.eml` files or a Maildir.

Letters are taken in the order in which they came, so many at a poll; the next poll goes on from there. Which were
looked at is remembered: by UID, as long as the mailbox counts as it did (UIDVALIDITY), and of a folder by name. Each is
parsed by itself in a child: one that cannot be read costs only itself. A letter of the newsletter that gives no items
is a failure of its source, and is told; where others of the same poll gave some, those are used and it is a trouble.

Nothing is sent, moved or deleted. The folder is opened to be read only unless letters are to be marked as read.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.errors import AlertsError, Problem
from alerts.fetch.failures import FetchFailure, ParserUnavailable
from alerts.fetch.kinds import Answer
from alerts.fetch.mail import folder, server
from alerts.fetch.mail.server import LettersWithoutItems
from alerts.fetch.memory.letters import Memory
from alerts.model.mailboxes import FOLDER
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import Parsed, problems
from alerts.parse.letters.boilerplate import mark_of, repeated
from alerts.parse.letters.heads import head_of

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool


@dataclass(frozen=True, slots=True)
class _Read:
    """One letter that was read: what names it, and what it says (or why nothing)."""

    id: str
    named: str
    place: folder.Place
    parsed: Parsed | None = None
    failure: AlertsError | None = None

    @property
    def is_empty(self) -> bool:
        return self.parsed is not None and not self.parsed.entries


class Reader:
    """Looks for letters that have not been looked at, and reads those that are the source's."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the items of the letters that came since the last poll; see `SourceReader`."""
        memory = Memory.read(state.memory)
        since = self._fetcher.settings.clock() - timedelta(days=source.first_run_days)
        if is_folder := source.address.lower().startswith(FOLDER):
            memory = memory if memory.since else replace(memory, since=since.isoformat())
            found = await asyncio.to_thread(folder.look, self._fetcher.settings.letters_dir, source, memory)
        else:
            if state.last_success_at is not None:
                since = min(since, state.last_success_at - timedelta(days=2))
            found = await server.look(self._fetcher, source, memory, since)
        response = Response(source.address)
        if not found.letters:
            is_new = not state.memory
            where = "the folder" if is_folder else "the mailbox"
            said = (*([problems.no_letter(where, source.first_run_days)] if is_new else []), *found.problems)
            empty = Parsed("mail", source.title, "", (), said, may_be_empty=True)
            return Answer(response, empty if said else None, found.memory.text())
        read = [await self._one(source, letter) for letter in found.letters]
        marked = await self._mark(source, read) if source.letters.mark_read else ()
        return self._answer(source, found._replace(problems=(*found.problems, *marked)), response, read)

    async def _mark(self, source: Source, read: Sequence[_Read]) -> tuple[Problem, ...]:
        """Mark the letters that gave items; that it cannot be done loses none of them."""
        good = [each.place for each in read if each.parsed is not None and each.parsed.entries]
        try:
            await server.mark_read(self._fetcher, source, [each for each in good if isinstance(each, int)])
        except FetchFailure as failure:
            return (problems.not_marked(failure),)
        return ()

    async def _one(self, source: Source, letter: folder.Letter) -> _Read:
        """Let one letter be parsed in a child; what is wrong with it is its own."""
        head = head_of(letter.body)
        name = head.message_id or hashlib.sha256(letter.body).hexdigest()
        id = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        try:
            parsed = await self._parsers.parse(
                letter.body, source.address, kind="mailbox", leave_out=tuple(source.letters.leave_out)
            )
        except ParserUnavailable:
            raise
        except AlertsError as failure:
            return _Read(id, head.named, letter.place, failure=failure)
        return _Read(id, head.named, letter.place, parsed)

    def _answer(self, source: Source, found: folder.Found, response: Response, read: Sequence[_Read]) -> Answer:
        memory = found.memory
        for each in read:
            if each.parsed is not None and each.parsed.entries:
                memory = memory.with_letter(each.id, {mark_of(entry) for entry in each.parsed.entries})
        kept, left_out = _without_repeated(read, memory)
        said = [*found.problems, *_problems(read)]
        if left_out:
            said.append(problems.repeated_links(left_out))
        if not kept and not found.more:
            raise _failure(read, left_out)
        titles = [each.parsed.title for each in read if each.parsed is not None and each.parsed.title]
        whole = Parsed(
            format="mail",
            title=titles[-1] if titles else source.title,
            link="",
            entries=tuple(kept),
            problems=tuple(said),
            may_be_empty=True,
        )
        return Answer(response, whole, memory.text())


def _without_repeated(read: Sequence[_Read], memory: Memory) -> tuple[list[Entry], list[str]]:
    """Return the entries, each once and as the first letter has it, and the titles of those in letter after letter."""
    dull = repeated(memory.letters)
    kept: dict[str, Entry] = {}
    left_out: dict[str, None] = {}
    for each in read:
        for entry in each.parsed.entries if each.parsed is not None else ():
            if mark_of(entry) in dull:
                left_out[entry.title] = None
            else:
                kept.setdefault(entry.key, entry)
    return list(kept.values()), list(left_out)


def _problems(read: Sequence[_Read]) -> list[Problem]:
    """Return what was noticed in the letters, each sentence once, and those that could not be read."""
    said: list[Problem] = []
    for each in read:
        if each.failure is not None:
            said.append(problems.letter_unread(each.named, each.failure))
        elif each.parsed is not None:
            said += each.parsed.problems
    ordered = sorted(dict.fromkeys(said), key=lambda each: ("error", "warning", "note").index(each.severity))
    return ordered[:50]


def _failure(read: Sequence[_Read], left_out: Sequence[str]) -> AlertsError:
    """Return the failure of a poll all of whose letters gave nothing: the newest is named."""
    last = read[-1]
    if last.failure is not None:
        why = last.failure.sentence
    elif left_out and not last.is_empty:
        why = "All its links stand in letter after letter."
    else:
        why = "No link in it is an item."
    others = f" Nor did {len(read) - 1} others." if len(read) > 2 else " Nor did one other." if len(read) == 2 else ""
    failure = LettersWithoutItems(f"The letter {last.named} gave no items. {why}{others}")
    failure.cause = "; ".join(each.named for each in read[-5:])
    return failure
