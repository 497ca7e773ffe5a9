"""Pages with a list, made up after the shapes of the systems that publishers and councils use."""

# ruff: noqa: E501  mark-up is told as it comes

from __future__ import annotations

from dataclasses import dataclass

NAV = (
    '<header class="site-header"><a class="skip-link" href="#content">Skip to main content</a><nav class="main-nav"><ul>'
    + "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/section-{n}/">{name}</a></li>'
        for n, name in enumerate(
            (
                "About our organisation", "News, views and events", "Publications and resources", "Working for us",
                "Health and wellbeing services", "Contact the whole team", "Your council and democracy",
            )
        )
    )
    + "</ul></nav></header>"
)  # fmt: skip
FOOTER = (
    '<footer class="site-footer"><ul>'
    + "".join(
        f'<li><a href="/policy-{n}/">{name}</a></li>'
        for n, name in enumerate(
            ("Privacy notice and cookies", "Accessibility statement", "Freedom of information requests", "Site map")
        )
    )
    + '</ul><a href="https://social.example.com/us">Follow us</a></footer>'
)
TITLES = (
    "Waiting lists in community services: what the figures show",
    "Adult social care funding explained",
    "How neighbourhood teams share records",
    "Winter pressures: lessons from four systems",
    "Measuring inequality in access to dentistry",
    "The workforce plan, one year on",
    "Housing and health: a guide for boards",
    "Falls prevention that works at home",
)
DAYS = ("3 November 2026", "29 October 2026", "22 October 2026", "15 October 2026", "8 October 2026", "1 October 2026",
        "24 September 2026", "17 September 2026")  # fmt: skip
ISO = ("2026-11-03", "2026-10-29", "2026-10-22", "2026-10-15", "2026-10-08", "2026-10-01", "2026-09-24", "2026-09-17")
TEXT = "We looked at what is known, spoke to those who run the services, and set out what boards could do about {}."


@dataclass(frozen=True)
class ListingPage:
    """A page, and what is on its list: how many items, the first one's title, path and day, and whether it has a text."""

    name: str
    body: str
    count: int
    title: str
    path: str
    day: str = "2026-11-03"
    summary: bool = True


def whole(inside: str, title: str = "Publications", after: str = "") -> str:
    """Return a page around its content."""
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title} | Example</title></head>'
        f'<body class="page">{NAV}{inside}{after}{FOOTER}</body></html>'
    )


def each(form: str) -> str:
    """Return a form filled in for every title."""
    return "".join(
        form.format(
            n=n, title=title, day=DAYS[n], iso=ISO[n], text=TEXT.format(title.lower()), dmy="/".join(reversed(ISO[n].split("-"))),
            odd="odd" if n % 2 else "even", slug=f"item-{n}",
        )
        for n, title in enumerate(TITLES)
    )  # fmt: skip


