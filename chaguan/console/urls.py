"""The console: one line per page."""

from django.urls import path

from chaguan.console.views import auth, components, search, today

app_name = "console"
urlpatterns = [
    path("login/", auth.log_in, name="login"),
    path("logout/", auth.log_out, name="logout"),
    path("start/<str:token>/", auth.start, name="start"),
    path("password/", auth.password, name="password"),
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("settings/components/", components.components, name="components"),
]
