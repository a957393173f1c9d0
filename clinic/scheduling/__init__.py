"""When people meet: slots, appointments and their life cycle.

Pure:       calendar.py  what is booked into slots     day_frame.py  hours, closures and leave into what closes a day
            lifecycle.py  statuses and what leads from one to another     proposals.py  what is offered in an appointment's place
Who may:    scope.py  whose appointments a permission reaches     permitted_changes.py  what may be done to one now
            appointment_rules.py  until when, and who may book
Commands:   booking.py     service.py  confirm, complete, reopen, cancel, move, assign a service     edits.py  texts and room
            confirming.py  several at once     handing_over.py  to another doctor     settlement.py  many that can't stay as they are
            answers.py  what patients say, by a mailed link, to another time or doctor
            hours.py  closures.py  leave.py  when nobody is seen     switching.py  entries off and on
            doctor_edits.py  a doctor's entry     staff_notes.py
Their parts:  allocation.py  a slot and a room     free_rooms.py  rooms     idempotency.py  the same request again
            calendar_changes.py  what a change leaves without time     obstacles.py  what keeps an appointment from staying
            settling.py  appointments that can't stay as they are     row_locks.py  which rows are held, in which order
            spans.py  days and hours     public_holidays.py  taken over as closures
            booking_limits.py  how much a patient may book themselves
            bookable_doctors.py  who can be booked     attendance.py  when doctors see patients
            proposing.py  proposals, and what is held for them     holds.py  slots that are kept free     notes.py  whose words
            calendar_models.py  tables of hours and closures
            notifications.py  mails     appointment_facts.py  what they tell     calendar_entry.py  the appointment for a calendar
Reading:    queries.py  one and a few     listing.py  lists     slots.py  slots_of_doctors.py  free times     background.py  beside an
            appointment     colleagues.py  who could take one over     week_plan.py  a doctor's week and month
            day_desk.py  the office's day     own_day.py  a doctor's     doctor_patients.py  a doctor's patients
            appointment_search.py  the office's search     work_list.py  appointments to settle     statistics.py  numbers
            daily_counts.py  what they are counted from
for_domains.py is what records may use.

This is the front door: everything that others may call.
"""

