"""Review files: a draft as a file, and what becomes of it when it is saved.

The database is the truth; a file lies on one machine's disk and may be old, half written or gone. Every text that was
written, or taken in, is kept with the revision of the draft it goes with: what a librarian says is what *differs* from
the text that this version of the file began with. Nothing is rewritten that holds words nobody has taken in yet.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG

from alerts.compose.review import DraftItem
from alerts.config.files import MAX_BYTES, read_text
from alerts.config.review_file import (
    MOST_LISTED,
    Block,
    Said,
    Saved,
    about_added,
    added_values,
    compared,
    foreign,
    read_review,
    taken_back,
)
from alerts.config.review_writing import Page, review_text
from alerts.errors import AlertsError, Problem
from alerts.model.bulletins import Bulletin
from alerts.model.drafts import Change, Changes, HeldDraft
from alerts.model.text import cut
from alerts.pipeline.logs import log
from alerts.pipeline.own_items import Typed, given
from alerts.pipeline.reviewing import letters, review
from alerts.pipeline.reviewing.folder import folder
from alerts.pipeline.reviewing.review import Approved
from alerts.pipeline.reviewing.view import DraftChanged, NoReaders, View
from alerts.pipeline.service import Service
from alerts.store import Connection, Stale, drafts
from alerts.store.drafts import ReviewText

SETTLES_S = 1.0
"""A file that was touched less than this ago may be half written: it is looked at again when it has come to rest."""
TITLE_LENGTH = 290


@dataclass(frozen=True, slots=True)
class _File:
    """A review file as it lies there: empty text where there is none."""

    path: Path
    text: str
    problem: Problem | None = None

    @property
    def is_there(self) -> bool:
        """A file without a word in it is as good as none."""
        return bool(self.text.strip()) or self.problem is not None


def take_in(service: Service, bulletin: Bulletin) -> Approved | None:
    """Take in what the review file of a bulletin says, where it was saved; return what was approved by it.

    What is wrong with it goes to the owner by mail, once for each text of the file; nothing of it is taken in then.
    """
    file = _at_rest(folder(service) / f"{bulletin.id}.yaml")
    if file is None or not file.is_there:
        return None
    if file.problem is not None:
        _tell_mistakes(service, bulletin, file, (file.problem,))
        return None
    saved, problems = read_review(file.text, str(file.path))
    if saved is None:
        _tell_mistakes(service, bulletin, file, problems)
        return None
    with service.store.read() as conn:
        named = drafts.get(conn, saved.form.draft)
        base = drafts.text(conn, saved.form.draft, saved.form.version)
    if named is None or base is None or named.bulletin_id != bulletin.id:
        _tell_mistakes(service, bulletin, file, (foreign(saved),))
    elif file.text == base.text:
        if named.ended:
            file.path.unlink(missing_ok=True)
    elif named.ended:
        _tell(service, letters.late_mail(service, bulletin, named, file.text, service.clock(), file=str(file.path)))
    else:
        return _apply(service, bulletin, file, saved, base)
    return None


def _at_rest(path: Path) -> _File | None:
    """Return a file that nobody is writing at this moment, `None` when somebody is."""
    shown = str(path)
    before = _stamp(path)
    if before is None:
        return _File(path, "")
    age = time.time() - before[2] / 1e9
    if 0 <= age < SETTLES_S:
        time.sleep(SETTLES_S - age)
        if _stamp(path) != before:
            return None
    text, problem = read_text(path, shown, MAX_BYTES)
    if _stamp(path) != before:
        return None
    return _File(path, text or "", problem if text is None else None)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns) if S_ISREG(stat.st_mode) else None


def _apply(service: Service, bulletin: Bulletin, file: _File, saved: Saved, base: ReviewText) -> Approved | None:
    """Take in a file that was saved: all of it, or nothing and a mail that says why."""
    began, _ = read_review(base.text, str(file.path))
    view = review.look(service, bulletin)
    if began is None:  # we wrote it ourselves, or took it in
        raise AssertionError(f"version {base.version} of draft {base.draft_id} cannot be read")
    said, problems = compared(saved, began, [_block(each) for each in view.items])
    store, more = _own(service, bulletin, saved, said)
    problems += more
    if not problems and store:
        base, problems = _add(service, bulletin, saved, base, store)
    if problems:
        _tell_mistakes(service, bulletin, file, problems)
        return None

    looked_at, back = 0, taken_back(saved, began)

    def accept(conn: Connection, held: HeldDraft) -> None:
        # A file that began before the draft changed otherwise stays behind: it does not show all there is.
        revision = held.revision if looked_at == base.revision else base.revision
        drafts.accept_text(conn, base.draft_id, base.version, file.text, revision)

    def say(view: View) -> Changes:
        nonlocal looked_at
        looked_at = view.held.revision
        return _changes(view, said)

    if not said.approve:
        why = (*(("What you added is in it.",) if store else ()), *back)
        review.decide(service, bulletin, say, also=accept, mails=True, why=why)
        if store:
            write(service, bulletin, anew=True)  # what was added has a block of its own now
        return None
    try:
        if back:  # perhaps a colleague’s decision, by a copy of the file that was opened before it
            raise DraftChanged("The file takes back what was decided.")
        return _approve(service, bulletin, file, said, base)
    except DraftChanged:
        why = (
            "The draft had changed before you approved it, so it was not sent. Please look at it and approve again.",
            *back,
        )
        review.decide(service, bulletin, say, also=accept, mails=True, why=why)
        write(service, bulletin, anew=True)  # it must not go on saying yes
    except NoReaders as failure:
        problem = saved.problem(failure.code, ("approve",), failure.sentence, failure.remedy)
        _tell_mistakes(service, bulletin, file, (problem,))
    return None


def _approve(service: Service, bulletin: Bulletin, file: _File, said: Said, base: ReviewText) -> Approved:
    """Approve what the librarian saw, with what the file says; the owner is told that it goes out."""

    def say(view: View) -> Changes:
        if view.held.revision != base.revision:
            raise DraftChanged("The draft has changed since this file was written.")
        return _changes(view, said)

    def also(conn: Connection, held: HeldDraft) -> None:
        drafts.accept_text(conn, base.draft_id, base.version, file.text, held.revision)
        ended = drafts.get(conn, held.id) or held
        number, readers = ended.issue_number or 0, drafts.readers_of(conn, ended)
        now = service.clock()
        letters.sent_mail(service, bulletin, held, number, readers, "as you approved", now).queue(conn, now)

    approved = review.approve(service, bulletin, say, also=also, even_changed=True)
    file.path.unlink(missing_ok=True)
    return approved


def _own(
    service: Service, bulletin: Bulletin, saved: Saved, said: Said
) -> tuple[list[review.Storing], tuple[Problem, ...]]:
    """Return what stores the items of the librarian's own, and what is wrong with them."""
    store: list[review.Storing] = []
    problems: list[Problem] = []
    for at, form in enumerate(saved.form.add):
        if form not in said.added:
            continue
        try:
            store.append(given(service, bulletin, Typed(**added_values(form))).store)
        except AlertsError as failure:
            problems.append(about_added(saved, at, failure))
    return store, tuple(problems)


