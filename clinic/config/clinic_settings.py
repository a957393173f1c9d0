"""What of the settings the domain is told: one value from many variables (``clinic.settings``)."""

from datetime import timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from clinic.config.fields import SecondFactor, Settings
from clinic.keys import Keyring
from clinic.settings import AccountRules, BookingRules, ClinicSettings, PathOf, Retention, SessionLimits


def clinic_settings(settings: Settings, path_of: PathOf) -> ClinicSettings:
    """Return the settings for the domain; ``path_of`` knows the paths of pages."""
    return ClinicSettings(
        clinic_name=settings.clinic_name,
        zone=ZoneInfo(settings.clinic_timezone),
        contact=settings.contact,
        languages=settings.clinic_languages,
        is_demo=settings.demo_banner,
        frontend_url=settings.mail_origin.rstrip("/"),
        path_of=path_of,
        sender_address=parseaddr(settings.mail_from)[1],
        refresh_lasts=timedelta(seconds=settings.jwt_refresh_token_expires),
        sessions=_session_limits(settings),
        accounts=_account_rules(settings),
        booking=_booking_rules(settings),
        retention=_retention(settings),
        most_mails_per_day=settings.most_mails_per_day,
        keys=Keyring(settings.secret_key, settings.secret_key_fallbacks),
        audit_keys=_audit_keys(settings),
        public_url=settings.own_address,
        security_contact=settings.security_contact or settings.contact.email,
        replica_lag=timedelta(seconds=settings.database_replica_lag),
    )


def _session_limits(settings: Settings) -> SessionLimits:
    return SessionLimits(
        staff_idle=timedelta(minutes=settings.staff_idle_minutes),
        staff_lasts=timedelta(hours=settings.staff_session_hours),
        patient_idle=timedelta(hours=settings.patient_idle_hours),
        patient_lasts=timedelta(days=settings.patient_session_days),
        api_lasts=timedelta(days=settings.api_session_days),
    )


def _account_rules(settings: Settings) -> AccountRules:
    return AccountRules(
        staff_need_second_factor=settings.staff_second_factor is SecondFactor.REQUIRED,
        records_need_proof=settings.records_need_proof,
        hides_unknown_emails=settings.hide_unknown_emails,
        strict_passwords=settings.strict_passwords,
        proof_lasts=timedelta(minutes=settings.proof_minutes),
        limits_tries=settings.ratelimit_enabled,
    )


def _booking_rules(settings: Settings) -> BookingRules:
    return BookingRules(
        notice_hours=settings.change_notice_hours,
        horizon_days=settings.booking_horizon_days,
        lead_hours=settings.booking_lead_hours,
        most_open=settings.most_open_appointments,
        most_open_per_doctor=settings.most_open_per_doctor,
        most_per_day=settings.most_bookings_per_day,
    )


def _retention(settings: Settings) -> Retention:
    return Retention(
        sessions=timedelta(days=settings.keep_sessions_days),
        attempts=timedelta(days=settings.keep_attempts_days),
        mail_text=timedelta(days=settings.keep_mail_text_days),
        mail=timedelta(days=settings.keep_mail_days),
        links=timedelta(days=settings.keep_links_days),
    )


def _audit_keys(settings: Settings) -> Keyring:
    """Return AUDIT_KEY with its older ones; the keys of everything else where there is none."""
    if settings.audit_key is None:
        return Keyring(settings.secret_key, (*settings.audit_key_fallbacks, *settings.secret_key_fallbacks))
    return Keyring(settings.audit_key, settings.audit_key_fallbacks)
