"""What a register's or a round's file can be objected to, besides what any file can be."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.objections.pattern import Objection

OBJECTIONS: Mapping[str, Objection] = {
    "round-no-field": Objection(
        "N1",
        "没有“{name}”这一栏，或者它的类型不对：{wanted}。",
        "There is no field “{name}”, or it is of another type: {wanted}.",
        "请在 fields 中写上它，或改正这里的名字。",
        "Add it under `fields`, or correct the name here.",
    ),
    "round-field-type": Objection(
        "N1",
        "“{name}”这一栏不能是 {kind}：台账的格子里只能是文字、数字、日期、选项、地区、电话或位置。",
        "“{name}” cannot be of type {kind}: a cell holds a text, number, day, choice, area, phone or position.",
        "请改类型；照片在轮次里要求。",
        "Change its type; ask for photos in a round.",
    ),
    "round-people-public": Objection(
        "N2",
        "这是人员台账，“{name}”不能公开。",
        "This register is about people: “{name}” cannot be public.",
        "请写 visible: parties 或 private；公开的只有数字。",
        "Say `visible: parties` or `private`; only numbers are public.",
    ),
    "round-things-hidden": Objection(
        "N2",
        "“{name}”是这份台账的{what}，须公开，漏查的才点得出名。",
        "“{name}” is the {what} of this register and must be public, so that what was missed can be named.",
        "请去掉 visible；若是人员台账，请写 about: people。",
        "Remove `visible`; if the register is about people, say `about: people`.",
    ),
    "round-people-open": Objection(
        "N2",
        "对人员的轮次，日志须为 veiled，并写明 erase after。",
        "A round over people must say `log: veiled` and `erase after`.",
        "请写 log: veiled，并写 erase after，例如 30 d（突发事件应对法第八十四、八十五条）。",
        "Say `log: veiled`, and `erase after`, such as 30 d.",
    ),
    "round-link-things": Objection(
        "N2",
        "只有人能自己凭链接回答。",
        "Only people can answer by a link of their own.",
        "请去掉 by link，或用人员台账。",
        "Remove `by link`, or use a register about people.",
    ),
    "round-no-register": Objection(
        "N3",
        "没有“{name}”这份台账。",
        "There is no register “{name}”.",
        "请改正名字，或先在 registers/ 中写好它。",
        "Correct the name, or write it under registers/ first.",
    ),
    "round-post": Objection(
        "N4",
        "这里要写 staff of、office、unit 之一。",
        "One of `staff of`, `office` and `unit` is wanted here.",
        "请只写其中一个，再写 level。",
        "Say one of them, and `level`.",
    ),
    "round-level": Objection(
        "N4",
        "没有“{level}”这一级。",
        "There is no level “{level}”.",
        "可用：{levels}。",
        "Use one of: {levels}.",
    ),
    "round-unit": Objection(
        "N4",
        "units.yaml 的“{level}”一级没有“{name}”这个承办单位。",
        "At the level “{level}” units.yaml has no handling unit “{name}”.",
        "请改正名字，或在 units.yaml 中加上（kind: unit）。",
        "Correct the name, or add it there with `kind: unit`.",
    ),
    "round-day": Objection(
        "N5",
        "“{words}”不是一年中的一天。",
        "“{words}” is no day of the year.",
        "请写成 '05-01'，加引号。",
        "Write it as '05-01', in quotes.",
    ),
    "round-every": Objection(
        "N5",
        "every 要写天（d）或小时（h）。",
        "`every` wants days (d) or hours (h).",
        "请写成 7 d 或 12 h。",
        "Write 7 d or 12 h.",
    ),
    "round-overlaps": Objection(
        "N5",
        "时限比 every 还长：上一轮没完，下一轮就开了。",
        "The limits are longer than `every`: a round would begin before the last one has ended.",
        "请缩短 within 和 else 的时限，或拉长 every。",
        "Shorten the limits of `within` and `else`, or lengthen `every`.",
    ),
    "round-answer": Objection(
        "N6",
        "“{name}”这个回答不能写 {key}。",
        "The answer “{name}” takes no `{key}`.",
        "只有 abnormal 能开出事项；tried 表示没找到人，只用于人员。",
        "Only `abnormal` opens an entry; `tried` says that nobody was reached, and is for people.",
    ),
    "round-area-asked": Objection(
        "N6",
        "“{name}”不用问：台账里有地区。",
        "“{name}” need not be asked: the register knows the area.",
        "请删掉这个问题。",
        "Remove the question.",
    ),
    "round-carries": Objection(
        "N7",
        "带不过去：“{theirs}” ← “{ours}”：{why}。",
        "“{theirs}” ← “{ours}” cannot be carried: {why}.",
        "请改 with，或改这个问题的类型。",
        "Correct `with`, or the type of the question.",
    ),
    "round-no-board": Objection(
        "N7",
        "没有“{board}”这个榜，或它没有立项方式“{opening}”。",
        "There is no board “{board}”, or it has no opening “{opening}”.",
        "已有的：{known}。",
        "Known: {known}.",
    ),
    "round-opener": Objection(
        "N7",
        "“{opening}”不是任何人都能用，也不由“{post}”使用。",
        "“{opening}” is neither for anyone nor for {post}.",
        "请换一个立项方式，或让该榜允许他们立项。",
        "Name another opening, or let that board be opened by them.",
    ),
    "round-open-lacks": Objection(
        "N7",
        "要开出的事项还要回答“{theirs}”，这里没有带过去。",
        "The entry to be opened must answer “{theirs}”, which is not carried.",
        "请在 with 中写上它。",
        "Add it under `with`.",
    ),
    "round-large": Objection(
        "N8",
        "这份定义太长（{size} 字节），日志的一片叶放不下。",
        "This definition is too long ({size} bytes) for one leaf of the log.",
        "请缩短到 {most} 字节以内。",
        "Shorten it to {most} bytes.",
    ),
}
