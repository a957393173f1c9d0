"""Which department suits what a person feels: a small lexicon, read on the clinic's own server.

It points to a desk, it doesn't diagnose. No text leaves the clinic and none is kept (contract,
``appointments/suggest-department/``). Each field of medicine has the names by which departments are found, and the words
of its complaints in English and Vietnamese; all compared without case and accents.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinic.directory.service import departments
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.texts import Faults, folded

SYMPTOMS_MAX = 2000


@dataclass(frozen=True)
class Field:
    """A field of medicine: what departments of it are called, and what brings people there."""

    names: tuple[str, ...]
    complaints: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


FIELDS: tuple[Field, ...] = (
    Field(
        _words("cardio, heart, tim mach"),
        _words(
            "chest pain, chest tightness, palpitation, heart, blood pressure, hypertension, swollen ankles, dau nguc, "
            "tuc nguc, hoi hop, danh trong nguc, tim dap nhanh, tim, huyet ap, phu chan"
        ),
    ),
    Field(
        _words("neuro, than kinh"),
        _words(
            "headache, migraine, dizzy, dizziness, vertigo, numbness, numb, tingling, seizure, tremor, fainting, memory, "
            "insomnia, dau dau, nhuc dau, chong mat, te bi, te tay, te chan, co giat, run tay, mat ngu, ngat xiu, hay quen"
        ),
    ),
    Field(
        _words("ophthal, eye, mat"),
        _words(
            "eye, eyes, vision, blurred, sight, eyelid, itchy eyes, mat mo, mo mat, dau mat, do mat, mi mat, nhin mo, thi luc"
        ),
    ),
    Field(
        _words("ortho, bone, chinh hinh, xuong khop"),
        _words(
            "bone, joint, knee, back pain, shoulder, hip, ankle, wrist, fracture, sprain, neck pain, dau lung, dau goi, "
            "dau khop, xuong, vai gay, bong gan, gay tay, gay chan, dau vai, khop"
        ),
    ),
    Field(
        _words("paediatr, pediatr, child, nhi"),
        _words(
            "my child, my son, my daughter, baby, infant, toddler, newborn, vaccination, con toi, em be, tre em, chau be, be bi, tiem chung"
        ),
    ),
    Field(
        _words("dent, tooth, rang"),
        _words(
            "tooth, teeth, toothache, gum, gums, cavity, wisdom tooth, dau rang, sau rang, nuou, loi, rang khon, rang"
        ),
    ),
    Field(
        _words("respirat, pulmon, lung, ho hap, phoi"),
        _words(
            "cough, coughing, wheeze, wheezing, asthma, breathless, shortness of breath, phlegm, ho keo dai, ho dom, "
            "ho khan, kho tho, kho khe, hen, phoi, dom"
        ),
    ),
    Field(
        _words("derma, skin, da lieu"),
        _words("skin, rash, itch, itching, acne, mole, eczema, phat ban, ngua, noi man, mun, da bi, nam da"),
    ),
    Field(
        _words("general, family, internal, tong quat, da khoa, gia dinh, noi"),
        _words(
            "fever, tired, fatigue, cold, flu, sore throat, runny nose, check-up, checkup, stomach, belly, nausea, "
            "diarrhoea, vomiting, sot, met, cam cum, dau hong, so mui, kham tong quat, dau bung, buon non, tieu chay"
        ),
    ),
)
_GENERAL = FIELDS[-1]

HIGH = _words(
    "severe chest pain, crushing, can't breathe, cannot breathe, can not breathe, struggling to breathe, unconscious, "
    "fainted, seizure, stroke, face drooping, slurred speech, paralysed, paralyzed, coughing blood, vomiting blood, "
    "heavy bleeding, suicidal, severe allergic, dau nguc du doi, khong tho duoc, bat tinh, ngat xiu, co giat, dot quy, "
    "meo mieng, noi ngong, liet, ho ra mau, non ra mau, chay mau nhieu, tu tu"
)
MEDIUM = _words(
    "chest pain, shortness of breath, high fever, severe, sudden, blood, worse, worsening, fracture, numbness, "
    "vision loss, dau nguc, kho tho, sot cao, du doi, dot ngot, ra mau, nang hon, gay tay, gay chan, te liet, mat thi luc"
)


def _hits(text: str, phrases: Iterable[str]) -> list[str]:
    """Return the phrases that stand in ``text`` as whole words (both folded)."""
    return [phrase for phrase in phrases if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)]


def urgency_of(text: str) -> str:
    """Return how soon somebody should be seen: "low", "medium" or "high"."""
    words = folded(text)
    return "high" if _hits(words, HIGH) else "medium" if _hits(words, MEDIUM) else "low"


def _field_of(department: Mapping[str, Any]) -> Field | None:
    """Return the field of medicine that a department (its name in English or Vietnamese) is of."""
    name = folded(department["name"])
    return next((field for field in FIELDS if any(part in name for part in field.names)), None)


def suggest_department(actor: Actor | None, symptoms: str) -> dict[str, Any]:
    """Return ``primary_department`` {id, name, icon, description}, ``reason`` (message id and words) and ``urgency``.

    ``InvalidInput`` on ``symptoms``; ``NotFound`` if the clinic has no department. Without a complaint that the lexicon
    knows, general practice.
    """
    actor = require(actor, Action.ASK_FOR_DEPARTMENT)
    faults = Faults()
    text = folded(faults.text("symptoms", symptoms, most=SYMPTOMS_MAX, required=True))
    faults.refuse()
    # Fields are found by the English names; what is answered is in the reader's language.
    named = {row["id"]: _field_of(row) for row in departments(lang="en").results}
    shown = {row["id"]: row for row in departments(lang=actor.language).results}
    if not shown:
        raise NotFound(N_("The clinic has no department yet."))
    scored = [
        (len(_hits(text, field.complaints)), department_id, field) for department_id, field in named.items() if field
    ]
    best, chosen, field = max(scored, key=lambda score: score[0], default=(0, next(iter(shown)), None))
    if best == 0:
        chosen = next((number for number, one in named.items() if one is _GENERAL), chosen)
    department = shown[chosen]
    words = _hits(text, field.complaints) if field and best else []
    return {
        "primary_department": {key: department[key] for key in ("id", "name", "icon", "description")},
        "reason": N_("What you describe is usually seen by this department.")
        if words
        else N_("Your description fits no single department, so a general examination comes first."),
        "urgency": urgency_of(symptoms),
    }
