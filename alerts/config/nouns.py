"""Forms → the nouns of the model. Nothing is checked here any more; `crossing` has done so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alerts.config.fields import WEEKDAYS
from alerts.model.bulletins import Budget, Bulletin, Review, Schedule, Section, SignUp, Team
from alerts.model.catalogue import NoSendDay, Place, Service, TypeRule
from alerts.model.profiles import Block, Example, Profile, SourceSelection
from alerts.model.sources import KINDS, AbstractPolicy, Letters, PageItems, Source

if TYPE_CHECKING:
    from alerts.config import forms
    from alerts.config.mailboxes import Mailbox

_CADENCES = {"day": "daily", "week": "weekly", "fortnight": "fortnightly", "month": "monthly"}
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


@dataclass(frozen=True, slots=True)
class Strategy:
    """The text of a strategy and where it begins: in the file that names it, or in `file`, one of its own."""

    text: str
    line: int = 1
    column: int = 1
    file: str = ""


def _parts(mailbox: Mailbox | None) -> tuple[str, str]:
    return (mailbox.name, mailbox.address) if mailbox is not None else ("", "")


def service(form: forms.ServiceForm) -> Service:
    """Return `service.yaml` as a noun."""
    return Service(form.name, *_parts(form.contact), form.foot or "", form.disclaimer or "", *_parts(form.owner))


def source(form: forms.SourceForm, file: str, place: str) -> Source:
    """Return a source; `place` is the canonical name of its place."""
    owner_name, owner_address = _parts(form.owner)
    kind, feeds = KINDS[form.kind], form.feeds()
    return Source(
        id=form.id,
        title=form.title,
        address=feeds[0] if feeds else form.address or kind.address,
        publisher=form.publisher or "",
        kind=form.kind,
        evidence_type=form.type,
        place=place,
        tags=frozenset(form.tags),
        language=form.language,
        abstracts=AbstractPolicy(form.abstracts.mail, form.abstracts.web),
        updates=form.updates or kind.updates,
        every_s=form.every,
        first_run_days=form.first_run_days,
        flood=form.flood,
        rhythm_days=form.rhythm / 86400 if form.rhythm is not None else None,
        sure=form.sure,
        note=form.note or "",
        enabled=form.enabled,
        formerly=form.formerly,
        owner_name=owner_name,
        owner_address=owner_address,
        file=file,
        strategy=form.strategy or "",
        letters=_letters(form.letters),
        issn=tuple(dict.fromkeys(form.issn)),
        ends=form.ends,
        successor=form.successor or "",
        items=page_items(form.items),
        enrich=form.enrich,
        query=" ".join((form.query or "").split()),
        question=" ".join(f"{name}={value!r}" for name in kind.keys if (value := getattr(form, name))),
        feeds=feeds,
    )


def page_items(form: forms.ItemsForm | None) -> PageItems | None:
    """Return where the items of a watched page stand; `next:` alone means two pages."""
    if form is None:
        return None
    return PageItems(
        each=form.each,
        title=form.title or "",
        link=form.link or "",
        date=form.date or "",
        summary=form.summary or "",
        next=form.next or "",
        pages=form.pages or (2 if form.next else 1),
        turnover=form.turnover,
    )


def _letters(form: forms.LettersForm | None) -> Letters:
    if form is None:
        return Letters()
    return Letters(form.senders, form.list_id or "", form.subject or "", form.mark_read, form.leave_out)


def team(form: forms.TeamForm, id: str, file: str) -> Team:
    """Return a team; what it leaves out is its owner's."""
    sender = form.sender or form.owner
    reply_to = (form.reply_to or form.owner).address
    return Team(
        id=id,
        title=form.title,
        library=form.library,
        owner_name=form.owner.name,
        owner_address=form.owner.address,
        sender_name=sender.name or form.library,
        sender_address=sender.address,
        reply_to=reply_to,
        foot=form.foot or "",
        disclaimer=form.disclaimer or "",
        document_link=form.document_link or "",
        document_help=form.document_help or "",
        feedback_address=form.feedback or reply_to,
        phone=form.phone or "",
        file=file,
    )


def block(form: forms.BlockForm, id: str, file: str, search: Strategy, places: tuple[str, ...]) -> Block:
    """Return a shared block."""
    return Block(
        id=id,
        search=search.text,
        title=form.title or "",
        dialect=form.dialect,
        met_by_places=frozenset(places),
        file=file,
        search_line=search.line,
        search_column=search.column,
        search_file=search.file,
    )


def profile(
    form: forms.ProfileForm,
    id: str,
    file: str,
    search: Strategy,
    places: tuple[str, ...],
    example_lines: tuple[tuple[int, ...], tuple[int, ...]],
    successors: Mapping[str, str],
) -> Profile:
    """Return a topic; `example_lines` are those that its examples stand on, `successors` sources by those before."""
    full = form.result.full
    return Profile(
        id=id,
        title=form.title,
        search=search.text,
        team=form.team,
        owner=str(form.owner) if form.owner is not None else "",
        dialect=form.dialect,
        sources=selection(form.sources, successors),
        result_full=full,
        result_brief=full if form.result.brief is None else form.result.brief,
        spelling=form.spelling,
        languages=frozenset(form.limits.language),
        places=places,
        must_match=_examples(form.examples.must_match, example_lines[0]),
        must_not_match=_examples(form.examples.must_not_match, example_lines[1]),
        formerly=form.formerly,
        file=file,
        database=form.database or "",
        search_line=search.line,
        search_column=search.column,
        search_file=search.file,
    )


