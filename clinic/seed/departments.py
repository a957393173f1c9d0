"""What the demo clinic offers: departments with their services, fees (VND) and rooms, in both languages."""

from clinic.seed.shapes import DepartmentPlan, ServicePlan, Text

DEPARTMENTS = (
    DepartmentPlan(
        key="cardiology",
        name=Text("Cardiology", "Tim mạch"),
        icon="heartbeat",
        description=Text(
            "Care for blood pressure, heart rhythm, heart failure and chest pain. Most examinations, from the ECG to the "
            "ultrasound of the heart, are done on the day of the visit.",
            "Khám và điều trị tăng huyết áp, rối loạn nhịp tim, suy tim và đau ngực. Hầu hết thăm dò, từ điện tâm đồ đến "
            "siêu âm tim, được thực hiện ngay trong ngày khám.",
        ),
        fee=250_000,
        rooms=("201", "202", "203", "204", "205", "206"),
        services=(
            ServicePlan(
                "ecg",
                Text("Electrocardiogram (ECG)", "Điện tâm đồ (ECG)"),
                Text(
                    "A ten-minute recording of the heart's rhythm at rest.",
                    "Ghi nhịp tim lúc nghỉ, khoảng mười phút.",
                ),
                120_000,
            ),
            ServicePlan(
                "echo",
                Text("Ultrasound of the heart", "Siêu âm tim Doppler màu"),
                Text(
                    "Shows how the heart muscle and the valves work.",
                    "Đánh giá hoạt động của cơ tim và các van tim.",
                ),
                380_000,
            ),
            ServicePlan(
                "holter",
                Text("24-hour heart rhythm recording", "Holter điện tâm đồ 24 giờ"),
                Text(
                    "A small recorder that you wear for a day and a night.",
                    "Máy ghi nhỏ gọn, đeo liên tục một ngày một đêm.",
                ),
                650_000,
            ),
            ServicePlan(
                "abpm",
                Text("24-hour blood pressure monitoring", "Holter huyết áp 24 giờ"),
                Text(
                    "Measures the pressure every 30 minutes, also during sleep.",
                    "Đo huyết áp mỗi 30 phút, kể cả khi ngủ.",
                ),
                550_000,
            ),
            ServicePlan(
                "stress_test",
                Text("Exercise stress test", "Nghiệm pháp gắng sức"),
                Text(
                    "An ECG while walking on a treadmill, under a doctor's eyes.",
                    "Điện tâm đồ khi đi bộ trên thảm lăn, có bác sĩ theo dõi.",
                ),
                700_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="ophthalmology",
        name=Text("Ophthalmology", "Mắt"),
        icon="eye",
        description=Text(
            "Eye examinations for all ages: glasses, dry eyes, cataract, glaucoma and the retina. Please bring your "
            "glasses, and do not drive home after drops that widen the pupils.",
            "Khám mắt cho mọi lứa tuổi: đo kính, khô mắt, đục thuỷ tinh thể, glôcôm và võng mạc. Vui lòng mang theo kính "
            "đang đeo và không tự lái xe về sau khi nhỏ thuốc giãn đồng tử.",
        ),
        fee=200_000,
        rooms=("301", "302", "303", "304"),
        services=(
            ServicePlan(
                "refraction",
                Text("Sight test and glasses prescription", "Đo khúc xạ và kê đơn kính"),
                Text("Near and far sight, with a written prescription.", "Đo thị lực gần và xa, có đơn kính."),
                150_000,
            ),
            ServicePlan(
                "retina_photo",
                Text("Photograph of the retina", "Chụp ảnh đáy mắt"),
                Text(
                    "A picture of the back of the eye, advised every year with diabetes.",
                    "Chụp hình đáy mắt, nên làm hằng năm khi có đái tháo đường.",
                ),
                250_000,
            ),
            ServicePlan(
                "eye_pressure",
                Text("Eye pressure and visual field", "Đo nhãn áp và thị trường"),
                Text("Early detection of glaucoma.", "Phát hiện sớm bệnh glôcôm."),
                300_000,
            ),
            ServicePlan(
                "oct",
                Text("OCT scan of the macula", "Chụp OCT hoàng điểm"),
                Text(
                    "A painless scan of the layers of the retina.",
                    "Chụp cắt lớp võng mạc, không đau, không tiếp xúc.",
                ),
                450_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="orthopaedics",
        name=Text("Orthopaedics", "Chấn thương chỉnh hình"),
        icon="bone",
        description=Text(
            "Joints, bones, backs and sports injuries, with X-ray and ultrasound next door and physiotherapy in the same "
            "house. Operations are planned together with our partner hospital.",
            "Khớp, xương, cột sống và chấn thương thể thao, có X-quang, siêu âm và vật lý trị liệu tại chỗ. Phẫu thuật "
            "được lên kế hoạch cùng bệnh viện đối tác.",
        ),
        fee=220_000,
        rooms=("101", "102", "103", "104"),
        services=(
            ServicePlan(
                "xray",
                Text("X-ray, two views", "X-quang hai tư thế"),
                Text("One joint or bone, read at once.", "Một khớp hoặc xương, có kết quả ngay."),
                180_000,
            ),
            ServicePlan(
                "joint_ultrasound",
                Text("Ultrasound of a joint", "Siêu âm khớp và phần mềm"),
                Text("Tendons, ligaments and fluid in a joint.", "Khảo sát gân, dây chằng và dịch khớp."),
                260_000,
            ),
            ServicePlan(
                "joint_injection",
                Text("Joint injection", "Tiêm khớp"),
                Text(
                    "Guided by ultrasound, with half an hour of rest.", "Dưới hướng dẫn siêu âm, nghỉ nửa giờ sau tiêm."
                ),
                600_000,
            ),
            ServicePlan(
                "cast",
                Text("Plaster or splint", "Bó bột hoặc nẹp"),
                Text("With a check of the fit within a week.", "Kèm kiểm tra lại trong vòng một tuần."),
                350_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="paediatrics",
        name=Text("Paediatrics", "Nhi khoa"),
        icon="baby-carriage",
        description=Text(
            "From the newborn's first check to the sixteenth birthday: fevers, coughs, growth, feeding and vaccinations. "
            "Parents stay with their child throughout the visit.",
            "Từ lần khám sơ sinh đầu tiên đến 16 tuổi: sốt, ho, tăng trưởng, dinh dưỡng và tiêm chủng. Cha mẹ được ở bên "
            "con trong suốt buổi khám.",
        ),
        fee=200_000,
        rooms=("111", "112", "113", "114"),
        services=(
            ServicePlan(
                "growth_check",
                Text("Growth and development check", "Khám tăng trưởng và phát triển"),
                Text(
                    "Weight, height, and what a child of that age can do.",
                    "Cân nặng, chiều cao và các mốc phát triển theo tuổi.",
                ),
                180_000,
            ),
            ServicePlan(
                "vaccination",
                Text("Vaccination visit", "Khám sàng lọc và tiêm chủng"),
                Text(
                    "Check before the vaccine and 30 minutes of watching after it; vaccine not included.",
                    "Khám trước tiêm và theo dõi 30 phút sau tiêm; chưa gồm vắc-xin.",
                ),
                100_000,
            ),
            ServicePlan(
                "nebuliser",
                Text("Nebuliser treatment", "Khí dung"),
                Text("For wheeze, with a check before and after.", "Cho trẻ khò khè, khám trước và sau khí dung."),
                120_000,
            ),
            ServicePlan(
                "allergy_test",
                Text("Skin prick allergy test", "Test lẩy da dị ứng"),
                Text("Ten common allergens, result in 20 minutes.", "Mười dị nguyên thường gặp, kết quả sau 20 phút."),
                480_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="neurology",
        name=Text("Neurology", "Thần kinh"),
        icon="brain",
        description=Text(
            "Headache, dizziness, numbness, tremor, sleep and care after a stroke. A diary of your complaints helps more "
            "than any machine: bring one if you can.",
            "Đau đầu, chóng mặt, tê bì, run, rối loạn giấc ngủ và chăm sóc sau đột quỵ. Nhật ký triệu chứng rất hữu ích: "
            "hãy mang theo nếu có thể.",
        ),
        fee=250_000,
        rooms=("401", "402", "403", "404"),
        services=(
            ServicePlan(
                "eeg",
                Text("Electroencephalogram (EEG)", "Điện não đồ (EEG)"),
                Text("Half an hour of recording at rest.", "Ghi nửa giờ khi nghỉ."),
                350_000,
            ),
            ServicePlan(
                "nerve_conduction",
                Text("Nerve conduction study", "Đo dẫn truyền thần kinh"),
                Text("For numb or weak hands and feet.", "Khi tê hoặc yếu tay chân."),
                550_000,
            ),
            ServicePlan(
                "carotid",
                Text("Ultrasound of the neck arteries", "Siêu âm động mạch cảnh"),
                Text("Looks for narrowing that could cause a stroke.", "Tìm hẹp mạch có thể gây đột quỵ."),
                320_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="dentistry",
        name=Text("Dentistry", "Răng hàm mặt"),
        icon="dental",
        description=Text(
            "Check-ups, cleaning, fillings, root canals, braces and children's teeth. Anxious patients are welcome: say "
            "so when you book, and we plan more time.",
            "Khám định kỳ, lấy cao răng, hàn răng, điều trị tuỷ, chỉnh nha và răng trẻ em. Nếu bạn sợ khám răng, hãy ghi "
            "chú khi đặt lịch để chúng tôi dành thêm thời gian.",
        ),
        fee=150_000,
        rooms=("121", "122", "123", "124"),
        services=(
            ServicePlan(
                "cleaning",
                Text("Scaling and polishing", "Lấy cao răng và đánh bóng"),
                Text("Both jaws, with advice on brushing.", "Hai hàm, kèm hướng dẫn chải răng."),
                250_000,
            ),
            ServicePlan(
                "filling",
                Text("Composite filling", "Hàn răng composite"),
                Text("Tooth-coloured, one tooth.", "Màu răng tự nhiên, một răng."),
                350_000,
            ),
            ServicePlan(
                "root_canal",
                Text("Root canal treatment", "Điều trị tuỷ"),
                Text("One tooth, usually two visits.", "Một răng, thường hai lần hẹn."),
                1_200_000,
            ),
            ServicePlan(
                "panorama",
                Text("Panoramic X-ray", "X-quang toàn hàm"),
                Text("All teeth and both jaws in one picture.", "Toàn bộ răng và hai hàm trên một phim."),
                200_000,
            ),
            ServicePlan(
                "extraction",
                Text("Tooth extraction", "Nhổ răng"),
                Text("With local anaesthetic.", "Có gây tê tại chỗ."),
                500_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="respiratory",
        name=Text("Respiratory medicine", "Hô hấp"),
        icon="lungs",
        description=Text(
            "Cough, asthma, chronic bronchitis, sleep apnoea and help with giving up smoking. Breathing tests are done "
            "before you see the doctor, so please come ten minutes early.",
            "Ho kéo dài, hen, viêm phế quản mạn, ngưng thở khi ngủ và hỗ trợ cai thuốc lá. Đo chức năng hô hấp được làm "
            "trước khi gặp bác sĩ, vui lòng đến sớm mười phút.",
        ),
        fee=220_000,
        rooms=("211", "212", "213", "214"),
        services=(
            ServicePlan(
                "spirometry",
                Text("Spirometry", "Đo chức năng hô hấp"),
                Text("Before and after a bronchodilator.", "Trước và sau thuốc giãn phế quản."),
                280_000,
            ),
            ServicePlan(
                "chest_xray",
                Text("Chest X-ray", "X-quang ngực"),
                Text("Two views, read on the same day.", "Hai tư thế, có kết quả trong ngày."),
                180_000,
            ),
            ServicePlan(
                "sleep_study",
                Text("Sleep study at home", "Đo giấc ngủ tại nhà"),
                Text("One night with a small recorder.", "Một đêm với máy ghi nhỏ gọn."),
                900_000,
            ),
        ),
    ),
    DepartmentPlan(
        key="general",
        name=Text("General practice", "Nội tổng quát"),
        icon="stethoscope",
        description=Text(
            "The place to start when you are not sure where to go: check-ups, infections, diabetes, stomach trouble and "
            "long-term care for the whole family.",
            "Nơi bắt đầu khi bạn chưa biết nên khám khoa nào: khám sức khoẻ, nhiễm trùng, đái tháo đường, bệnh dạ dày và "
            "chăm sóc lâu dài cho cả gia đình.",
        ),
        fee=180_000,
        rooms=("131", "132", "133", "134"),
        services=(
            ServicePlan(
                "blood_panel",
                Text("Blood panel", "Xét nghiệm máu tổng quát"),
                Text(
                    "Blood count, sugar, lipids, liver and kidneys; come fasting.",
                    "Công thức máu, đường, mỡ máu, gan, thận; nhịn ăn trước khi lấy máu.",
                ),
                420_000,
            ),
            ServicePlan(
                "hba1c",
                Text("HbA1c", "HbA1c"),
                Text("Average blood sugar of three months.", "Đường huyết trung bình ba tháng."),
                160_000,
            ),
            ServicePlan(
                "abdominal_ultrasound",
                Text("Ultrasound of the abdomen", "Siêu âm ổ bụng"),
                Text(
                    "Liver, gallbladder, kidneys, pancreas; come fasting.",
                    "Gan, mật, thận, tuỵ; nhịn ăn trước khi làm.",
                ),
                250_000,
            ),
            ServicePlan(
                "check_up",
                Text("Yearly check-up", "Khám sức khoẻ định kỳ"),
                Text(
                    "Examination, ECG and blood panel in one morning.",
                    "Khám, điện tâm đồ và xét nghiệm máu trong một buổi sáng.",
                ),
                950_000,
            ),
        ),
    ),
)

SHARED_ROOMS = ("501",)
CLOSED_ROOMS = ("502",)
