"""Identifiers that two entries share, and those that speak against them."""

from __future__ import annotations

from alerts.identify.comparing.traits import Traits


def shared_identifier(one: Traits, other: Traits) -> str:
    """Return the identifier that two entries have in common, as "DOI 10.…"."""
    if one.doi and one.doi == other.doi:
        return f"DOI {one.doi}"
    if one.pmid and one.pmid == other.pmid and not _differ(one.doi, other.doi):
        return f"PMID {one.pmid}"
    if one.pmcid and one.pmcid == other.pmcid and not _differ(one.doi, other.doi):
        return f"PMCID {one.pmcid}"
    return ""


def _differ(one: str, other: str) -> bool:
    """Tell whether two DOIs are two; one that is cut off, or has something stuck to it, is not another."""
    if not one or not other or one == other:
        return False
    shorter, longer = sorted((one, other), key=len)
    return not (len(shorter) >= 12 and longer.startswith(shorter) and longer[len(shorter)] in "<;(,/&?# ")


def conflict(one: Traits, other: Traits) -> str:
    """Return which identifier of the two differs, as "the DOIs differ (…, …)"."""
    if _differ(one.doi, other.doi):
        return f"the DOIs differ ({one.doi}, {other.doi})"
    if one.pmid and other.pmid and one.pmid != other.pmid and not (one.doi and one.doi == other.doi):
        return f"the PMIDs differ ({one.pmid}, {other.pmid})"
    if one.pmcid and other.pmcid and one.pmcid != other.pmcid and not (one.doi and one.doi == other.doi):
        return f"the PMCIDs differ ({one.pmcid}, {other.pmcid})"
    if one.trial[:3] == other.trial[:3] and one.trial != other.trial:
        return f"the trials' numbers differ ({one.trial}, {other.trial})"
    return ""
