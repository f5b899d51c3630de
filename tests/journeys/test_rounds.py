"""A patrol before rain, from the operator's spreadsheet to the public page: one point in order with one tap, one with a
crack that becomes a hazard on its board, one nobody came to; and the stranger counts it again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, JIEBANG, NUMBER, PHONE, City, Device
from tests.journeys.staff import COMMUNITY

pytestmark = pytest.mark.journey
COUNTY = f"{COMMUNITY[:6]}000000"
SHEET = f"""编号,隐患点,类型,所在地区,威胁人数,监测人电话
XF-01,后山斜坡,不稳定斜坡,{COMMUNITY},12,10012345678
XF-02,河边挡墙,崩塌,{COMMUNITY},3,10012345679
XF-03,沟口,泥石流,{COMMUNITY},40,
"""


def jiebang(city: City, *words: str) -> str:
    done = subprocess.run([*JIEBANG, *words], env=city.env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_patrol_before_rain(city: City, device: Callable[..., Device], tmp_path: Path) -> None:
    sheet, photo = tmp_path / "points.csv", tmp_path / "crack.jpg"
    sheet.write_text(SHEET, encoding="utf-8")
    Image.new("RGB", (800, 600), "#778").save(photo)

    looked = jiebang(city, "registers", "import", "danger-points", str(sheet))
    jiebang(city, "registers", "import", "danger-points", str(sheet), "--write")
    opened = jiebang(city, "rounds", "open", "patrol-before", "--area", COUNTY, "--cause", "rain-warning")

    assert "3 to add" in looked and "Nothing was written" in looked
    assert "is open over 3 subjects" in opened

    phone = device("patroller", width=PHONE)
    phone.signs_in("clerk")
    page = phone.opens("/desk/rounds/")
    phone.looks("rounds")
    page.locator(".subjects a.button").first.click()
    phone.looks("round")
    page.locator(".subjects a.row-link").first.click()
    phone.looks("subject")
    page.locator(".one-tap button").click()
    expect(page.locator(".banner.done")).to_contain_text("后山斜坡")
    phone.looks("next")
    phone.moves("abnormal", sign="crack", what="挡墙上有一条新裂缝", photo=photo)
    phone.looks("raised")
    page.locator(".trail a").click()

    reader = device("reader", width=DESK)
    public = reader.opens("/rounds/patrol-before/1")
    reader.looks("coverage")
    expect(public.locator("main")).to_contain_text("河边挡墙")
    expect(public.locator("main")).to_contain_text("沟口")
    number = NUMBER.search(public.locator("main").inner_text())
    assert number is not None
    reader.opens("/rounds/")
    reader.looks("rounds")
    reader.opens("/rounds/patrol-before/")
    reader.looks("rules")
    reader.opens("/registers/danger-points/")
    reader.looks("register")

    city.holds(public, number[0])
