"""The demo clinic's patients, its administrator and who sits at the reception. Invented people; no telephone number here can be called.

Children have an account that a parent looks after; `contact` is that parent, or whom to call for an adult.
"""

from clinic.seed.shapes import PatientPlan as P

ADMIN_EMAIL = "admin@clinic.example"
ADMIN_NAME = "Esther Mwangi"
RECEPTION_EMAIL = "reception@clinic.example"
RECEPTION_NAME = "Đinh Thu Trang"

CITY = "TP. Hồ Chí Minh"

# Two lines a patient read better than thirteen.
# fmt: off
PATIENTS = (
    P("ana", "patient@clinic.example", "Ana Nguyễn", "1984-03-17", "female", "en", 71.4, 166,
      "18 Hoa Sen, Thảo Điền", "Nguyễn Hải Sơn"),
    P("boris", "boris@example.com", "Boris Đặng", "1979-11-02", "male", "en", 88.6, 181,
      "204/7 Bạch Đàn, Bình Thạnh", "Đặng Petra"),
    P("minh_anh", "minhanh.pham@example.com", "Phạm Minh Anh", "1990-06-21", "female", "vi", 53.0, 158,
      "56 Cây Me, Phú Nhuận", "Phạm Văn Thuận"),
    P("tung", "tung.vo@example.com", "Võ Thanh Tùng", "1972-01-09", "male", "vi", 74.5, 169,
      "11 Ngọc Lan, Tân Bình", "Lê Thị Hiền"),
    P("mai", "mai.do@example.com", "Đỗ Ngọc Mai", "1968-04-30", "female", "vi", 64.8, 156,
      "93 Sao Biển, Quận 7", "Đỗ Ngọc Sơn"),
    P("han", "han.ly@example.com", "Lý Gia Hân", "1995-09-12", "female", "vi", 49.2, 160,
      "27 Hạnh Phúc, Quận 5", "Lý Chí Cường"),
    P("quang_huy", "huy.ho@example.com", "Hồ Quang Huy", "1963-12-25", "male", "vi", 79.3, 167,
      "8 Lá Phong, Gò Vấp", "Hồ Thị Liễu"),
    P("ha", "ha.bui@example.com", "Bùi Thu Hà", "1981-08-08", "female", "vi", 57.7, 161,
      "140 Tre Xanh, Quận 3", "Nguyễn Hữu Tín"),
    P("lam", "lam.dang@example.com", "Đặng Hữu Lâm", "1958-02-14", "male", "vi", 69.1, 165,
      "35 Sông Xanh, Thủ Đức", "Đặng Thị Nga"),
    P("vy", "vy.trinh@example.com", "Trịnh Khánh Vy", "2000-05-19", "female", "vi", 50.6, 163,
      "71 Hoa Giấy, Quận 10", "Trịnh Công Bình"),
    P("long", "long.mai@example.com", "Mai Đức Long", "1976-10-03", "male", "vi", 82.4, 172,
      "19 Đồi Thông, Tân Phú", "Phan Thị Loan"),
    P("claire", "claire.dubois@example.com", "Claire Dubois", "1988-07-28", "female", "en", 60.3, 170,
      "5 Vườn Xoài, Thảo Điền", "Julien Dubois"),
    P("kenji", "kenji.mori@example.com", "Kenji Mori", "1969-03-05", "male", "en", 68.2, 170,
      "88 Cầu Ánh Trăng, Quận 7", "Yuko Mori"),
    P("grace", "grace.adeyemi@example.com", "Grace Adeyemi", "1992-12-11", "female", "en", 66.0, 168,
      "42 Hoa Sen, Thảo Điền", "Tunde Adeyemi", insured=False),
    P("thomas", "thomas.keller@example.com", "Thomas Keller", "1956-05-23", "male", "en", 85.9, 178,
      "3 Bến Thuyền, Quận 4", "Anke Keller"),
    P("hoa", "hoa.vu@example.com", "Vũ Thị Hoa", "1951-09-02", "female", "vi", 52.8, 151,
      "64 Chợ Nhỏ, Bình Tân", "Trần Minh Đức"),
    P("phuc", "phuc.nguyen@example.com", "Nguyễn Hồng Phúc", "1998-01-27", "male", "vi", 67.5, 174,
      "120 Tre Xanh, Quận 3", "Nguyễn Thị Sáu", insured=False),
    P("thao", "thao.le@example.com", "Lê Phương Thảo", "1987-04-06", "female", "vi", 55.4, 159,
      "15 Hoa Mai, Phú Nhuận", "Lê Quang Vinh"),
    P("binh", "binh.tran@example.com", "Trần Thanh Bình", "1965-06-18", "male", "vi", 76.8, 168,
      "77 Mương Nổi, Quận 8", "Trần Thị Huệ"),
    P("loan", "loan.phan@example.com", "Phan Kim Loan", "1974-11-30", "female", "vi", 61.5, 157,
      "29 Cỏ May, Gò Vấp", "Võ Văn Hải"),
    P("duc", "duc.hoang@example.com", "Hoàng Minh Đức", "1983-02-08", "male", "vi", 90.2, 173,
      "52 Lúa Vàng, Hóc Môn", "Ngô Thị Thắm"),
    P("nga", "nga.ngo@example.com", "Ngô Thuý Nga", "1960-08-15", "female", "vi", 58.9, 154,
      "101 Sông Xanh, Thủ Đức", "Ngô Tuấn Anh"),
    P("khang", "khang.duong@example.com", "Dương Bảo Khang", "1993-03-22", "male", "vi", 72.0, 176,
      "33 Đá Cuội, Quận 12", "Dương Văn Lộc", insured=False),
    P("xuan", "xuan.luu@example.com", "Lưu Thanh Xuân", "1978-12-01", "female", "vi", 59.6, 160,
      "6 Hương Bưởi, Bình Thạnh", "Lưu Hải Đăng"),
    P("son", "son.ta@example.com", "Tạ Hoàng Sơn", "1954-07-07", "male", "vi", 63.4, 163,
      "48 Phố Đèn, Quận 5", "Tạ Thị Mỹ"),
    P("ngan", "ngan.cao@example.com", "Cao Kim Ngân", "2003-10-10", "female", "vi", 47.8, 157,
      "90 Ký Túc, Thủ Đức", "Cao Văn Tài"),
    P("hung", "hung.doan@example.com", "Đoàn Mạnh Hùng", "1970-05-05", "male", "vi", 71.7, 170,
      "22 Xóm Vườn, Củ Chi", "Mai Thị Lành"),
    P("tam", "tam.huynh@example.com", "Huỳnh Minh Tâm", "1985-09-26", "other", "vi", 62.3, 167,
      "13 Gốm Đỏ, Quận 11", "Huỳnh Thị Tuyết"),
    P("yen_nhi", "yennhi.ma@example.com", "Mã Yến Nhi", "1996-06-14", "female", "vi", 51.9, 162,
      "59 Lồng Đèn, Quận 6", "Mã Quốc Toàn"),
    P("tai", "tai.kieu@example.com", "Kiều Anh Tài", "1989-01-31", "male", "vi", 78.0, 171,
      "81 Mưa Rào, Tân Phú", "Lâm Thị Diễm"),
    P("bich", "bich.chau@example.com", "Châu Ngọc Bích", "1947-03-12", "female", "vi", 48.5, 149,
      "2 Giếng Cổ, Bình Chánh", "Châu Thành Nhân"),
    P("bao_an", "me.baoan@example.com", "Trương Bảo An", "2021-04-18", "female", "vi", 17.2, 106,
      "44 Diều Giấy, Quận 7", "Trương Hoài Thu"),
    P("gia_bao", "nha.giabao@example.com", "Lâm Gia Bảo", "2017-08-29", "male", "vi", 27.4, 129,
      "66 Ngọc Lan, Tân Bình", "Lâm Chí Thành"),
    P("noah", "noah.parents@example.com", "Noah Adeyemi", "2020-02-16", "male", "en", 20.1, 113,
      "42 Hoa Sen, Thảo Điền", "Grace Adeyemi", insured=False),
    P("minh_khue", "ba.minhkhue@example.com", "Đinh Minh Khuê", "2014-12-05", "female", "vi", 38.9, 147,
      "10 Đồi Thông, Tân Phú", "Đinh Quốc Việt"),
    P("an_nhien", "me.annhien@example.com", "Vương An Nhiên", "2023-06-02", "female", "vi", 12.6, 88,
      "31 Tre Xanh, Quận 3", "Vương Thị Lan"),
)
# fmt: on
