"""The C… codes: what can be wrong with settings, with the librarians' files and with the list of people.

Codes are stable: scripts and letters to the service desk quote them. Each is explained in `docs/configuration.md`, and
a test holds that page and this table together.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "C001": "a setting has a value that cannot be used",
    "C002": "a variable begins with ALERTS_ but is no setting",
    "C003": "a secret is given twice, or its file cannot be read",
    "C004": "two settings contradict each other",
    "C009": "the configuration folder is not there",
    "C010": "a file cannot be read",
    "C011": "a file is larger than the limit",
    "C012": "there are more files than the limit",
    "C013": "a file is not text in an encoding that can be told",
    "C014": "a file is not well-formed YAML",
    "C015": "anchors and aliases are not used here",
    "C016": "tags are not used here",
    "C017": "a key is given twice",
    "C018": "a file is empty, or is not a list of keys and values",
    "C019": "a file or folder is where nothing is read",
    "C020": "a key is not known",
    "C021": "a key is missing",
    "C022": "a value cannot be used",
    "C023": "a value has the wrong shape (text, list or keys)",
    "C030": "a name is used that nothing has",
    "C031": "an id has characters that ids cannot have",
    "C032": "an id is used twice",
    "C033": "a former id is still in use, or claimed twice",
    "C034": "something is named whose own file cannot be used at present",
    "C035": "two sources have the same address",
    "C036": "a place is not in places.yaml",
    "C037": "a profile listens to no source",
    "C038": "a strategy cannot be placed or read",
    "C040": "a time of day that the clock change skips or repeats",
    "C041": "a time zone is not known",
    "C042": "a schedule contradicts itself",
    "C050": "the list of people is not there",
    "C051": "the columns of the list of people cannot be told",
    "C052": "an address in the list of people cannot be used",
    "C053": "a person is listed twice",
    "C054": "a person is in a team that does not exist, or in none",
    "C055": "the kind of a person is neither person nor list",
    "C056": "the list of people is empty",
    "C057": "a quotation mark in the list of people is not closed",
    "C060": "an example that must match is not found",
    "C061": "an example that must not match is found",
    "C062": "an example could not be tested",
    "C063": "an example proves nothing",
    "C070": "the last good text of a file stays in force",
    "C071": "nothing is in force for a file",
    "C072": "an address of a reader stands in a file under version control",
    "C073": "the last good texts could not be read from the database",
    "C080": "this version cannot do what the key asks for",
}
"""Every code with what it means, in half a sentence."""
