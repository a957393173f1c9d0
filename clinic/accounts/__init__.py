"""Who people are: users, what patients add to them, passwords and sign-in sessions.

service.py         registering     signing_in.py  by password and code     proof.py  showing again that it's oneself
sessions.py        sign-in sessions     refresh_tokens.py  those of programs     second_factor/  codes of apps and for emergencies
session_lifetimes.py  how long they live     notices.py  what people are told of their account
passwords.py       which are good enough, how they are kept     password_resets.py  new ones, by a link or by the old one
sign_in_limits.py  how often somebody may try, proof_limits.py to show that it's them     sign_in_attempts.py  the rows
known_devices.py   browsers that people are known by
sign_in_letters.py  what they are told of it     unfinished_sign_ins.py  the password alone, somewhere unknown
uids.py            whose a link is     retention.py  what is kept no longer
own_account.py     what people see and change of their own     own_sessions.py  where they are signed in
email_changes.py   another e-mail, by its link     email_confirmation.py  the one that an account has
administration.py  the office's work on accounts     invitations.py  accounts that the office makes for others
identity.py        whose identification the reception saw
duties.py          what admins look after
people_search.py   finding people by what is typed     trigrams.py  without reading everybody
look_alikes.py     whether a new patient is known already
tables             models.py  people     sign_in_models.py  tries, devices     factor_models.py  second factors
                   email_change_models.py  changes of e-mails, notices
ages.py            how old somebody is     account_letters.py, email_letters.py  what people are mailed about their accounts
for_domains.py     what the other domains may use

This is the front door: everything that deliveries may call. Knows nothing of what the clinic offers or of appointments.
"""

from clinic.accounts import email_change_models, factor_models, sign_in_models  # noqa: F401 - their tables
from clinic.accounts.administration import edit_person, open_account, people, person
from clinic.accounts.ages import AgeUnit, age_in_words, age_on
from clinic.accounts.duties import change_duties, duties_of_admins, set_duties_of
from clinic.accounts.email_changes import (
    VETO_LASTS,
    EmailLink,
    confirm_email,
    confirmation_by,
    keep_email,
    request_email_change,
    resend_email_change,
    veto_by,
    withdraw_email_change,
)
from clinic.accounts.email_confirmation import CONFIRM_LASTS, Unconfirmed, count_unconfirmed, resend_confirmation
from clinic.accounts.factor_models import PASSKEY_NAME_MAX
from clinic.accounts.identity import note_identity
from clinic.accounts.invitations import INVITATION_LASTS, admit_patient, invite_admin, invite_again
from clinic.accounts.known_devices import know_by_link, my_known_devices, own_link_is_good
from clinic.accounts.look_alikes import Alike, LookAlike, look_alikes
from clinic.accounts.models import (
    ADDRESS_MAX,
    GENDERS,
    INSURANCE_MAX,
    NAME_MAX,
    PASSWORD_MAX,
    PASSWORD_MIN,
    SessionKind,
)
from clinic.accounts.notices import my_notices
from clinic.accounts.own_sessions import end_all_sessions, end_my_session, end_other_sessions, my_sessions
from clinic.accounts.password_resets import (
    LINK_LASTS,
    change_password,
    forgot_password,
    is_first_password,
    least_characters,
    reset_link_is_good,
    reset_password,
)
from clinic.accounts.people_search import read_search
from clinic.accounts.proof import my_second_step, prove, prove_by_passkey, proves_by_code
from clinic.accounts.refresh_tokens import rotate_refresh
from clinic.accounts.retention import DEVICES_KEPT, NOTICES_KEPT, old_rows
from clinic.accounts.rows import (
    AccountChanges,
    AccountRow,
    ListedPerson,
    NoticeRow,
    OpenAccount,
    PatientChanges,
    PatientProfile,
    PersonChanges,
    PersonRow,
    Registration,
    SessionRow,
)
from clinic.accounts.second_factor.checking import CODE_MAX, Method, SecondStep
from clinic.accounts.second_factor.own_factors import (
    PasskeyRow,
    Pending,
    SecondFactorRow,
    add_totp,
    make_recovery_codes,
    my_second_factor,
    offer_totp,
    remove_totp,
)
from clinic.accounts.second_factor.own_passkeys import (
    PendingPasskey,
    add_passkey,
    my_passkey,
    passkey_options,
    remove_passkey,
    rename_passkey,
)
from clinic.accounts.second_factor.passkeys import COPIED as COPIED_PASSKEY
from clinic.accounts.second_factor.removing import reset_second_factor, reset_second_factor_of
from clinic.accounts.second_factor.totp import TotpOffer, seal_secrets_anew
from clinic.accounts.second_factor.webauthn_checks import ANSWER_MAX, PasskeyAnswer, RelyingParty
from clinic.accounts.service import (
    EMAIL_TAKEN,
    create_admin,
    register_patient,
    request_account,
    set_language,
)
from clinic.accounts.sessions import (
    Origin,
    SignedIn,
    actor_of_access,
    actor_of_browser,
    end_session,
    session_mark,
    sign_out,
    user_of_session,
)
from clinic.accounts.sign_in_models import TicketPurpose
from clinic.accounts.signing_in import (
    NOT_SET_UP,
    SECOND_FACTOR_REQUIRED,
    SecondStepRequired,
    SetUp,
    finish_set_up,
    finish_sign_in,
    finish_sign_in_by_passkey,
    offer_by_ticket,
    passkey_options_by_ticket,
    second_step_by_ticket,
    sign_in,
    ticket_is_good,
)
from clinic.accounts.unfinished_sign_ins import tell_unfinished_sign_ins

