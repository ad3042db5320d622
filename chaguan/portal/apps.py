from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "chaguan.portal"
    label = "portal"
