"""The benchmark of delivery, for a handful of readers: what it checks before it measures must go on holding."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import delivery, mailing
from benchmarks.smtp_sink import Sink

READERS = 12


def test_the_naive_way_says_the_same_to_the_same_reader() -> None:
    mailing.check_same_words(mailing.naive(0), delivery.ours_into_nothing(1).taken[0])


def test_every_message_has_its_own_to_message_id_and_link() -> None:
    assert delivery.check_own(delivery.ours_into_nothing(READERS), READERS).startswith("12 messages")
    twice = delivery.NullSink()
    twice.taken = delivery.ours_into_nothing(1).taken * 2
    with pytest.raises(AssertionError):
        delivery.check_own(twice, 2)


def test_the_sink_takes_the_same_bytes_from_all_sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issue = mailing.draw()
    with Sink() as sink:
        delivery.compare(sink, delivery.Desk(tmp_path, issue, READERS), issue, READERS, 4, 1)
    assert capsys.readouterr().out.count("connections: aiosmtplib / ours") == 2
