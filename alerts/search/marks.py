"""Marks that the dialects share: references to lines and blocks, proximities, lines that are only numbers."""

from __future__ import annotations

import re

REFERENCE = re.compile(r"#\s?(\d{1,4})(?=$|[\s)\]])")
"""`#4`."""
BLOCK = re.compile(r"#([A-Za-z][\w-]*)(?=$|[\s)\]])")
"""`#uk-filter`."""
ADJ = re.compile(r"adj(\d{0,3})$", re.IGNORECASE)
"""Ovid's `adj`, `adj3`."""
NEAR = re.compile(r"(near|next)/(\d{1,3})$", re.IGNORECASE)
"""`NEAR/3`, `NEXT/2`."""
ONLY_NUMBERS = re.compile(r"[\s()]*\d{1,3}[\s()]*(?:(?:and|or|not)[\s()]*\d{1,3}[\s()]*)+$", re.IGNORECASE)
"""`1 or 2`: a line of a PubMed or plain strategy that can only mean lines."""
