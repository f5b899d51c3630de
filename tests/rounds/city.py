"""The boards' little town with registers and rounds of its own: danger points to look at, households to call."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jiebang.engine.model import Refused
from jiebang.engine.rounds.model import Register, Round
from jiebang.engine.rounds.parser import parse_register, parse_round
from jiebang.rounds import services
from jiebang.rounds.models import Subject
from jiebang.rulebook import defining
from jiebang.rulebook import queries as rulebook
from tests.boards.city import COMMUNITY, MONDAY_NINE, NEIGHBOUR

OFFICE = "{office: board-office, level: county, title: {zh: 办公室, en: the office}}"
POINTS = f"""
register: points
since: '2026-01-01'
title: {{zh: 隐患点, en: Danger points}}
about: things
key: number
name: place
area: where
owner: {OFFICE}
fields:
  number: {{type: text, most: 20, title: {{zh: 编号, en: Number}}}}
  place: {{type: text, most: 80, title: {{zh: 位置, en: Place}}}}
  where: {{type: area, title: {{zh: 社区, en: Community}}}}
  kind: {{type: choice, title: {{zh: 类型, en: Kind}},
         choices: {{slope: {{zh: 滑坡, en: Slope}}, gully: {{zh: 沟, en: Gully}}}}}}
  people: {{type: number, title: {{zh: 人数, en: People}}, most: 10000}}
  keeper: {{type: phone, visible: private, title: {{zh: 联系电话, en: Telephone}}}}
"""
PATROL = f"""
round: patrol
since: '2026-01-01'
title: {{zh: 巡查, en: Patrol}}
register: points
log: open
subjects: all
when: {{on: {{rain: {{zh: 暴雨预警, en: Rain warning}}}}}}
opened by: {OFFICE}
done by: {{staff of: area, level: community, title: {{zh: 社区, en: the community}}}}
within: 2 h
else: {{to: {OFFICE}, within: 1 h}}
fields:
  sign: {{type: text, most: 200, title: {{zh: 发现什么, en: What is seen?}}}}
answers:
  normal: {{title: {{zh: 正常, en: In order}}}}
  abnormal: {{title: {{zh: 异常, en: Abnormal}}, ask: [sign], show: photo,
              opens: {{on: residents, as: raise, with: {{what: sign, spot: subject}}}}}}
"""
WEEKLY = PATROL.replace("round: patrol", "round: weekly").replace("when: {on:", "when: {every: 7 d, on:")
HOMES = f"""
register: homes
since: '2026-01-01'
title: {{zh: 户, en: Households}}
about: people
key: code
name: head
area: where
owner: {OFFICE}
fields:
  code: {{type: text, visible: parties, title: {{zh: 编号, en: Code}}}}
  head: {{type: text, visible: private, title: {{zh: 户主, en: Head of household}}}}
  where: {{type: area, visible: parties, title: {{zh: 社区, en: Community}}}}
  phone: {{type: phone, visible: private, title: {{zh: 电话, en: Telephone}}}}
"""
ROLL = f"""
round: roll-call
since: '2026-01-01'
title: {{zh: 点名, en: Roll-call}}
register: homes
log: veiled
subjects: all
opened by: {OFFICE}
done by: {{staff of: area, level: community, title: {{zh: 社区, en: the community}}}}
within: 30 min
else: {{to: {OFFICE}, within: 30 min}}
by link: true
erase after: 30 d
fields:
  how: {{type: choice, visible: parties, title: {{zh: 怎么联系, en: How?}},
         choices: {{door: {{zh: 上门, en: At the door}}, phone: {{zh: 电话, en: By telephone}}}}}}
  need: {{type: text, visible: private, title: {{zh: 需要什么, en: What is needed?}}}}
answers:
  normal: {{title: {{zh: 已转移, en: Safe}}, ask: [how?]}}
  abnormal: {{title: {{zh: 需要帮助, en: Needs help}}, ask: [need]}}
  tried: {{title: {{zh: 没找到人, en: Nobody there}}, ask: [how]}}
"""
SHEET = f"""编号,位置,社区,类型,人数,联系电话
P1,一号坡,{COMMUNITY},slope,12,13800000001
P2,二号坡,{COMMUNITY},滑坡,3,13800000002
P3,三号沟,人民西路社区,沟,0,
"""
PEOPLE = f"""code,head,where,phone
H1,王一,{COMMUNITY},13800000011
H2,李二,{COMMUNITY},13800000012
H3,张三,{NEIGHBOUR},13800000013
"""


def publish(*texts: str, at: datetime = MONDAY_NINE) -> None:
    """Publish registers and rounds that stand in no pack, registers first."""
    registers: dict[str, Register] = {}
    for text in texts:
        made: Register | Round
        if text.lstrip().startswith("register:"):
            made = registers[parse_register(text).id] = parse_register(text)
        else:
            made = parse_round(text, registers=registers)
        what: defining.What = "register" if isinstance(made, Register) else "round"
        file = defining.DefinitionFile(what, made.id, made.since, Path("a.yaml"), text.encode())
        defining.write(file, made, at=at, by="founding")
    rulebook.forget_caches()


def imported(register: str, sheet: str, *, at: datetime = MONDAY_NINE) -> services.Imported:
    made = services.write_for_the_city(register, services.read(sheet.encode()), at=at)
    assert not isinstance(made, Refused), made
    return made


def subject(key: str) -> Subject:
    return Subject.objects.select_related("round").get(key=key)
