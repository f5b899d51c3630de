"""A text copied out of a chat, split into matters: the same text gives the same matters, always.

Nothing here guesses at meaning. A new matter begins after an empty line, at a number (`1.`, `2、`, `③`), where the
speaker changes, and at “另外”, “还有” and their like at the beginning of a sentence. What tells who a person is does
not stay in the words: names before a message go, with the telephone number behind them if there is one; numbers move
into their own question, those of documents and accounts are shortened beyond use.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from jiebang.boards.personal import DOCUMENT, MOBILE, shortened

MOST_READ = 100_000  # characters looked at; what stands behind them is left over
MOST_MATTERS = 9  # on one page; what is left over goes back into the box

# Controls do nothing in a text but harm: NUL ends strings elsewhere, the others hide or turn what is read.
_HARM = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_NUMBERED = re.compile(
    r"(?:\(?\d{1,2}[.、)）．]|（\d{1,2}）|第[一二三四五六七八九十]{1,2}[，,、件]|[一二三四五六七八九]、|[①-⑳])(?!\d)\s*"
)
_CIRCLED = re.compile(r"(?=[②-⑳])")
_BESIDES = re.compile(
    r"(?:(?<=[。！？!?；;\n.])|^)\s*"
    r"(?=(?:另外|此外|还有(?:一[件个]|就是|[，,、：:])|再有|再就是|顺便|[Aa]nother thing|[Aa]lso,|[Bb]esides,))"
)
_DAY = r"(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?)"
_CLOCK = rf"(?:{_DAY}[,，]?\s*)?(?:上午|下午|晚上)?\s*\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?:\s?[AaPp]\.?[Mm]\.?)?"
# A name is one word; where names have several, each begins with a capital. What stands in brackets behind it goes too.
_WORD = r"[^\s\d:：，。,.!?！？、\[\]（）()]{1,16}"
_CAPITAL = r"[A-Z][\w’'-]{0,15}\.?"
_NAME = rf"(?:{_CAPITAL}(?: {_CAPITAL}){{1,3}}|{_WORD})"
_ASIDE = r"(?:\s*[(（](?=[^\W\d])[^()（）\n]{1,30}[)）])?"
# A number behind the name is the speaker's: nobody writes what is wrong as a word, a telephone number and a colon.
_NUMBER = rf"{MOBILE}|0\d{{2,3}}[-\s]?\d{{7,8}}|(?:\+\d{{1,3}}[ -]?|0)\d(?:[ -]?\d){{8,10}}"
_OWN = rf"[(（]?(?:\+?86[-\s]?)?(?P<%s>{_NUMBER})(?!\d)[)）]?"
_HEAD = re.compile(  # `[10:21] Zhang: …`, `2026/3/1 10:21 - Zhang: …`, or name and time alone on a line
    rf"(?:\[{_CLOCK}\]|{_CLOCK}\s*-?)\s*(?P<before>{_NAME}){_ASIDE}(?:\s*{_OWN % 'behind'})?\s*[:：]\s*"
    rf"|(?P<alone>{_NAME}){_ASIDE}(?:\s*{_OWN % 'between'})?\s+{_CLOCK}\s*$"
)
_SAYS = re.compile(rf"(?:(?P<name>{_NAME}){_ASIDE}(?:\s*{_OWN % 'behind'})?|{_OWN % 'only'})\s*[:：]\s*(?=\S)")
_TIME_ALONE = re.compile(rf"\s*(?:—+|-+)?\s*{_CLOCK}\s*(?:—+|-+)?\s*")

# Words before a colon that say what follows, and are nobody's name.
_LABELS = frozenset(
    (
        *("地点", "地址", "位置", "时间", "日期", "电话", "手机", "手机号", "联系电话", "问题", "诉求", "内容", "事项"),
        *(
            "情况",
            "反映",
            "建议",
            "要求",
            "备注",
            "说明",
            "原因",
            "补充",
            "求助",
            "投诉",
            "咨询",
            "还有",
            "另外",
            "此外",
            "再有",
            "顺便",
        ),
        *("where", "when", "what", "phone", "tel", "note", "place", "address", "problem", "time", "http", "https"),
    )
)
# Where it is may stand before a colon as well: “Mill Lane: the lamp is out”.
_PLACES = frozenset(
    ("street", "road", "lane", "row", "court", "square", "avenue", "park", "station", "bridge", "hill", "gardens",
     "flats", "school", "library", "market", "stop", "house", "green", "close", "drive", "place", "playground")
)  # fmt: skip
_PERSON_LABELS = ("姓名", "联系人", "提出人", "反映人", "名字", "Name", "name")
_OF_A_PERSON = re.compile(rf"({'|'.join(_PERSON_LABELS)})\s*[:：]\s*\S{{1,20}}")

_PHONE = re.compile(rf"(?<![\d*])(?<!\d[ -])(?:\+?86[-\s]?)?({_NUMBER})(?!\d)")
_ACCOUNT = re.compile(r"(?<![\d*])\d(?:[ -]?\d){11,22}(?!\d)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·\s]?[A-Z0-9]{5,6}(?![A-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter proposed. `words` are fit for the question what it is about; `phone` is the first number found."""

    words: str
    phone: str = ""
    masked: int = 0  # how many names and numbers were taken out of the words

    @property
    def pasted(self) -> str:
        """The same as a text that reads as this matter again: the number stands where a speaker stands."""
        return _with_speaker(self.phone, self.words)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without who says it. `by` is "" when the line does not tell, `phone` what stood behind the name."""

    said: str
    by: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """The lines of one matter, and the number of whoever said them."""

    lines: list[str]
    phone: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def pasted(self) -> str:
        return _with_speaker(self.phone, self.text)


@dataclass(frozen=True, slots=True)
class Split:
    """The matters found, and the text left over because there were too many or it was too long."""

    matters: tuple[Matter, ...]
    rest: str = ""


def split(text: str) -> Split:
    """Return the matters of a pasted text, at most nine; the rest of the text stays as it was, in `rest`."""
    clean = _cleaned(text[:MOST_READ])
    parts = _parts(clean)
    taken, left = parts[:MOST_MATTERS], parts[MOST_MATTERS:]
    return Split(
        tuple(masked(part.text, phone=part.phone) for part in taken),
        "\n\n".join([part.pasted for part in left] + ([text[MOST_READ:]] if len(text) > MOST_READ else [])),
    )


def masked(text: str, *, phone: str = "") -> Matter:
    """Return the text without what tells who a person is, and `phone` or the first number that stood in it."""
    words, people = _OF_A_PERSON.subn(lambda found: f"{found[1]}：▢", text)
    words, documents = DOCUMENT.subn(lambda found: f"{found[1]}{'*' * 13}", words)
    phones = [_digits(found[1]) for found in _PHONE.finditer(words)]
    words = _PHONE.sub(lambda found: shortened(found[1]), words)
    words, accounts = _ACCOUNT.subn("****", words)
    words, plates = _PLATE.subn(lambda found: f"{found[0][:2]}****", words)
    hidden = people + documents + len(phones) + accounts + plates
    return Matter(words.strip(), phone or (phones[0] if phones else ""), hidden)


def _cleaned(text: str) -> str:
    plain = _HARM.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    return plain.replace("\u3000", " ").replace("\t", " ")


def _parts(text: str) -> list[_Part]:
    """Return the lines of each matter. Names of speakers are gone, numbers before a matter too."""
    parts: list[_Part] = []
    current: list[str] = []
    speaker = phone = ""
    numbers: dict[str, str] = {}  # of each speaker: most write it once

    def end() -> None:
        nonlocal current
        if any(line.strip() for line in current):
            parts.append(_Part(current, phone))
        current = []

    for line in text.split("\n"):
        read = _without_speaker(line.strip())
        if read.by and read.phone:
            numbers[read.by] = read.phone
        if read.by and read.by != speaker:
            end()
            speaker, phone = read.by, numbers.get(read.by, "")
        phone = read.phone or phone
        if not read.said:
            if not read.by:
                end()
            continue
        for place, piece in enumerate(_pieces(read.said)):
            bare = _NUMBERED.sub("", piece, count=1) if _NUMBERED.match(piece) else piece
            if place or bare != piece or _BESIDES.match(piece):
                end()
            if bare.strip():
                current.append(bare.strip())
    end()
    return parts


def _without_speaker(line: str) -> _Line:
    """Return what is said in a line, who says it, and the number that stood behind their name."""
    if _TIME_ALONE.fullmatch(line):
        return _Line("")
    if head := _HEAD.match(line):
        found = head["behind"] or head["between"]
        return _Line(line[head.end() :].strip(), head["before"] or head["alone"], _digits(found))
    says = _SAYS.match(line)
    if says is None or _is_label(says["name"] or "") or _OF_A_PERSON.match(line):
        return _Line(line)
    found = _digits(says["behind"] or says["only"])
    return _Line(line[says.end() :].strip(), says["name"] or found, found)


def _with_speaker(phone: str, words: str) -> str:
    return f"{phone}: {words}" if phone else words


def _is_label(word: str) -> bool:
    return word in _PERSON_LABELS or word.casefold() in _LABELS or word.casefold().split(" ")[-1] in _PLACES


def _digits(number: str | None) -> str:
    return re.sub(r"[-\s]", "", number or "")


def _pieces(line: str) -> list[str]:
    """Return a line cut before ②, ③ …, and before “另外” and its like where a sentence begins."""
    return [
        piece.strip()
        for circled in _CIRCLED.split(line)
        for piece in _BESIDES.split(circled)
        if piece and piece.strip()
    ]