from clinic.pruning import Old
from clinic.scheduling import idempotency
from clinic.scheduling.answers import Offer, decline_offer, keep_offer, offer_by
from clinic.scheduling.appointment_rules import (
    cancellable_until,
    change_deadline,
    is_open,
    is_recordable,
    may_book,
    state_of,
)
from clinic.scheduling.appointment_search import Found, NextAppointment, find, next_appointments
from clinic.scheduling.background import Background, background, offered_services
from clinic.scheduling.bookable_doctors import CLOSED
from clinic.scheduling.booking import book
from clinic.scheduling.calendar import (
    HOURS,
    REVERSED_DAYS,
    SLOT_TIMES,
    DayAhead,
    FreeDay,
    Gap,
    Moment,
    Slot,
    SlotStatus,
    gaps,
)
from clinic.scheduling.calendar_changes import CalendarChange
from clinic.scheduling.calendar_models import CLOSURE_NAME_MAX, SettlingCause, SettlingOutcome
from clinic.scheduling.closures import add_closure, closures, remove_closure
from clinic.scheduling.colleagues import free_colleagues
from clinic.scheduling.confirming import CONFIRMED_MOST, confirm_each
from clinic.scheduling.daily_counts import store_all_days, store_changed_days
from clinic.scheduling.day_desk import (
    Cell,
    DayDesk,
    DeskAppointment,
    DeskBlock,
    DeskDoctor,
    day_desk,
    day_desk_revision,
    desk_appointment,
)
from clinic.scheduling.doctor_edits import dependents_of_doctor, edit_doctor
from clinic.scheduling.doctor_patients import appointments_to_others, own_patient, own_patients
from clinic.scheduling.edits import EDITABLE, STATUS_CHANGES, edit_appointment, update_status, why_no_edit
from clinic.scheduling.handing_over import hand_over, propose_doctor
from clinic.scheduling.holds import old_holds
from clinic.scheduling.hours import (
    MOST_STRETCHES,
    add_extra_hours,
    doctor_hours,
    extra_hours,
    opening_hours,
    published_doctor_hours,
    published_hours,
    remove_extra_hours,
    set_doctor_hours,
    set_opening_hours,
)
from clinic.scheduling.idempotency import KEY_LIFETIME_HOURS as IDEMPOTENCY_KEPT_HOURS
from clinic.scheduling.idempotency import KEY_MAX as IDEMPOTENCY_KEY_MAX
from clinic.scheduling.leave import end_leave, leaves, take_leave
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.listing import PAST, STILL_OPEN, UPCOMING, appointments, appointments_with, count_still_open
from clinic.scheduling.models import NOTES_MAX, NOTES_STORED_MAX, REASON_MAX, STAFF_NOTES_MAX, SYMPTOMS_MAX, EventType
from clinic.scheduling.notes import Passage, SharedNotes, notes_of
from clinic.scheduling.notifications import calendar_file, has_begun, is_mailed
from clinic.scheduling.own_day import day_revision, own_day_revision
from clinic.scheduling.permitted_changes import possible
from clinic.scheduling.proposals import Proposal, ProposalKind
from clinic.scheduling.proposing import Proposals, proposals
from clinic.scheduling.public_holidays import (
    HOME,
    PublicHoliday,
    coming_holidays,
    holiday_countries,
    public_holidays,
    take_over_holidays,
)
from clinic.scheduling.queries import (
    appointment,
    appointments_by_id,
    appointments_of_patients,
    between,
    day_of,
    fee_breakdown,
    history,
    next_appointment,
)
from clinic.scheduling.rows import (
    AppointmentChanges,
    AppointmentDoctor,
    AppointmentPatient,
    AppointmentRow,
    BookableDepartment,
    ClosureRow,
    DoctorHoursRow,
    EarlierAppointment,
    EventDetails,
    EventRow,
    ExtraHoursRow,
    FeeBreakdown,
    LeaveRow,
    OfferedService,
    OpeningHoursRow,
    PatientRow,
    PreviousSlot,
    SlotDoctor,
    WeekOfClinic,
    WeekOfDoctor,
)
from clinic.scheduling.service import assign_service, cancel, complete, confirm, reopen, reschedule
from clinic.scheduling.settlement import Choice, Settlement, Way, settle
from clinic.scheduling.settling import settle_begun
from clinic.scheduling.slots import (
    Board,
    DaySlots,
    FreeSoon,
    board,
    day_slots,
    free_days,
    free_soonest,
    nearest_free,
    next_days,
    next_free,
)
from clinic.scheduling.slots_of_doctors import (
    MOST_DAYS,
    MOST_DOCTORS,
    NextFree,
    SlotsOfDoctor,
    next_free_of_department,
    slots_of_doctors,
)
from clinic.scheduling.staff_notes import StaffNote, staff_notes, write_staff_notes
from clinic.scheduling.statistics import Statistics, statistics
from clinic.scheduling.switching import Dependents, EntryKind, dependents, switch, switch_account
from clinic.scheduling.week_plan import LAST_MONTH, DayPlan, MonthDay, month, week
from clinic.scheduling.work_list import (
    Answer,
    SettledVisit,
    SettledVisits,
    ToCall,
    WaitingVisit,
    count_to_settle,
    settled_visits,
    visits_to_settle,
)

STATUSES = tuple(AppointmentStatus)


def old_rows() -> list[Old]:
    """Return the rows that are past their time."""
    return [*idempotency.old_rows(), *old_holds()]