__all__ = [
    "ADDRESS_MAX",
    "ANSWER_MAX",
    "CODE_MAX",
    "CONFIRM_LASTS",
    "COPIED_PASSKEY",
    "DEVICES_KEPT",
    "EMAIL_TAKEN",
    "GENDERS",
    "INSURANCE_MAX",
    "INVITATION_LASTS",
    "LINK_LASTS",
    "NAME_MAX",
    "NOTICES_KEPT",
    "NOT_SET_UP",
    "PASSKEY_NAME_MAX",
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "SECOND_FACTOR_REQUIRED",
    "VETO_LASTS",
    "AccountChanges",
    "AccountRow",
    "AgeUnit",
    "Alike",
    "EmailLink",
    "ListedPerson",
    "LookAlike",
    "Method",
    "NoticeRow",
    "OpenAccount",
    "Origin",
    "PasskeyAnswer",
    "PasskeyRow",
    "PatientChanges",
    "PatientProfile",
    "Pending",
    "PendingPasskey",
    "PersonChanges",
    "PersonRow",
    "Registration",
    "RelyingParty",
    "SecondFactorRow",
    "SecondStep",
    "SecondStepRequired",
    "SessionKind",
    "SessionRow",
    "SetUp",
    "SignedIn",
    "TicketPurpose",
    "TotpOffer",
    "Unconfirmed",
    "actor_of_access",
    "actor_of_browser",
    "add_passkey",
    "add_totp",
    "admit_patient",
    "age_in_words",
    "age_on",
    "change_duties",
    "change_password",
    "confirm_email",
    "confirmation_by",
    "count_unconfirmed",
    "create_admin",
    "duties_of_admins",
    "edit_person",
    "end_all_sessions",
    "end_my_session",
    "end_other_sessions",
    "end_session",
    "finish_set_up",
    "finish_sign_in",
    "finish_sign_in_by_passkey",
    "forgot_password",
    "invite_admin",
    "invite_again",
    "is_first_password",
    "keep_email",
    "know_by_link",
    "least_characters",
    "look_alikes",
    "make_recovery_codes",
    "my_known_devices",
    "my_notices",
    "my_passkey",
    "my_second_factor",
    "my_second_step",
    "my_sessions",
    "note_identity",
    "offer_by_ticket",
    "offer_totp",
    "old_rows",
    "open_account",
    "own_link_is_good",
    "passkey_options",
    "passkey_options_by_ticket",
    "people",
    "person",
    "prove",
    "prove_by_passkey",
    "proves_by_code",
    "read_search",
    "register_patient",
    "remove_passkey",
    "remove_totp",
    "rename_passkey",
    "request_account",
    "request_email_change",
    "resend_confirmation",
    "resend_email_change",
    "reset_link_is_good",
    "reset_password",
    "reset_second_factor",
    "reset_second_factor_of",
    "rotate_refresh",
    "seal_secrets_anew",
    "second_step_by_ticket",
    "session_mark",
    "set_duties_of",
    "set_language",
    "sign_in",
    "sign_out",
    "tell_unfinished_sign_ins",
    "ticket_is_good",
    "user_of_session",
    "veto_by",
    "withdraw_email_change",
]
