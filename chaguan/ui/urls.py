"""Switches that every face has."""

from django.urls import path

from chaguan.ui.views import preferences

app_name = "ui"
urlpatterns = [
    path("preferences/", preferences.choose, name="preferences"),
    path("language/", preferences.choose, name="language"),
]
