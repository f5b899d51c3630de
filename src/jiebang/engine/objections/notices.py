"""What the parser can object to in what may be said against a notice."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.objections.pattern import Objection

NOTICES: Mapping[str, Objection] = {
    "objections-without-notice": Objection(
        "D5",
        "异议只能在公示期内提出，而这个状态不是公示。",
        "Objections are raised while a notice runs, and this state is none.",
        "请写 lasts: 10 d，或把 objections 移到公示的状态。",
        "Write `lasts: 10 d`, or move `objections` to the notice.",
    ),
    "objections-and-extend": Objection(
        "D5",
        "同一个公示又能延期又有异议，说不清何时结束。",
        "A notice with objections cannot be extended as well: nobody could say when it ends.",
        "请去掉 extend；异议要顺延公示，请写 hold up: true。",
        "Remove `extend`; write `hold up: true` if objections shall prolong it.",
    ),
    "objections-by-nobody": Objection(
        "F5",
        "“{name}”不能提异议。",
        "“{name}” cannot object.",
        "请写 anyone、raiser 或一个角色。",
        "Write `anyone`, `raiser` or a party.",
    ),
    "answered-by-nobody": Objection(
        "F5",
        "“{name}”不是承办人，没有谁必须答复。",
        "“{name}” is no official, so nobody would owe the answer.",
        "请写一个岗位、机构或单位。",
        "Name an office, a body or a unit.",
    ),
    "level-unreadable": Objection(
        "F3",
        "“{words}”看不懂：谁答复、多久。",
        "“{words}” does not say who answers and in which time.",
        "请写成 answered by: [committee 3 d, township 10 d]。",
        "Write `answered by: [committee 3 d, township 10 d]`.",
    ),
    "again-by-nobody": Objection(
        "F5",
        "“{name}”不能再次提出。",
        "“{name}” cannot raise it again.",
        "请写 anyone、raiser 或一个岗位。",
        "Write `anyone`, `raiser` or an office.",
    ),
    "levels-many": Objection(
        "F3",
        "答复最多 {most} 级。",
        "At most {most} levels answer.",
        "请去掉几级。",
        "Take some out.",
    ),
}
