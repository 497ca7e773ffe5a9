"""Deciding with an editor alone: the review file is saved, and the mail answers."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from alerts.model.drafts import Changes
from alerts.pipeline.reviewing import attend, review
from alerts.pipeline.reviewing.files import take_in
from alerts.store import Store, drafts
from tests.pipeline.reviewing import HOUR, WEEK, House

A, B, C = "Tobacco at work", "Snuff: “what” of it? #1", "Vaping in schools"


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> House:
    made = House(sqlite_store, tmp_path, "{deadline: 48 hours, then: hold}")
    made.held(A, B)
    return made


def attended(house: House) -> None:
    """Let a tick see to the drafts."""
    attend.attend(house.service)


def revision(house: House) -> int:
    return house.look().held.revision


# --- what is written --------------------------------------------------------------------------------------------------


def test_the_file_shows_every_item_and_explains_itself(house: House) -> None:
    text = house.file.read_text(encoding="utf-8")
    assert all(line.startswith("#") or not line for line in text.split("\n\ndraft:")[0].split("\n"))
    for title in (A, B):
        assert title in text
    assert text.endswith("\napprove: no\n")
    assert "Thursday 19 November 2026, 7:30am" in text
    assert max(map(len, text.split("\n"))) < 130


def test_a_file_that_nobody_touched_changes_nothing_and_stays_as_it_is(house: House) -> None:
    before = (house.file.read_bytes(), house.file.stat().st_mtime_ns)
    for _ in range(3):
        attended(house)
    assert (house.file.read_bytes(), house.file.stat().st_mtime_ns) == before
    assert (revision(house), len(house.staff())) == (1, 1)


@pytest.mark.parametrize("what", ["deleted", "emptied", "spaces"])
def test_a_file_that_is_deleted_or_empty_is_no_decision_and_is_written_anew(house: House, what: str) -> None:
    if what == "deleted":
        house.file.unlink()
    else:
        house.save(text="" if what == "emptied" else " \n\n")
    attended(house)
    assert f'title: "{A}"' in house.file.read_text(encoding="utf-8")
    assert (revision(house), len(house.staff())) == (1, 1)
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert sorted(house.titles()) == sorted([A, B])


def test_a_decision_by_command_is_shown_in_the_file(house: House) -> None:
    add_note(house, "From the desk.")
    attended(house)
    assert 'note: "From the desk."' in house.file.read_text(encoding="utf-8")
    attended(house)
    assert len(house.staff()) == 1, "whoever decided by command knows"


def add_note(house: House, words: str) -> None:
    review.decide(house.service, house.chosen, lambda _: Changes(note=words))


# --- what is saved ----------------------------------------------------------------------------------------------------


def test_saving_is_the_decision_and_the_new_draft_comes_by_mail(house: House) -> None:
    house.change(A, "keep: yes", "keep: no")
    saved = house.file.read_bytes()
    attended(house)
    assert house.shown() == [B]
    assert len(house.staff()) == 2
    assert A not in house.said()
    assert house.file.read_bytes() == saved, "nothing is rewritten under the librarian's hands"
    for _ in range(3):
        attended(house)
    assert (revision(house), len(house.staff())) == (2, 2)


def test_every_key_of_a_block_does_what_it_says(house: House) -> None:
    house.change(house.shown()[1], "pin: no", "pin: yes")
    last, first = house.shown()
    attended(house)
    assert house.shown() == [first, last]
    house.change(A, "note:", "note: 'Read this: it''s short.'")
    house.save(("\nsubject:", "\nsubject: Two to read"), ("\nnote:", "\nnote: Good morning."))
    attended(house)
    content = house.look().content
    assert content is not None
    assert (content.subject, content.note) == ("Two to read", "Good morning.")
    assert "Read this: it's short." in house.said()
    house.change(B, "keep: yes", "keep: later")
    attended(house)
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert house.titles() == [A]
    house.clock.now += WEEK
    house.publish()
    assert house.shown() == [B]


def test_blocks_that_are_moved_are_in_that_order(house: House) -> None:
    first, second = house.shown()
    one, two = house.block(first), house.block(second)
    text = house.file.read_text(encoding="utf-8")
    house.save(text=text.replace(one, "@").replace(two, one).replace("@", two))
    attended(house)
    assert house.shown() == [second, first]


def test_an_item_of_ones_own_is_added_once(house: House) -> None:
    text = house.file.read_text(encoding="utf-8")
    own = text[text.index("#  - title: Title of the item") : text.index("# Write yes here")]
    filled = re.sub(r"^#", "", own, flags=re.MULTILINE).replace("Title of the item", "Our own audit")
    filled = filled.replace("Who published it", "Anytown Council").replace(
        "example.nhs.uk/page", "anytown.gov.uk/audit"
    )
    house.save((own, filled))
    attended(house)
    assert "Our own audit" in house.shown()
    assert "Our own audit" in house.said()
    attended(house)
    text = house.file.read_text(encoding="utf-8")
    assert 'title: "Our own audit"' in text, "it has a block now"
    assert len(house.shown()) == 3
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert "Our own audit" in house.titles()


def test_approving_sends_what_the_same_file_says(house: House) -> None:
    house.change(A, "keep: yes", "keep: no")
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert house.titles() == [B]
    assert house.subjects()[1:] == ["Going out: Tobacco update, issue 1"]
    assert not house.file.exists()
    attended(house)
    assert len(house.staff()) == 2


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_whatever_an_editor_on_windows_makes_of_it_is_read(house: House, encoding: str, ending: str) -> None:
    text = house.file.read_text(encoding="utf-8").replace("\n", ending)
    house.save(text=text.encode(encoding))
    attended(house)
    assert (revision(house), len(house.staff())) == (1, 1), "nothing was said"
    house.save(text=text.replace("approve: no", "approve: yes").encode(encoding))
    attended(house)
    assert len(house.titles()) == 2


def test_a_comment_or_an_empty_line_says_nothing(house: House) -> None:
    house.save(("items:", "# a thought of mine\n\nitems:"))
    attended(house)
    assert (revision(house), len(house.staff())) == (1, 1)
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert len(house.issues()) == 1


def test_a_file_that_is_being_written_is_left_until_it_rests(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    text = house.file.read_text(encoding="utf-8")
    house.file.write_text(text[:100], encoding="utf-8")

    def writes_on(_seconds: float) -> None:
        house.file.write_text(text.replace("approve: no", "approve: yes"), encoding="utf-8")

    monkeypatch.setattr("time.sleep", writes_on)
    take_in(house.service, house.chosen)
    assert (len(house.issues()), len(house.staff())) == (0, 1)
    house.rest()
    attended(house)
    assert len(house.issues()) == 1


def test_a_file_cut_off_anywhere_never_approves(house: House) -> None:
    house.save(("approve: no", "approve: yes"))
    text = house.file.read_text(encoding="utf-8")
    whole = text.index("approve: yes") + len("approve: yes")
    for at in (*range(20, whole, 97), whole - 3, whole - 1):
        house.save(text=text[:at])
        take_in(house.service, house.chosen)
        assert house.issues() == [], f"cut off at {at}: {text[:at][-40:]!r}"
        assert sorted(house.shown()) == sorted([A, B])


# --- mistakes ---------------------------------------------------------------------------------------------------------


MISTAKES = [
    ("keep: yes", "keep: maybe", "C022", "yes"),
    ("keep: yes", "kepe: yes", "C020", "keep"),
    ("approve: no", "approve: perhaps", "C022", "Write yes or no"),
    ("approve: no", "", "C021", "is the file whole"),
    ("keep: yes", "keep:yes", "C014", "There is no blank after “keep:”. Write “keep: yes”."),
    ("    note:", '    note: "Snuff" is what it is about', "C014", "note: '…'"),
    ("    note:", "    note: 'Tis the season", "C014", "never closed"),
    ("    note:", "    note: [Update] see page 4", "C014", 'note: "…"'),
    ("    note:", "    note: one line\nand a second", "C014", "go on with the text of the line above"),
    ("\nnote:", "\nnote:\nMerry Christmas", "C014", "Write “note: |”"),
    ("    keep: yes", "   keep: yes", "C014", "column"),
    ("    note:", "\tnote:", "C014", "spaces"),
    ("\nnote:", "\nnote: a: b", "C014", "quotes"),
    ("id: 1", "id: 77", "C090", "no item 77"),
    ("id: 1", "id: 2", "C090", "twice"),
    ("draft: 1", "draft: 12", "C092", "Delete the file"),
    ("version: 1", "version: 9", "C092", "Delete the file"),
    ("subject:", f"subject: {'x' * 151}", "C022", "150"),
    ('title: "', 'title: "My own ', "C091", "publisher"),
    ("items:", "items: *all", "C015", "quotes"),
    ("add:", "add:\n  - title: Mine", "C021", "publisher"),
    ("add:", "add:\n  - {title: T, publisher: P, date: soon, type: guidance}", "B030", "not a date"),
    ("add:", "add:\n  - {title: T, publisher: P, date: 2026-11-01, type: data}", "B030", "No section"),
    (
        "add:",
        "add:\n  - {title: T, publisher: P, date: 2026-11-01, type: study, link: www.x.uk}",
        "B030",
        "leave link: out",
    ),
    ("add:", "add:\n  - {title: Title of the item, publisher: P, date: 2026-11-01, type: study}", "C022", "the sample"),
]


@pytest.mark.parametrize(("before", "after", "code", "said"), MISTAKES)
def test_a_mistake_is_answered_by_mail_with_its_line_once_and_nothing_is_taken_in(
    house: House, before: str, after: str, code: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    house.change(A, "keep: yes", "keep: no")
    house.save((before, after))
    for _ in range(3):
        attended(house)
    assert len(house.staff()) == 2, house.subjects()
    told = " ".join(house.said().split())
    assert "mistake" in house.subjects()[1]
    assert said in told
    assert re.search(r"Line \d+, column \d+", told)
    assert str(house.file) in told.replace(" ", "")
    assert sorted(house.shown()) == sorted([A, B]), "nothing half"
    house.save((after, before)) if after else house.save(text=house.file.read_text() + "approve: no\n")
    attended(house)
    assert house.shown() == [B], "mended, it is taken in"


def test_all_mistakes_are_told_at_once(house: House) -> None:
    house.save(("keep: yes", "keep: maybe"), ("pin: no", "pin: perhaps"), ("approve: no", "approve: soon"))
    attended(house)
    assert "3 mistakes" in house.subjects()[1]
    assert house.said().count("Line ") == 3


def test_a_block_that_is_gone_is_asked_for_since_dropping_is_for_good(house: House) -> None:
    gone = house.block(A)
    house.save((gone, ""))
    attended(house)
    assert A in house.said()
    assert "keep: no" in house.said()
    assert sorted(house.shown()) == sorted([A, B])


def test_a_block_under_another_heading_is_refused(house: House) -> None:
    house.save(("approve: no", "approve: yes"))
    attended(house)
    house.found("Tobacco: a trial", kind="study")
    house.clock.now += WEEK
    house.held(A + " again")
    study, guidance = house.block("Tobacco: a trial"), house.block(A + " again")
    text = house.file.read_text(encoding="utf-8")
    house.save(text=text.replace(study, "@").replace(guidance, study).replace("@", guidance))
    attended(house)
    assert "stands under “Studies”" in house.said()
    assert "1 mistake" in house.subjects()[-1]
    assert "C091" not in house.said(), "librarians are told in words"


def test_only_the_block_that_was_moved_is_named_not_those_that_it_passed(house: House) -> None:
    house.save(("approve: no", "approve: yes"))
    attended(house)
    house.found("Tobacco: a trial", kind="study")
    house.clock.now += WEEK
    house.held(A + " again", B + " again", C)
    moved = house.block("Tobacco: a trial")
    text = house.file.read_text(encoding="utf-8").replace(moved, "")
    house.save(text=text.replace("items:\n", f"items:\n{moved}"))
    attended(house)
    assert "1 mistake" in house.subjects()[-1]
    assert "stands under “Studies”" in house.said()


def test_a_correction_cannot_be_left_out(house: House) -> None:
    (record_id,) = house.found("Snus")
    house.save(("approve: no", "approve: yes"))
    attended(house)
    house.clock.now += WEEK
    house.publish()
    review.approve(house.service, house.chosen)
    house.happened(record_id, "Snus", "retracted")
    house.clock.now += WEEK
    house.publish()
    house.change("Snus", "keep: yes", "keep: no")
    attended(house)
    assert "always told" in house.said()
    house.change("Snus", "keep: no", "keep: yes")
    house.change("Snus", "note:", "note: Do not use this any more.")
    attended(house)
    assert "Do not use this any more." in house.said()


def test_a_file_that_is_something_else_altogether_is_answered(house: House) -> None:
    for body in (b"\x00\x01\x02" * 50, b"PK\x03\x04" + bytes(range(256)), b"just words", b"x: y\n" * 60_000):
        house.save(text=body)
        before = len(house.staff())
        attended(house)
        assert len(house.staff()) == before + 1
        assert sorted(house.shown()) == sorted([A, B])


def test_a_folder_in_its_place_and_a_file_that_cannot_be_read_stop_nothing(house: House) -> None:
    house.file.unlink()
    house.file.mkdir()
    attended(house)
    house.file.rmdir()
    attended(house)
    assert house.file.is_file()


# --- old files, other hands -------------------------------------------------------------------------------------------


def test_a_file_saved_after_its_issue_was_sent_is_answered_once(house: House) -> None:
    text = house.file.read_text(encoding="utf-8")
    review.approve(house.service, house.chosen)
    attended(house)
    assert not house.file.exists()
    house.save(text=text.replace("keep: yes", "keep: no", 1))
    for _ in range(3):
        attended(house)
    assert house.subjects()[1:] == ["Already sent: Tobacco update"]
    assert "issue 1" in house.said()
    house.found(C)
    house.clock.now += WEEK
    house.publish()
    assert f'title: "{C}"' in house.file.read_text(encoding="utf-8"), "the next draft takes its place"
    house.save(text=text.replace("approve: no", "approve: yes"))
    attended(house)
    assert len(house.issues()) == 1
    assert f'title: "{C}"' in house.file.read_text(encoding="utf-8")


def test_a_file_saved_late_takes_back_nothing_that_was_decided_meanwhile(house: House) -> None:
    text = house.file.read_text(encoding="utf-8")
    add_note(house, "From the desk.")
    attended(house)
    house.save(text=text)
    house.change(A, "keep: yes", "keep: no")
    attended(house)
    content = house.look().content
    assert content is not None
    assert content.note == "From the desk."
    assert house.shown() == [B]
    assert 'note: "From the desk."' in house.file.read_text(encoding="utf-8")


def test_of_two_who_save_copies_of_one_version_the_second_is_told_what_that_takes_back(house: House) -> None:
    opened = house.file.read_text(encoding="utf-8")
    house.change(A, "note:", "note: Mine.")
    attended(house)
    assert "Taken back" not in house.said()
    house.save(text=opened)
    house.change(B, "keep: yes", "keep: later")
    attended(house)
    assert f"the note on “{A}”" in " ".join(house.said().split())
    assert "leaving out" not in house.said()


def test_a_copy_that_takes_back_what_was_decided_cannot_approve_in_the_same_breath(house: House) -> None:
    opened = house.file.read_text(encoding="utf-8")
    house.change(A, "keep: yes", "keep: no")
    attended(house)
    house.save(text=opened.replace("approve: no", "approve: yes"))
    attended(house)
    assert house.issues() == []
    said = " ".join(house.said().split())
    assert "approve again" in said
    assert f"leaving out “{A}”" in said
    assert "approve: no" in house.file.read_text(encoding="utf-8")
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert len(house.issues()) == 1


def test_what_changed_after_the_file_was_opened_is_looked_at_before_it_is_sent(house: House) -> None:
    text = house.file.read_text(encoding="utf-8")
    add_note(house, "Wrong note.")
    house.save(text=text.replace("approve: no", "approve: yes"))
    attended(house)
    assert house.issues() == []
    assert "approve again" in house.said()
    assert "Wrong note." in house.said()
    written = house.file.read_text(encoding="utf-8")
    assert "approve: no" in written
    assert "Wrong note." in written
    house.save(("approve: no", "approve: yes"))
    attended(house)
    assert house.issues()[0].content.note == "Wrong note."


def test_a_file_with_unread_words_is_not_written_over(house: House) -> None:
    house.save(("keep: yes", "keep: maybe"))
    broken = house.file.read_bytes()
    house.found(C)
    house.clock.now += WEEK
    house.publish()
    assert house.file.read_bytes() == broken
    house.save(("keep: maybe", "keep: no"))
    attended(house)
    assert len(house.shown()) == 2
    assert C in house.shown()
    assert f'title: "{C}"' in house.file.read_text(encoding="utf-8")


def test_each_replica_has_a_file_of_its_own_and_either_decides(house: House) -> None:
    other = House.__new__(House)
    other.__dict__ |= house.__dict__
    settings = house.service.settings
    changed = {name: getattr(settings, name) for name in settings.keys} | {"review_dir": house.folder / "elsewhere"}
    other.service = house.another()
    other.service.settings = type(settings)(**changed)
    attend.attend(other.service)
    there = house.folder / "elsewhere" / "update.yaml"
    assert f'title: "{A}"' in there.read_text(encoding="utf-8")
    there.write_text(there.read_text(encoding="utf-8").replace("keep: yes", "keep: no", 1), encoding="utf-8")
    os.utime(there, (0, 0))
    attend.attend(other.service)
    assert len(house.shown()) == 1
    attended(house)
    assert "keep: no" in house.file.read_text(encoding="utf-8")
    house.save(("approve: no", "approve: yes"))
    attended(house)
    attend.attend(other.service)
    assert not there.exists()
    assert len(house.issues()) == 1
    assert len([each for each in house.subjects() if each.startswith("Going out")]) == 1


def test_where_the_configuration_is_read_only_the_file_lies_in_the_data_folder(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != house.config / "review" and real(path, mode))
    attended(house)
    there = house.folder / "review" / "update.yaml"
    assert f'title: "{A}"' in there.read_text(encoding="utf-8")


def test_where_no_file_can_be_written_the_issue_is_held_all_the_same(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(sqlite_store, tmp_path, "{deadline: 48 hours}")
    settings = house.service.settings
    changed = {name: getattr(settings, name) for name in settings.keys} | {"review_dir": Path("/proc/nowhere")}
    house.service.settings = type(settings)(**changed)
    house.held(A)
    assert "could not be written" in house.said()
    for _ in range(3):
        house.publish()
    with house.service.store.read() as conn:
        assert drafts.text(conn, 1, 1) is None


def test_the_draft_is_drawn_as_readers_would_get_it_and_nobody_can_leave_by_it(house: House) -> None:
    (mail,) = house.staff()
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    content = house.look().content
    assert content is not None
    assert house.service.renderer.text(content).strip() in text.get_content().replace("\r\n", "\n").strip()
    page = html.get_content()
    assert page.index("This is a draft of") < page.index("<h1")
    assert "your-own-link" in page
    assert not mail["List-Unsubscribe"]
    assert not mail["List-Id"]
    assert str(mail["To"]) == "Pat <pat@example.nhs.uk>"
    assert str(mail["Auto-Submitted"]) == "auto-generated"


def test_the_file_is_readable_by_whoever_may_edit_the_folder(house: House) -> None:
    assert stat.S_IMODE(house.file.stat().st_mode) & 0o444 == 0o444
    house.clock.now += HOUR
