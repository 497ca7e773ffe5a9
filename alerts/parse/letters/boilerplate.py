"""What stands in newsletters and is no item: by its words, by where it leads, by being in letter after letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from urllib.parse import urlsplit

from alerts.model.records import Entry
from alerts.parse import keys

_WORDS = re.compile(
    r"""^\W*(?:(?:click\ )?(?:here\ )?to\ )?(?:
    (?:safely\ )?(?:un-?subscribe|opt[ -]?out|dad-?danysgrifio|abmelden|se\ d[ée]sabonner)\b.*
    | (?:un)?subscribe(?:\ (?:here|now|preferences|to\ (?:this|our)\ \w+(?:\ \w+)?|from\ .*))?
    | sign[ -]?up(?:\ (?:here|now|to\ (?:this|our|the)\ .{0,40}|for\ (?:this|our)\ .{0,40}))?
    | (?:manage|update|change|edit|set|review|modify)\ (?:your\ |my\ |the\ )?(?:e-?mail\ |subscri\w+\ |contact\ |
      communication\ |newsletter\ )*
      (?:preferences|subscriptions?|details|settings|profile|options|password|address)\b.*
    | (?:e-?mail\ |subscri\w+\ |your\ )*(?:preferences|subscriptions?)(?:\ cent(?:re|er))?
    | (?:view|read|open|see|show|display)\ (?:(?:this|the|it|our|as)\ )?(?:e-?mail|message|newsletter|bulletin|
      issue|online|web\ ?page|version|mailing|campaign)?\ ?
      (?:(?:in|on|as|with)\ )?(?:(?:a|your|the|my)\ )?(?:web\ ?)?(?:browser|web(?:\ ?page|\ version|site)?|online|
      html)\b.{0,20}
    | (?:web|online|browser|html|mobile|printable|plain\ text)(?:\ |-)version | view\ (?:online|it\ online|
      on\ the\ web) | having\ trouble\ (?:viewing|reading)\b.*
    | (?:no|missing|cannot\ see\ the|can.t\ see\ the)\ (?:images?|pictures?)\b.{0,30}
    | (?:yes,?\ )?(?:please\ )?(?:confirm|verify|activate)\ (?:my|your|the|this)\ (?:e-?mail|subscription|address|
      account|registration)\b.*
    | (?:trouble|problems?|can.t|cannot)\ (?:viewing|reading|seeing|see|read|view)\b.*
    | (?:forward|send|share|tell|recommend)\ (?:(?:this|it|the|to|with)\ )*(?:e-?mail|newsletter|bulletin|message|
      friends?|a\ friend|a\ colleague|colleagues?)\b.*
    | forward | share | share\ (?:on|via|to|this)\b.{0,30} | tweet(?:\ this)? | like(?:\ us)?(?:\ on\ .*)? |
      post | (?:leave\ a\ )?comments? | restack | (?:read|open|listen|watch)\ in\ (?:the\ )?app | pin\ it |
      print(?:\ this)?
    | (?:follow|find|join|like|connect\ with|watch|see)\ us\b.* | follow\b.{0,40}\bon\ .{2,20} | follow
    | (?:(?:on|our|visit|find\ us\ on|link\ to)\ )*(?:facebook|twitter|x|x\ \(twitter\)|x\ \(formerly\ twitter\)|
      linked\ ?in|instagram|you\ ?tube|blue\ ?sky|mastodon|tik\ ?tok|threads|flickr|
      vimeo|pinterest|whats\ ?app|rss|snapchat|spotify|soundcloud|e-?mail)(?:\ (?:icon|logo|link|page|channel|
      account|profile|feed))*
    | (?:our\ |the\ |read\ our\ |full\ |view\ )*(?:privacy|cookies?|data\ protection|legal)(?:\ (?:and|
      &)\ \w+)?(?:\ (?:policy|policies|notices?|statement|information|centre|settings))*
    | terms(?:\ (?:of|and|&)\ \w+)*(?:\ of\ use)? | disclaimers? | legal | copyright\b.* | ©.* |
      accessibility(?:\ (?:statement|help))? | imprint | impressum
    | (?:contact|about|e-?mail|call|write\ to)(?:\ us|\ the\ (?:team|editor|library)|\ me)? | contact\ (?:details|
      information) | get\ in\ touch(?:\ with\ us)? | help(?:\ (?:centre|center|desk))? | faqs? | feedback
    | (?:give|send|share)\ (?:us\ )?(?:your\ )?feedback
    | add\ (?:us|this|.{1,60})\ to\ (?:your|my)\ (?:address\ book|contacts|safe\ senders?(?:\ list)?)\b.* |
      safe\ senders?\b.* | whitelist\b.*
    | why\ (?:did|am|have|do)\ (?:i|you)\ .* | report\ (?:abuse|spam|a\ problem) | (?:powered|delivered|sent|
      email\ marketing)\ by\b.*
    | (?:view|read|see|browse|all|our|past|previous|the|back)\ ?(?:all\ )?(?:past|previous|back|older|
      earlier)?\ (?:issues?|newsletters?|bulletins?|editions?)(?:\ archive)? | (?:newsletter\ |email\ )?archives?
    | (?:our\ |visit\ |go\ to\ |back\ to\ )*(?:the\ |our\ |your\ )*(?:home\ ?page|home|web\ ?site|web\ ?page|site|
      top|start)(?:\ of\ (?:page|email))? | (?:back\ to\ )?top(?:\ \W)? | logo | .{0,60}\blogo | (?:header|banner|
      footer|spacer|divider|icon)(?:\ image)?
    | donate(?:\ (?:now|today|here))? | join(?:\ us)?(?:\ (?:now|today))? | become\ a\ (?:member|
      supporter)\b.{0,30} | log ?in | sign\ ?in | my\ account | download\ (?:pictures|images)
    | (?:mailchimp|govdelivery|granicus|dotdigital|campaign\ monitor|substack|hubspot|brevo|constant\ contact)\b.*
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SOCIAL = re.compile(
    r"^(?:[\w-]+\.)?(?:facebook\.com|fb\.com|twitter\.com|x\.com|linkedin\.com|instagram\.com|bsky\.app|threads\.(?:net|com)"
    r"|tiktok\.com|pinterest\.(?:com|co\.uk)|flickr\.com|wa\.me|whatsapp\.com|t\.me|snapchat\.com)$",
    re.IGNORECASE,
)
_VIDEO = re.compile(r"^(?:[\w-]+\.)?(?:youtube\.com|vimeo\.com|soundcloud\.com|spotify\.com)$", re.IGNORECASE)
_ONE_VIDEO = re.compile(r"[?&]v=|^/(?:watch|live|embed|shorts|playlist|episode|show)\b|^/\d{6,}", re.IGNORECASE)
_ONE_POST = re.compile(r"/(?:pulse|posts?|status|events?|videos?)/.+", re.IGNORECASE)
_ABOUT_THE_MAIL = re.compile(
    r"unsub(?:scribe)?\b|opt-?out|/(?:preferences?|subscriber|subscriptions?|profile|vcard|forward|manage-?subscriptions?)(?:[/.?]|$)"
    r"|list-manage\d*\.com/(?:unsubscribe|profile|vcard|about|subscribe)|forward-to-friend|campaign-archive"
    r"|mailchi\.mp/[\w-]+/[\w-]+\?e="
    r"|[?&](?:unsubscribe|optout)=|/accounts/\w+/subscriber|login\.mailchimp|mailchimp\.com/|subscriberhelp\."
    r"|/emailview|view\.email|viewemail"
    r"|email-?preferences|update[-_]?profile|(?:createsend|cmail|cmmail)\d*\.com/(?:t/)?[a-z]-(?:u|e|w|fb|tw|o)-"
    r"|forwardtomyfriend\.com|updatemyprofile\.com|substack\.com/@[\w-]+$|[?&](?:comments|submitLike)=true|action=restack|/subscribe/confirm",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"\byou(?:.re|\ are|\ have)?\ (?:currently\ )?(?:receiv(?:ing|ed)|getting|subscribed)\b"
    r"|\b(?:this|the)\ (?:e-?mail|message|newsletter)\ (?:was|is|has\ been)\ (?:sent|being\ sent)\b"
    r"|\bour\ (?:mailing|postal|registered)\ address\b|\bto\ unsubscribe\b|\bunsubscribe\b"
    r"|\bregistered\ (?:charity|office|company)\b|^\W*(?:copyright|©)|\ball\ rights\ reserved\b",
    re.IGNORECASE | re.VERBOSE,
)
"""A line of the end of a letter: links behind it are not items."""

FEWEST = 3
"""The same link with the same words in so many letters, and in half of those remembered, is no item."""
LETTERS_REMEMBERED = 12


def is_boilerplate(words: str, address: str, leave_out: Iterable[str] = ()) -> bool:
    """Tell whether a link is none to an item, by its words, its address, or what the librarian wants left out."""
    if _WORDS.match(" ".join(words.split())[:200]) or _ABOUT_THE_MAIL.search(address):
        return True
    told = f"{words}\n{address}".casefold()
    if any(each.casefold() in told for each in leave_out):
        return True
    parts = urlsplit(address)
    host, path = parts.hostname or "", parts.path
    if _SOCIAL.match(host):
        return not _ONE_POST.search(path) or "/share" in path or "/intent/" in path
    if _VIDEO.match(host) and not _ONE_VIDEO.search(path + "?" + parts.query):
        return True
    return path in ("", "/") and not parts.query  # the publisher's front page: a logo, or a name in the text


def mark_of(entry: Entry) -> str:
    """Return what an item is remembered by from letter to letter: where it leads, and its words."""
    return keys.hashed(f"{entry.identifier('link')}\x1f{' '.join(keys.folded(entry.title))}")[7:19]


def repeated(letters: Mapping[str, Set[str]]) -> frozenset[str]:
    """Return the marks that stand in letter after letter; `letters` are the marks of each letter that is remembered."""
    counts = Counter(mark for marks in letters.values() for mark in marks)
    least = max(FEWEST, (len(letters) + 1) // 2)
    return frozenset(mark for mark, times in counts.items() if times >= least)
