"""What brought the other patients to the clinic, and what is still to come, in working days from the planting.

Doctor and time of each visit are drawn when the demo is laid out (`layout.py`), the same on every run; a patient stays
with one doctor of a department.
"""

from clinic.policy import Role
from clinic.seed.shapes import Course, Text

# fmt: off
COURSES = (
    Course("minh_anh", ((-101, "migraine"), (-64, "migraine"), (-14, "tooth_check"), (12, "migraine"))),
    Course("tung", ((-126, "pressure_new"), (-98, "pressure_review"), (-35, "pressure_review"), (8, "cholesterol"))),
    Course("han", ((-52, "dry_eyes"), (-17, "insomnia"), (3, "insomnia"))),
    Course("quang_huy", ((-119, "pressure_new"), (-90, "pressure_review"), (-44, "knee"), (-6, "knee"), (15, "diabetes"))),
    Course("ha", ((-71, "shoulder"), (-33, "shoulder"), (5, "pressure_new"))),
    Course("lam", ((-110, "heart_failure"), (-95, "heart_failure"), (-50, "cataract"), (-22, "heart_failure"))),
    Course("vy", ((-83, "braces"), (-29, "dengue_worry"), (10, "braces"))),
    Course("long", ((-105, "apnoea"), (-76, "apnoea"), (-13, "back"), (2, "reflux"))),
    Course("claire", ((-66, "check_up"), (-18, "dry_eyes"), (14, "tooth_check"))),
    Course("kenji", ((-97, "cholesterol"), (-41, "back"), (-27, "back"), (7, "diabetes"))),
    Course("grace", ((-38, "migraine"), (-8, "toothache"), (16, "migraine"))),
    Course("thomas", ((-124, "after_stroke"), (-61, "after_stroke"), (-19, "knee"), (1, "after_stroke"))),
    Course("hoa", ((-116, "heart_failure"), (-102, "heart_failure"), (-58, "heart_failure"), (-28, "cataract"))),
    Course("phuc", ((-55, "ankle"), (-43, "ankle"), (4, "tooth_check"))),
    Course("thao", ((-87, "reflux"), (-59, "reflux"), (-11, "migraine"))),
    Course("binh", ((-113, "diabetes"), (-49, "diabetes"), (-36, "diabetic_eye"), (9, "diabetes"))),
    Course("loan", ((-75, "carpal_tunnel"), (-32, "carpal_tunnel"), (6, "tooth_check"))),
    Course("duc", ((-81, "apnoea"), (-53, "apnoea"), (-16, "reflux"), (2, "cholesterol"))),
    Course("nga", ((-108, "pressure_new"), (-80, "pressure_review"), (-15, "pressure_review"), (18, "cataract"))),
    Course("khang", ((-62, "ankle"), (-24, "cough"))),
    Course("xuan", ((-93, "asthma"), (-34, "asthma"), (11, "asthma"))),
    Course("son", ((-122, "after_stroke"), (-57, "after_stroke"), (-26, "cough"), (19, "heart_failure"))),
    Course("ngan", ((-45, "insomnia"), (-5, "dengue_worry"), (-3, "dengue_worry"))),
    Course("hung", ((-99, "back"), (-85, "back"), (-31, "knee"), (3, "cough"))),
    Course("tam", ((-69, "asthma"), (-10, "asthma"), (13, "check_up"))),
    Course("yen_nhi", ((-48, "toothache"), (-34, "toothache"), (1, "braces"))),
    Course("tai", ((-72, "reflux"), (-20, "back"), (5, "back"))),
    Course("bich", ((-103, "after_stroke"), (-39, "knee"), (8, "cataract"))),
    Course("bao_an", ((-89, "child_growth"), (-37, "child_cold"), (1, "child_cold"))),
    Course("gia_bao", ((-94, "child_asthma"), (-42, "child_asthma"), (17, "tooth_check"))),
    Course("noah", ((-63, "child_cold"), (-23, "child_cold"))),
    Course("minh_khue", ((-77, "child_asthma"), (-7, "child_cold"), (4, "child_asthma"))),
    Course("an_nhien", ((-67, "child_growth"), (-4, "child_cold"), (7, "child_growth"))),
)
# fmt: on

CANCELLATIONS = {
    Role.PATIENT: (
        Text("Something came up at work.", "Tôi có việc đột xuất ở cơ quan."),
        Text("I feel better, thank you.", "Tôi đã khoẻ, cảm ơn bác sĩ."),
        Text("I can't find anybody to drive me that day.", "Hôm đó không có ai đưa tôi đi."),
    ),
    Role.DOCTOR: (
        Text(
            "The doctor is at a conference that day. Please choose another time.",
            "Bác sĩ đi hội nghị hôm đó. Vui lòng chọn giờ khác.",
        ),
        Text("The doctor is needed in the operating theatre that day.", "Hôm đó bác sĩ có ca mổ."),
    ),
}
