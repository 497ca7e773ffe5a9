"""What importing the room costs, and that every name is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import alerts.render


def test_importing_the_room_does_not_import_jinja() -> None:
    code = "import sys, alerts.render; from alerts.render import assemble; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", alerts.render.__all__)
def test_every_public_name_is_found_whatever_was_imported_before(name: str) -> None:
    from alerts.render import Renderer

    assert isinstance(Renderer, type)
    assert type(getattr(alerts.render, name)).__name__ != "module"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = alerts.render.nothing
