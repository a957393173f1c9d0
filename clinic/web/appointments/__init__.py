"""What several roles do with an appointment, each by one function that their own pages call.

selection.py      department, doctor, day and time, as addresses carry them     slot_picker.py  days and times of a doctor
booking_choices.py  the four choices of a booking     booking.py  choosing, reviewing, booking
handing_over.py   giving it to another doctor, and proposing one
rescheduling.py   moving to another time     cancelling.py  cancelling     editing.py  what is written about it
transitions.py    confirming, completing, reopening, and why something isn't possible now
history.py        what happened to it, in sentences     staff_notes.py  the notes for colleagues
reason_fields.py  what patients may say in advance     leave_form.py  a doctor's leave, for the doctor and for admins
extra_hours_form.py  a doctor's extra hours, for the same
left_without_time.py  the visits that a change of the calendar leaves without time
doctor_calendar.py  a doctor's week and month, for the same
record_list.py    the list of medical records     vital_signs.py  vital signs shown, typed and read
vitals_chart.py   vital signs over time

Knows no role's pages: templates and the way back are handed in.
"""