WORDPRESS = whole(
    '<div id="primary" class="content-area"><main id="main" class="site-main">'
    + each(
        '<article id="post-{n}12" class="post-{n}12 post type-post status-publish format-standard hentry category-news">'
        '<header class="entry-header"><h2 class="entry-title"><a href="/2026/11/{slug}/" rel="bookmark">{title}</a></h2>'
        '<div class="entry-meta">Posted on <a href="/2026/11/{slug}/"><time class="entry-date published" '
        'datetime="{iso}T09:00:00+00:00">{day}</time></a> by <a href="/author/staff/">Staff</a></div></header>'
        '<div class="entry-summary"><p>{text} <a class="more-link" href="/2026/11/{slug}/">Continue reading</a></p></div>'
        '<footer class="entry-footer"><a href="/category/news/" rel="category tag">News</a></footer></article>'
    )
    + '<nav class="navigation pagination"><a class="page-numbers" href="/page/2/">2</a></nav></main></div>'
    '<aside class="widget-area"><h2>Recent comments</h2><ul>'
    + "".join(f'<li><a href="/c/{n}">A comment that somebody wrote on an item, number {n}</a></li>' for n in range(9))
    + "</ul></aside>"
)
BLOCKS = whole(
    '<main class="wp-block-group"><ul class="wp-block-post-template">'
    + each(
        '<li class="wp-block-post post-{n}99 post type-post"><figure class="wp-block-post-featured-image">'
        '<a href="/insights/{slug}"><img src="/i/{n}.jpg" alt=""></a></figure>'
        '<h3 class="wp-block-post-title"><a href="/insights/{slug}">{title}</a></h3>'
        '<div class="wp-block-post-date"><time datetime="{iso}T00:00:00Z">{day}</time></div>'
        '<div class="wp-block-post-excerpt"><p class="wp-block-post-excerpt__excerpt">{text}</p></div></li>'
    )
    + "</ul></main>"
)
DRUPAL = whole(
    '<main role="main"><div class="region region-content"><div class="views-element-container"><div class="view view-publications '
    'view-id-publications view-display-id-page_1 js-view-dom-id-1f2e"><div class="view-content">'
    + each(
        '<div class="views-row views-row-{n} views-row-{odd}"><div class="views-field views-field-title"><span class="field-content">'
        '<a href="/publication/{slug}" hreflang="en">{title}</a></span></div>'
        '<div class="views-field views-field-created"><span class="views-label">Published: </span>'
        '<span class="field-content">{day}</span></div>'
        '<div class="views-field views-field-body"><div class="field-content"><p>{text}</p></div></div></div>'
    )
    + '</div><nav class="pager"><ul class="pager__items"><li class="pager__item--next"><a href="?page=1" rel="next">Next</a></li>'
    "</ul></nav></div></div></div></main>"
)
LOCALGOV = whole(
    '<main class="main" id="main-content"><div class="lgd-region"><h1>News</h1><div class="lgd-teaser-list">'
    + each(
        '<article role="article" class="node node--type-localgov-news-article node--view-mode-teaser lgd-teaser">'
        '<a href="/news/{slug}" class="lgd-teaser__link"><h2 class="lgd-teaser__title">{title}</h2></a>'
        '<div class="lgd-teaser__date">Thursday, {day}</div><p class="lgd-teaser__summary">{text}</p></article>'
    )
    + "</div></div></main>"
)
JADU = whole(
    '<main id="content"><div class="container"><div class="editor"><ul class="list list--record">'
    + each(
        '<li class="list__item"><a href="/news/article/{n}4/{slug}" class="list__link">{title}</a>'
        '<p class="list__meta">Published: {day}</p><p>{text}</p></li>'
    )
    + "</ul></div></div></main>"
)
UMBRACO = whole(
    '<div class="container"><div class="row row--cards">'
    + each(
        '<div class="col-md-4 col-sm-6"><a class="card card--resource" href="/resources/{slug}/"><div class="card__body">'
        '<span class="card__label">Report</span><h3 class="card__title">{title}</h3><span class="card__date">{dmy}</span>'
        '<p class="card__text">{text}</p></div></a></div>'
    )
    + "</div></div>"
)
SHAREPOINT = whole(
    '<div id="s4-workspace"><div class="ms-rtestate-field"><table class="ms-listviewtable" id="onetidDoclibViewTbl0"><thead>'
    '<tr class="ms-viewheadertr"><th><a href="javascript:sort()">Name</a></th><th>Modified</th><th>Size</th></tr></thead><tbody>'
    + each(
        '<tr class="ms-itmhover" id="{n},1,0"><td class="ms-vb2"><a class="ms-listlink" href="/docs/Documents/{slug}.docx">{title}</a></td>'
        '<td class="ms-vb2"><span title="{day} 10:12">{day}</span></td><td class="ms-vb2">{n}12 KB</td></tr>'
    )
    + "</tbody></table></div></div>"
)
MODERN_GOV = whole(
    '<div id="modgov"><h1 class="mgMainTitleTxt">Browse meetings</h1><form method="post" action="ieListMeetings.aspx"><ul class="mgActionList"><li><a href="mgCommitteeDetails.aspx?ID=143">More information about Health and Wellbeing Board</a></li></ul><p><a class="mgTableNextLnk" href="ieListMeetings.aspx?Act=earlier&amp;CId=143">Earlier meetings</a></p><ul  class="mgNonBulletTableList"  >'
    + each(
        '<li  class="mgTableEvenRow" ><a  class="mgMeetingTableLnk"    href="ieListDocuments.aspx?CId=143&amp;MId={n}512&amp;Ver=4"  title="Link&#32;to&#32;meeting&#32;details&#32;for&#32;Health&#32;and&#32;Wellbeing&#32;Board&#32;meeting&#32;of&#32;{day}">{day}&nbsp;10&#58;00 am</a> - Agenda, Minutes</li>'
    )
    + "</ul></form></div>",
    "Browse meetings - Health and Wellbeing Board",
)
PAPERS = whole(
    '<div class="content"><h1>Board papers</h1><table><tbody><tr><th>Meeting</th><th>Date</th><th>Papers</th></tr>'
    + each(
        '<tr><td>{title}</td><td>{day}</td><td><a href="/files/{slug}-papers.pdf" target="_blank">Download (PDF, {n}.2 MB)</a></td></tr>'
    )
    + "</tbody></table></div>"
)
LINKS = whole(
    '<div id="main-content"><div class="rich-text"><h1>Board papers</h1><h2>2026</h2><ul>'
    + each('<li><a href="/wp-content/uploads/2026/{slug}.pdf">{title} – {day} [pdf] 300KB</a></li>')
    + "</ul></div></div>"
)
DEFINITIONS = whole(
    '<div class="document-list"><dl>'
    + each('<dt><a href="/reports/{slug}.html">{title}</a></dt><dd class="when">{day}</dd><dd class="what">{text}</dd>')
    + "</dl></div>"
)
FLAT = whole(
    '<div id="articles">'
    + each('<h3><a href="news_{slug}.htm">{title}</a></h3><p class="date">{day}</p><p>{text}</p><hr>')
    + "</div>"
)
TAILWIND = whole(
    '<div class="mx-auto max-w-7xl"><div class="grid grid-cols-3 gap-4">'
    + each(
        '<div class="flex flex-col bg-white p-4 css-1x2y3z"><div class="flex text-sm"><span class="text-gray-500">{day}</span>'
        '<a href="/topics/care" class="px-2">Social care</a></div><h3 class="text-lg"><a href="/research/{slug}">{title}</a></h3>'
        '<p class="text-base">{text}</p><a href="/research/{slug}" class="mt-2">Read more</a></div>'
    )
    + "</div></div>"
)
SEARCH = whole(
    '<main><ol class="search-results">'
    + each(
        '<li class="search-result"><p class="kicker">Guidance</p><h2 class="search-result__heading"><a href="/guidance/ng{n}?type=x&amp;utm_source=list">{title}</a></h2>'
        '<dl><dt>Last updated:</dt><dd>{day}</dd><dt>Published:</dt><dd>{day}</dd></dl><p class="search-result__excerpt">{text}</p></li>'
    )
    + "</ol></main>"
)
NICE_TABLE = whole(
    '<div class="container"><table class="table" id="results"><thead><tr><th>Title</th><th>Reference number</th><th>Published</th></tr></thead><tbody>'
    + each(
        '<tr><td><a href="/guidance/ng{n}">{title}</a></td><td>NG{n}00</td><td><time datetime="{iso}">{day}</time></td></tr>'
    )
    + "</tbody></table></div>"
)

