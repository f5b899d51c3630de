"""Addresses of registers and rounds: for everybody, for the desk, and for whoever answers for themselves."""

from __future__ import annotations

from django.urls import URLPattern, path

from jiebang.web.views.desk import registers as desk_registers
from jiebang.web.views.desk import rounds as desk_rounds
from jiebang.web.views.public import own_answer, registers, rounds

urlpatterns: list[URLPattern] = [
    path("rounds/", rounds.all_rounds, name="rounds"),
    path("rounds/<slug:ident>/", rounds.definition, name="round-rules"),
    path("rounds/<slug:ident>/text", rounds.text, name="round-text"),
    path("rounds/<slug:ident>/<int:ordinal>", rounds.coverage, name="round"),
    path("registers/<slug:ident>/", registers.register, name="register"),
    path("registers/<slug:ident>.csv", registers.download, name="register-csv"),
    path("answer/<str:link>", own_answer.answer, name="own-answer"),
    path("desk/rounds/", desk_rounds.mine, name="desk-rounds"),
    path("desk/rounds/open", desk_rounds.open_one, name="desk-round-open"),
    path("desk/rounds/subject/<int:id_>", desk_rounds.subject, name="desk-subject"),
    path("desk/rounds/<slug:ident>/<int:ordinal>", desk_rounds.one, name="desk-round"),
    path("desk/rounds/<slug:ident>/<int:ordinal>/erase", desk_rounds.erase, name="desk-round-erase"),
    path("desk/registers/", desk_registers.mine, name="desk-registers"),
    path("desk/registers/<slug:ident>/", desk_registers.one, name="desk-register"),
    path("desk/registers/<slug:ident>/look/<str:sheet>", desk_registers.look, name="desk-register-look"),
]
