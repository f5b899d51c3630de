"""Every way something done to a round or a register can be refused, with its sentence and the next step."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.model import Refused
from jiebang.engine.refusals import Refusal

REFUSALS: Mapping[str, Refusal] = {
    "round-no-answer": Refusal(
        "N6",
        "这个轮次没有这种回答。",
        "This round knows no such answer.",
        "请回到这一项的页面重新选择。",
        "Go back to the subject's page and choose again.",
    ),
    "round-answered": Refusal(
        "N9",
        "这一项已经有人回答了。",
        "This one has been answered already.",
        "请回到轮次清单，接着查下一项。",
        "Go back to the list and take the next one.",
    ),
    "round-over": Refusal(
        "N9",
        "这一项已经过了时限，不能再记“没找到人”。",
        "The limit has passed; it cannot be noted as tried any more.",
        "若现在找到了，请如实回答；它仍算逾期未查。",
        "If it is found now, answer it; it remains counted as missed.",
    ),
    "round-not-yours": Refusal(
        "N4",
        "这一项不归您当前的岗位。",
        "This one is not owed by the office you act from.",
        "请换一个岗位，或告诉负责的岗位。",
        "Change the office you act from, or tell the one that owes it.",
    ),
    "round-not-opened-by-you": Refusal(
        "N4",
        "这个轮次不归您当前的岗位发起。",
        "This round is not opened by the office you act from.",
        "请找页面上写明的岗位发起。",
        "Ask the office named on its page.",
    ),
    "round-nobody": Refusal(
        "N3",
        "台账里没有这个轮次要查的对象。",
        "The register has no subject for this round here.",
        "请先导入台账，或核对轮次的范围。",
        "Import the register first, or check whom the round is about.",
    ),
    "round-running": Refusal(
        "N9",
        "同一范围的上一轮还没有结束。",
        "The last round of the same area has not ended yet.",
        "请先把它查完；要加查，请等它结束。",
        "Finish it first.",
    ),
    "round-unknown": Refusal(
        "N3",
        "没有这个轮次或这一项。",
        "There is no such round or subject.",
        "请从轮次清单重新打开。",
        "Open it again from the list of rounds.",
    ),
    "register-not-yours": Refusal(
        "N4",
        "这份台账不归您当前的岗位维护。",
        "This register is not kept by the office you act from.",
        "请换一个岗位，或请维护它的岗位导入。",
        "Change the office you act from, or ask the one that keeps it.",
    ),
    "register-overtaken": Refusal(
        "N9",
        "您看过之后，这份台账又有人改过。",
        "Somebody changed this register after you looked at it.",
        "请重新上传，再看一遍会改什么。",
        "Upload the file again and look at what would change.",
    ),
    "register-refused": Refusal(
        "N10",
        "文件里还有 {n} 处不能收，什么都没有写入。",
        "{n} places of the file cannot be taken, so nothing was written.",
        "请按列出的行和栏改好，再上传。",
        "Correct the rows and columns listed, then upload it again.",
    ),
    "register-nothing": Refusal(
        "N10",
        "文件和现在的台账一样，没有要写入的。",
        "The file says what the register says: there is nothing to write.",
        "不用再做什么。",
        "Nothing more is to be done.",
    ),
    "sheet-missing": Refusal(
        "N11",
        "没有选择文件。",
        "No file was chosen.",
        "请选择一个 .xlsx 或 .csv 文件。",
        "Choose an .xlsx or a .csv file.",
    ),
    "sheet-too-large": Refusal(
        "N11",
        "文件太大：最多 {most}。",
        "The file is too large: {most} at most.",
        "请分成几份导入，或删去无关的内容。",
        "Import it in parts, or remove what does not belong to it.",
    ),
    "sheet-unreadable": Refusal(
        "N11",
        "这个文件读不出来：{why}。",
        "This file cannot be read: {why}.",
        "请另存为 .xlsx 或 CSV（UTF-8 或 GB18030）再上传。",
        "Save it as .xlsx, or as CSV in UTF-8 or GB18030, then upload it again.",
    ),
    "erase-not-closed": Refusal(
        "N12",
        "这一轮还没有结束，不能销毁。",
        "This round has not ended, so nothing can be destroyed.",
        "请等它结束。",
        "Wait until it has ended.",
    ),
    "erase-already": Refusal(
        "N12",
        "这一轮的个人信息已经销毁。",
        "What this round knew of people is destroyed already.",
        "不用再做什么。",
        "Nothing more is to be done.",
    ),
}


def refuse(code: str, *, about: str = "", **words: str | int) -> Refused:
    """Fill in one refusal, `about` a question by name."""
    pattern = REFUSALS[code]
    return Refused(
        code,
        pattern.rule,
        {"zh": pattern.zh.format_map(words), "en": pattern.en.format_map(words)},
        {"zh": pattern.next_zh.format_map(words), "en": pattern.next_en.format_map(words)},
        about,
    )
