from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "jiebang.rulebook"
    label = "rulebook"
