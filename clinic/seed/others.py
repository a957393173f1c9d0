"""The many other people who come to the demo clinic, so that its weeks, lists and numbers look like a clinic's.

Drawn, the same on every run: who they are, and what brought them on which working days. Nobody real is meant, and no
telephone number here can be called. Doctor, time and outcome of their visits are drawn by `layout.py`.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Literal

from clinic.seed.shapes import Course, PatientPlan
from clinic.text.normalization import folded

Gender = Literal["female", "male"]

_SEED = 1975
_ADULTS, _CHILDREN = 640, 130
#: So many adults, and a fifth as many children, have come before.
_COME_BACK = 150
#: Working days from the planting on, between which they come.
_FROM, _UNTIL = -24, 12
#: Nobody's age depends on the day of planting.
_BORN_BEFORE = date(2008, 1, 1)

# fmt: off
_FAMILIES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
)
_GENDERS: tuple[Gender, ...] = ("female", "male")
_NAMES: dict[Gender, tuple[str, ...]] = {
    "female": (
        "Thị Thu Trang", "Thanh Thảo", "Thị Bích Ngọc", "Hồng Nhung", "Thuỳ Linh", "Kim Chi", "Thị Mỹ Hạnh", "Ngọc Diệp",
        "Phương Anh", "Hoài An", "Thị Minh Nguyệt", "Khánh Huyền", "Tường Vi", "Thị Sen", "Bảo Châu", "Lan Hương",
        "Diễm My", "Thị Thanh Tâm", "Cẩm Tú", "Hải Yến", "Thị Kim Oanh", "Quỳnh Như", "Thu Hiền", "Mai Phương",
        "Thị Ánh Nguyệt", "Bích Trâm", "Ngọc Trinh", "Thảo Vy",
    ),
    "male": (
        "Văn Hùng", "Minh Quân", "Quốc Bảo", "Đức Anh", "Thành Đạt", "Hữu Phước", "Văn Tài", "Tuấn Kiệt", "Công Danh",
        "Nhật Minh", "Trung Hiếu", "Gia Huy", "Xuân Trường", "Hải Đăng", "Văn Thắng", "Anh Khoa", "Đình Phong",
        "Văn Lợi", "Quang Vinh", "Thanh Sơn", "Bá Lộc", "Hoàng Nam", "Minh Triết", "Văn Phú", "Đăng Khôi", "Chí Dũng",
        "Ngọc Thạch", "Tấn Phát",
    ),
}
_STREETS = (
    "Hoa Sen, Thảo Điền", "Cây Me, Phú Nhuận", "Ngọc Lan, Tân Bình", "Sao Biển, Quận 7", "Lá Phong, Gò Vấp",
    "Tre Xanh, Quận 3", "Sông Xanh, Thủ Đức", "Hoa Giấy, Quận 10", "Đồi Thông, Tân Phú", "Chợ Nhỏ, Bình Tân",
)
#: What adults and children come with: first seen as the one, seen again as the other.
_ADULTS_COME_WITH = (
    ("pressure_new", "pressure_review"), ("diabetes", "diabetic_eye"), ("knee", "knee"), ("back", "back"),
    ("migraine", "migraine"), ("reflux", "reflux"), ("toothache", "tooth_check"), ("asthma", "asthma"), ("cough", "cough"),
    ("dry_eyes", "dry_eyes"), ("insomnia", "insomnia"), ("carpal_tunnel", "carpal_tunnel"), ("cataract", "cataract"),
    ("shoulder", "shoulder"), ("apnoea", "apnoea"), ("check_up", "cholesterol"), ("palpitations", "palpitations"),
    ("ankle", "ankle"), ("heart_failure", "heart_failure"), ("dengue_worry", "dengue_worry"), ("after_stroke", "after_stroke"),
)
CHILDREN_COME_WITH = (
    ("child_cold", "child_cold"), ("child_asthma", "child_asthma"), ("child_growth", "child_growth"), ("braces", "braces"),
    ("child_glasses", "child_glasses"),
)
# fmt: on


def _draw() -> Iterator[tuple[PatientPlan, Course]]:
    random = Random(_SEED)
    taken: set[str] = set()
    for number in range(_ADULTS + _CHILDREN):
        child = number >= _ADULTS
        plan = _person(f"other_{number + 1}", random, taken, child=child)
        yield plan, _course(plan.key, random, CHILDREN_COME_WITH if child else _ADULTS_COME_WITH)


def _person(key: str, random: Random, taken: set[str], *, child: bool) -> PatientPlan:
    """Draw somebody whose name and e-mail nobody of ``taken`` has."""
    gender = random.choice(_GENDERS)
    name = f"{random.choice(_FAMILIES)} {random.choice(_NAMES[gender])}"
    while name in taken:
        name = f"{random.choice(_FAMILIES)} {random.choice(_NAMES[gender])}"
    taken.add(name)
    family, *given = folded(name).split()
    born = _BORN_BEFORE + timedelta(days=random.randint(1500, 5500) if child else -random.randint(3000, 25000))
    years = 2026 - born.year
    height = 60 + 7 * years if child else random.randint(150, 168) + (9 if gender == "male" else 0)
    weight = 7 + 2.4 * years if child else (height - 100) * random.uniform(0.82, 1.15)
    return PatientPlan(
        key=key,
        email=f"{'.'.join(given)}.{family}@example.com",
        name=name,
        born=born.isoformat(),
        gender=gender,
        lang="vi",
        weight=round(weight, 1),
        height=height,
        address=f"{random.randint(1, 180)} {random.choice(_STREETS)}",
        contact=f"{name.split()[0]} {random.choice(_NAMES[random.choice(('female', 'male'))])}",
        insured=random.random() < 0.85,
    )


def _course(patient: str, random: Random, choices: tuple[tuple[str, str], ...]) -> Course:
    """Draw on which working days somebody comes: two to five times around the planting, never on its day."""
    first, again = random.choice(choices)
    appointments: list[tuple[int, str]] = []
    while not appointments:
        day, key = random.randint(_FROM - 14, _UNTIL), first
        for _ in range(random.randint(2, 5)):
            if _FROM <= day <= _UNTIL and day:
                appointments.append((day, key))
            day, key = day + random.randint(3, 9), again
    return Course(patient, tuple(appointments))


_DRAWN = tuple(_draw())
OTHERS = tuple(plan for plan, _course_of in _DRAWN)
#: The keys of those who are children.
CHILDREN = frozenset(plan.key for plan in OTHERS[_ADULTS:])
#: Only the first of them have been here before; the others come for the first time (`everyday.py`).
OTHER_COURSES = tuple(course for _plan, course in (*_DRAWN[:_COME_BACK], *_DRAWN[-_COME_BACK // 5 :]))
