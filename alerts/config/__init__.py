"""Settings and the librarians' files → frozen objects, or Problems: the edge between people who write and the service.

Two kinds of people configure the service. *Operators* set `ALERTS_…` environment variables: `environment` reads them
into one frozen `settings.Settings`, once, with the origin of every value. *Librarians* write YAML in a folder and keep
the list of people in a spreadsheet: `catalogue.load_catalogue` makes the model's `Catalogue` of them.

A file goes through these hands:

1. `files` finds it, within limits, and decodes it whatever Windows made of it.
2. `reading` makes a tree of it: texts, lists and mappings with their places. Nothing is resolved (`NO`, `on`, `07:30`
   stay text); anchors, aliases, tags and keys given twice are refused. `quick` reads the plain files that people write;
   what it does not know goes to `composed`, which is ruamel.yaml and explains what is wrong (`slips` knows the
   commonest causes). What both read is the same tree; a property test holds them together.
3. `drafts` reads the tree into its form (`forms`, declared with the readers of `fields` on the machinery of `shape`):
   every key has a reader, a description and perhaps a default; unknown keys are refused with the nearest known one, and
   every finding is a plain sentence at its place in the file.
4. `crossing` looks at all files together: names, ids, places, times; strategies are compiled by the search room, whose
   findings are moved to their place in the file (`strategies`). `nouns` makes the model's objects. What a file that is
   broken by itself names in vain is said as well (`readable`), so that one round mends it.
5. `catalogue` decides what is in force. Everything wrong is reported at once; a file with an error gives way to its
   last good text, and without one to nothing, and what depends on it is told. One bad file costs only itself.

Beside these: `review_file` (a draft as a file that a librarian saves), `people` (people.csv as spreadsheets leave it),
`tracked` (addresses of readers must stay out of version control), `schemas` (the forms as JSON Schema, for editors),
`init` (a commented folder to start from), `templates`.

Importing this package is cheap; its parts are imported when they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.config.catalogue import Loaded, NoConfiguration, last_good_unknown, load_catalogue, load_shared
    from alerts.config.codes import CODES
    from alerts.config.environment import (
        BadSettings,
        LoadedSettings,
        ShownSetting,
        load_settings,
        settings_table,
        show_settings,
    )
    from alerts.config.init import Starter, write_starter
    from alerts.config.mailboxes import Mailbox, read_mailbox, valid_address
    from alerts.config.mailing import check_joining, check_senders
    from alerts.config.package_files import shipped
    from alerts.config.people import PeopleRead, read_people
    from alerts.config.schedules import check_reach
    from alerts.config.schemas import KINDS, schema, write_schemas
    from alerts.config.secret import Secret
    from alerts.config.settings import Settings
    from alerts.config.strategies import check_examples, in_file
    from alerts.config.strategy_file import read_strategy, strategy_text
    from alerts.config.templates import template_loader
    from alerts.config.tracked import check_tracked

_HOMES = {
    "catalogue": ("Loaded", "NoConfiguration", "last_good_unknown", "load_catalogue", "load_shared"),
    "codes": ("CODES",),
    "mailing": ("check_joining", "check_senders"),
    "schedules": ("check_reach",),
    "init": ("Starter", "write_starter"),
    "mailboxes": ("Mailbox", "read_mailbox", "valid_address"),
    "people": ("PeopleRead", "read_people"),
    "schemas": ("KINDS", "schema", "write_schemas"),
    "environment": (
        "BadSettings", "LoadedSettings", "ShownSetting", "load_settings", "settings_table", "show_settings",
    ),
    "secret": ("Secret",),
    "settings": ("Settings",),
    "package_files": ("shipped",),
    "strategies": ("check_examples", "in_file"),
    "strategy_file": ("read_strategy", "strategy_text"),
    "templates": ("template_loader",),
    "tracked": ("check_tracked",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CODES",
    "KINDS",
    "BadSettings",
    "Loaded",
    "LoadedSettings",
    "Mailbox",
    "NoConfiguration",
    "PeopleRead",
    "Secret",
    "Settings",
    "ShownSetting",
    "Starter",
    "check_examples",
    "check_joining",
    "check_reach",
    "check_senders",
    "check_tracked",
    "in_file",
    "last_good_unknown",
    "load_catalogue",
    "load_settings",
    "load_shared",
    "read_mailbox",
    "read_people",
    "read_strategy",
    "schema",
    "settings_table",
    "shipped",
    "show_settings",
    "strategy_text",
    "template_loader",
    "valid_address",
    "write_schemas",
    "write_starter",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
