"""The ledger as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "jiebang.ledger"
    label = "ledger"
    verbose_name = "公开日志 (public log)"
