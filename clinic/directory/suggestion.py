"""Which department suits what a person feels, and whether their words show an emergency (``clinic.triage``).

It points to a desk, it doesn't diagnose. No text leaves the clinic and none is kept (API,
``appointments/suggest-department/``). Words can show that something is urgent, never that nothing is: every answer says
when to call for help.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic import contact, settings
from clinic.directory.rows import DepartmentRow, SuggestedDepartment
from clinic.directory.service import brief, departments
from clinic.errors import NotFound, Text
from clinic.i18n import N_
from clinic.text.normalization import folded
from clinic.text.validation import ValidationErrors
from clinic.triage import HIGH, Assessment, assess, lexicon

SYMPTOMS_MAX = 2000
_CHILDREN = "paediatrics"
_ANYTHING = "general"


@dataclass(frozen=True)
class Suggestion:
    """A department, why it and what to do (sentences), and what the words show.

    ``matched`` tells whether the words name something of that department; otherwise it is where anybody may begin.
    """

    primary_department: SuggestedDepartment
    reasons: tuple[Text, ...]
    assessment: Assessment
    matched: bool

    @property
    def urgency(self) -> str:
        """How urgent the words show it to be: "low" (they show nothing), "medium" or "high"."""
        return self.assessment.urgency


def suggest_department(symptoms: str, *, lang: str) -> Suggestion:
    """Return where to go with ``symptoms``; texts of the directory in ``lang``.

    ``InvalidInput`` on ``symptoms``; ``NotFound`` if the clinic has no department.
    """
    errors = ValidationErrors()
    text = errors.text("symptoms", symptoms, most=SYMPTOMS_MAX, required=True)
    errors.raise_if_any()
    assessment = assess(text)
    # Fields are found by the English names; what is answered is in the reader's language.
    fields = {row["id"]: _field_of(row) for row in departments(lang="en").results}
    shown = {row["id"]: row for row in departments(lang=lang).results}
    if not shown:
        raise NotFound(N_("The clinic has no departments yet."))
    chosen, matched = _best(fields, assessment)
    department = shown[chosen]
    return Suggestion(
        {**brief(department), "description": department["description"]},
        _reasons(assessment, matched=matched, lang=lang),
        assessment,
        matched,
    )


def _field_of(department: DepartmentRow) -> str | None:
    """Return the key of the field of medicine that a department, by its English name, is of."""
    name = folded(department["name"])
    return next((field.key for field in lexicon().fields if any(part in name for part in field.names)), None)


def _best(fields: Mapping[int, str | None], assessment: Assessment) -> tuple[int, bool]:
    """Return the department that most of the words mean, and whether any do: children go to Paediatrics, whatever it is."""

    def of(key: str) -> int | None:
        return next((number for number, field in fields.items() if field == key), None)

    children = of(_CHILDREN) if assessment.child else None
    if children is not None:
        return children, True
    counted = {number: assessment.fields.get(field or "", 0) for number, field in fields.items() if field != _CHILDREN}
    best = max(counted, key=lambda number: counted[number], default=None)
    if best is not None and counted[best]:
        return best, True
    return of(_ANYTHING) or next(iter(fields)), False


def _reasons(assessment: Assessment, *, matched: bool, lang: str) -> tuple[Text, ...]:
    number = settings.current().contact.emergency_number
    if assessment.self_harm:
        return (*_after_self_harm(number), *_helplines(lang))
    if assessment.urgency == HIGH:
        return (
            Text(
                N_("This could be an emergency. Don't wait for an appointment: call %(number)s now."),
                {"number": number},
            ),
        )
    return (
        Text(N_("What you describe is usually seen by this department."))
        if matched
        else Text(N_("What you describe could fit more than one department, so a general examination comes first.")),
        Text(N_("A few words can't tell us how serious this is, and this isn't a diagnosis.")),
        Text(
            N_(
                "Call %(number)s straight away if you have chest pain or trouble breathing, weakness on one side, "
                "a drooping face or slurred speech, sudden loss of sight, heavy bleeding, or thoughts of harming yourself."
            ),
            {"number": number},
        ),
    )


def _after_self_harm(number: str) -> tuple[Text, ...]:
    return (
        Text(N_("We're glad you told us. Please talk to someone now. You don't have to go through this on your own.")),
        Text(
            N_("At any hour, if you're in danger, you've hurt yourself or you've taken something: call %(number)s."),
            {"number": number},
        ),
    )


def _helplines(lang: str) -> tuple[Text, ...]:
    """Return the clinic's own helplines, each as a sentence."""
    return tuple(
        Text(
            N_("%(name)s: %(number)s (%(hours)s)."),
            {
                "name": contact.words_in(lang, line.name),
                "number": line.number,
                "hours": contact.words_in(lang, line.hours),
            },
        )
        for line in settings.current().contact.helplines
    )
