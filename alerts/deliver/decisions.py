"""What an answer means: pure decisions, each with its reason, time and chance passed in.

The question behind all of them is *whom the refusal is about*. A reader who left the organisation costs only that
reader; an expired password must not cost a thousand readers their subscription. Enhanced status codes (RFC 3463) tell
the two apart better than the three digits (RFC 5321 4.2) do:

- 4yz, or a lost connection before the text: later. 421, 432, 4.3.2 and 4.7.x are about our use of the relay.
- 5yz to RCPT with 5.1.x, 5.2.x, 5.4.x or no enhanced code: the recipient's, final. But 5.1.7 and 5.1.8 speak of the
  *sender's* address, which many servers check only at RCPT, and Exchange's 5.2.252 of its right to send, 5.1.90 of
  its recipients a day.
- 5yz to MAIL, any x.7.x: the relay's or the account's. Everything is held, nothing is final.
- 5yz to the text: the message's; held. A size refusal (552, 5.3.4, 5.2.3) cannot mend itself and waits for a person.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from alerts.deliver.transport import Accepted, Refusal, Silence
from alerts.model.deliveries import Delivery, Outcome, RefusalScope

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=240)
HELD_WAIT = timedelta(minutes=60)
PATIENCE = timedelta(days=5)
LARGEST_JITTER = 0.25
RESENDS_AFTER_SILENCE = 3

Reaction = Literal["", "slow", "rest", "hold"]

_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_SENDER_CODES = {"5.1.7", "5.1.8", "5.1.90", "5.2.252"}
_SIZE_CODES = {"5.3.4", "5.2.3"}
_SENDER_WORDS = ("sendasdenied", "send as denied", "submissionquotaexceeded")


def enhanced_code(words: str) -> str:
    """Return the enhanced status code (RFC 3463) that a reply begins with, or an empty string."""
    found = _ENHANCED.match(words)
    return ".".join(found.groups()) if found else ""


def wait_after(attempts: int) -> timedelta:
    """Return the time between attempt number `attempts` (from 1) and the next: 5, 10, 20 … 240 minutes."""
    doublings: int = min(attempts - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def is_patience_over(attempts: int) -> bool:
    """Tell whether another wait after this many attempts would pass five days.

    Counted in attempts, not by a clock: a service that slept for a week has not been refused for a week.
    """
    return sum((wait_after(each) for each in range(1, attempts + 1)), timedelta()) > PATIENCE


def retry_time(attempts: int, now: datetime, rng: Random) -> datetime:
    """Return when to try again: the wait, and up to a quarter more, never less (a greylist counts the minutes)."""
    return now + wait_after(attempts) * (1 + rng.random() * LARGEST_JITTER)


def held_time(now: datetime, rng: Random) -> datetime:
    """Return when to offer a held message again: an hour, and up to a quarter more.

    The relay itself rests for less (`Pace.hold`), so that after a rest *other* messages find out whether it is well,
    and one reader whom a policy refuses cannot hold everybody again at once.
    """
    return now + HELD_WAIT * (1 + rng.random() * LARGEST_JITTER)


def whom(refusal: Refusal) -> RefusalScope:
    """Return whom a refusal is about."""
    enhanced = enhanced_code(refusal.words)
    subject = enhanced[2:].partition(".")[0]
    said_of_sender = any(each in refusal.words.lower() for each in _SENDER_WORDS)
    if refusal.code in (421, 432) or enhanced == "4.3.2" or not refusal.code:
        return "relay"
    if _is_about_size(refusal, enhanced):
        return "message"
    if subject == "7" or enhanced in _SENDER_CODES or said_of_sender:
        return "account"
    if refusal.stage == "mail":
        return "relay"
    if refusal.stage == "rcpt":
        return "recipient" if subject in ("", "1", "2", "4") else "message"
    return "recipient" if subject == "1" or enhanced in ("5.2.1", "5.2.2", "4.2.1", "4.2.2") else "message"


def _is_about_size(refusal: Refusal, enhanced: str) -> bool:
    if enhanced:
        return enhanced in _SIZE_CODES
    return refusal.code == 552 and refusal.stage != "rcpt"


def after_refusal(attempts: int, refusal: Refusal, now: datetime, rng: Random) -> Outcome:
    """Decide what becomes of a message that was surely not sent. `attempts` counts this one too."""
    scope = whom(refusal)
    enhanced = enhanced_code(refusal.words)

    def outcome(state: Literal["deferred", "failed", "expired", "held"], retry_at: datetime | None) -> Outcome:
        return Outcome(state, refusal.words, refusal.code, enhanced, retry_at, scope)

    if not 500 <= refusal.code < 600:
        return (
            outcome("expired", None)
            if is_patience_over(attempts)
            else outcome("deferred", retry_time(attempts, now, rng))
        )
    if scope == "recipient":
        return outcome("failed", None)
    if scope == "message" and _is_about_size(refusal, enhanced):
        return outcome("held", None)
    return outcome("held", held_time(now, rng))


def after_silence(delivery: Delivery, silence: Silence, now: datetime, lease_s: float) -> Outcome:
    """Decide what becomes of a message that may have been sent: again once the lease is over, at most three times.

    RFC 5321 6.1 makes loss the worse fault; the Message-ID lets the receiver recognise a repeat.
    """
    if delivery.unanswered >= RESENDS_AFTER_SILENCE:
        words = f"Perhaps delivered: the server never answered after the text. {silence.words}".strip()
        return Outcome("failed", words, scope="message", unanswered=True)
    return Outcome("deferred", silence.words, retry_at=now + timedelta(seconds=lease_s), scope="relay", unanswered=True)


def decide(
    delivery: Delivery, answer: Accepted | Refusal | Silence, now: datetime, rng: Random, *, lease_s: float
) -> Outcome:
    """Return what an attempt came to."""
    if isinstance(answer, Accepted):
        return Outcome("sent", answer.words, answer.code, enhanced_code(answer.words))
    if isinstance(answer, Silence):
        return after_silence(delivery, answer, now, lease_s)
    return after_refusal(max(delivery.attempts, 1), answer, now, rng)


def reaction(outcome: Outcome) -> Reaction:
    """Return how the whole relay is to be treated after this outcome."""
    if outcome.state == "held":
        return "hold" if outcome.scope in ("relay", "account") else ""
    if outcome.code in (421, 432) or outcome.enhanced_code == "4.3.2":
        return "rest"
    if outcome.state in ("deferred", "expired") and outcome.scope in ("relay", "account"):
        return "slow"
    return ""


class Tally:
    """Are the refusals about the recipients, or about us? The last ten answers tell.

    A refusal is final only once the server has shown that it takes mail from us at all. Refusals therefore wait until
    somebody is accepted; when five and more than half of the last ten answers are refusals, they are the relay's.
    """

    WINDOW = 10
    SUSPICIOUS = 5

    def __init__(self) -> None:
        self._answers: list[bool] = []

    def note(self, *, accepted: bool) -> None:
        """Note one more answer."""
        self._answers = [*self._answers, accepted][-self.WINDOW :]

    @property
    def most_refused(self) -> bool:
        """True when the relay refuses most of what it is offered."""
        refused = self._answers.count(False)
        return refused >= self.SUSPICIOUS and refused * 2 > len(self._answers)

    @property
    def takes_mail(self) -> bool:
        """True when the last answer was an acceptance and most were."""
        accepted = self._answers.count(True)
        return bool(self._answers) and self._answers[-1] and accepted * 2 >= len(self._answers)
