"""The day on which the demo is planted: Dr Chen's, nearly full, some visits of his colleagues, and his next days."""

from clinic.policy import Role
from clinic.seed.shapes import Appointment, Vitals

# fmt: off
CHEN = (
    Appointment("minh_anh", "chen", 0, "08:00", "completed", case="palpitations"),
    Appointment("tung", "chen", 0, "08:30", "completed", case="pressure_review", service="abpm",
          findings="Nhật ký ở nhà: trung bình 129/80."),
    Appointment("mai", "chen", 0, "09:00", "completed",
          symptoms="Sáng dậy nhức đầu hai tuần nay, không đau ngực. Ngưng amlodipin từ tháng trước vì thấy khoẻ.",
          reason="Nhức đầu, huyết áp tăng lại",
          notes="Dị ứng penicillin.",
          diagnosis="Tăng huyết áp độ 1, tự ngưng thuốc",
          prescription="Amlodipin 5 mg: 1 viên buổi sáng, 14 ngày\nLosartan 50 mg: 1 viên buổi tối, 14 ngày\n"
          "Paracetamol 500 mg: 1 viên khi cần, tối đa bốn viên mỗi ngày, 5 ngày",
          plan="Dùng lại thuốc, không tự ngưng khi huyết áp đã ổn. Đo sáng và tối, tái khám sau 14 ngày.",
          follow_up=14, vitals=Vitals(148, 92, 81, weight=64.8)),
    Appointment("son", "chen", 0, "09:30", "completed", case="heart_failure"),
    Appointment("han", "chen", 0, "10:00", "confirmed", case="palpitations"),
    Appointment("quang_huy", "chen", 0, "10:30", "confirmed", case="pressure_review"),
    Appointment("claire", "chen", 0, "11:00", "confirmed", case="palpitations",
          notes="It is my first visit; I will bring the ECG from my company doctor.",
          clinic_notes="Please bring your smartwatch too, and the list of what you take.",
          staff_notes="Asked for an English speaker at reception. ECG before she comes in."),
    Appointment("ha", "chen", 0, "11:30", "cancelled", case="pressure_new",
          cancellation_reason="Tôi bận việc gia đình, xin hẹn lại tuần sau."),
    Appointment("lam", "chen", 0, "13:00", "confirmed", case="heart_failure",
          moved_from=(-2, "14:30"), move_reason="Con trai tôi chỉ đưa đi được hôm nay.",
          clinic_notes="Bác nhịn ăn sáng hôm nay để lấy máu.",
          staff_notes="Nghe kém tai trái, hỏi qua con trai. Cần xe lăn từ sảnh."),
    Appointment("vy", "chen", 0, "13:30", "booked", case="palpitations"),
    Appointment("long", "chen", 0, "14:00", "booked", case="pressure_new"),
    Appointment("kenji", "chen", 0, "14:30", "confirmed", case="cholesterol"),
    Appointment("thomas", "chen", 0, "15:00", "booked", case="pressure_review",
          notes="Please let me know if I may take my morning tablets before the visit."),
    Appointment("grace", "chen", 0, "15:30", "booked", case="palpitations"),
    Appointment("binh", "chen", 0, "16:00", "confirmed", case="pressure_review"),
    Appointment("loan", "chen", 0, "16:30", "booked", case="pressure_new"),
)

COLLEAGUES = (
    Appointment("bao_an", "oanh", 0, "08:30", "completed", case="child_cold"),
    Appointment("gia_bao", "oanh", 0, "09:00", "completed", case="child_asthma"),
    Appointment("noah", "oanh", 0, "10:30", "confirmed", case="child_growth"),
    Appointment("minh_khue", "oanh", 0, "14:00", "booked", case="child_growth"),
    Appointment("hoa", "tuyet", 0, "09:00", "completed", case="heart_failure"),
    Appointment("nga", "tuyet", 0, "10:30", "confirmed", case="heart_failure"),
    Appointment("bich", "chau", 0, "08:00", "completed", case="cataract"),
    Appointment("khang", "kiet", 0, "11:00", "confirmed", case="ankle"),
    Appointment("tam", "diallo", 0, "09:00", "completed", case="migraine"),
    Appointment("thao", "diallo", 0, "10:00", "confirmed", case="migraine"),
    Appointment("yen_nhi", "diallo", 0, "14:00", "booked", case="carpal_tunnel"),
    Appointment("xuan", "loc", 0, "15:30", "booked", case="toothache"),
    Appointment("duc", "phuong", 0, "13:30", "cancelled", case="apnoea", cancelled_by=Role.ADMIN,
          cancellation_reason="Bác sĩ Phương nghỉ ốm, phòng khám sẽ gọi lại để hẹn ngày khác."),
    Appointment("ngan", "linh", 0, "14:30", "booked", case="check_up"),
)

COMING = (
    Appointment("thao", "chen", 1, "08:00", "confirmed", case="pressure_new"),
    Appointment("nga", "chen", 1, "08:30", "confirmed", case="pressure_review"),
    Appointment("tai", "chen", 1, "09:30", "booked", case="pressure_new"),
    Appointment("hung", "chen", 1, "10:00", "confirmed", case="pressure_review"),
    Appointment("xuan", "chen", 1, "10:30", "booked", case="palpitations"),
    Appointment("hoa", "chen", 1, "13:30", "confirmed", case="pressure_review"),
    Appointment("khang", "chen", 1, "15:00", "booked", case="palpitations"),
    Appointment("son", "chen", 2, "09:00", "confirmed", case="pressure_review"),
    Appointment("bich", "chen", 2, "09:30", "confirmed", case="pressure_review"),
    Appointment("tam", "chen", 2, "14:00", "booked", case="palpitations"),
    Appointment("yen_nhi", "chen", 3, "10:00", "booked", case="palpitations"),
    Appointment("phuc", "chen", 3, "16:00", "booked", case="pressure_new"),
    Appointment("lam", "tuyet", 1, "09:00", "confirmed", case="heart_failure"),
    Appointment("quang_huy", "bao", 1, "10:30", "booked", case="palpitations"),
    Appointment("kenji", "uyen", 3, "08:30", "confirmed", case="cholesterol"),
)
# fmt: on

TODAY = (*CHEN, *COLLEAGUES, *COMING)
