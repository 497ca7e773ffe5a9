"""The librarians' files as forms: which keys there are, what each may say, and its one-line description.

One class a kind of file (or part of one). The descriptions are the reference: editors show them through the JSON
Schema, and `docs/configuration.md` has every key in the same words. Forms check a file by itself; what files say about
each other is checked in `crossing`.
"""

from __future__ import annotations

from alerts.config.forms.bulletins import (
    BudgetForm,
    BulletinForm,
    ReviewForm,
    ScheduleForm,
    SectionForm,
    SignUpForm,
    TeamForm,
)
from alerts.config.forms.kinds import GovUkSearchForm, ItemsForm, LettersForm
from alerts.config.forms.sources import AbstractsForm, SourceDefaults, SourceForm, SourcesForm
from alerts.config.forms.tables import (
    CalendarForm,
    NoSendForm,
    PlaceForm,
    PlacesForm,
    ServiceForm,
    SpellingForm,
    TypeRuleForm,
    TypesForm,
)
from alerts.config.forms.topics import (
    BlockForm,
    ExampleForm,
    ExamplesForm,
    LimitsForm,
    MetByForm,
    ProfileForm,
    ResultForm,
    SearchForm,
    SelectionForm,
)

__all__ = [
    "AbstractsForm",
    "BlockForm",
    "BudgetForm",
    "BulletinForm",
    "CalendarForm",
    "ExampleForm",
    "ExamplesForm",
    "GovUkSearchForm",
    "ItemsForm",
    "LettersForm",
    "LimitsForm",
    "MetByForm",
    "NoSendForm",
    "PlaceForm",
    "PlacesForm",
    "ProfileForm",
    "ResultForm",
    "ReviewForm",
    "ScheduleForm",
    "SearchForm",
    "SectionForm",
    "SelectionForm",
    "ServiceForm",
    "SignUpForm",
    "SourceDefaults",
    "SourceForm",
    "SourcesForm",
    "SpellingForm",
    "TeamForm",
    "TypeRuleForm",
    "TypesForm",
]
