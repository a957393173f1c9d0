"""When the demo clinic's doctors are away.

Days are working days from the planting, as in `shapes.py`; no visit of the demo falls into an absence, but for those of a
doctor who fell ill on its eve.
"""

from typing import NamedTuple

from clinic.seed.shapes import Text


class Absence(NamedTuple):
    """Leave of one doctor: working days `first` to `last`, or from hour to hour of the first."""

    doctor: str
    first: int
    last: int
    reason: Text
    hours: tuple[str, str] | None = None

    def covers(self, day: int, at: str) -> bool:
        """Tell whether a time of a working day falls into it."""
        if not self.first <= day <= self.last:
            return False
        return self.hours is None or self.hours[0] <= at < self.hours[1]


_HOLIDAY = Text("Holiday", "Nghỉ phép")
_CONGRESS = Text("Cardiology congress in Hanoi", "Hội nghị tim mạch tại Hà Nội")
_COURSE = Text("Training course", "Tập huấn")
_TEACHING = Text("Teaching at the university", "Giảng dạy ở trường đại học")
_THEATRE = Text("Operating theatre", "Phòng mổ")
_FAMILY = Text("Family matter", "Việc gia đình")

_ILL = Text("Ill", "Nghỉ ốm")
#: Entered on the eve of the planting: the visits of that day wait to be settled.
FELL_ILL = Absence("bao", 1, 1, _ILL)

# fmt: off
ABSENCES = (
    Absence("chen", 9, 11, _CONGRESS),
    Absence("tuyet", 9, 10, _CONGRESS),
    Absence("tuyet", 4, 4, _TEACHING, ("13:00", "17:00")),
    Absence("bao", 14, 19, _HOLIDAY),
    Absence("uyen", 2, 2, _TEACHING, ("08:00", "12:00")),
    Absence("uyen", 8, 8, _TEACHING, ("08:00", "12:00")),
    Absence("chau", 1, 1, _THEATRE, ("08:00", "12:00")),
    Absence("chau", 3, 3, _THEATRE),
    Absence("huy", 5, 8, _HOLIDAY),
    Absence("dung", 6, 6, _FAMILY, ("14:00", "17:00")),
    Absence("diallo", 12, 17, _HOLIDAY),
    Absence("vdung", 2, 3, _COURSE),
    Absence("yen", 1, 1, _TEACHING, ("13:00", "17:00")),
    Absence("yen", 7, 7, _TEACHING, ("13:00", "17:00")),
    Absence("minh", 4, 5, _COURSE),
    Absence("phuong", 0, 2, _ILL),
    Absence("danh", 10, 15, _HOLIDAY),
    Absence("oanh", 20, 23, _HOLIDAY),
    Absence("diep", 3, 3, _FAMILY),
    Absence("thinh", 5, 5, _TEACHING, ("08:00", "12:00")),
    Absence("phuc", 1, 2, _THEATRE),
    Absence("truc", 2, 2, _THEATRE, ("08:00", "12:30")),
    Absence("kiet", 6, 9, Text("Team doctor at the national games", "Bác sĩ của đoàn tại đại hội thể thao")),
    Absence("loc", 3, 4, _COURSE),
    Absence("tram", 11, 16, _HOLIDAY),
    Absence("giang", 1, 1, Text("School dental day", "Khám răng học đường"), ("08:00", "12:00")),
    Absence("nhung", 7, 8, _COURSE),
    Absence("khoa", 13, 18, _HOLIDAY),
    Absence("linh", 5, 5, _FAMILY, ("08:00", "10:30")),
)
# fmt: on


def is_away(doctor: str, day: int, at: str) -> bool:
    """Tell whether a doctor has leave of their own at a time ("HH:MM") of a working day."""
    return any(each.doctor == doctor and each.covers(day, at) for each in ABSENCES)
