"""Addresses of the staff: my day, lists, the board office, calls, bulk moves, printing, an entry, window, rules."""

from __future__ import annotations

from django.urls import URLPattern, path

from jiebang.web.views.desk import bulk, calls, day, find, lists, office, printing, staff, window, workbench
from jiebang.web.views.desk import open as opening
from jiebang.web.views.desk.rules import compare, play, shelf, staffed, write

urlpatterns: list[URLPattern] = [
    path("desk/", day.day, name="desk"),
    path("desk/find", find.find, name="desk-find"),
    path("desk/as", staff.act_from, name="act-from"),
    path("desk/list", lists.work_list, name="desk-list"),
    path("desk/list/save", lists.save, name="desk-list-save"),
    path("desk/list/forget", lists.forget, name="desk-list-forget"),
    path("desk/office", office.office, name="office"),
    path("desk/calls/", calls.calls, name="calls"),
    path("desk/calls/<str:number>", calls.call, name="call"),
    path("desk/calls/<str:number>/number", calls.number_shown, name="call-number"),
    path("desk/bulk", bulk.bulk, name="bulk-new"),
    path("desk/bulk/all", bulk.all_started, name="bulk-all"),
    path("desk/bulk/<int:id_>", bulk.started, name="bulk"),
    path("desk/bulk/<int:id_>/stop", bulk.stop, name="bulk-stop"),
    path("desk/print/", printing.queue, name="print-queue"),
    path("desk/print/board/<str:area>", printing.board, name="print-board"),
    path("desk/print/sheets", printing.sheets, name="print-sheets"),
    path("desk/e/<str:number>", workbench.workbench, name="workbench"),
    path("desk/e/<str:number>/look", workbench.look, name="look"),
    path("desk/e/<str:number>/photo/<int:photo>", workbench.release, name="release"),
    path("desk/open/", opening.choose, name="desk-open"),
    path("desk/open/<slug:mechanism>/<slug:opening>", opening.one, name="desk-open-one"),
    path("desk/rules/", shelf.shelf, name="rules"),
    path("desk/rules/begin", shelf.begin, name="rule-begin"),
    path("desk/rules/end", shelf.end, name="rule-end"),
    path("desk/rules/staffing/<slug:mechanism>", staffed.staffed, name="rule-staffed"),
    path("desk/rules/<int:id_>/", write.write, name="rule"),
    path("desk/rules/<int:id_>/seen", write.seen, name="rule-seen"),
    path("desk/rules/<int:id_>/here", write.here, name="rule-here"),
    path("desk/rules/<int:id_>/rules.docx", compare.paper, name="rule-paper"),
    path("desk/rules/<int:id_>/changes", compare.changes, name="rule-changes"),
    path("desk/rules/<int:id_>/play", play.play, name="rule-play"),
    path("desk/rules/<int:id_>/decide", write.decide, name="rule-decide"),
    path("desk/window/", window.window, name="window"),
    path("desk/window/paste", window.paste, name="paste"),
    path("desk/window/word/<str:number>", window.word, name="word"),
    path("desk/window/slip/<str:number>", window.slip, name="slip"),
]
