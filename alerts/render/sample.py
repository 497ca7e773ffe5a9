"""A small invented issue with one of everything, to try templates on: no real publication, person or address."""

from __future__ import annotations

from dataclasses import replace

from alerts.model.bulletins import IssueContent, IssueSection, Item, Team


def sample_team() -> Team:
    """Return an invented library and its team."""
    return Team(
        id="sample",
        title="Public health",
        library="Northmoor Library and Knowledge Service",
        owner_name="Northmoor Library",
        owner_address="library@example.nhs.uk",
        sender_name="Northmoor Library",
        sender_address="alerts@example.nhs.uk",
        reply_to="library@example.nhs.uk",
        foot="Northmoor Library and Knowledge Service, 1 Moor Lane, Northmoor.",
        disclaimer="Listing an item here does not mean that the library agrees with it.",
        document_help="Cannot open a document? We can usually get it for you within two days.",
        feedback_address="library@example.nhs.uk",
        phone="01632 960000",
    )


def sample_item() -> Item:
    """Return an invented item with every field filled."""
    return Item(
        record_id=1,
        event_id=1,
        title="Helping people in shared housing to stop smoking: draft guideline",
        link="https://www.example.org/draft?a=1&b=2",
        publisher="Example Guideline Institute",
        type="consultation",
        type_label="Consultation",
        event="updated",
        date_line="2 November 2026",
        place="Northmoor",
        summary="The draft asks landlords and councils what would help.",
        summary_label="Authors’ conclusion",
        web_summary="The draft asks landlords and councils what would help.\nIt covers houses with six rooms or more.",
        web_summary_label="Authors’ conclusion",
        closes="Closes 9 January",
        change="Updated 12 November: dates added",
        access="Ask the library for a copy",
        access_link="mailto:library@example.nhs.uk?subject=Please%20send",
        also_in=("Example Journal of Housing",),
        profiles=("Tobacco control",),
        matched=(("stop smoking", "title"), ("Draft", "summary"), ("draft", "title")),
        title_marks=((36, 48),),
        summary_marks=((4, 9),),
        identifier="doi:10.5555/example",
        ranking="1 term in the title",
        language="cy",
        heading="To answer or decide",
    )


def sample_issue() -> IssueContent:
    """Return an invented issue with every part filled."""
    item = sample_item()
    noted = replace(item, record_id=2, note="The library’s own words.", access_link="", link="", language="")
    return IssueContent(
        bulletin_id="sample",
        bulletin_title="Public health update",
        number=12,
        period_key="2026-11-17",
        period_line="10 to 17 November 2026",
        date_line="17 November 2026",
        subject="Helping people in shared housing to stop smoking + 2 more",
        preheader="Public health update, 10 to 17 November 2026: 2 to answer or decide",
        introduction="What is new on your topics.",
        late_line="This issue is late.",
        sections=(IssueSection("To answer or decide", (item, noted)), IssueSection("Data", (), "Nothing new.")),
        corrections=(
            replace(
                item,
                record_id=3,
                event="retracted",
                change="Retracted 12 November",
                closes="",
                notice="Retraction notice",
                notice_link="https://www.example.org/notice",
            ),
        ),
        remainder=(replace(item, record_id=4, access_link="mailto:library@example.nhs.uk?subject=Of%20the%20rest"),),
        sources_searched=("Example Guideline Institute", "Example Journal of Housing"),
        sources_failed=("Example Statistics",),
        team=sample_team(),
        public_address="https://alerts.example.nhs.uk",
        note="The library is closed on Friday.",
        waiting=1,
        remainder_line="1 to answer or decide, 1 study",
    )
