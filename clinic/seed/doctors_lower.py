"""The demo clinic's doctors on the lower floors: children, bones, teeth and the family doctors. Invented people."""

from clinic.seed.shapes import DoctorPlan, Text

DOCTORS = (
    DoctorPlan(
        key="oanh",
        email="oanh.duong@clinic.example",
        name="Dr Dương Kim Oanh",
        department="paediatrics",
        room="111",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("General paediatrics", "Nhi khoa tổng quát"),
        years=15,
        fee=320_000,
        rating="4.81",
        reviews=203,
        bio=Text(
            "Dr Oanh sees children from their first week to their teens. She explains to the child first and to the "
            "parents second. Shy children may bring a toy, which is examined before them.",
            "Bác sĩ Oanh khám cho trẻ từ tuần tuổi đầu tiên đến tuổi thiếu niên. Bác sĩ giải thích cho bé trước rồi "
            "mới đến cha mẹ. Bé nào nhút nhát có thể mang theo thú bông để bác sĩ khám trước.",
        ),
    ),
    DoctorPlan(
        key="diep",
        email="diep.bui@clinic.example",
        name="Dr Bùi Ngọc Diệp",
        department="paediatrics",
        room="112",
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Childhood asthma and allergy", "Hen và dị ứng trẻ em"),
        years=9,
        fee=280_000,
        rating="4.70",
        reviews=131,
        bio=Text(
            "Dr Diệp treats wheezing, eczema and food allergies. She writes a traffic-light plan for every family, "
            "so that grandparents and teachers know what to do as well.",
            "Bác sĩ Diệp điều trị khò khè, chàm và dị ứng thức ăn. Bác sĩ viết cho mỗi gia đình một kế hoạch theo "
            "màu đèn giao thông để ông bà và cô giáo cũng biết cách xử trí.",
        ),
    ),
    DoctorPlan(
        key="thinh",
        email="thinh.luong@clinic.example",
        name="Dr Lương Hữu Thịnh",
        department="paediatrics",
        room=None,
        title=Text("Specialist, MSc", "Thạc sĩ, bác sĩ"),
        specialization=Text("Growth and nutrition", "Tăng trưởng và dinh dưỡng"),
        years=10,
        fee=270_000,
        rating="4.44",
        reviews=69,
        bio=Text(
            "Dr Thịnh follows children who grow too slowly or gain too fast. He plans with what the family really "
            "cooks, not with a list from a book.",
            "Bác sĩ Thịnh theo dõi trẻ chậm tăng trưởng hoặc thừa cân. Bác sĩ lập kế hoạch dựa trên bữa ăn thật của "
            "gia đình chứ không theo danh sách trong sách.",
        ),
    ),
    DoctorPlan(
        key="phuc",
        email="phuc.hoang@clinic.example",
        name="Dr Hoàng Đình Phúc",
        department="orthopaedics",
        room="101",
        title=Text("Senior consultant", "Tiến sĩ, bác sĩ"),
        specialization=Text("Knee and hip", "Khớp gối và khớp háng"),
        years=22,
        fee=360_000,
        rating="4.79",
        reviews=301,
        bio=Text(
            "Dr Phúc has treated worn knees and hips for over twenty years. About one in five of his patients needs "
            "an operation; for the others he combines exercise, weight and injections.",
            "Bác sĩ Phúc có hơn hai mươi năm điều trị thoái hoá gối và háng. Chỉ khoảng một phần năm người bệnh cần "
            "mổ; số còn lại được kết hợp tập luyện, giảm cân và tiêm khớp.",
        ),
    ),
    DoctorPlan(
        key="truc",
        email="truc.ngo@clinic.example",
        name="Dr Ngô Thanh Trúc",
        department="orthopaedics",
        room="102",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Back and spine", "Cột sống"),
        years=13,
        fee=330_000,
        rating="4.63",
        reviews=149,
        bio=Text(
            "Dr Trúc treats back pain and slipped discs. She shows each exercise herself and works hand in hand "
            "with the physiotherapists of the department.",
            "Bác sĩ Trúc điều trị đau lưng và thoát vị đĩa đệm. Bác sĩ tự làm mẫu từng bài tập và phối hợp chặt chẽ "
            "với các kỹ thuật viên vật lý trị liệu.",
        ),
    ),
    DoctorPlan(
        key="kiet",
        email="kiet.vuong@clinic.example",
        name="Dr Vương Tuấn Kiệt",
        department="orthopaedics",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Sports injuries", "Chấn thương thể thao"),
        years=5,
        fee=260_000,
        rating="4.51",
        reviews=64,
        bio=Text(
            "Dr Kiệt looks after sprains, torn ligaments and sore tendons of people who want to get back on the "
            "pitch. He played badminton for his university and knows the impatience.",
            "Bác sĩ Kiệt điều trị bong gân, rách dây chằng và viêm gân cho người muốn sớm trở lại sân tập. Từng "
            "chơi cầu lông cho đội tuyển trường, bác sĩ hiểu rõ sự nóng lòng ấy.",
        ),
    ),
    DoctorPlan(
        key="loc",
        email="loc.cao@clinic.example",
        name="Dr Cao Xuân Lộc",
        department="dentistry",
        room="121",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Fillings and root canals", "Chữa răng và nội nha"),
        years=16,
        fee=300_000,
        rating="4.72",
        reviews=228,
        bio=Text(
            "Dr Lộc keeps teeth that others would pull. He works under a microscope, and raises his hand before "
            "every step so that nothing comes as a surprise.",
            "Bác sĩ Lộc cố gắng giữ lại những chiếc răng tưởng phải nhổ. Bác sĩ làm việc dưới kính hiển vi và luôn "
            "báo trước từng bước để người bệnh không bị bất ngờ.",
        ),
    ),
    DoctorPlan(
        key="tram",
        email="tram.huynh@clinic.example",
        name="Dr Huỳnh Bảo Trâm",
        department="dentistry",
        room="122",
        title=Text("Specialist, MSc", "Thạc sĩ, bác sĩ"),
        specialization=Text("Orthodontics", "Chỉnh nha"),
        years=8,
        fee=320_000,
        rating="4.58",
        reviews=102,
        bio=Text(
            "Dr Trâm straightens teeth of teenagers and adults, with braces or clear aligners. She shows the "
            "planned result on a scan before anybody decides.",
            "Bác sĩ Trâm chỉnh nha cho thiếu niên và người lớn bằng mắc cài hoặc khay trong suốt. Bác sĩ cho xem "
            "kết quả dự kiến trên bản quét trước khi quyết định.",
        ),
    ),
    DoctorPlan(
        key="giang",
        email="giang.nghiem@clinic.example",
        name="Dr Nghiêm Thu Giang",
        department="dentistry",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Children's and gentle dentistry", "Răng trẻ em và nha khoa nhẹ nhàng"),
        years=4,
        fee=250_000,
        rating="4.35",
        reviews=47,
        bio=Text(
            "Dr Giang treats children and grown-ups who are afraid of the dentist. The first visit is often just a "
            "look around and a count of the teeth.",
            "Bác sĩ Giang khám cho trẻ em và người lớn sợ nha sĩ. Buổi đầu tiên thường chỉ là làm quen và đếm răng.",
        ),
    ),
    DoctorPlan(
        key="nhung",
        email="nhung.lam@clinic.example",
        name="Dr Lâm Hồng Nhung",
        department="general",
        room="131",
        title=Text("Consultant", "Bác sĩ chuyên khoa II"),
        specialization=Text("Family medicine", "Y học gia đình"),
        years=17,
        fee=280_000,
        rating="4.84",
        reviews=317,
        bio=Text(
            "Dr Nhung is the family doctor of three generations in many homes of the neighbourhood. She keeps the "
            "overview when several specialists are involved, and tidies up long lists of medicines.",
            "Bác sĩ Nhung là bác sĩ gia đình của ba thế hệ ở nhiều nhà trong khu phố. Bác sĩ giữ cái nhìn tổng thể "
            "khi có nhiều chuyên khoa cùng điều trị và giúp rút gọn những toa thuốc dài.",
        ),
    ),
    DoctorPlan(
        key="khoa",
        email="khoa.quach@clinic.example",
        name="Dr Quách Đăng Khoa",
        department="general",
        room="132",
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Diabetes and metabolism", "Đái tháo đường và chuyển hoá"),
        years=10,
        fee=290_000,
        rating="4.60",
        reviews=126,
        bio=Text(
            "Dr Khoa accompanies people with diabetes, gout and thyroid trouble. He sets one goal a visit and lets "
            "the numbers of the next one decide.",
            "Bác sĩ Khoa đồng hành cùng người bệnh đái tháo đường, gút và bệnh tuyến giáp. Mỗi buổi khám bác sĩ chỉ "
            "đặt một mục tiêu và để kết quả lần sau quyết định bước tiếp theo.",
        ),
    ),
    DoctorPlan(
        key="linh",
        email="linh.ton@clinic.example",
        name="Dr Tôn Nữ Diệu Linh",
        department="general",
        room=None,
        title=Text("Specialist", "Bác sĩ chuyên khoa I"),
        specialization=Text("Check-ups and travel medicine", "Khám sức khoẻ và y học du lịch"),
        years=3,
        fee=250_000,
        rating="3.95",
        reviews=28,
        bio=Text(
            "Dr Linh does check-ups for work, school and visas, and advises travellers on vaccines. She is the "
            "youngest of the team and likes questions.",
            "Bác sĩ Linh khám sức khoẻ cho đi làm, đi học, xin thị thực và tư vấn tiêm chủng cho người đi xa. Là "
            "bác sĩ trẻ nhất, chị rất thích được hỏi.",
        ),
    ),
)
