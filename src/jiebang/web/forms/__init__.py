"""Forms drawn from a mechanism's questions.

`ask` makes the blank sheet of a move, `read` takes what a browser sent, `refuse` writes the engine's answer
beside the question it is about. Nothing here knows a database, a clock or a request.
"""

from jiebang.web.forms.questions import Day, Option, Options, Question, questions_of
from jiebang.web.forms.sheet import Held, Problem, Row, Sheet, ask, read, refuse

__all__ = [
    "Day",
    "Held",
    "Option",
    "Options",
    "Problem",
    "Question",
    "Row",
    "Sheet",
    "ask",
    "questions_of",
    "read",
    "refuse",
]