def _examples(given: tuple[forms.ExampleForm, ...], lines: tuple[int, ...]) -> tuple[Example, ...]:
    return tuple(
        Example(each.title or "", each.summary or "", each.doi or "", each.pmid or "", line)
        for each, line in zip(given, lines, strict=True)
    )


def selection(form: forms.SelectionForm, successors: Mapping[str, str]) -> SourceSelection:
    """Return which sources a profile listens to: those it names, and those that took the place of one it names."""
    ids, exclude = (frozenset(_followed(names, successors)) for names in (form.ids, form.exclude))
    return SourceSelection(frozenset(form.tags), ids, exclude - (ids - frozenset(form.exclude)))


def _followed(names: Iterable[str], successors: Mapping[str, str]) -> set[str]:
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [successors[name]] if name in successors else []
    return found


def with_revision(profile: Profile, strategy_revision: str) -> Profile:
    """Return the profile with a hash of everything that decides what it finds: strategy, result, limits, sources."""
    chosen = profile.sources
    deciding = (
        strategy_revision,
        profile.search,
        profile.dialect,
        profile.database,
        profile.result_full,
        profile.result_brief,
        profile.spelling,
        sorted(profile.languages),
        sorted(chosen.tags),
        sorted(chosen.ids),
        sorted(chosen.exclude),
    )
    return replace(profile, revision=hashlib.sha256(repr(deciding).encode()).hexdigest()[:16])


def section(form: forms.SectionForm) -> Section:
    """Return one heading of a bulletin."""
    return Section(form.title, frozenset(form.types), form.lens or "", form.limit, form.empty)


def day_of(on: str) -> tuple[int, int] | None:
    """Read `Tuesday` or `first Tuesday` as (n-th, weekday), n-th 0 where none is said; None when it is neither."""
    words = on.lower().split()
    weekdays = [day.lower() for day in WEEKDAYS]
    if len(words) == 1 and words[0] in weekdays:
        return 0, weekdays.index(words[0])
    if len(words) == 2 and words[0] in _NTH and words[1] in weekdays:
        return _NTH[words[0]], weekdays.index(words[1])
    return None


def schedule(form: forms.ScheduleForm) -> Schedule:
    """Return when a bulletin is due; for a fortnight without `on:` the weekday is that of `starting:`."""
    nth, weekday = day_of(form.on or "") or (0, form.starting.weekday() if form.starting else 0)
    return Schedule(
        cadence=_CADENCES[form.every],  # type: ignore[arg-type]  # the form's Literal has exactly these keys
        at=form.at,
        zone=form.zone,
        weekday=weekday,
        nth=nth or 1,
        starting=form.starting,
        calendar=form.calendar,
        working_days_only=form.working_days_only,
    )


def bulletin(
    form: forms.BulletinForm,
    id: str,
    file: str,
    teams: tuple[str, ...],
    profiles: tuple[str, ...],
    sections: tuple[Section, ...],
    places: tuple[str, ...],
) -> Bulletin:
    """Return a bulletin with the teams, profiles, sections and places that are in force for it."""
    review = form.review
    return Bulletin(
        id=id,
        title=form.title,
        team=form.team,
        teams=teams,
        profiles=profiles,
        sections=sections,
        schedule=schedule(form.schedule),
        budget=Budget(form.budget.items, form.budget.html_kb * 1000),
        group_by=form.group_by,
        when_empty=form.when_empty,
        first_run_days=form.first_run_days,
        places=places,
        review=Review(review.deadline / 3600, review.then) if review is not None else None,
        introduction=form.introduction or "",
        sign_up=_sign_up(form.sign_up),
        formerly=form.formerly,
        file=file,
    )


def _sign_up(form: forms.SignUpForm | None) -> SignUp | None:
    if form is None:
        return None
    return SignUp(() if "any" in form.domains else form.domains)


def spelling(form: forms.SpellingForm) -> tuple[tuple[str, ...], ...]:
    """Return the groups of spellings, each word once."""
    return tuple(tuple(dict.fromkeys(group)) for group in form.groups)


def type_rules(form: forms.TypesForm) -> tuple[TypeRule, ...]:
    """Return the rules for the type of evidence, in order."""
    return tuple(
        TypeRule(
            id=rule.id,
            type=rule.type,
            title_starts=rule.title_starts,
            title_any=rule.title_any,
            notice_any=rule.notice_any,
            summary_any=rule.summary_any,
            publication_type_any=rule.publication_type_any,
            link_any=rule.link_any,
            source_type_any=rule.source_type_any,
            design=rule.design or "",
        )
        for rule in form.rules
    )


def places(form: forms.PlacesForm) -> tuple[Place, ...]:
    """Return the gazetteer."""
    return tuple(Place(each.name, each.kind, each.within, each.also) for each in form.places)


def no_send_days(form: forms.CalendarForm) -> tuple[NoSendDay, ...]:
    """Return the days on which nothing is sent."""
    return tuple(NoSendDay(each.day, each.reason, frozenset(each.calendars)) for each in form.no_send)
