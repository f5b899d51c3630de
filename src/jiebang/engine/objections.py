"""Everything the parser can object to, with its sentence and its mend.

Patterns may name `{words}`; a word is put in as it is, or, when it is a pair, per language. `rule` says what it is
about: Y how the file is written, F its form (1 unknown key, 2 something missing, 3 wrong kind, 4 not in the language
yet, 5 unknown name, 6 titles), D limits, G conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiebang.engine.findings import Finding


@dataclass(frozen=True, slots=True)
class Objection:
    rule: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


def objection(code: str, file: str, line: int, **words: str | int | tuple[str, str]) -> Finding:
    """Fill in one objection."""
    pattern = OBJECTIONS[code]
    zh = {name: word[0] if isinstance(word, tuple) else word for name, word in words.items()}
    en = {name: word[1] if isinstance(word, tuple) else word for name, word in words.items()}
    return Finding(
        file,
        line,
        pattern.rule,
        pattern.zh.format_map(zh),
        pattern.en.format_map(en),
        pattern.mend_zh.format_map(zh),
        pattern.mend_en.format_map(en),
    )


def joined(items: Iterable[str]) -> tuple[str, str]:
    """Names as a list, per language."""
    names = list(items)
    return "、".join(names), ", ".join(names)


OBJECTIONS: Mapping[str, Objection] = {
    # The file as YAML
    "several-documents": Objection(
        "Y5",
        "文件里有不止一份文档。",
        "The file has more than one document.",
        "请删掉多余的“---”。",
        "Remove the extra “---”.",
    ),
    "empty-file": Objection(
        "Y5",
        "文件是空的。",
        "The file is empty.",
        "请写上“mechanism:”等内容。",
        "Write the mechanism, beginning with “mechanism:”.",
    ),
    "odd-key": Objection(
        "Y5",
        "键不能是列表或映射。",
        "A key cannot be a list or a map.",
        "请用文字作键。",
        "Use a word as the key.",
    ),
    "duplicate-key": Objection(
        "Y4",
        "“{words}”写了两次，第一次在第 {first} 行。",
        "“{words}” is written twice; the first is on line {first}.",
        "请删掉或合并其中一处。",
        "Remove one of them, or put them together.",
    ),
    "too-large": Objection(
        "Y1",
        "文件有 {size} 字节，最多 {most}。",
        "The file has {size} bytes; at most {most} are read.",
        "请拆成几个机制，或把长清单移到 categories。",
        "Split it into several mechanisms, or move long lists into categories.",
    ),
    "not-utf8": Objection(
        "Y5",
        "文件不是 UTF-8 编码。",
        "The file is not UTF-8.",
        "请另存为 UTF-8。",
        "Save it as UTF-8.",
    ),
    "bad-yaml": Objection(
        "Y5",
        "这不是正确的 YAML：{problem}。",
        "This is not correct YAML: {problem}.",
        "请检查这一行的缩进、冒号、引号和括号。",
        "Check the indent, colons, quotes and brackets of this line.",
    ),
    "bad-yaml-elsewhere": Objection(
        "Y5",
        "这不是正确的 YAML：{problem}。",
        "This is not correct YAML: {problem}.",
        "请检查文件里不可见的字符。",
        "Look for invisible characters in the file.",
    ),
    "anchor": Objection(
        "Y3",
        "不允许锚点和引用（& 和 *）。",
        "Anchors and aliases (& and *) are not allowed.",
        "请把内容直接写在这里；若是文字，请加引号。",
        "Write the content out here; quote it if it is a text.",
    ),
    "tag": Objection(
        "Y3",
        "不允许标签（!）。",
        "Tags (!) are not allowed.",
        "请删掉标签；若是文字，请加引号。",
        "Remove the tag; quote it if it is a text.",
    ),
    "too-deep": Objection(
        "Y2",
        "嵌套超过 {most} 层。",
        "The nesting is deeper than {most}.",
        "请检查括号和缩进。",
        "Check brackets and indents.",
    ),
    # What it says
    "not-a-day": Objection(
        "F3",
        "“{since}”不是日期。",
        "“{since}” is not a day.",
        "请写成 '2026-01-01'。",
        "Write it as '2026-01-01'.",
    ),
    "state-and-final": Objection(
        "Y4",
        "“{key}”既是状态又是终态。",
        "“{key}” is both a state and a final.",
        "请给其中一个改名。",
        "Rename one of them.",
    ),
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
    "route-ring": Objection(
        "F5",
        "岔路在绕圈：{ring}。",
        "The routes run in a ring: {ring}.",
        "请让其中一条通向一个状态。",
        "Let one of them lead to a state.",
    ),
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
    "one-limit": Objection(
        "D1",
        "状态“{key}”要有且只有一个时限：within、lasts 或 waits for。",
        "The state “{key}” needs exactly one limit: `within`, `lasts` or `waits for`.",
        "请写 within（由人负责）、lasts（公示）或 waits for（等别处的事）。",
        "Write `within` (somebody owes it), `lasts` (a notice) or `waits for` (something elsewhere).",
    ),
    "many-of-no-text": Objection(
        "F3",
        "“{key}”不是文字题，不能一行一项地答。",
        "“{key}” is no text, so it cannot have several answers.",
        "请写 type: text，或去掉 many。",
        "Say `type: text`, or remove `many`.",
    ),
    "each-of-one": Objection(
        "F5",
        "“{name}”不是可以写多项的问题。",
        "“{name}” is no question of several answers.",
        "请在 fields 里给一个文字题加上 many，如 many: 12。",
        "Give a text question `many`, such as `many: 12`.",
    ),
    "item-without-each": Objection(
        "F2",
        "没有写 one for each，就没有 item。",
        "There is no `item` without `one for each`.",
        "请加上 one for each，或写自己的一个问题。",
        "Add `one for each`, or name a question of your own.",
    ),
    "recheck-of-each": Objection(
        "F1",
        "回头看只开出一件事项，不能写 one for each。",
        "A recheck opens one entry, so `one for each` does not belong here.",
        "请去掉 one for each。",
        "Remove `one for each`.",
    ),
    "carried-but-hidden": Objection(
        "G3",
        "“{name}”不是公开的，不能带到另一件事项里。",
        "“{name}” is not public, so it is not told to another entry.",
        "请只带公开的答案。",
        "Carry public answers only.",
    ),
    "waits-for-one": Objection(
        "F2",
        "waits for 要写明等什么：all opened、entry 或 facts，只写一个。",
        "`waits for` names what it waits for: `all opened`, `entry` or `facts`, one of them.",
        "请写 {{all opened: , at most: 60 d}}、{{entry: 问题, …}} 或 {{facts: [问题], from: 参与方, …}}。",
        "Write {{all opened: , at most: 60 d}}, {{entry: question, …}} or {{facts: [questions], from: party, …}}.",
    ),
    "wait-no-entry": Objection(
        "F5",
        "“{name}”不是 type: entry 的问题。",
        "“{name}” is no question of `type: entry`.",
        "请写一个问到另一件事项编号的问题。",
        "Name a question that asks for another entry's number.",
    ),
    "outcome-unreadable": Objection(
        "F5",
        "看不懂结果“{words}”。",
        "The outcome “{words}” is not understood.",
        "等几件时写 all 或 any 加含义，如 all solved；等一件时只写含义。含义有：{known}。",
        "For opened entries write `all` or `any` and meanings, such as `all solved`; for one entry the meanings alone. "
        "Meanings: {known}.",
    ),
    "outcome-without-else": Objection(
        "G4",
        "没有写其余结果通向哪里。",
        "It is not said where any other outcome leads.",
        "请在最后写 else。",
        "Write `else` at the end.",
    ),
    "else-last": Objection(
        "F3",
        "else 要写在最后，前面还要有别的条件。",
        "`else` stands last, after other conditions.",
        "请把它移到最后，或直接写一个去向。",
        "Move it to the end, or write the one way alone.",
    ),
    "wrong-end": Objection(
        "F1",
        "这里用 {end}，不用 {other}。",
        "`{end}` belongs here, not `{other}`.",
        "请改成 {end}。",
        "Write `{end}`.",
    ),
    "until-no-date": Objection(
        "F5",
        "“{until}”不是日期问题。",
        "“{until}” is no date question.",
        "请在 fields 里加一个 type: date 的问题。",
        "Add a question of `type: date` to `fields`.",
    ),
    "until-without-ceiling": Objection(
        "D1",
        "承诺日期没有上限。",
        "The promised date has no ceiling.",
        "请写 at most，例如 at most: 15 wd。",
        "Write `at most`, such as `at most: 15 wd`.",
    ),
    "every-without-day": Objection(
        "F3",
        "定期任务要写到哪天。",
        "A repeated duty needs its day.",
        "请写 by: day 15 of next month（1 到 28 日）。",
        "Write `by: day 15 of next month` (day 1 to 28).",
    ),
    "by-of-duty": Objection(
        "F1",
        "by 只用于定期任务；由谁做写 of。",
        "`by` belongs to repeated duties; who does it is `of`.",
        "请改成 of，或加 every: quarter。",
        "Write `of`, or add `every: quarter`.",
    ),
    "nobody-named": Objection(
        "F2",
        "“{key}”没有说由谁来做。",
        "It is not said who may do “{key}”.",
        "请写 by。",
        "Write `by`.",
    ),
    "then-without-at-most": Objection(
        "F2",
        "写了 then，却没有 at most。",
        "`then` needs `at most`.",
        "请写 at most，或去掉 then。",
        "Write `at most`, or remove `then`.",
    ),
    "plain-opening": Objection(
        "F1",
        "提出时不能有次数、确认结果、办结、并单或条件。",
        "An opening has no laps, verdict, finish, merge or condition.",
        "请把它们写到后面的状态里。",
        "Move these into a state.",
    ),
    "merge-without-entry": Objection(
        "F2",
        "并单没有问并到哪一件。",
        "A merge does not ask into which entry.",
        "请在 ask 里加一个 type: entry 的问题。",
        "Add a question of `type: entry` to `ask`.",
    ),
    "two-units": Objection(
        "F3",
        "一个动作只能指明一个单位。",
        "A move can name one unit only.",
        "请只留一个 type: unit 的问题。",
        "Keep one question of `type: unit`.",
    ),
    "agreed-without-limit": Objection(
        "D1",
        "没有说几天内同意。",
        "It is not said within what time they must agree.",
        "请写 agreed within，例如 agreed within: 3 wd。",
        "Write `agreed within`, such as `agreed within: 3 wd`.",
    ),
    "agreed-not-here": Objection(
        "F4",
        "{key} 不能用在提出、确认结果、并单的动作上。",
        "`{key}` does not work on an opening, a verdict or a merge.",
        "请自己画出等待同意的状态。",
        "Draw the waiting state yourself.",
    ),
    "agreed-by-nobody": Objection(
        "F5",
        "“{name}”不是工作人员，不能表示同意。",
        "“{name}” is no official, so it cannot agree.",
        "请写一个有职务的角色。",
        "Name a party that holds an office.",
    ),
    "second-and-agreed": Objection(
        "F1",
        "second 和 agreed by 只能写一个。",
        "`second` and `agreed by` exclude one another.",
        "同一方的另一人同意写 second；另一方同意写 agreed by 和 agreed within。",
        "Another person of the same party: `second`; another party: `agreed by` and `agreed within`.",
    ),
    "name-taken": Objection(
        "Y4",
        "名字“{name}”已被使用。",
        "The name “{name}” is taken.",
        "请给状态改名。",
        "Rename that state.",
    ),
    "collect-not-required": Objection(
        "F5",
        "“{name}”不是这个动作必答的选择题。",
        "“{name}” is no required choice question of this move.",
        "请数一个必答的选择题。",
        "Count a required choice question.",
    ),
    "collect-twice": Objection(
        "F1",
        "状态“{key}”里有两个动作要计数，而一个人只有一票。",
        "Two moves of “{key}” count voices, and a person has one.",
        "请只留一个，或把另一个放到别的状态里。",
        "Keep one of them, or move the other into a state of its own.",
    ),
    "collect-incomplete": Objection(
        "G4",
        "“{name}”的每个答案都要归到 yes 或 no。",
        "Each answer of “{name}” must count as yes or as no.",
        "答案有：{known}。",
        "The answers are: {known}.",
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
    "way-on-duties": Objection(
        "F4",
        "去向不能看任务是否做完。",
        "A way cannot depend on duties.",
        "请用 if。",
        "Use `if`.",
    ),
    "two-ways": Objection(
        "G2",
        "“{key}”：答 {shown} 时有两个去向（{ways}）。",
        "“{key}”: with {shown} there are two ways ({ways}).",
        "请让各条件互不重叠。",
        "Make the conditions exclude each other.",
    ),
    "no-way": Objection(
        "G4",
        "“{key}”：答 {shown} 时没有去向。",
        "“{key}”: with {shown} there is no way.",
        "请补一个去向，或把问题设为必答。",
        "Add a way for it, or make the question required.",
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
    "no-title": Objection(
        "F6",
        "“{key}”没有名称。",
        "“{key}” has no title.",
        "请在 titles 的 {kind} 里加上“{key}”。",
        "Add “{key}” to `{kind}` in `titles`, or a `title` here.",
    ),
    "languages-wanted": Objection(
        "F6",
        "这里要写每种语言的文字。",
        "A text in each language is wanted here.",
        "请写 {{zh: …, en: …}}。",
        "Write {{zh: …, en: …}}.",
    ),
    "language-missing": Objection(
        "F6",
        "缺少语言“{lang}”的文字。",
        "The text in “{lang}” is missing.",
        "请加上 {lang}: …。",
        "Add {lang}: ….",
    ),
    "text-empty": Objection(
        "F6",
        "这里还没有文字。",
        "Nothing is written here yet.",
        "请写上大家看得懂的话。",
        "Write what everybody understands.",
    ),
    "map-wanted": Objection(
        "F3",
        "{what}应是“键: 值”。",
        "For {what}, “key: value” lines are wanted.",
        "可用的键：{keys}。",
        "Its keys are: {keys}.",
    ),
    "not-yet": Objection(
        "F4",
        "语言里还没有“{key}”。",
        "The language has no “{key}” yet.",
        "{instead}。",
        "{instead}.",
    ),
    "unknown-key": Objection(
        "F1",
        "{what}没有“{key}”这个键。",
        "There is no key “{key}” in {what}.",
        "{hint}可用的键：{keys}。",
        "{hint}Its keys are: {keys}.",
    ),
    "reserved-name": Objection(
        "F3",
        "“{words}”不能作动作的名字，系统自己要用。",
        "“{words}” cannot be the name of a move; the engine uses it itself.",
        "请换一个名字。",
        "Choose another name.",
    ),
    "key-idle": Objection(
        "F1",
        "“{key}”在这里没有作用。",
        "“{key}” has no meaning here.",
        "请删掉；这里可用的键：{keys}。",
        "Remove it; here the keys are: {keys}.",
    ),
    "too-many-answers": Objection(
        "G4",
        "“{key}”的答案组合超过 {most} 种，没法逐一检查去向。",
        "“{key}” has more than {most} combinations of answers; its ways cannot be checked one by one.",
        "请少用几个问题作条件，或分成几个动作。",
        "Test fewer questions, or make several moves of it.",
    ),
    "names-wanted": Objection(
        "F3",
        "{what} 应是“名字: 内容”。",
        "`{what}` wants “name: content” lines.",
        "请给每一项起个名字。",
        "Give each part a name.",
    ),
    "word-wanted": Objection(
        "F3",
        "这里要一个词或一句话。",
        "A word or a sentence is wanted here.",
        "请不要用列表或映射。",
        "Use no list or map.",
    ),
    "bad-name": Objection(
        "F3",
        "“{words}”不能作名字。",
        "“{words}” cannot be a name.",
        "请用字母开头，只含字母、数字和 -，最多 60 个字。",
        "Begin with a letter; use letters, digits and -, 60 at most.",
    ),
    "bad-amount": Objection(
        "F3",
        "“{words}”不是时限。",
        "“{words}” is no length of time.",
        "请写成 3 wd（工作日）、5 d（天）、2 h（小时）、8 wh（办公小时）或 20 min（分钟）。",
        "Write 3 wd (working days), 5 d (days), 2 h (hours), 8 wh (office hours) or 20 min.",
    ),
    "whole-number": Objection(
        "F3",
        "这里要 {least} 到 {most} 的整数。",
        "A whole number from {least} to {most} is wanted here.",
        "请改正这个数。",
        "Correct the number.",
    ),
    "true-or-false": Objection(
        "F3",
        "这里要 true 或 false。",
        "true or false is wanted here.",
        "请写 true，或删掉这一行。",
        "Write true, or remove the line.",
    ),
    "missing-key": Objection(
        "F2",
        "缺少“{key}”。",
        "“{key}” is missing.",
        "请写上 {key}: …。",
        "Add {key}: ….",
    ),
    "unknown-name": Objection(
        "F5",
        "没有这个{what}：“{words}”。",
        "There is no {what} “{words}”.",
        "{hint}",
        "{hint}",
    ),
}
