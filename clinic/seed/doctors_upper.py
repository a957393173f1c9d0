"""The demo clinic's doctors on the upper floors: hearts, eyes, nerves and lungs. Invented people."""

from clinic.seed.shapes import DoctorPlan, Text

DOCTORS = (
    DoctorPlan(
        key="chen",
        email="doctor@clinic.example",
        name="Dr Chen Wei",
        department="cardiology",
        room="201",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("High blood pressure", "Tăng huyết áp"),
        years=14,
        fee=340_000,
        rating="4.88",
        reviews=212,
        bio=Text(
            "Dr Chen looks after people with high blood pressure, above all those whose values stay high in spite "
            "of several medicines. He trained in Singapore and in Ho Chi Minh City and sees patients in English, "
            "Vietnamese and Mandarin. With him, a visit always ends with a written plan for the weeks to come.",
            "Bác sĩ Chen chăm sóc người bệnh tăng huyết áp, nhất là khi huyết áp vẫn cao dù đã dùng nhiều thuốc. "
            "Bác sĩ được đào tạo tại Singapore và Thành phố Hồ Chí Minh, khám bằng tiếng Anh, tiếng Việt và tiếng "
            "Hoa. Mỗi buổi khám đều kết thúc bằng một kế hoạch rõ ràng cho những tuần tiếp theo.",
        ),
        languages=("vi", "en", "zh"),
    ),
    DoctorPlan(
        key="tuyet",
        email="tuyet.nguyen@clinic.example",
        name="Dr Nguyễn Thị Ánh Tuyết",
        department="cardiology",
        room="202",
        title=Text("Senior consultant", "Tiến sĩ, bác sĩ"),
        specialization=Text("Heart failure", "Suy tim"),
        years=18,
        fee=350_000,
        rating="4.93",
        reviews=348,
        bio=Text(
            "Dr Tuyết has led the heart failure clinic since it opened. She adjusts medicines in small steps and "
            "teaches patients and families to watch weight and swelling at home. Her heart ultrasounds are done "
            "during the visit.",
            "Bác sĩ Tuyết phụ trách phòng khám suy tim từ ngày đầu thành lập. Bác sĩ chỉnh thuốc từng bước nhỏ và "
            "hướng dẫn người bệnh cùng gia đình theo dõi cân nặng, phù tại nhà. Siêu âm tim được thực hiện ngay "
            "trong buổi khám.",
        ),
    ),
    DoctorPlan(
        key="bao",
        email="bao.tran@clinic.example",
        name="Dr Trần Quốc Bảo",
        department="cardiology",
        room="203",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Arrhythmia and pacing", "Rối loạn nhịp và máy tạo nhịp"),
        years=11,
        fee=320_000,
        rating="4.71",
        reviews=187,
        bio=Text(
            "Dr Bảo treats palpitations, atrial fibrillation and fainting, and follows people with a pacemaker. He "
            "explains ECGs on paper, beat by beat, until the picture is clear to the patient.",
            "Bác sĩ Bảo điều trị hồi hộp, rung nhĩ, ngất và theo dõi người mang máy tạo nhịp. Bác sĩ giải thích "
            "điện tâm đồ từng nhịp một cho đến khi người bệnh thật sự hiểu.",
        ),
    ),
    DoctorPlan(
        key="uyen",
        email="uyen.le@clinic.example",
        name="Dr Lê Hoàng Phương Uyên",
        department="cardiology",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Preventive cardiology", "Tim mạch dự phòng"),
        years=7,
        fee=280_000,
        rating="4.62",
        reviews=96,
        bio=Text(
            "Dr Uyên helps people to keep a first heart attack from happening: cholesterol, weight, smoking and "
            "family history. She works together with a dietitian and prefers small changes that last.",
            "Bác sĩ Uyên giúp phòng ngừa nhồi máu cơ tim từ sớm: mỡ máu, cân nặng, thuốc lá và tiền sử gia đình. "
            "Bác sĩ phối hợp với chuyên gia dinh dưỡng và ưu tiên những thay đổi nhỏ nhưng bền vững.",
        ),
    ),
    DoctorPlan(
        key="chau",
        email="chau.phan@clinic.example",
        name="Dr Phan Minh Châu",
        department="ophthalmology",
        room="301",
        title=Text("Senior consultant", "Tiến sĩ, bác sĩ"),
        specialization=Text("Cataract", "Đục thuỷ tinh thể"),
        years=21,
        fee=330_000,
        rating="4.86",
        reviews=271,
        bio=Text(
            "Dr Châu has examined and operated on cataracts for more than two decades. She takes the time to find "
            "out whether glasses would still do before she speaks of an operation.",
            "Bác sĩ Châu có hơn hai mươi năm khám và phẫu thuật đục thuỷ tinh thể. Bác sĩ luôn cân nhắc kỹ việc đeo "
            "kính trước khi nói đến phẫu thuật.",
        ),
    ),
    DoctorPlan(
        key="huy",
        email="huy.dinh@clinic.example",
        name="Dr Đinh Gia Huy",
        department="ophthalmology",
        room="302",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Retina and diabetes", "Võng mạc và đái tháo đường"),
        years=13,
        fee=310_000,
        rating="4.68",
        reviews=142,
        bio=Text(
            "Dr Huy treats diseases of the retina, above all those of people with diabetes. He compares the "
            "pictures of each year side by side, so that you see for yourself what has changed.",
            "Bác sĩ Huy điều trị các bệnh võng mạc, đặc biệt ở người đái tháo đường. Bác sĩ so sánh hình đáy mắt "
            "qua từng năm để người bệnh tự thấy những thay đổi.",
        ),
    ),
    DoctorPlan(
        key="dung",
        email="dung.ta@clinic.example",
        name="Dr Tạ Thuỳ Dung",
        department="ophthalmology",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Children's eyes and glasses", "Mắt trẻ em và khúc xạ"),
        years=6,
        fee=260_000,
        rating="4.57",
        reviews=88,
        bio=Text(
            "Dr Dung measures the sight of children from three years on, with games instead of letters. She also "
            "advises families on short-sightedness, screens and time outdoors.",
            "Bác sĩ Dung đo thị lực cho trẻ từ ba tuổi bằng trò chơi thay vì bảng chữ. Bác sĩ cũng tư vấn cho gia "
            "đình về cận thị, màn hình và thời gian ngoài trời.",
        ),
    ),
    DoctorPlan(
        key="diallo",
        email="aminata.diallo@clinic.example",
        name="Dr Aminata Diallo",
        department="neurology",
        room=None,
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Headache and migraine", "Đau đầu và migraine"),
        years=12,
        fee=340_000,
        rating="4.90",
        reviews=256,
        bio=Text(
            "Dr Diallo runs the headache clinic. She studied in Dakar and Paris, has worked in Vietnam since 2015, "
            "and sees patients in English, French and Vietnamese. She starts from the patient's diary, tries the "
            "simplest treatment first and reviews it after six weeks.",
            "Bác sĩ Diallo phụ trách phòng khám đau đầu. Bác sĩ học tại Dakar và Paris, làm việc ở Việt Nam từ năm "
            "2015, khám bằng tiếng Anh, tiếng Pháp và tiếng Việt. Bác sĩ bắt đầu từ nhật ký của người bệnh, ưu tiên "
            "cách điều trị đơn giản nhất và đánh giá lại sau sáu tuần.",
        ),
        languages=("vi", "en", "fr"),
    ),
    DoctorPlan(
        key="vdung",
        email="dung.truong@clinic.example",
        name="Dr Trương Việt Dũng",
        department="neurology",
        room="402",
        title=Text("Senior consultant", "Tiến sĩ, bác sĩ"),
        specialization=Text("Stroke and movement disorders", "Đột quỵ và rối loạn vận động"),
        years=20,
        fee=380_000,
        rating="4.77",
        reviews=164,
        bio=Text(
            "Dr Dũng cares for people after a stroke and for those with tremor or Parkinson's disease. Families are "
            "asked to come along, because they see most of the day.",
            "Bác sĩ Dũng chăm sóc người bệnh sau đột quỵ, người bị run hoặc Parkinson. Gia đình nên cùng đến khám "
            "vì là người thấy rõ nhất diễn biến mỗi ngày.",
        ),
    ),
    DoctorPlan(
        key="yen",
        email="yen.mac@clinic.example",
        name="Dr Mạc Hải Yến",
        department="neurology",
        room=None,
        title=Text("Specialist, MSc", "Thạc sĩ, bác sĩ"),
        specialization=Text("Epilepsy and sleep", "Động kinh và giấc ngủ"),
        years=9,
        fee=300_000,
        rating="4.49",
        reviews=71,
        bio=Text(
            "Dr Yến treats seizures, restless legs and long-standing sleeplessness. She reads every EEG herself and "
            "phones with the result.",
            "Bác sĩ Yến điều trị động kinh, hội chứng chân không yên và mất ngủ kéo dài. Bác sĩ tự đọc từng bản "
            "điện não đồ và gọi điện báo kết quả.",
        ),
    ),
    DoctorPlan(
        key="minh",
        email="minh.doan@clinic.example",
        name="Dr Đoàn Nhật Minh",
        department="respiratory",
        room="211",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Asthma and COPD", "Hen và COPD"),
        years=12,
        fee=310_000,
        rating="4.74",
        reviews=158,
        bio=Text(
            "Dr Minh helps people with asthma and chronic bronchitis to breathe freely with as little medicine as "
            "possible. He checks how you use your inhaler at every visit: that alone often helps.",
            "Bác sĩ Minh giúp người bệnh hen và viêm phế quản mạn thở dễ hơn với ít thuốc nhất có thể. Lần khám nào "
            "bác sĩ cũng kiểm tra cách xịt thuốc, và chỉ riêng điều đó đã thường có ích.",
        ),
    ),
    DoctorPlan(
        key="phuong",
        email="phuong.kieu@clinic.example",
        name="Dr Kiều Lan Phương",
        department="respiratory",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Sleep apnoea and smoking", "Ngưng thở khi ngủ và cai thuốc lá"),
        years=8,
        fee=290_000,
        rating="4.55",
        reviews=83,
        bio=Text(
            "Dr Phương treats snoring and breathing pauses during sleep, and accompanies people who give up "
            "smoking. Nobody is scolded for a relapse here.",
            "Bác sĩ Phương điều trị ngáy và ngưng thở khi ngủ, đồng hành cùng người cai thuốc lá. Ở đây không ai bị "
            "trách khi lỡ hút lại.",
        ),
    ),
    DoctorPlan(
        key="danh",
        email="danh.thai@clinic.example",
        name="Dr Thái Công Danh",
        department="respiratory",
        room="212",
        title=Text("Senior consultant", "Tiến sĩ, bác sĩ"),
        specialization=Text("Lung infections", "Nhiễm trùng phổi"),
        years=23,
        fee=360_000,
        rating="4.66",
        reviews=194,
        bio=Text(
            "Dr Danh has treated pneumonia and tuberculosis for most of his working life. He prescribes antibiotics "
            "only where they help, and says plainly when they don't.",
            "Bác sĩ Danh gắn bó gần trọn sự nghiệp với viêm phổi và lao. Bác sĩ chỉ kê kháng sinh khi thật sự cần "
            "và nói rõ khi không cần.",
        ),
    ),
)