PAGES = (
    ListingPage("WordPress", WORDPRESS, 8, TITLES[0], "/2026/11/item-0/"),
    ListingPage("WordPress blocks", BLOCKS, 8, TITLES[0], "/insights/item-0"),
    ListingPage("Drupal views", DRUPAL, 8, TITLES[0], "/publication/item-0"),
    ListingPage("LocalGov Drupal", LOCALGOV, 8, TITLES[0], "/news/item-0"),
    ListingPage("Jadu", JADU, 8, TITLES[0], "/news/article/04/item-0"),
    ListingPage("Umbraco cards", UMBRACO, 8, TITLES[0], "/resources/item-0/"),
    ListingPage("SharePoint", SHAREPOINT, 8, TITLES[0], "/docs/Documents/item-0.docx", summary=False),
    ListingPage(
        "Modern.Gov", MODERN_GOV, 8, "Health and Wellbeing Board meeting of 3 November 2026",
        "/list/ieListDocuments.aspx?CId=143&MId=0512&Ver=4", summary=False,
    ),
    ListingPage("a plain table of papers", PAPERS, 8, TITLES[0], "/files/item-0-papers.pdf", summary=False),
    ListingPage("a bare list of files", LINKS, 8, f"{TITLES[0]} – 3 November 2026",
                "/wp-content/uploads/2026/item-0.pdf", summary=False),
    ListingPage("a definition list", DEFINITIONS, 8, TITLES[0], "/reports/item-0.html"),
    ListingPage("headings and paragraphs side by side", FLAT, 8, TITLES[0], "/list/news_item-0.htm"),
    ListingPage("classes that only say how it looks", TAILWIND, 8, TITLES[0], "/research/item-0"),
    ListingPage("search results", SEARCH, 8, TITLES[0], "/guidance/ng0?type=x"),
    ListingPage("a table of guidance", NICE_TABLE, 8, TITLES[0], "/guidance/ng0", summary=False),
)  # fmt: skip

NOT_LISTS = {
    "an article": whole(
        "<main><article><h1>Housing and health</h1>"
        + "".join(f"<p>{TEXT.format('housing')} See <a href='/about-{n}'>our work</a>.</p>" for n in range(6))
        + "</article></main>"
    ),
    "a page that a browser fills": '<html><head><title>App</title><script src="/app.js"></script></head><body>'
    '<div id="root"></div></body></html>',
    "nothing but a menu": whole("<main><h1>Welcome</h1><p>This site is being rebuilt.</p></main>"),
}
