"""The visits of the people with whom the demo is told: Ana, Boris and Mrs Mai, over the last half year.

Ana's and Mrs Mai's blood pressure comes down from visit to visit, so that their records show a trend.
"""

from clinic.policy import Role
from clinic.seed.shapes import Appointment, Vitals

# fmt: off
ANA = (
    Appointment(
        "ana", "chen", -128, "09:00", "completed",
        symptoms="Pressure of 155 to 160 at the pharmacy, twice. Dull headache in the mornings, no chest pain.",
        reason="High blood pressure found at the pharmacy",
        notes="I take the contraceptive pill and nothing else.",
        service="ecg",
        diagnosis="Hypertension, stage 1, newly found",
        prescription="Amlodipine 5 mg: 1 tablet in the morning, 30 days",
        plan="Salt below 5 g a day, 30 minutes of walking on five days a week. Pressure diary, mornings and evenings. "
        "Please talk to your gynaecologist about another contraceptive.",
        findings="ECG: sinus rhythm, no sign of a thickened heart. Father has had hypertension since he was 45.",
        follow_up=28,
        vitals=Vitals(158, 98, 84, weight=74.2),
    ),
    Appointment(
        "ana", "chen", -104, "09:30", "completed",
        symptoms="Feels better, fewer headaches. Home values 145 to 150. Ankles a little swollen in the evening.",
        reason="Blood pressure review after four weeks",
        diagnosis="Hypertension, not yet controlled; mild ankle oedema under amlodipine",
        prescription="Amlodipine 5 mg: 1 tablet in the morning, 30 days\nLosartan 50 mg: 1 tablet in the evening, 30 days",
        plan="Losartan added, blood test for kidneys and potassium in two weeks. Diary as before.",
        follow_up=28,
        vitals=Vitals(149, 94, 80, weight=73.5),
    ),
    Appointment(
        "ana", "chen", -78, "09:00", "completed",
        symptoms="No more headaches, no swelling. Home values around 140.",
        reason="Blood pressure review, blood results",
        diagnosis="Hypertension, nearly controlled; kidney values and potassium normal",
        first_diagnosis="Hypertension, nearly controlled; blood results not yet in",
        prescription="Amlodipine 5 mg: 1 tablet in the morning, 60 days\nLosartan 50 mg: 1 tablet in the evening, 60 days",
        plan="Carry on, walk on most days. Goal at home: below 135/85.",
        findings="Creatinine 68 µmol/l, potassium 4.3 mmol/l.",
        follow_up=45,
        vitals=Vitals(141, 89, 77, weight=72.6),
    ),
    Appointment(
        "ana", "loc", -60, "16:00", "cancelled", case="tooth_check",
        cancellation_reason="I have to travel for work that week.",
    ),
    Appointment(
        "ana", "chen", -40, "10:00", "completed",
        symptoms="Well. Home values 130 to 138. One dizzy moment when getting up quickly.",
        reason="Blood pressure review",
        notes="Mornings suit me best.",
        moved_from=(-43, "15:30"),
        move_reason="My daughter's school concert is at that time.",
        diagnosis="Hypertension, controlled",
        prescription="Amlodipine 5 mg: 1 tablet in the morning, 90 days\nLosartan 50 mg: 1 tablet in the evening, 90 days",
        plan="Get up slowly, drink enough. Next review in four to six weeks.",
        findings="Lying 134/85, after three minutes of standing 128/84: no orthostatic fall.",
        follow_up=35,
        vitals=Vitals(134, 85, 74, weight=71.8),
    ),
    Appointment(
        "ana", "chau", -25, "14:00", "completed", case="dry_eyes",
        service="refraction",
        notes="I wear contact lenses on most days.",
        follow_up=39,
    ),
    Appointment(
        "ana", "chen", -12, "09:00", "completed",
        symptoms="Well, no complaints. Home values 122 to 130.",
        reason="Blood pressure review",
        diagnosis="Hypertension, well controlled",
        prescription="Amlodipine 5 mg: 1 tablet in the morning, 90 days\nLosartan 50 mg: 1 tablet in the evening, 90 days",
        plan="24-hour measurement at the next visit; if the nights are good, try half the dose of losartan.",
        follow_up=25,
        vitals=Vitals(128, 81, 72, weight=71.2),
    ),
    Appointment(
        "ana", "chen", 6, "09:00", "confirmed",
        symptoms="Feeling well. I will bring my pressure diary.",
        reason="Blood pressure review and 24-hour measurement",
        notes="Mornings suit me best.",
    ),
    Appointment("ana", "loc", 13, "16:00", "booked", case="tooth_check"),
)