def _add(
    service: Service, bulletin: Bulletin, saved: Saved, base: ReviewText, store: list[review.Storing]
) -> tuple[ReviewText, tuple[Problem, ...]]:
    """Put items of the librarian's own into the draft; return the base of the file, at the revision that makes.

    It may be done twice: the same item is the same item. What the rest of the file says is taken in after it.
    """
    moved = base

    def also(conn: Connection, held: HeldDraft) -> None:
        nonlocal moved
        if base.revision == held.revision - 1:
            moved = replace(base, revision=held.revision)
            drafts.accept_text(conn, base.draft_id, base.version, base.text, held.revision)

    try:
        review.add_own(service, bulletin, store, also=also)
    except Stale:
        raise
    except AlertsError as failure:
        return base, (saved.problem(failure.code, ("add",), failure.sentence, failure.remedy),)
    return moved, ()


def _changes(view: View, said: Said) -> Changes:
    """Return what a file says, by records instead of numbers."""
    numbers = view.held.draft.numbers
    known = {number: numbers[number - 1] for number in range(1, len(numbers) + 1)}
    named = sorted({*said.keep, *said.pins, *said.notes} & known.keys())
    return Changes(
        items=tuple(
            Change(
                known[each],
                keep=said.keep[each][0] if each in said.keep else None,
                pin=said.pins.get(each),
                note=said.notes.get(each),
                reason=said.keep[each][1] if each in said.keep else "",
            )
            for each in named
        ),
        order=None if said.order is None else tuple(known[each] for each in said.order if each in known),
        subject=said.subject,
        note=said.note,
    )


def _tell_mistakes(service: Service, bulletin: Bulletin, file: _File, problems: tuple[Problem, ...]) -> None:
    text = file.text or str(_stamp(file.path))
    mail = letters.mistakes_mail(service, bulletin, problems, text, service.clock(), file=str(file.path))
    if _tell(service, mail):
        first = problems[0]
        log.warning("review file not usable", bulletin=bulletin.id, code=first.code, message=first.message,
                    line=first.line, mistakes=len(problems))  # fmt: skip


def _tell(service: Service, mail: letters.OwnerMail) -> bool:
    """Queue a message unless it is there already; tell whether it was new."""
    now = service.clock()
    return service.store.replay(lambda conn: mail.queue(conn, now))


_NEARLY = (".yaml.txt", ".yml.txt", ".txt", ".yml", ".docx")
"""What editors make of the name of a file that should end in .yaml."""


