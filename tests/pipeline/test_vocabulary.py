"""The service compiles strategies with the loaded vocabulary, and what a new one changes is matched again."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.config import load_settings
from alerts.pipeline.adopt import adopt
from alerts.pipeline.run import _fingerprint
from alerts.pipeline.service import Service, open_service
from alerts.search import Descriptor, Vocabulary
from alerts.store import vocabulary
from tests.store import making as make

FILES = {
    "service.yaml": "name: Alerts\ncontact: Library <library@example.nhs.uk>\n",
    "sources/journals.yaml": "sources:\n- {id: one, title: One, publisher: One, address: https://example.org/feed,"
    " type: study, place: England, sure: A}\n",
    "teams/ph.yaml": "title: PH\nlibrary: L\nowner: P <p@example.nhs.uk>\nsender: L <l@example.nhs.uk>\n"
    "reply_to: l@example.nhs.uk\n",
    "profiles/words.yaml": "title: Words\nteam: ph\nowner: P <p@example.nhs.uk>\nsearch: |\n  1. smok*.ti.\n",
    "profiles/heading.yaml": "title: Heading\nteam: ph\nowner: P <p@example.nhs.uk>\nsearch: |\n  1. exp Smoking/\n",
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for path, text in FILES.items():
        (tmp_path / "config" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / path).write_text(text, encoding="utf-8")
    return {"ALERTS_CONFIG_DIR": str(tmp_path / "config"), "ALERTS_DATA_DIR": str(tmp_path / "data")}


def load(service: Service, *terms: str) -> None:
    words = Vocabulary("test")
    words.add(Descriptor("Smoking", terms))
    with service.store.write() as conn:
        vocabulary.load(conn, words, make.NOW)


def test_a_new_vocabulary_changes_the_profiles_that_use_headings_and_no_others(environment: dict[str, str]) -> None:
    with open_service(load_settings(environment).settings) as service:
        assert set(adopt(service).rematched) == {"words", "heading"}
        before = {name: each.revision for name, each in service.searches.strategies.items()}
        load(service, "Cigarette Use")
        service.reload()
        assert adopt(service).rematched == ("heading",)
        assert adopt(service).rematched == ()
        after = service.searches.strategies
        assert {name for name in before if after[name].revision != before[name]} == {"heading"}
        assert {each.vocabulary for each in after.values()} == {"test"}
    with open_service(load_settings(environment).settings) as service:  # another process, the same vocabulary
        assert adopt(service).rematched == ()


def test_a_service_that_runs_sees_that_another_vocabulary_was_loaded(environment: dict[str, str]) -> None:
    with open_service(load_settings(environment).settings) as service:
        seen = [_fingerprint(service)]
        load(service, "Cigarette Use")
        seen.append(_fingerprint(service))
        load(service, "Cigarette Use")
        assert _fingerprint(service) == seen[1]
        load(service, "Cigarette Habit")
        seen.append(_fingerprint(service))
    assert len(set(seen)) == 3
