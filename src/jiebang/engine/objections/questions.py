"""What is asked and shown, who may read it, and the conditions over it."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.objections.pattern import Objection

QUESTIONS: Mapping[str, Objection] = {
    "logged-but-hidden": Objection(
        "G3",
        "“{name}”要写进公开日志（条件或时限要读它），却不是公开的。",
        "“{name}” is logged in clear, because a condition or limit reads it, but it is not public.",
        "请把它设为 visible: public，或不要用它作条件。",
        "Say `visible: public`, or do not let a condition read it.",
    ),
    "position-for-all": Objection(
        "F3",
        "位置“{key}”不能公开：它可能是某个人的家。",
        "The position “{key}” cannot be public: it may be somebody's home.",
        "请写 visible: parties；地图上只显示大致的位置。",
        "Say `visible: parties`; the map shows it coarse.",
    ),
    "read-but-hidden": Objection(
        "F3",
        "“{key}”由系统从各榜读出，人人可见，不能遮盖。",
        "“{key}” is read from the boards, where everybody sees it: it cannot be hidden.",
        "请去掉 visible。",
        "Remove `visible`.",
    ),
    "level-of-no-reading": Objection(
        "F1",
        "“{key}”由人回答，没有级别。",
        "“{key}” is answered by somebody, so it has no level.",
        "请去掉 level，或写 type: account 或 type: standing。",
        "Remove `level`, or say `type: account` or `type: standing`.",
    ),
    "read-at-opening": Objection(
        "F1",
        "提出时还没有事项，系统读不出上次账和近况。",
        "An opening cannot ask for an account or a standing: there is no entry yet to read it for.",
        "请把它写到后面的动作或职责里。",
        "Ask for it in a move or a duty of a state.",
    ),
    "text-too-long": Objection(
        "F3",
        "文字最多 2000 个字。",
        "A text has 2,000 characters at most.",
        "请写 2000 或更少。",
        "Write 2000 or less.",
    ),
    "choices-of-no-choice": Objection(
        "F3",
        "“{key}”不是选择题，却有选项。",
        "“{key}” is no choice but has choices.",
        "请写 type: choice，或去掉选项。",
        "Say `type: choice`, or remove the choices.",
    ),
    "too-few-choices": Objection(
        "F2",
        "“{key}”的选项不足两个。",
        "“{key}” has fewer than two choices.",
        "请写 choices，或 choices from。",
        "Write `choices`, or `choices from`.",
    ),
    "no-such-category": Objection(
        "F5",
        "没有类别表“{words}”。",
        "There is no category list “{words}”.",
        "请用已有的：{known}；或在 categories 里加一个。",
        "Use one of: {known}; or add one to `categories`.",
    ),
    "category-title": Objection(
        "F6",
        "类别“{key}”缺少一种语言的名称。",
        "The category “{key}” lacks its name in one of the languages.",
        "请在“{words}”里补上。",
        "Add it in “{words}”.",
    ),
    "many-of-no-text": Objection(
        "F3",
        "“{key}”不是文字题，不能一行一项地答。",
        "“{key}” is no text, so it cannot have several answers.",
        "请写 type: text，或去掉 many。",
        "Say `type: text`, or remove `many`.",
    ),
    "asked-twice": Objection(
        "Y4",
        "“{name}”问了两次。",
        "“{name}” is asked twice.",
        "请删掉一个。",
        "Remove one.",
    ),
    "proof-unknown": Objection(
        "F3",
        "“{words}”不是一种凭证。",
        "“{words}” is no kind of proof.",
        "请写 photo、document 或 signature，后面可加标签，如 photo before。",
        "Write photo, document or signature, with a label if need be, such as photo before.",
    ),
    "condition-unreadable": Objection(
        "F5",
        "条件“{words}”里的“{part}”：{why}。",
        "In the condition “{words}”, “{part}”: {why}.",
        "请写成“问题 is 答案”“not 问题”或“all duties done”，用 and 连接。",
        "Write “question is answer”, “not question” or “all duties done”, joined by `and`.",
    ),
    "ask-on-number": Objection(
        "F4",
        "一个问题问不问，还不能看数字（“{words}”）。",
        "Whether a question is asked cannot depend on a number yet (“{words}”).",
        "请用选择题来分，或总是问它。",
        "Let a choice decide, or always ask it.",
    ),
}
