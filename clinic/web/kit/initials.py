"""Initials of a name, titles and common Vietnamese family names left out. Knows no page."""

import unicodedata

from clinic.text.normalization import folded
from clinic.text.titles import TITLES

#: Vietnamese family names, which come first: what people go by are the words at the end.
_FAMILY_NAMES = frozenset(
    folded(
        "Bạch Bùi Cao Châu Chu Diệp Doãn Dương Đàm Đặng Đào Đinh Đỗ Đoàn Đồng Giang Hà Hồ Hoàng Hứa Huỳnh Khổng Khuất "
        "Kiều La Lại Lâm Lê Lò Lục Lương Lưu Lý Mạc Mai Nghiêm Ngô Nguyễn Nông Ông Phạm Phan Phí Phó Phùng Quách Tạ "
        "Tăng Thạch Thái Thân Tiêu Tô Tôn Tống Trần Triệu Trịnh Trương Từ Văn Viên Võ Vũ Vương"
    ).split()
)


def initials(name: str) -> str:
    """Return up to two capital letters for a name, titles left out: of its first and its last word.

    Many Vietnamese share a family name and go by their given name: of a longer one, the letters of the last two words.

    >>> initials("Dr Nguyễn Thị Ánh Tuyết"), initials("Aminata Diallo")
    ('ÁT', 'AD')
    """
    everything = unicodedata.normalize("NFC", name).split()
    words = [word for word in everything if word.casefold() not in TITLES] or everything
    if len(words) > 2 and folded(words[0]) in _FAMILY_NAMES:
        words = words[-2:]
    ends = (words[0], words[-1]) if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()
