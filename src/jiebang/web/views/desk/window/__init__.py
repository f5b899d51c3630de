"""The window and the call desk: one screen worked from the keyboard."""

from jiebang.web.views.desk.window.pasted import paste
from jiebang.web.views.desk.window.screen import window
from jiebang.web.views.desk.window.slips import slip
from jiebang.web.views.desk.window.spoken import word

__all__ = ["paste", "slip", "window", "word"]
