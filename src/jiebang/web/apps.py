from django.apps import AppConfig
from django.core.checks import register


class WebConfig(AppConfig):
    name = "jiebang.web"
    label = "web"

    def ready(self) -> None:
        from jiebang.web import checks

        register(checks.map_files)
        register(checks.map_tiles)
