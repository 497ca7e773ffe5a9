"""`alerts source read`: what the service makes of one feed."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

FEED = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel><title>Journal of Examples</title><link>https://www.example.org/</link><description>d</description>
<item><title>Smoking cessation: a systematic review</title><link>https://www.example.org/1?utm_source=rss</link>
<guid isPermaLink="false">one</guid><prism:doi>10.5555/ONE</prism:doi><dc:creator>Reader, Ann</dc:creator>
<pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate><description>Own words &amp; no more.</description></item>
<item><title>Undated</title><link>https://www.example.org/2</link></item>
</channel></rss>"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}
    return subprocess.run(
        [sys.executable, "-m", "alerts", "source", "read", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
    )


def test_one_file_is_one_object_with_source_entries_and_problems(tmp_path: Path) -> None:
    (tmp_path / "journal.xml").write_text(FEED)
    done = run(tmp_path, "journal.xml", "--json")
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    assert set(read) == {"source", "entries", "problems"}
    assert read["source"]["title"] == "Journal of Examples"
    first, second = read["entries"]
    assert first["doi"] == "10.5555/one"
    assert first["link"] == "https://www.example.org/1"
    assert first["published"] == "2026-11-02T09:00:00+00:00"
    assert first["type"] == "review"
    assert first["summary"] == "Own words & no more."
    assert second["published"] is None
    assert second["doi"] is None
    assert {"id", "title", "updated", "authors", "pmid"} <= set(first)


def test_a_packed_file_is_unpacked_and_one_that_is_cut_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(FEED.encode())
    (tmp_path / "whole.xml.gz").write_bytes(packed)
    (tmp_path / "cut.xml.gz").write_bytes(packed[:-20])
    done = run(tmp_path, "whole.xml.gz", "cut.xml.gz", "--json")
    whole, cut = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in whole["entries"]][:1] == ["one"]
    assert (cut["entries"], [each["code"] for each in cut["problems"]]) == ([], ["F040"])


def test_several_files_are_one_line_each_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(FEED)
    (tmp_path / "b.xml").write_text("<html><body><form>Sign in</form></body></html>")
    done = run(tmp_path, "a.xml", "b.xml", "missing.xml", "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in lines] == ["a.xml", "b.xml", "missing.xml"]
    assert [len(line["entries"]) for line in lines] == [2, 0, 0]
    for line in lines[1:]:
        problem = line["problems"][0]
        assert problem["severity"] == "error"
        assert problem["code"].startswith("P")
        assert problem["message"]
        assert problem["remedy"]
    assert "Traceback" not in done.stderr


def test_people_are_told_in_lines(tmp_path: Path) -> None:
    (tmp_path / "journal.xml").write_text(FEED)
    said = run(tmp_path, "journal.xml").stdout
    assert "Journal of Examples: 2 entries" in said
    assert "2026-11-02  Smoking cessation: a systematic review" in said
    assert "undated  Undated" in said


def test_a_file_without_end_is_refused_and_not_read_to_it(tmp_path: Path) -> None:
    done = run(tmp_path, "/dev/zero", "--json")
    assert done.returncode == 1
    assert "larger than 15 MB" in json.loads(done.stdout)["problems"][0]["message"]


def test_a_source_that_is_misspelt_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    done = run(tmp_path, "bmj-opne", "--json")
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "P091"
    assert problem["remedy"].startswith("Did you mean “bmj-open”? Name a file that is there")
