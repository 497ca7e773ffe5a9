"""Mark-up that is not HTML but stands where HTML is expected, made HTML that reads the same.

nh3 throws elements of MathML and SVG away, with all that is in them, wherever they stand outside MathML and SVG; some
of their names are those of JATS and HighWire too (`<sec>` is a secant there and a section here), so that whole
abstracts would be lost.
"""

from __future__ import annotations

import re

# JATS, and the older SGML of HighWire: <sec><st>Methods</st><p>…
_MEANT = {
    "sec": "div", "abs": "div", "abstract": "div", "st": "h4", "title": "h4", "list": "ul", "list-item": "li",
    "italic": "i", "bold": "b", "disp-formula": "div", "para": "p", "svg": "object", "tex-math": "annotation",
}  # fmt: skip
# Elements of MathML 3 and SVG that HTML does not have; their text is wanted.
_FOREIGN = frozenset(
    re.findall(
        r"\S+",
        """
    math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup
    msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr maction semantics
    apply bind bvar ci cn csymbol cs declare degree condition domain interval lambda piecewise piece otherwise share
    set list text view line g mean median mode min max log ln in and or not xor sin cos tan sec union sum product limit
    vector matrix lt gt leq geq eq neq approx plus minus times divide power root exp abs floor ceiling factorial real
    imaginary int diff partialdiff forall exists implies subset prsubset notin infinity pi reals integers naturalnumbers
    primes rationals complexes sdev variance moment sep desc metadata use switch stop path circle rect ellipse polygon
    polyline filter mask marker pattern symbol animate tspan fn inverse transpose selector rem quotient gcd lcm arg
    conjugate curl divergence grad laplacian outerproduct scalarproduct vectorproduct determinant tendsto compose
    codomain image ident emptyset true false exponentiale imaginaryi notanumber eulergamma equivalent factorof
    """,
    )
) | (frozenset(_MEANT) - {"title"})
_NAME = re.compile(r"</?([A-Za-z][\w:.-]*)")
_START = re.compile(r"<(/?)(?:(?:jats|mml|m|xhtml|html|ce):)?([A-Za-z][\w.-]*)(?=[\s/>])", re.IGNORECASE)


def _start(tag: re.Match[str]) -> str:
    closing, name = tag.groups()
    name = name.lower()
    return f"<{closing}{_MEANT.get(name) or ('span' if name in _FOREIGN else name)}"


def in_html(raw: str) -> str:
    """Return `raw` with the tags of JATS, MathML and SVG as HTML's, `span` where HTML has none; text is not touched."""
    if any(":" in name or name.lower() in _FOREIGN for name in set(_NAME.findall(raw))):
        return _START.sub(_start, raw)
    return raw
