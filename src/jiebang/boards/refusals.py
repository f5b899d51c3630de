"""What this room itself refuses. The engine's refusals are about the mechanism; these are about entries and forms."""

from __future__ import annotations

from jiebang.engine.model import Field, Refused
from jiebang.engine.refusals import in_language
from jiebang.rulebook import queries as rulebook


def no_such_entry(number: str) -> Refused:
    prefix = rulebook.city().prefix
    return Refused(
        "no-such-entry",
        "B1",
        {"zh": f"没有编号为“{number[:40]}”的事项。", "en": f"There is no entry {number[:40]}."},
        {"zh": f"请核对编号，例如 {prefix}-26-000123。", "en": f"Check the number; it looks like {prefix}-26-000123."},
    )


def no_such_mechanism(mechanism: str) -> Refused:
    return Refused(
        "no-such-mechanism",
        "B1",
        {"zh": f"没有“{mechanism[:40]}”这个榜。", "en": f"There is no board {mechanism[:40]}."},
        {"zh": "请从首页选择一个榜。", "en": "Choose a board on the front page."},
    )


def cannot_open(mechanism: str, why: Refused | None = None) -> Refused:
    """The entry a move would open on another board cannot be opened; `why` is what was said there."""
    name = mechanism[:40]
    zh, en = (f"：{why.what['zh']}", f": {why.what['en']}") if why is not None else ("。", ".")
    return Refused(
        "cannot-open",
        "O1",
        {"zh": f"要在“{name}”开出的事项开不出来{zh}", "en": f"The entry to be opened on {name} cannot be opened{en}"},
        {
            "zh": "请改正所填的内容；若内容无误，请告诉管理员检查两个机制。",
            "en": "Correct the answers; if they are right, tell the administrator to check both mechanisms.",
        },
    )


def cannot_wait(why: str, about: str = "") -> Refused:
    what = {
        "self": ("不能等自己。", "An entry cannot wait for itself."),
        "missing": ("没有这个编号的事项。", "There is no entry of that number."),
    }[why]
    return Refused(
        "cannot-wait",
        "O1",
        {"zh": what[0], "en": what[1]},
        {"zh": "请核对编号后再提交。", "en": "Check the number, then send again."},
        about,
    )


def broken_entry(number: str) -> Refused:
    return Refused(
        "broken-entry",
        "B2",
        {
            "zh": f"{number} 的记录有误，什么也没有改动。",
            "en": f"The record of {number} is damaged; nothing was changed.",
        },
        {"zh": "请告诉管理员运行 jiebang audit。", "en": "Tell the administrator to run jiebang audit."},
    )


def not_written() -> Refused:
    return Refused(
        "not-written",
        "B2",
        {
            "zh": "数据库没有接受这一项，什么也没有改动。",
            "en": "The database did not accept this; nothing was changed.",
        },
        {
            "zh": "请稍后再试；若仍不行，请告诉管理员。",
            "en": "Try again later; if it stays so, tell the administrator.",
        },
    )


def bad_key() -> Refused:
    return Refused(
        "bad-key",
        "B3",
        {
            "zh": "这张表单没有编码，分不清是不是重复提交。",
            "en": "This form has no key, so a repeat could not be told from a new one.",
        },
        {"zh": "请重新打开表单再提交。", "en": "Open the form again, then send it."},
    )


def bad_pin() -> Refused:
    return Refused(
        "bad-pin",
        "B4",
        {"zh": "密码须有 6 到 32 个字符。", "en": "The PIN must have 6 to 32 characters."},
        {"zh": "请提出人另选一个，不要让别人看见。", "en": "Let the raiser choose another one, unseen."},
        "pin",
    )


def position_elsewhere(field: str) -> Refused:
    return Refused(
        "position-elsewhere",
        "B11",
        {"zh": "这个位置不在本市范围内。", "en": "This position is not in this city."},
        {
            "zh": "请核对纬度和经度的先后，或不填位置，只选社区。",
            "en": "Check which is the latitude and which the longitude, or leave it out: the place chosen is enough.",
        },
        field,
    )


def personal_number(field: Field, number: str) -> Refused:
    zh, en = in_language(field.title, "zh"), in_language(field.title, "en")
    return Refused(
        "personal-number",
        "B12",
        {
            "zh": f"“{zh}”人人可见，里面有个人号码（{number}）。",
            "en": f"“{en}” is read by everybody and has a personal number in it ({number}).",
        },
        {"zh": "请把号码删去。", "en": "Take the number out."},
        field.name,
    )


def unexpected_file(field: str) -> Refused:
    return Refused(
        "unexpected-file",
        "B5",
        {"zh": "这一步没有要求这样的附件。", "en": "This step does not ask for such a file."},
        {"zh": "请用页面上的表单提交。", "en": "Use the form on the page."},
        field[:40],
    )


def cannot_join(why: str, field: str) -> Refused:
    reasons = {
        "self": ("不能并入自己。", "An entry cannot be merged into itself."),
        "missing": ("没有这个编号的事项。", "There is no entry of that number."),
        "closed": ("那件事项已经办结。", "That entry is closed."),
        "board": ("那件事项不在这个榜上。", "That entry stands on another board."),
    }
    zh, en = reasons[why]
    return Refused(
        f"join-{why}",
        "B6",
        {"zh": zh, "en": en},
        {"zh": "请填同一个榜上还在办理的事项编号。", "en": "Give the number of an open entry of the same board."},
        field,
    )


def not_released_by_you() -> Refused:
    return Refused(
        "not-yours",
        "W1",
        {
            "zh": "公开照片由经办这件事项的工作人员决定。",
            "en": "Photos are released by the staff who look after this entry.",
        },
        {"zh": "请用有权的账号登录。", "en": "Sign in with an account that may do it."},
    )


def not_to_be_called_by_you() -> Refused:
    return Refused(
        "no-call-due",
        "B9",
        {
            "zh": "联系方式只给此刻需要联系提出人的人看。",
            "en": "How to reach the raiser is shown only to whoever has to call them now.",
        },
        {
            "zh": "轮到您询问或回访时再打开；每次查看都有记录。",
            "en": "Open it when a question or a call-back is yours to make; every look is recorded.",
        },
    )


def nothing_to_look_at() -> Refused:
    return Refused(
        "nothing-left",
        "B9",
        {"zh": "提出人没有留下这一项。", "en": "The raiser did not leave this."},
        {"zh": "请在回访结果中记“未联系上”。", "en": "Record the call as “not reached”."},
    )


def too_many_at_once(most: int) -> Refused:
    return Refused(
        "too-many-at-once",
        "B10",
        {"zh": f"一次至少 1 件，最多 {most} 件。", "en": f"At least 1 and at most {most} entries move at once."},
        {"zh": "请缩小清单再选。", "en": "Narrow the list, then choose again."},
    )


def no_such_photo() -> Refused:
    return Refused(
        "no-such-photo",
        "B7",
        {"zh": "这件事项没有这张照片。", "en": "This entry has no such photo."},
        {"zh": "请重新打开事项页面。", "en": "Open the entry's page again."},
    )


def erased_already() -> Refused:
    return Refused(
        "erased-already",
        "B8",
        {"zh": "提出人的资料已经删除。", "en": "The raiser's data have been erased already."},
        {"zh": "不用再做什么。", "en": "There is nothing left to do."},
    )
