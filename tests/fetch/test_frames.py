from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.errors import AlertsError, Problem
from alerts.fetch.failures import ServerTrouble
from alerts.fetch.frames import HEAD, FrameRefused, Refusal, packed, unpacked
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry


class Trap:
    """Unpickled carelessly, it runs a command."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.marker}",)


ENTRY = Entry(
    key="1",
    title="Smoking at time of delivery",
    published=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    authors=("A. Author",),
    identifiers=(Identifier("doi", "10.1000/xyz"),),
)


def test_entries_problems_and_plain_values_come_back_as_they_went() -> None:
    value = ("parsed", [ENTRY, Problem("P002", "warning", "x"), {"a": frozenset({1})}, None, 1.5, b"bytes"])
    frame = packed(value)
    assert HEAD.unpack(frame[: HEAD.size]) == (len(frame) - HEAD.size,)
    assert unpacked(frame[HEAD.size :]) == value


def test_an_answer_that_would_run_a_command_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    with pytest.raises(FrameRefused):
        unpacked(pickle.dumps(("parsed", Trap(marker))))
    assert not marker.exists()


@pytest.mark.parametrize(
    "value", [os.getpid, Path("/"), ValueError, Refusal.of, unpacked, ENTRY.identifier, pickle.loads]
)
def test_an_answer_may_name_nothing_but_our_nouns_and_dates(value: object) -> None:
    with pytest.raises(FrameRefused):
        unpacked(pickle.dumps(value))


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"\x80\x05.", pickle.dumps(ENTRY)[:-3], b"\x80\x05X\xff\xff\xff\x7f"],
    ids=["empty", "nonsense", "nothing", "cut", "huge"],
)
def test_a_damaged_answer_is_refused(body: bytes) -> None:
    with pytest.raises(FrameRefused):
        unpacked(body)


def test_an_error_comes_back_as_the_same_kind_with_its_sentence_and_remedy() -> None:
    error = Refusal.of(ServerTrouble("It is down.", remedy="Wait.")).error()
    assert type(error) is ServerTrouble
    assert (error.code, error.sentence, error.remedy, str(error)) == ("F500", "It is down.", "Wait.", "It is down.")


@pytest.mark.parametrize(
    ("module", "name"),
    [("builtins", "ValueError"), ("alerts.model.records", "Entry"), ("os", "system"), ("alerts.errors", "nothing")],
)
def test_only_an_error_of_ours_can_be_raised_up_again(module: str, name: str) -> None:
    with pytest.raises(FrameRefused):
        Refusal(module, name, "x", "y").error()


def test_an_error_whose_class_is_not_ours_is_refused() -> None:
    class Foreign(AlertsError):
        pass

    with pytest.raises(FrameRefused):
        Refusal.of(Foreign("x")).error()
