from xml.etree import ElementTree

import pytest

from jiebang.engine.draw import BOX_H, BOX_W, draw
from tests.engine.builders import loop, move, program, state
from tests.engine.shipped import residents

SVG = "{http://www.w3.org/2000/svg}"


def boxes(svg: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own picture
    found = []
    for group in root.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        assert box is not None
        found.append((float(box.attrib["x"]), float(box.attrib["y"])))
    return found


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_every_state_route_and_final_has_a_box_of_its_own(lang: str) -> None:
    mechanism = residents()

    drawn = boxes(draw(mechanism, lang).svg)

    assert len(drawn) == len(mechanism.states) + len(mechanism.routes) + len(mechanism.finals)
    for i, (x, y) in enumerate(drawn):
        for other_x, other_y in drawn[i + 1 :]:
            assert abs(x - other_x) >= BOX_W or abs(y - other_y) >= BOX_H


def test_the_finals_stand_in_the_last_row() -> None:
    rows = sorted({y for _, y in boxes(draw(loop(), "en").svg)})
    root = ElementTree.fromstring(draw(loop(), "en").svg)  # noqa: S314  # our own picture

    finals = [group for group in root.iter(f"{SVG}g") if group.attrib["class"] == "final"]

    assert len(finals) == 4
    assert all(float(final[0].attrib["y"]) == rows[-1] for final in finals)


def test_all_lines_end_inside_the_picture() -> None:
    root = ElementTree.fromstring(draw(residents(), "zh").svg)  # noqa: S314  # our own picture
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    for x, y in boxes(draw(residents(), "zh").svg):
        assert 0 <= x <= width - BOX_W
        assert 0 <= y <= height - BOX_H


def test_the_picture_is_said_in_words_too() -> None:
    drawing = draw(residents(), "zh-hans")

    assert "待初审 → 已贴榜，待揭榜（社区：贴榜）" in drawing.text
    assert "办理中 → 逾期办理（时限 到“承诺办结日期”为止，最多 15 个工作日）" in drawing.text
    assert "<desc" in drawing.svg and 'role="img"' in drawing.svg


def test_titles_cannot_break_out_of_the_picture() -> None:
    evil = program(state("<script>", "office", "1 wd", "failed", move('"&', "explained")))

    svg = draw(evil, "en", name='a"b').svg

    assert "<script>" not in svg
    ElementTree.fromstring(svg)  # noqa: S314  # our own picture


def test_no_style_is_written_inline() -> None:
    assert "style=" not in draw(residents(), "en").svg
