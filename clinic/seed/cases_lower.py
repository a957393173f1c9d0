"""Typical visits of the lower floors: family doctors, bones, children and teeth, in the patient's language."""

from clinic.seed.shapes import Case, Text, Vitals

CASES = {
    "diabetes": Case(
        doctors=("khoa",),
        symptoms=Text(
            "Diabetes check; fasting sugar at home between 7 and 8.",
            "Tái khám đái tháo đường; đường đói ở nhà từ 7 đến 8.",
        ),
        reason=Text("Diabetes review", "Tái khám đái tháo đường"),
        diagnosis=Text("Type 2 diabetes, HbA1c 7.2%", "Đái tháo đường típ 2, HbA1c 7,2%"),
        prescription=Text(
            "Metformin 850 mg: 1 tablet with breakfast and dinner, 90 days",
            "Metformin 850 mg: 1 viên trong bữa sáng và bữa tối, 90 ngày",
        ),
        plan=Text(
            "Half a bowl of rice less at dinner, a walk after the meal. Yearly eye check.",
            "Bớt nửa chén cơm buổi tối, đi bộ sau ăn. Khám mắt hằng năm.",
        ),
        service="hba1c",
        follow_up=90,
        vitals=Vitals(132, 80, 76),
    ),
    "reflux": Case(
        doctors=("nhung",),
        symptoms=Text(
            "Heartburn after late meals, sour taste in the morning, for two months.",
            "Ợ nóng sau khi ăn khuya, sáng dậy miệng chua, đã hai tháng.",
        ),
        reason=Text("Heartburn", "Ợ nóng, đau thượng vị"),
        diagnosis=Text(
            "Gastro-oesophageal reflux without alarm signs", "Trào ngược dạ dày thực quản, không có dấu hiệu báo động"
        ),
        prescription=Text(
            "Omeprazole 20 mg: 1 capsule before breakfast, 28 days", "Omeprazol 20 mg: 1 viên trước ăn sáng, 28 ngày"
        ),
        plan=Text(
            "Last meal three hours before bed, head of the bed raised.",
            "Ăn bữa cuối trước khi ngủ ba tiếng, kê cao đầu giường.",
        ),
        follow_up=28,
        vitals=Vitals(120, 76, 74),
    ),
    "check_up": Case(
        doctors=("linh", "nhung"),
        symptoms=Text(
            "No complaints, yearly check-up for work.", "Không triệu chứng, khám sức khoẻ định kỳ theo công ty."
        ),
        reason=Text("Yearly check-up", "Khám sức khoẻ định kỳ"),
        diagnosis=Text("Healthy; vitamin D slightly low", "Sức khoẻ tốt; thiếu nhẹ vitamin D"),
        prescription=Text(
            "Vitamin D3 1,000 IU: 1 capsule a day, 90 days", "Vitamin D3 1.000 IU: 1 viên mỗi ngày, 90 ngày"
        ),
        plan=Text("Keep up the exercise; next check-up in a year.", "Duy trì vận động; khám lại sau một năm."),
        service="check_up",
        vitals=Vitals(118, 74, 68),
    ),
    "dengue_worry": Case(
        doctors=("nhung", "linh"),
        symptoms=Text(
            "Fever of 38.8 for two days, aching limbs, neighbour has dengue. No bleeding.",
            "Sốt 38,8 hai ngày, đau mình mẩy, hàng xóm bị sốt xuất huyết. Không chảy máu.",
        ),
        reason=Text("Fever for two days", "Sốt hai ngày"),
        diagnosis=Text("Viral fever, dengue test negative on day 2", "Sốt siêu vi, xét nghiệm dengue âm tính ngày 2"),
        prescription=Text(
            "Paracetamol 500 mg: 1 tablet every six hours with fever\nOral rehydration salts: 1 litre a day",
            "Paracetamol 500 mg: 1 viên mỗi sáu giờ khi sốt\nOresol: 1 lít mỗi ngày",
        ),
        plan=Text(
            "No ibuprofen or aspirin. Blood count again on day 4; at once with bleeding or belly pain.",
            "Không dùng ibuprofen, aspirin. Thử máu lại ngày 4; đến ngay nếu chảy máu hoặc đau bụng.",
        ),
        service="blood_panel",
        follow_up=2,
        vitals=Vitals(112, 70, 96, 38.4, 98, None, 18),
    ),
    "knee": Case(
        doctors=("phuc",),
        symptoms=Text(
            "Right knee hurts on the stairs and after getting up, stiff for ten minutes.",
            "Đau gối phải khi lên xuống cầu thang, sáng cứng khớp mười phút.",
        ),
        reason=Text("Knee pain", "Đau khớp gối"),
        diagnosis=Text("Osteoarthritis of the right knee, grade 2", "Thoái hoá khớp gối phải độ 2"),
        prescription=Text(
            "Paracetamol 500 mg: 1 tablet as needed, at most three times a day\nDiclofenac gel: twice a day, 14 days",
            "Paracetamol 500 mg: 1 viên khi cần, tối đa ba lần mỗi ngày\nGel diclofenac: bôi hai lần mỗi ngày, 14 ngày",
        ),
        plan=Text(
            "Thigh exercises daily, physiotherapy eight times; cycling instead of running.",
            "Tập cơ đùi mỗi ngày, vật lý trị liệu tám buổi; đạp xe thay vì chạy bộ.",
        ),
        service="xray",
        follow_up=42,
        vitals=Vitals(134, 82, 74),
    ),
    "back": Case(
        doctors=("truc",),
        symptoms=Text(
            "Low back pain since lifting a box last week, no numbness in the legs.",
            "Đau thắt lưng từ khi bê thùng hàng tuần trước, chân không tê.",
        ),
        reason=Text("Low back pain", "Đau thắt lưng"),
        diagnosis=Text("Acute low back pain, no sign of nerve damage", "Đau thắt lưng cấp, không chèn ép thần kinh"),
        prescription=Text(
            "Ibuprofen 400 mg: 1 tablet after meals, three times a day, 5 days",
            "Ibuprofen 400 mg: 1 viên sau ăn, ba lần mỗi ngày, 5 ngày",
        ),
        plan=Text(
            "Keep moving, warmth, no bed rest. Exercises shown and handed out.",
            "Tiếp tục vận động, chườm ấm, không nằm yên. Đã hướng dẫn và phát bài tập.",
        ),
        follow_up=14,
        vitals=Vitals(126, 80, 76),
    ),
    "ankle": Case(
        doctors=("kiet",),
        symptoms=Text(
            "Twisted the left ankle at football on Saturday, swollen, can put weight on it.",
            "Trẹo cổ chân trái khi đá bóng hôm thứ Bảy, sưng, vẫn đi được.",
        ),
        reason=Text("Sprained ankle", "Bong gân cổ chân"),
        diagnosis=Text(
            "Sprain of the outer ankle ligament, no fracture", "Bong gân dây chằng ngoài cổ chân, không gãy xương"
        ),
        prescription=Text("Diclofenac gel: three times a day, 7 days", "Gel diclofenac: bôi ba lần mỗi ngày, 7 ngày"),
        plan=Text(
            "Ankle brace for four weeks, balance exercises from week two.",
            "Mang nẹp cổ chân bốn tuần, tập thăng bằng từ tuần thứ hai.",
        ),
        service="xray",
        follow_up=14,
        vitals=Vitals(120, 76, 72),
    ),
    "shoulder": Case(
        doctors=("kiet", "truc"),
        symptoms=Text(
            "Shoulder hurts when reaching up, and at night on that side.",
            "Đau vai khi giơ tay cao và khi nằm nghiêng ban đêm.",
        ),
        reason=Text("Shoulder pain", "Đau vai"),
        diagnosis=Text("Supraspinatus tendinopathy", "Viêm gân cơ trên gai"),
        prescription=Text(
            "Naproxen 250 mg: 1 tablet morning and evening after meals, 7 days",
            "Naproxen 250 mg: 1 viên sáng và tối sau ăn, 7 ngày",
        ),
        plan=Text(
            "Pendulum exercises, nothing heavy above the head for six weeks.",
            "Tập con lắc vai, không mang vác quá đầu trong sáu tuần.",
        ),
        service="joint_ultrasound",
        follow_up=42,
    ),
    "child_cold": Case(
        doctors=("oanh", "thinh"),
        symptoms=Text(
            "Runny nose and cough for four days, fever up to 38.5 at night, drinks well.",
            "Bé sổ mũi, ho bốn ngày, tối sốt đến 38,5, vẫn ăn uống tốt.",
        ),
        reason=Text("Cough and fever", "Ho, sốt"),
        diagnosis=Text("Viral infection of the upper airways", "Nhiễm siêu vi hô hấp trên"),
        prescription=Text(
            "Paracetamol syrup: 15 mg for each kg, at most every six hours with fever\nSaline nose drops",
            "Siro paracetamol: 15 mg mỗi kg, cách ít nhất sáu giờ khi sốt\nNước muối sinh lý nhỏ mũi",
        ),
        plan=Text(
            "Rest and plenty to drink. Come back with fast breathing or fever beyond three more days.",
            "Nghỉ ngơi, uống nhiều nước. Khám lại nếu thở nhanh hoặc còn sốt sau ba ngày.",
        ),
        vitals=Vitals(98, 60, 108, 38.1, 98, None, 26),
    ),
    "child_growth": Case(
        doctors=("thinh", "oanh"),
        symptoms=Text(
            "Regular check. Eats slowly, otherwise lively.", "Khám định kỳ. Bé ăn chậm, còn lại vui chơi bình thường."
        ),
        reason=Text("Growth check", "Khám tăng trưởng"),
        diagnosis=Text(
            "Growth along the 50th percentile, development normal for age",
            "Tăng trưởng theo bách phân vị 50, phát triển bình thường",
        ),
        prescription=Text("Vitamin D3 400 IU: once a day", "Vitamin D3 400 IU: mỗi ngày một lần"),
        plan=Text(
            "Meals with the family, no screen at the table. Vaccination book complete.",
            "Ăn cùng gia đình, không xem màn hình khi ăn. Sổ tiêm chủng đầy đủ.",
        ),
        service="growth_check",
        follow_up=180,
        vitals=Vitals(96, 58, 98, 36.8, 99, None, 22),
    ),
    "child_asthma": Case(
        doctors=("diep",),
        symptoms=Text(
            "Coughs at night and when running, wheezes with every cold.",
            "Bé ho đêm và khi chạy, lần nào cảm cũng khò khè.",
        ),
        reason=Text("Night cough, wheezing", "Ho đêm, khò khè"),
        diagnosis=Text("Childhood asthma, mild", "Hen trẻ em mức độ nhẹ"),
        prescription=Text(
            "Salbutamol spray with spacer: 2 puffs when wheezing\nBudesonide 100: 1 puff in the evening, 60 days",
            "Salbutamol xịt qua buồng đệm: 2 nhát khi khò khè\nBudesonid 100: 1 nhát buổi tối, 60 ngày",
        ),
        plan=Text(
            "Action plan for home and school, no smoking indoors.",
            "Kế hoạch xử trí cho nhà và trường, không hút thuốc trong nhà.",
        ),
        service="nebuliser",
        follow_up=60,
        vitals=Vitals(100, 62, 96, 36.8, 97, None, 24),
    ),
    "tooth_check": Case(
        doctors=("giang", "loc"),
        symptoms=Text(
            "Half-yearly check, gums bleed a little when brushing.",
            "Khám định kỳ sáu tháng, chảy máu nhẹ khi chải răng.",
        ),
        reason=Text("Dental check and cleaning", "Khám và lấy cao răng"),
        diagnosis=Text("Mild gingivitis, no caries", "Viêm nướu nhẹ, không sâu răng"),
        prescription=Text(
            "Chlorhexidine 0.12% mouthwash: evenings, 7 days", "Nước súc miệng chlorhexidin 0,12%: buổi tối, 7 ngày"
        ),
        plan=Text(
            "Interdental brushes daily, next cleaning in six months.",
            "Dùng bàn chải kẽ mỗi ngày, lấy cao răng lại sau sáu tháng.",
        ),
        service="cleaning",
        follow_up=180,
    ),
    "toothache": Case(
        doctors=("loc",),
        symptoms=Text(
            "Lower left molar hurts with cold drinks and at night.",
            "Răng hàm dưới bên trái ê buốt khi uống lạnh và đau về đêm.",
        ),
        reason=Text("Toothache", "Đau răng"),
        diagnosis=Text("Deep caries of tooth 36, pulp alive", "Sâu ngà sâu răng 36, tuỷ còn sống"),
        prescription=Text(
            "Ibuprofen 400 mg: 1 tablet after meals as needed, 3 days",
            "Ibuprofen 400 mg: 1 viên sau ăn khi đau, 3 ngày",
        ),
        plan=Text(
            "Filled today; root canal treatment if the pain comes back.",
            "Đã hàn hôm nay; điều trị tuỷ nếu đau trở lại.",
        ),
        service="filling",
        follow_up=14,
        vitals=Vitals(122, 78, 78),
    ),
    "braces": Case(
        doctors=("tram",),
        symptoms=Text(
            "Crowded front teeth, asks about clear aligners.", "Răng cửa chen chúc, muốn tư vấn niềng trong suốt."
        ),
        reason=Text("Advice on straightening teeth", "Tư vấn chỉnh nha"),
        diagnosis=Text("Moderate crowding of the lower front teeth", "Răng cửa dưới chen chúc mức độ vừa"),
        prescription=Text("None", "Không kê thuốc"),
        plan=Text(
            "Scan and X-ray today, plan with costs within a week.",
            "Quét răng và chụp phim hôm nay, gửi kế hoạch và chi phí trong một tuần.",
        ),
        service="panorama",
        follow_up=14,
    ),
}
