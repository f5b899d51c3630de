"""A mechanism as the text of a rule that can be printed, read out in a meeting and put on file (制度文本).

`articles` puts it together from the plain table, `word` writes it as a Word file. Both say what the compiled program
says: nothing here is written by hand.
"""

from jiebang.rulebook.ruletext.articles import Article, RuleText, rule_text
from jiebang.rulebook.ruletext.word import written

__all__ = ["Article", "RuleText", "rule_text", "written"]
