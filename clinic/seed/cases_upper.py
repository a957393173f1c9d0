"""Typical visits of the upper floors: hearts, eyes, nerves and lungs, in the patient's language."""

from clinic.seed.shapes import Case, Text, Vitals

CASES = {
    "pressure_new": Case(
        doctors=("chen", "uyen"),
        symptoms=Text(
            "High readings at home for three weeks, mostly in the morning, 150 to 160. Slight headache, no chest pain.",
            "Đo huyết áp ở nhà cao ba tuần nay, nhất là buổi sáng, 150 đến 160. Hơi nhức đầu, không đau ngực.",
        ),
        reason=Text("High blood pressure at home", "Huyết áp cao khi đo tại nhà"),
        diagnosis=Text("Hypertension, stage 1, newly found", "Tăng huyết áp độ 1, mới phát hiện"),
        prescription=Text(
            "Amlodipine 5 mg: 1 tablet in the morning, 30 days",
            "Amlodipin 5 mg: 1 viên buổi sáng, 30 ngày",
        ),
        plan=Text(
            "Less salt (under 5 g a day), 30 minutes of walking on five days a week. Pressure diary, mornings and evenings.",
            "Giảm muối (dưới 5 g mỗi ngày), đi bộ 30 phút năm ngày mỗi tuần. Ghi huyết áp sáng và tối.",
        ),
        service="ecg",
        follow_up=28,
        vitals=Vitals(156, 95, 78),
    ),
    "pressure_review": Case(
        doctors=("chen",),
        symptoms=Text(
            "Check of the blood pressure under treatment, feels well.", "Tái khám huyết áp, người khoẻ, không mệt."
        ),
        reason=Text("Blood pressure review", "Tái khám tăng huyết áp"),
        diagnosis=Text("Hypertension, controlled under treatment", "Tăng huyết áp, đã kiểm soát bằng thuốc"),
        prescription=Text(
            "Amlodipine 5 mg: 1 tablet in the morning, 90 days",
            "Amlodipin 5 mg: 1 viên buổi sáng, 90 ngày",
        ),
        plan=Text("Carry on as before, diary on three days a week.", "Tiếp tục như cũ, ghi huyết áp ba ngày mỗi tuần."),
        follow_up=90,
        vitals=Vitals(132, 82, 72),
    ),
    "palpitations": Case(
        doctors=("bao",),
        symptoms=Text(
            "Heart skips beats in the evening for a few seconds. A lot of coffee and little sleep lately.",
            "Buổi tối tim hẫng nhịp vài giây. Gần đây uống nhiều cà phê, ngủ ít.",
        ),
        reason=Text("Palpitations", "Hồi hộp, đánh trống ngực"),
        diagnosis=Text(
            "Isolated extrasystoles, heart otherwise healthy", "Ngoại tâm thu lẻ tẻ, tim không có bệnh lý khác"
        ),
        prescription=Text("No medicine needed", "Không cần dùng thuốc"),
        plan=Text(
            "At most one coffee a day, regular sleep. Come back at once with fainting or chest pain.",
            "Tối đa một ly cà phê mỗi ngày, ngủ đủ giấc. Đến ngay nếu ngất hoặc đau ngực.",
        ),
        service="holter",
        vitals=Vitals(122, 78, 84),
    ),
    "heart_failure": Case(
        doctors=("tuyet",),
        symptoms=Text(
            "Short of breath on the second floor, ankles swollen in the evening, two kilos more in a week.",
            "Lên tầng hai là khó thở, tối phù mắt cá chân, tăng hai ký trong một tuần.",
        ),
        reason=Text("Short of breath, swollen ankles", "Khó thở, phù chân"),
        diagnosis=Text("Chronic heart failure, NYHA II, slightly congested", "Suy tim mạn NYHA II, ứ dịch nhẹ"),
        prescription=Text(
            "Furosemide 20 mg: 1 tablet in the morning, 14 days\nBisoprolol 2.5 mg: 1 tablet in the morning, 30 days",
            "Furosemid 20 mg: 1 viên buổi sáng, 14 ngày\nBisoprolol 2,5 mg: 1 viên buổi sáng, 30 ngày",
        ),
        plan=Text(
            "Weigh every morning; call with more than 1.5 kg in three days. At most 1.5 litres to drink.",
            "Cân mỗi sáng; gọi ngay nếu tăng hơn 1,5 kg trong ba ngày. Uống tối đa 1,5 lít mỗi ngày.",
        ),
        service="echo",
        follow_up=14,
        vitals=Vitals(128, 76, 88, 36.6, 95, None, 20),
    ),
    "cholesterol": Case(
        doctors=("uyen",),
        symptoms=Text(
            "No complaints. LDL 4.4 mmol/l at the check-up; father had a heart attack at 52.",
            "Không triệu chứng. LDL 4,4 mmol/l khi khám sức khoẻ; bố bị nhồi máu cơ tim năm 52 tuổi.",
        ),
        reason=Text("High cholesterol, family history", "Mỡ máu cao, tiền sử gia đình"),
        diagnosis=Text(
            "Raised LDL cholesterol, moderate cardiovascular risk", "Tăng LDL cholesterol, nguy cơ tim mạch trung bình"
        ),
        prescription=Text(
            "Rosuvastatin 10 mg: 1 tablet in the evening, 60 days", "Rosuvastatin 10 mg: 1 viên buổi tối, 60 ngày"
        ),
        plan=Text(
            "Mediterranean-style meals, lipids again in eight weeks.",
            "Ăn nhiều rau, cá, ít mỡ động vật; xét nghiệm mỡ máu lại sau tám tuần.",
        ),
        follow_up=56,
        vitals=Vitals(126, 80, 70),
    ),
    "cataract": Case(
        doctors=("chau",),
        symptoms=Text(
            "Lights dazzle when driving at night, everything looks a little yellow.",
            "Lái xe ban đêm bị chói đèn, nhìn mọi thứ hơi vàng và mờ.",
        ),
        reason=Text("Blurred sight, glare at night", "Nhìn mờ, chói đèn ban đêm"),
        diagnosis=Text(
            "Age-related cataract, right more than left", "Đục thuỷ tinh thể tuổi già, mắt phải nặng hơn mắt trái"
        ),
        prescription=Text(
            "Artificial tears: 1 drop four times a day as needed",
            "Nước mắt nhân tạo: nhỏ 1 giọt bốn lần mỗi ngày khi cần",
        ),
        plan=Text(
            "New glasses first; operation on the right eye when reading becomes hard.",
            "Trước mắt đổi kính; mổ mắt phải khi đọc sách khó khăn.",
        ),
        service="refraction",
        follow_up=180,
        vitals=Vitals(134, 80, 74),
    ),
    "dry_eyes": Case(
        doctors=("chau",),
        symptoms=Text(
            "Burning eyes in the afternoon, ten hours a day at the screen.",
            "Chiều rát mắt, mỗi ngày nhìn màn hình mười tiếng.",
        ),
        reason=Text("Burning, tired eyes", "Rát mắt, mỏi mắt"),
        diagnosis=Text("Dry eyes from screen work", "Khô mắt do làm việc với màn hình"),
        prescription=Text(
            "Artificial tears without preservative: 1 drop four times a day, 30 days",
            "Nước mắt nhân tạo không chất bảo quản: nhỏ 1 giọt bốn lần mỗi ngày, 30 ngày",
        ),
        plan=Text(
            "Every 20 minutes look into the distance for 20 seconds; screen below eye level.",
            "Cứ 20 phút nhìn xa 20 giây; đặt màn hình thấp hơn tầm mắt.",
        ),
    ),
    "child_glasses": Case(
        doctors=("dung",),
        symptoms=Text(
            "Sits close to the television and screws up the eyes at the blackboard.",
            "Con hay ngồi sát tivi, nheo mắt khi nhìn bảng.",
        ),
        reason=Text("Eye test for my child", "Đo mắt cho con"),
        diagnosis=Text("Short-sightedness, both eyes", "Cận thị hai mắt"),
        prescription=Text("Glasses for distance, worn at school", "Kính nhìn xa, đeo khi đi học"),
        plan=Text(
            "Two hours outdoors a day, reading at arm's length. Sight again in six months.",
            "Mỗi ngày chơi ngoài trời hai giờ, đọc sách cách mắt một gang rưỡi. Đo lại sau sáu tháng.",
        ),
        service="refraction",
        follow_up=180,
    ),
    "diabetic_eye": Case(
        doctors=("huy",),
        symptoms=Text(
            "Yearly check with diabetes, sight unchanged.", "Khám mắt hằng năm do đái tháo đường, thị lực không đổi."
        ),
        reason=Text("Yearly diabetic eye check", "Khám đáy mắt đái tháo đường hằng năm"),
        diagnosis=Text("No diabetic retinopathy", "Chưa có bệnh võng mạc đái tháo đường"),
        prescription=Text("None", "Không kê thuốc"),
        plan=Text(
            "Retina photograph again in twelve months; HbA1c below 7%.",
            "Chụp đáy mắt lại sau mười hai tháng; giữ HbA1c dưới 7%.",
        ),
        service="retina_photo",
        vitals=Vitals(130, 80, 76),
    ),
    "migraine": Case(
        doctors=("diallo",),
        symptoms=Text(
            "Throbbing headache on one side, three times a month, with nausea; light hurts.",
            "Đau giật nửa đầu, ba lần mỗi tháng, buồn nôn, sợ ánh sáng.",
        ),
        reason=Text("Recurring headache", "Đau đầu tái diễn"),
        diagnosis=Text("Migraine without aura", "Migraine không có tiền triệu"),
        prescription=Text(
            "Naproxen 500 mg: 1 tablet at the onset, at most two a day\nDomperidone 10 mg: 1 tablet with nausea",
            "Naproxen 500 mg: 1 viên khi bắt đầu đau, tối đa hai viên mỗi ngày\nDomperidon 10 mg: 1 viên khi buồn nôn",
        ),
        plan=Text(
            "Headache diary; no painkillers on more than ten days a month.",
            "Ghi nhật ký đau đầu; không dùng thuốc giảm đau quá mười ngày mỗi tháng.",
        ),
        follow_up=42,
        vitals=Vitals(118, 74, 70),
    ),
    "carpal_tunnel": Case(
        doctors=("vdung", "diallo"),
        symptoms=Text(
            "Right hand goes numb at night, thumb to middle finger; shaking it helps.",
            "Ban đêm tê tay phải từ ngón cái đến ngón giữa, vẩy tay thì đỡ.",
        ),
        reason=Text("Numb hand at night", "Tê tay về đêm"),
        diagnosis=Text("Carpal tunnel syndrome, right, mild", "Hội chứng ống cổ tay phải, mức độ nhẹ"),
        prescription=Text("None", "Không kê thuốc"),
        plan=Text(
            "Wrist splint at night for six weeks; injection if it doesn't help.",
            "Đeo nẹp cổ tay ban đêm sáu tuần; cân nhắc tiêm nếu không đỡ.",
        ),
        service="nerve_conduction",
        follow_up=42,
    ),
    "after_stroke": Case(
        doctors=("vdung",),
        symptoms=Text(
            "Half a year after a small stroke, left hand still a little clumsy.",
            "Sáu tháng sau đột quỵ nhẹ, tay trái vẫn hơi vụng.",
        ),
        reason=Text("Review after stroke", "Tái khám sau đột quỵ"),
        diagnosis=Text("Ischaemic stroke six months ago, good recovery", "Nhồi máu não sáu tháng trước, hồi phục tốt"),
        prescription=Text(
            "Clopidogrel 75 mg: 1 tablet a day, 90 days\nAtorvastatin 40 mg: 1 tablet in the evening, 90 days",
            "Clopidogrel 75 mg: 1 viên mỗi ngày, 90 ngày\nAtorvastatin 40 mg: 1 viên buổi tối, 90 ngày",
        ),
        plan=Text(
            "Hand exercises twice a day, pressure below 130/80.",
            "Tập bàn tay hai lần mỗi ngày, giữ huyết áp dưới 130/80.",
        ),
        service="carotid",
        follow_up=90,
        vitals=Vitals(134, 78, 72),
    ),
    "insomnia": Case(
        doctors=("yen",),
        symptoms=Text(
            "Lies awake until two, tired at work, for four months.",
            "Trằn trọc đến hai giờ sáng, ban ngày mệt, đã bốn tháng.",
        ),
        reason=Text("Sleeplessness", "Mất ngủ"),
        diagnosis=Text("Chronic insomnia", "Mất ngủ mạn tính"),
        prescription=Text("No sleeping tablets for now", "Chưa dùng thuốc ngủ"),
        plan=Text(
            "Fixed time to get up, no screen in bed, sleep diary for two weeks.",
            "Dậy đúng giờ, không dùng điện thoại trên giường, ghi nhật ký giấc ngủ hai tuần.",
        ),
        follow_up=21,
    ),
    "asthma": Case(
        doctors=("minh",),
        symptoms=Text(
            "Wheezing at night twice a week, worse in the rainy season.",
            "Khò khè ban đêm hai lần mỗi tuần, nặng hơn vào mùa mưa.",
        ),
        reason=Text("Asthma, wheezing at night", "Hen, khò khè ban đêm"),
        diagnosis=Text("Asthma, partly controlled", "Hen kiểm soát một phần"),
        prescription=Text(
            "Budesonide/formoterol 160/4.5: 1 puff morning and evening, 60 days",
            "Budesonid/formoterol 160/4,5: hít 1 nhát sáng và tối, 60 ngày",
        ),
        plan=Text(
            "Inhaler technique practised; rinse the mouth afterwards. Written action plan handed out.",
            "Đã hướng dẫn lại cách hít; súc miệng sau khi hít. Đã phát kế hoạch xử trí cơn hen.",
        ),
        service="spirometry",
        follow_up=60,
        vitals=Vitals(120, 76, 80, 36.7, 96, None, 18),
    ),
    "cough": Case(
        doctors=("danh", "minh"),
        symptoms=Text(
            "Cough with yellow phlegm for twelve days, fever of 38.2 at first, better since yesterday.",
            "Ho đờm vàng mười hai ngày, lúc đầu sốt 38,2, từ hôm qua đỡ hơn.",
        ),
        reason=Text("Cough for twelve days", "Ho kéo dài mười hai ngày"),
        diagnosis=Text("Acute bronchitis, lungs clear", "Viêm phế quản cấp, phổi trong"),
        prescription=Text(
            "Paracetamol 500 mg: 1 tablet as needed, at most four times a day",
            "Paracetamol 500 mg: 1 viên khi cần, tối đa bốn lần mỗi ngày",
        ),
        plan=Text(
            "No antibiotic needed. Drink plenty; come back with breathlessness or new fever.",
            "Chưa cần kháng sinh. Uống nhiều nước; khám lại nếu khó thở hoặc sốt lại.",
        ),
        service="chest_xray",
        vitals=Vitals(122, 78, 86, 37.4, 97, None, 18),
    ),
    "apnoea": Case(
        doctors=("phuong",),
        symptoms=Text(
            "Loud snoring with pauses, tired during the day, dozes off in meetings.",
            "Ngáy to, có lúc ngưng thở, ban ngày buồn ngủ, hay gật gù khi họp.",
        ),
        reason=Text("Snoring, tired during the day", "Ngáy, buồn ngủ ban ngày"),
        diagnosis=Text("Suspected obstructive sleep apnoea", "Nghi ngưng thở khi ngủ do tắc nghẽn"),
        prescription=Text("None", "Không kê thuốc"),
        plan=Text(
            "Sleep study at home; no alcohol in the evening, lose 5 kg in half a year.",
            "Đo giấc ngủ tại nhà; không uống rượu bia buổi tối, giảm 5 kg trong sáu tháng.",
        ),
        service="sleep_study",
        follow_up=30,
        vitals=Vitals(138, 86, 78, 36.6, 96),
    ),
}
