"""Sentences that name who may read or do something, held to the table of permissions: they are written for the roles that
it has, so that a new role, or a duty that moves to another, stops here and names each sentence to be written anew."""

from __future__ import annotations

import re

from clinic.policy import PERMISSIONS, Action, Duty, Grantee, Role
from tests.house.test_words import texts

#: A role at the desk by the words that people read, or a promise of who reads.
NAMES_A_ROLE = re.compile(r"\b(?:reception|office|staff)\b|\bpatient can read\b", re.IGNORECASE)
PATIENT, DOCTOR, RECEPTION, RECORDS, ACCOUNTS = Role.PATIENT, Role.DOCTOR, Duty.RECEPTION, Duty.RECORDS, Duty.ACCOUNTS
THE_CLINIC: set[Grantee] = {DOCTOR, RECEPTION}

#: By action: the roles and duties that may do it as these sentences tell it, and the sentences.
OF_ACTIONS: dict[Action, tuple[set[Grantee], list[str]]] = {
    Action.CANCEL_LATE: ({RECEPTION}, ["Reception can still cancel it.", "To cancel, ask at reception."]),
    Action.REOPEN: (
        {RECEPTION},
        [
            "Once a visit is completed, it can't be moved or cancelled. If it was a mistake, reception can reopen it.",
            "Completed by mistake? Reception can reopen the visit.",
        ],
    ),
    Action.HAND_OVER: (
        {RECEPTION},
        [
            "Reception now looks for another doctor. The visit stays with you for now.",
            "Reception can hand this visit over to another doctor.",
            "Reception decides and tells the patient. Until then the visit stays with you.",
            "Reception reads this, and the patient when the visit is handed over.",
            "Reception chooses",
            "Your proposal is with reception. The visit stays as it is for now.",
        ],
    ),
    Action.TAKE_LEAVE: (
        THE_CLINIC,
        ["Only the doctor and reception can see this.", "Only you and reception can see this."],
    ),
    Action.READ_REOPENING_REASON: (THE_CLINIC, ["The doctor and reception can read this."]),
    Action.READ_STAFF_NOTES: (
        THE_CLINIC,
        ["The visit's doctor and reception can read this; the patient can't. Write what you find in the record."],
    ),
    Action.WRITE_STAFF_NOTES: (
        THE_CLINIC,
        ["The notes that your doctor and reception write for each other about a visit."],
    ),
    Action.SEE_APPOINTMENT: (
        {PATIENT, DOCTOR, RECEPTION, RECORDS},
        [
            "The patient and reception can read this. Write what you find in the record.",
            "Only you and the clinic's staff can read this.",
            "The patient can read this.",
        ],
    ),
    Action.READ_RECORD: ({PATIENT, DOCTOR, RECORDS}, ["The patient can read all of this. We keep every version."]),
    Action.EDIT_PATIENTS: ({RECEPTION, ACCOUNTS}, ["What only the office can change"]),
    Action.SEE_PEOPLE: (
        {RECEPTION, RECORDS, ACCOUNTS},
        [
            (
                "When somebody reads or changes a record, or opens your account in the office, we log who, when and what. "
                "Nobody can change or delete these entries, not even the office."
            ),
        ],
    ),
}
#: What a role is called. Each stands in a ``match`` over the roles, or in the pages of that role alone.
NAMES_OF_A_ROLE = {
    "Reception",
    "%(name)s (office)",
    "Office",
    "Office, for medical records",
    "Office, for accounts",
    "Office, for privacy",
    "Invite somebody to the office",
    "Reception: visits, patients, leave and the outbox",
    "%(by)s has set up an office account for you at %(clinic)s.",
    "%(by)s invited %(whose)s to the office on %(day)s, %(hour)s.",
    "On %(day)s, %(hour)s, our office entered another e-mail for your account.",
    "Our office opened your account at %(clinic)s",
    "Our office opened your account on %(day)s, %(hour)s.",
}
#: The desk where people ask, whoever sits there.
THE_PLACE = {
    "Your account had a second step, so this mail alone doesn't open it. Please come to the reception with your ID.",
    "Only patients show their ID at the reception.",
    "Your records are shown once we know that this account is yours: confirm your e-mail, or show your ID at the reception.",
    "Somebody of our office entered your e-mail for you. Your records are shown once you've shown your ID at the reception.",
    "Please confirm your e-mail, or show your ID at the reception, before you read your records.",
    "Ask at reception.",
    "please ask at reception",
    "Reception will show you the way.",
    "For somebody who phones or comes to reception. You'll book their visit next.",
    "Pharmacies may ask for the doctor's signature. Ask at reception; the doctor signs the printed sheet.",
    "Ask us at reception: we haven't entered a phone number or an address here yet.",
}


def test_sentences_name_the_roles_that_the_table_lets_in() -> None:
    wrong = {
        action.name: (sorted(PERMISSIONS[action]), sentences)
        for action, (roles, sentences) in OF_ACTIONS.items()
        if set(PERMISSIONS[action]) != roles
    }
    assert not wrong, (
        f"other roles may do it by now: write these sentences anew, in each language, and say so here: {wrong}"
    )


def test_every_sentence_that_names_a_role_is_decided() -> None:
    decided = NAMES_OF_A_ROLE | THE_PLACE | {each for _roles, sentences in OF_ACTIONS.values() for each in sentences}
    found = {text for text in texts() if NAMES_A_ROLE.search(text)}
    assert found == decided, "say which action the sentence tells of, or that it names a role or the place"
