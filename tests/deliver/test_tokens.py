"""Links for leaving: short, whole, unguessable, revocable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.deliver import BadKey, tokens

KEY, OLD, OTHER = b"k" * 32, b"o" * 32, b"x" * 32


@given(st.integers(0, 36**8 - 1), st.integers(0, 36**3 - 1))
def test_a_token_gives_back_what_it_was_made_of(subscription: int, generation: int) -> None:
    token = tokens.make(subscription, generation, KEY)
    assert tokens.read(token, [KEY]) == (subscription, generation)
    assert re.fullmatch(r"[0-9a-z]{11}[0-9A-Za-z_-]{21}[AQgw]", token)
    assert len(token) == tokens.LENGTH


def test_a_token_survives_the_rotation_of_keys_until_the_old_key_is_gone() -> None:
    token = tokens.make(7, 1, OLD)
    assert tokens.read(token, [KEY, OLD]) == (7, 1)
    assert tokens.read(token, [KEY]) is None
    assert tokens.read(token, []) is None


def test_another_generation_has_another_token() -> None:
    assert tokens.make(7, 1, KEY)[11:] != tokens.make(7, 2, KEY)[11:]


@given(st.integers(0, 32), st.characters(codec="ascii"))
def test_one_changed_character_spoils_a_token(place: int, character: str) -> None:
    token = tokens.make(123456, 4, KEY)
    forged = token[:place] + character + token[place + 1 :]
    assert tokens.read(forged, [KEY, OLD]) == ((123456, 4) if forged == token else None)


@given(st.text(max_size=60))
def test_no_text_is_mistaken_for_a_token(text: str) -> None:
    assert tokens.read(text, [KEY, OLD]) is None


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda token: token + "\n", lambda token: token + "=="])
def test_a_token_is_one_exact_string(change: object) -> None:
    token = tokens.make(35, 1, KEY)
    assert callable(change)
    assert tokens.read(change(token), [KEY]) is None


def test_the_signature_cannot_be_moved_to_another_subscription() -> None:
    mine, theirs = tokens.make(1, 1, KEY), tokens.make(2, 1, KEY)
    assert tokens.read(theirs[:11] + mine[11:], [KEY]) is None


def test_short_keys_are_refused() -> None:
    with pytest.raises(BadKey, match="32"):
        tokens.make(1, 1, b"short")


@pytest.mark.parametrize(("subscription", "generation"), [(-1, 0), (36**8, 0), (0, 36**3), (0, -1)])
def test_numbers_that_do_not_fit_are_refused(subscription: int, generation: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        tokens.make(subscription, generation, KEY)
