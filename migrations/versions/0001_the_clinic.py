"""The clinic: people, what is offered, visits, records, their histories, and the outbox.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NOT_CANCELLED = sa.text("status <> 'cancelled'")
#: Rows of these are written once and stay as they are, whoever asks the database.
APPEND_ONLY = ("appointment_events", "record_revisions", "audit_events")
#: Rows of these change but are never erased.
NEVER_ERASED = ("appointments", "medical_records")


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("actor_role", sa.String(length=10), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=30), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "deed IN ('record.read', 'record.created', 'record.changed', 'record.revisions_read', "
            "'account.created', 'account.changed', 'account.switched', 'directory.changed')",
            name=op.f("ck_audit_events_deed_known"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_actor_id_id", "audit_events", ["actor_id", "id"])
    op.create_index("ix_audit_events_patient_id_id", "audit_events", ["patient_id", "id"])

    op.create_table(
        "departments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("icon", sa.String(length=50), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("health_examination_fee", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "health_examination_fee >= 0", name=op.f("ck_departments_health_examination_fee_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_departments"),
    )
    op.create_index("uq_departments_name", "departments", ["name"], unique=True)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'sent', 'failed')", name=op.f("ck_outbox_status_known")),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_status_next_attempt_at", "outbox", ["status", "next_attempt_at"])

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("full_name", sa.String(length=150), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("phone_num", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'vi')", name=op.f("ck_users_language_known")),
        sa.CheckConstraint(
            "length(phone_num) = 10 AND trim(phone_num, '0123456789') = ''", name=op.f("ck_users_phone_num_ten_digits")
        ),
        sa.CheckConstraint("role IN ('patient', 'doctor', 'admin')", name=op.f("ck_users_role_known")),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_role_full_name", "users", ["role", "full_name"])
    op.create_index("uq_users_email", "users", [sa.text("lower(email)")], unique=True)

    op.create_table(
        "patients",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("gender", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("insurance_id", sa.String(length=50), nullable=True),
        sa.Column("emergency_contact", sa.String(length=150), nullable=True),
        sa.Column("emergency_contact_phone", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("gender IN ('male', 'female', 'other')", name=op.f("ck_patients_gender_known")),
        sa.CheckConstraint(
            "length(emergency_contact_phone) = 10 AND trim(emergency_contact_phone, '0123456789') = ''",
            name=op.f("ck_patients_emergency_contact_phone_ten_digits"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_patients_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_patients"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_number", sa.String(length=20), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_rooms_department_id_departments", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
    )
    op.create_index("ix_rooms_department_id", "rooms", ["department_id"])
    op.create_index("uq_rooms_room_number", "rooms", ["room_number"], unique=True)

    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_services_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_services_department_id_departments", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_services"),
    )
    op.create_index("ix_services_department_id_name", "services", ["department_id", "name"])

    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=True),
        sa.Column("refresh_id", sa.String(length=64), nullable=True),
        sa.Column("previous_refresh_id", sa.String(length=64), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=30), nullable=True),
        sa.CheckConstraint("kind IN ('browser', 'api')", name=op.f("ck_sign_in_sessions_kind_known")),
        sa.CheckConstraint(
            "(secret_digest IS NULL) <> (refresh_id IS NULL)", name=op.f("ck_sign_in_sessions_one_proof")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sign_in_sessions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_sessions"),
    )
    op.create_index("ix_sign_in_sessions_user_id_ended_at", "sign_in_sessions", ["user_id", "ended_at"])
    op.create_index("uq_sign_in_sessions_secret_digest", "sign_in_sessions", ["secret_digest"], unique=True)

    op.create_table(
        "password_resets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_password_resets_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_password_resets"),
    )
    op.create_index("uq_password_resets_token_digest", "password_resets", ["token_digest"], unique=True)
    op.create_index("ix_password_resets_user_id_ended_at", "password_resets", ["user_id", "ended_at"])

    op.create_table(
        "doctors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("specialization", sa.String(length=150), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("license_number", sa.String(length=50), nullable=False),
        sa.Column("experience_years", sa.Integer(), nullable=False),
        sa.Column("consultation_fee", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("rating", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("total_reviews", sa.Integer(), nullable=False),
        sa.Column("avatar_url", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("consultation_fee >= 0", name=op.f("ck_doctors_consultation_fee_not_negative")),
        sa.CheckConstraint("experience_years >= 0", name=op.f("ck_doctors_experience_years_not_negative")),
        sa.CheckConstraint("rating >= 0 AND rating <= 5", name=op.f("ck_doctors_rating_in_range")),
        sa.CheckConstraint("total_reviews >= 0", name=op.f("ck_doctors_total_reviews_not_negative")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_doctors_department_id_departments", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_doctors_room_id_rooms", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_doctors_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_doctors"),
    )
    op.create_index("ix_doctors_department_id", "doctors", ["department_id"])
    op.create_index("uq_doctors_license_number", "doctors", ["license_number"], unique=True)
    op.create_index("uq_doctors_room_id", "doctors", ["room_id"], unique=True)

    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("appointment_date", sa.Date(), nullable=False),
        sa.Column("appointment_time", sa.Time(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("symptoms", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("estimated_fee", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("service_fee", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("cancellation_reason", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rescheduled_from", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "appointment_time IN ('08:00:00', '08:30:00', '09:00:00', '09:30:00', '10:00:00', '10:30:00', '11:00:00', '11:30:00', '12:00:00', '12:30:00', '13:00:00', '13:30:00', '14:00:00', '14:30:00', '15:00:00', '15:30:00', '16:00:00', '16:30:00')",
            name=op.f("ck_appointments_appointment_time_on_grid"),
        ),
        sa.CheckConstraint(
            "status IN ('booked', 'confirmed', 'completed', 'cancelled')", name=op.f("ck_appointments_status_known")
        ),
        sa.CheckConstraint("estimated_fee >= 0", name=op.f("ck_appointments_estimated_fee_not_negative")),
        sa.CheckConstraint("service_fee >= 0", name=op.f("ck_appointments_service_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_appointments_department_id_departments", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.user_id"], name="fk_appointments_doctor_id_doctors", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.user_id"], name="fk_appointments_patient_id_patients", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_appointments_room_id_rooms", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name="fk_appointments_service_id_services", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
    )
    op.create_index(
        "ix_appointments_department_id_appointment_date", "appointments", ["department_id", "appointment_date"]
    )
    op.create_index(
        "uq_appointments_doctor_slot",
        "appointments",
        ["doctor_id", "appointment_date", "appointment_time"],
        unique=True,
        sqlite_where=NOT_CANCELLED,
        postgresql_where=NOT_CANCELLED,
    )
    op.create_index(
        "uq_appointments_patient_slot",
        "appointments",
        ["patient_id", "appointment_date", "appointment_time"],
        unique=True,
        sqlite_where=NOT_CANCELLED,
        postgresql_where=NOT_CANCELLED,
    )
    op.create_index(
        "uq_appointments_room_slot",
        "appointments",
        ["room_id", "appointment_date", "appointment_time"],
        unique=True,
        sqlite_where=NOT_CANCELLED,
        postgresql_where=NOT_CANCELLED,
    )
    op.create_index(
        "ix_appointments_doctor_list",
        "appointments",
        ["doctor_id", sa.text("appointment_date DESC"), "appointment_time", "id"],
    )
    op.create_index(
        "ix_appointments_patient_list",
        "appointments",
        ["patient_id", sa.text("appointment_date DESC"), "appointment_time", "id"],
    )
    op.create_index(
        "ix_appointments_list", "appointments", [sa.text("appointment_date DESC"), "appointment_time", "id"]
    )

    op.create_table(
        "appointment_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("by_role", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "what IN ('created', 'confirmed', 'completed', 'cancelled', 'rescheduled', 'service_assigned', 'edited')",
            name=op.f("ck_appointment_events_what_known"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_appointment_events_appointment_id_appointments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name="fk_appointment_events_by_user_id_users", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appointment_events"),
    )
    op.create_index("ix_appointment_events_appointment_id_id", "appointment_events", ["appointment_id", "id"])

    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_idempotency_keys_appointment_id_appointments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_idempotency_keys_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_keys"),
    )
    op.create_index("uq_idempotency_keys_user_id_key", "idempotency_keys", ["user_id", "key"], unique=True)
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])

    op.create_table(
        "medical_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("prescription", sa.Text(), nullable=True),
        sa.Column("treatment_plan", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("follow_up_date", sa.Date(), nullable=True),
        sa.Column("vital_signs", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_medical_records_appointment_id_appointments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["doctors.user_id"], name="fk_medical_records_created_by_id_doctors", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_medical_records"),
    )
    op.create_index("ix_medical_records_created_by_id", "medical_records", ["created_by_id"])
    op.create_index("uq_medical_records_appointment_id", "medical_records", ["appointment_id"], unique=True)

    op.create_table(
        "record_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=150), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("prescription", sa.Text(), nullable=True),
        sa.Column("treatment_plan", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("follow_up_date", sa.Date(), nullable=True),
        sa.Column("vital_signs", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name="fk_record_revisions_by_user_id_users", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["medical_records.id"],
            name="fk_record_revisions_record_id_medical_records",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_record_revisions"),
    )
    op.create_index("uq_record_revisions_record_id_version", "record_revisions", ["record_id", "version"], unique=True)

    for table in APPEND_ONLY:
        _refuse(table, "UPDATE")
    for table in (*APPEND_ONLY, *NEVER_ERASED):
        _refuse(table, "DELETE")


def _refuse(table: str, deed: str) -> None:
    """Let the database refuse a deed on the rows of a table."""
    name = f"{table}_no_{deed.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} keeps its rows: {deed} is refused'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_deed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% keeps its rows: % is refused', TG_TABLE_NAME, TG_OP; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deed()")


def downgrade() -> None:
    # Lines of the audit that later revisions set aside on the way down go with the audit itself.
    op.execute("DROP TABLE IF EXISTS audit_events_kept")
    op.execute("DROP TABLE IF EXISTS audit_events_kept_0011")
    op.execute("DROP TABLE IF EXISTS audit_events_kept_0016")
    op.execute("DROP TABLE IF EXISTS audit_events_kept_0018")
    op.execute("DROP TABLE IF EXISTS audit_events_kept_0020")
    op.execute("DROP TABLE IF EXISTS audit_events_kept_0027")
    # Likewise what later revisions set aside of the visits' history and notes.
    op.execute("DROP TABLE IF EXISTS appointment_events_kept")
    op.execute("DROP TABLE IF EXISTS note_revisions_kept")
    op.execute("DROP TABLE IF EXISTS staff_note_revisions_kept")
    for table in (
        "record_revisions",
        "medical_records",
        "idempotency_keys",
        "appointment_events",
        "appointments",
        "doctors",
        "password_resets",
        "sign_in_sessions",
        "services",
        "rooms",
        "patients",
        "users",
        "outbox",
        "departments",
        "audit_events",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_deed()")
