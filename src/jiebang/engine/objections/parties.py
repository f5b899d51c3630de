"""Who may act, and who is shut out."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.objections.pattern import Objection

PARTIES: Mapping[str, Objection] = {
    "taken-of-another": Objection(
        "F5",
        "“{name}”不是提出人的动作，不能代录。",
        "“{name}” is no move of the raiser, so it cannot be taken down for them.",
        "请写提出人的动作，如确认结果。",
        "Name a move of the raiser, such as the verdict.",
    ),
    "taken-by-nobody": Objection(
        "F5",
        "“{name}”不是工作人员，不能代录。",
        "“{name}” is no official, so it cannot take a raiser's word down.",
        "请写一个有职务的角色。",
        "Name a party that holds an office.",
    ),
    "built-in-party": Objection(
        "F5",
        "“{key}”是固定的，不用另写。",
        "“{key}” is built in.",
        "请删掉，或换个名字；名称写在 titles 里。",
        "Remove it, or choose another name; its title goes into `titles`.",
    ),
    "of-area-only": Objection(
        "F4",
        "“of”现在只能是 area。",
        "`of` can only be `area` for now.",
        "请写 of: area。",
        "Write `of: area`.",
    ),
    "party-unsaid": Objection(
        "F2",
        "看不出“{key}”是谁。",
        "It is not said who “{key}” is.",
        "请写 staff of、office、body、member of 或 unit that did。",
        "Write `staff of`, `office`, `body`, `member of` or `unit that did`.",
    ),
    "exclusion-unreadable": Objection(
        "F3",
        "看不懂“{words}”。",
        "“{words}” is not understood.",
        "请写“whoever did 动作”“unit of 动作”或“member of 机构”。",
        "Write “whoever did <move>”, “unit of <move>” or “member of <body>”.",
    ),
    "separate-two": Objection(
        "F3",
        "separate 的每一项要列出两个以上不同的动作。",
        "Each part of `separate` lists two or more different moves.",
        "请写 [decide, propose]，或 {{by unit: [finish, accept]}}。",
        "Write [decide, propose], or {{by unit: [finish, accept]}}.",
    ),
    "nobody-named": Objection(
        "F2",
        "“{key}”没有说由谁来做。",
        "It is not said who may do “{key}”.",
        "请写 by。",
        "Write `by`.",
    ),
    "agreed-by-nobody": Objection(
        "F5",
        "“{name}”不是工作人员，不能表示同意。",
        "“{name}” is no official, so it cannot agree.",
        "请写一个有职务的角色。",
        "Name a party that holds an office.",
    ),
}