__all__ = [
    "CLOSED",
    "CLOSURE_NAME_MAX",
    "CONFIRMED_MOST",
    "EDITABLE",
    "HOME",
    "HOURS",
    "IDEMPOTENCY_KEPT_HOURS",
    "IDEMPOTENCY_KEY_MAX",
    "LAST_MONTH",
    "MOST_DAYS",
    "MOST_DOCTORS",
    "MOST_STRETCHES",
    "NOTES_MAX",
    "NOTES_STORED_MAX",
    "PAST",
    "REASON_MAX",
    "REVERSED_DAYS",
    "SLOT_TIMES",
    "STAFF_NOTES_MAX",
    "STATUSES",
    "STATUS_CHANGES",
    "STILL_OPEN",
    "SYMPTOMS_MAX",
    "UPCOMING",
    "Answer",
    "AppointmentChanges",
    "AppointmentDoctor",
    "AppointmentPatient",
    "AppointmentRow",
    "AppointmentStatus",
    "Background",
    "Board",
    "BookableDepartment",
    "CalendarChange",
    "Cell",
    "Choice",
    "ClosureRow",
    "DayAhead",
    "DayDesk",
    "DayPlan",
    "DaySlots",
    "Dependents",
    "DeskAppointment",
    "DeskBlock",
    "DeskDoctor",
    "DoctorHoursRow",
    "EarlierAppointment",
    "EntryKind",
    "EventDetails",
    "EventRow",
    "EventType",
    "ExtraHoursRow",
    "FeeBreakdown",
    "Found",
    "FreeDay",
    "FreeSoon",
    "Gap",
    "LeaveRow",
    "Moment",
    "MonthDay",
    "NextAppointment",
    "NextFree",
    "Offer",
    "OfferedService",
    "OpeningHoursRow",
    "Passage",
    "PatientRow",
    "PreviousSlot",
    "Proposal",
    "ProposalKind",
    "Proposals",
    "PublicHoliday",
    "SettledVisit",
    "SettledVisits",
    "Settlement",
    "SettlingCause",
    "SettlingOutcome",
    "SharedNotes",
    "Slot",
    "SlotDoctor",
    "SlotStatus",
    "SlotsOfDoctor",
    "StaffNote",
    "Statistics",
    "ToCall",
    "Transition",
    "WaitingVisit",
    "Way",
    "WeekOfClinic",
    "WeekOfDoctor",
    "add_closure",
    "add_extra_hours",
    "appointment",
    "appointments",
    "appointments_by_id",
    "appointments_of_patients",
    "appointments_to_others",
    "appointments_with",
    "assign_service",
    "background",
    "between",
    "board",
    "book",
    "calendar_file",
    "cancel",
    "cancellable_until",
    "change_deadline",
    "closures",
    "coming_holidays",
    "complete",
    "confirm",
    "confirm_each",
    "count_still_open",
    "count_to_settle",
    "day_desk",
    "day_desk_revision",
    "day_of",
    "day_revision",
    "day_slots",
    "decline_offer",
    "dependents",
    "dependents_of_doctor",
    "desk_appointment",
    "doctor_hours",
    "edit_appointment",
    "edit_doctor",
    "end_leave",
    "extra_hours",
    "fee_breakdown",
    "find",
    "free_colleagues",
    "free_days",
    "free_soonest",
    "gaps",
    "hand_over",
    "has_begun",
    "history",
    "holiday_countries",
    "is_mailed",
    "is_open",
    "is_recordable",
    "keep_offer",
    "leaves",
    "may_book",
    "month",
    "nearest_free",
    "next_appointment",
    "next_appointments",
    "next_days",
    "next_free",
    "next_free_of_department",
    "notes_of",
    "offer_by",
    "offered_services",
    "old_rows",
    "opening_hours",
    "own_day_revision",
    "own_patient",
    "own_patients",
    "possible",
    "proposals",
    "propose_doctor",
    "public_holidays",
    "published_doctor_hours",
    "published_hours",
    "remove_closure",
    "remove_extra_hours",
    "reopen",
    "reschedule",
    "set_doctor_hours",
    "set_opening_hours",
    "settle",
    "settle_begun",
    "settled_visits",
    "slots_of_doctors",
    "staff_notes",
    "state_of",
    "statistics",
    "store_all_days",
    "store_changed_days",
    "switch",
    "switch_account",
    "take_leave",
    "take_over_holidays",
    "update_status",
    "visits_to_settle",
    "week",
    "why_no_edit",
    "write_staff_notes",
]