BORIS = (
    Appointment("boris", "kiet", -92, "15:00", "completed", case="ankle", vitals=Vitals(132, 84, 74)),
    Appointment(
        "boris", "phuong", -47, "11:00", "completed", case="apnoea",
        notes="My wife says that I stop breathing.",
        vitals=Vitals(142, 90, 80, 36.6, 96, 90.1),
    ),
    Appointment(
        "boris", "phuong", -21, "11:30", "completed",
        symptoms="Result of the sleep study. Still tired, alcohol only at weekends now.",
        reason="Result of the sleep study",
        diagnosis="Obstructive sleep apnoea, moderate: 22 pauses an hour",
        prescription="None",
        plan="Breathing mask at night on trial for four weeks, weight down by another 3 kg.",
        findings="Lowest saturation in the night 84%. Mask fitted and explained.",
        follow_up=28,
        vitals=Vitals(138, 86, 76, 36.6, 97, 88.9),
    ),
    Appointment(
        "boris", "uyen", -9, "08:30", "cancelled", case="cholesterol",
        cancelled_by=Role.DOCTOR,
        cancellation_reason="Dr Uyên is at a training that day. Please choose another time.",
    ),
    Appointment("boris", "phuong", 4, "11:00", "confirmed",
          symptoms="Four weeks with the mask. Sleeping better, nose is dry in the morning.",
          reason="Review of the breathing mask"),
    Appointment("boris", "uyen", 9, "08:30", "booked", case="cholesterol", moved_from=(7, "10:30"),
          move_reason="A meeting at work."),
)

MAI = (
    Appointment("mai", "bao", -120, "08:30", "completed", case="palpitations", vitals=Vitals(146, 90, 88, weight=66.3)),
    Appointment(
        "mai", "chen", -88, "10:30", "completed", case="pressure_new",
        findings="Điện tâm đồ: nhịp xoang, 76 lần/phút. Dị ứng penicillin từ nhỏ.",
        vitals=Vitals(160, 97, 82, weight=66.0),
    ),
    Appointment("mai", "khoa", -70, "08:00", "completed", case="check_up",
          diagnosis="Tiền đái tháo đường, HbA1c 6,1%",
          prescription="Chưa dùng thuốc",
          plan="Giảm đồ ngọt và nước ép, đi bộ sau bữa tối. Xét nghiệm lại sau sáu tháng.",
          vitals=Vitals(152, 92, 80, weight=65.4)),
    Appointment("mai", "chen", -60, "09:00", "completed", case="pressure_review",
          diagnosis="Tăng huyết áp, chưa đạt mục tiêu",
          prescription="Amlodipin 5 mg: 1 viên buổi sáng, 30 ngày\nLosartan 50 mg: 1 viên buổi tối, 30 ngày",
          vitals=Vitals(147, 90, 79, weight=65.1)),
    Appointment("mai", "chen", -30, "09:00", "completed", case="pressure_review", vitals=Vitals(136, 84, 76, weight=64.9)),
    Appointment("mai", "huy", 11, "10:00", "booked", case="diabetic_eye"),
)
# fmt: on

HISTORIES = (*ANA, *BORIS, *MAI)
