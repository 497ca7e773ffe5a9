"""Languages in every way that databases write them: ISO 639-1, ISO 639-2 (both kinds) and the English name."""

from __future__ import annotations

_TABLE = """
af afr afrikaans
ar ara arabic
bg bul bulgarian
ca cat catalan
cs cze ces czech
cy wel cym welsh
da dan danish
de ger deu german
el gre ell greek
en eng english
es spa spanish
et est estonian
eu baq eus basque
fa per fas persian
fi fin finnish
fr fre fra french
ga gle irish
gd gla gaelic
he heb hebrew
hi hin hindi
hr hrv scr croatian
hu hun hungarian
id ind indonesian
is ice isl icelandic
it ita italian
ja jpn japanese
ko kor korean
lt lit lithuanian
lv lav latvian
nl dut nld dutch
no nor norwegian
pl pol polish
pt por portuguese
ro rum ron romanian
ru rus russian
sk slo slk slovak
sl slv slovenian
sr srp scc serbian
sv swe swedish
th tha thai
tr tur turkish
uk ukr ukrainian
ur urd urdu
vi vie vietnamese
zh chi zho chinese
""".strip()

_WORDS: dict[str, tuple[str, ...]] = {}
for _row in _TABLE.splitlines():
    _forms = tuple(_row.split())
    for _form in _forms:
        _WORDS[_form] = _forms


def language_words(written: str) -> tuple[str, ...]:
    """Return every way of writing the language `written` (`en-GB` counts as `en`); nothing for an empty text."""
    bare = written.strip().casefold().replace("_", "-").split("-", 1)[0]
    if not bare or bare in {"und", "mul"}:
        return ()
    return _WORDS.get(bare, (bare,))


def is_language(written: str) -> bool:
    """Tell whether `written` is a language that we know by code or name."""
    return written.strip().casefold().split("-", 1)[0] in _WORDS
