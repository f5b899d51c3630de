"""The language of mechanisms in two tongues: one grammar, English and Chinese words.

`words` has every key and fixed word, `phrases` the small sentences inside a value, `tongue` says findings in the words
of the file they are about. Which word stands where, the parser's schema says; `jiebang.engine.parser.hearing` follows
it.
"""
