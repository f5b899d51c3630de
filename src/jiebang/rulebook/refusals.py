"""What this room refuses to people who write and publish rules, with the next step."""

from __future__ import annotations

from jiebang.engine.model import Refused


def no_office() -> Refused:
    return Refused(
        "no-rulebook-office",
        "P2",
        {"zh": "您没有编写规则的职务。", "en": "You do not hold the office that writes the rules."},
        {
            "zh": "请让管理员任命：jiebang account appoint … --office rulebook。",
            "en": "Ask whoever runs this server to appoint you: jiebang account appoint … --office rulebook.",
        },
    )


def beyond_office() -> Refused:
    return Refused(
        "beyond-office",
        "P2",
        {
            "zh": "这一版的适用范围超出了您任职的地方。",
            "en": "This version would hold outside the area of your office.",
        },
        {
            "zh": "请改小试点范围，或请上一级的规则编写人来办。",
            "en": "Choose areas inside yours, or ask the rule office of the level above.",
        },
    )


def same_person() -> Refused:
    return Refused(
        "same-person",
        "P2",
        {
            "zh": "这一版是您自己提议的，须由另一人公布。",
            "en": "You proposed this version yourself; another person has to publish it.",
        },
        {
            "zh": "请另一位规则编写人读一遍，由他公布或退回。",
            "en": "Ask a second person of the rule office to read it, then to publish it or send it back.",
        },
    )


def not_now(step: str, state: str) -> Refused:
    states = {
        "editing": ("还在编写中", "is still being written"),
        "proposed": ("已提议，等待第二人", "is proposed and waits for a second person"),
        "published": ("已经公布", "is published"),
        "dropped": ("已经放弃", "was dropped"),
    }
    zh, en = states[state]
    return Refused(
        "not-now",
        "P2",
        {"zh": f"这份草稿{zh}，现在不能做这一步。", "en": f"This draft {en}; this step is not possible now."},
        {"zh": "请重新打开草稿，看看现在能做什么。", "en": "Open the draft again and see what is possible now."},
    )


def changed_meanwhile() -> Refused:
    return Refused(
        "changed-meanwhile",
        "P2",
        {
            "zh": "您打开之后，别人改过这份草稿；您写的还在下面，没有保存。",
            "en": "Somebody changed this draft after you opened it. What you wrote stands below and is not saved.",
        },
        {
            "zh": "请另开一页看看现在的内容，把要改的合到一起，再保存。",
            "en": "Look at the draft in another window, bring both together, then save again.",
        },
    )


def no_such_draft() -> Refused:
    return Refused(
        "no-such-draft",
        "P2",
        {"zh": "没有这份草稿。", "en": "There is no such draft."},
        {"zh": "请从规则列表里选一份。", "en": "Choose one from the list of rules."},
    )


def not_sound(errors: int) -> Refused:
    return Refused(
        "not-sound",
        "P2",
        {
            "zh": f"还有 {errors} 处必须改正。",
            "en": f"{errors} finding{'s' if errors != 1 else ''} must be mended first.",
        },
        {"zh": "请按每一行旁边的说明改正，再提议。", "en": "Mend what stands beside the lines, then propose it again."},
    )


def cannot_transfer(findings: int) -> Refused:
    return Refused(
        "cannot-transfer",
        "R1",
        {
            "zh": f"正在办的事项不能这样转过来：有 {findings} 处不符。",
            "en": f"Running matters cannot be carried over so: {findings} finding{'s' if findings != 1 else ''}.",
        },
        {
            "zh": "请按“正在办的事项”下面的说明改正，或让它们留在旧版。",
            "en": "Mend what stands under “Running matters”, or let them keep their version.",
        },
    )


def already_published(mechanism: str, since: str) -> Refused:
    return Refused(
        "already-published",
        "P2",
        {
            "zh": f"“{mechanism}”自 {since} 起的这一版已经公布；公布过的文本不再改动。",
            "en": f"“{mechanism}” since {since} is published already, and a published text is never edited.",
        },
        {"zh": "请把 since 改成以后的一天。", "en": "Write a later day into `since`."},
    )


def in_the_past(since: str, today: str) -> Refused:
    return Refused(
        "in-the-past",
        "P2",
        {"zh": f"生效日 {since} 已经过去。", "en": f"The first day, {since}, has passed."},
        {"zh": f"请写今天（{today}）或以后的一天。", "en": f"Write today ({today}) or a later day."},
    )


def no_such_area(code: str) -> Refused:
    return Refused(
        "no-such-area",
        "P2",
        {"zh": f"没有代码为“{code[:40]}”的地方。", "en": f"There is no area with the code {code[:40]}."},
        {"zh": "请从列表里选择试点的地方。", "en": "Choose the pilot's areas from the list."},
    )


def no_such_pilot(mechanism: str, scope: str) -> Refused:
    return Refused(
        "no-such-pilot",
        "P2",
        {
            "zh": f"“{mechanism[:40]}”没有正在进行的试点“{scope[:40]}”。",
            "en": f"“{mechanism[:40]}” has no pilot “{scope[:40]}” that still runs.",
        },
        {"zh": "请从版本列表里选择要结束的试点。", "en": "Choose the pilot to end from the list of versions."},
    )


def bad_scope() -> Refused:
    return Refused(
        "bad-scope",
        "P2",
        {
            "zh": "试点要有一个短名（小写字母、数字、短横）和至少一个地方。",
            "en": "A pilot needs a short name (small letters, digits, hyphens) and at least one area.",
        },
        {"zh": "请写上短名并选择地方；全市适用的两样都不填。", "en": "Give both; for the whole city leave both empty."},
    )


def too_long(size: int, most: int) -> Refused:
    return Refused(
        "text-too-large",
        "P2",
        {
            "zh": f"文本有 {size} 字节，超过了 {most} 字节。",
            "en": f"The text has {size} bytes; at most {most} are allowed.",
        },
        {
            "zh": "请把它分成几个机制，或删去多余的部分。",
            "en": "Split it into several mechanisms, or take out what is not needed.",
        },
    )