def tell_of_strays(service: Service) -> None:
    """Tell the owner of a file that was saved under another name, or under one the bulletin had: nobody reads it."""
    where, known = folder(service), service.catalogue.bulletins
    former = {f"{old}.yaml": each for each in known.values() for old in each.formerly if old not in known}
    for path in sorted(where.iterdir()) if where.is_dir() else ():
        ending = next((each for each in _NEARLY if path.name.lower().endswith(each)), "")
        bulletin = known.get(path.name[: len(path.name) - len(ending)]) if ending else former.get(path.name)
        stamp = _stamp(path)
        if bulletin is None or stamp is None:
            continue
        if not ending and _says_nothing(service, path):
            path.unlink(missing_ok=True)
            continue
        remedy = f"Save it as {bulletin.id}.yaml, in the same folder; in Notepad choose “All files” before you save."
        if not ending:
            remedy = f"The bulletin has a new name: decide in {bulletin.id}.yaml, in the same folder, and delete this."
        problem = Problem("C019", "warning", "A file of this name is not read.", remedy, file=str(path))
        _tell_mistakes(service, bulletin, _File(path, f"{path.name} {stamp}"), (problem,))


def _says_nothing(service: Service, path: Path) -> bool:
    """Tell whether a file lies there as it was written or taken in."""
    file = _at_rest(path)
    with service.store.read() as conn:
        return file is not None and _is_finished_with(conn, file)


# --- writing ----------------------------------------------------------------------------------------------------------


def write(service: Service, bulletin: Bulletin, *, anew: bool = False) -> None:
    """Write the review file of the draft that is held, where the one that lies there does not show it as it is.

    A file with words in it that were not taken in stays as it is, unless `anew`.
    """
    where = folder(service)
    path = where / f"{bulletin.id}.yaml"
    file = _at_rest(path)
    if file is None:
        return
    view = review.look(service, bulletin)
    with service.store.read() as conn:
        newest = drafts.text(conn, view.held.id, view.held.file_version)
        if not anew and not _is_to_be_written(conn, file, view.held, newest):
            return
    try:
        where.mkdir(parents=True, exist_ok=True)
        _probe(where)
        try:
            made = service.store.replay(
                lambda conn: drafts.write_text(conn, view.held, review_text(_page(service, view)))
            )
        except Stale:
            return  # the next look writes it
        _put(path, made.text, over=file.is_there or path.exists())
    except OSError as failure:
        if str(path) not in service.told_files:
            service.told_files.add(str(path))
            log.error("review file cannot be written", bulletin=bulletin.id, file=str(path), cause=failure.strerror)
        return
    service.told_files.discard(str(path))


def _is_to_be_written(conn: Connection, file: _File, held: HeldDraft, newest: ReviewText | None) -> bool:
    if not file.is_there or newest is None:
        return not file.is_there or _is_finished_with(conn, file)
    if file.text == newest.text:
        return newest.revision != held.revision
    return _is_finished_with(conn, file)


def _is_finished_with(conn: Connection, file: _File) -> bool:
    """Tell whether what lies there says nothing that was not taken in: an older version, or one of an ended draft."""
    saved, _ = read_review(file.text, str(file.path))
    if saved is None:
        return False
    named = drafts.get(conn, saved.form.draft)
    base = drafts.text(conn, saved.form.draft, saved.form.version)
    return named is not None and (bool(named.ended) or (base is not None and base.text == file.text))


def _page(service: Service, view: View) -> Page:
    held, content = view.held, view.content
    blocks = [_block(each) for each in view.items]
    titles = [each for each in blocks if each.keep == "title"]
    return Page(
        title=view.bulletin.title,
        draft=held.id,
        version=held.file_version + 1,
        deadline=letters.deadline_line(service, view.bulletin, held, service.clock()),
        automatic=content.subject if content else "",
        subject=held.draft.subject,
        note=held.draft.note,
        items=tuple(each for each in blocks if each.keep != "title"),
        more=tuple(titles[:MOST_LISTED]),
        left_over=max(0, len(titles) - MOST_LISTED),
    )


def _block(item: DraftItem) -> Block:
    title = cut(item.title, TITLE_LENGTH)
    return Block(
        item.number, title, item.keep, item.heading, item.is_pinned, item.note, item.reason, item.is_correction
    )


def _probe(where: Path) -> None:
    """Raise the error that writing into a folder would meet, before a version is spent on it."""
    with tempfile.TemporaryFile(dir=where):
        pass


def _put(path: Path, text: str, *, over: bool) -> None:
    """Write a file whole or not at all; one that has come there meanwhile is left alone unless it is to go `over`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        if over:
            partial.replace(path)
        else:
            try:
                os.link(partial, path)
            except FileExistsError:
                return
            except OSError:  # a file system without hard links
                partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
