"""The console: one line per page."""

from django.urls import path

from chaguan.console.views import (
    auth,
    communities,
    community,
    components,
    imports,
    insights,
    members,
    outbox,
    search,
    settings,
    settings_staff,
    today,
)

app_name = "console"
urlpatterns = [
    path("login/", auth.log_in, name="login"),
    path("logout/", auth.log_out, name="logout"),
    path("start/<str:token>/", auth.start, name="start"),
    path("password/", auth.password, name="password"),
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("communities/", communities.communities, name="communities"),
    path("communities/<str:slug>/", community.overview, name="community"),
    path("communities/<str:slug>/rooms/", community.rooms, name="community-rooms"),
    path("communities/<str:slug>/rooms/<int:room_id>/", community.room, name="community-room"),
    path("communities/<str:slug>/rules/", community.rules, name="community-rules"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:row_id>/", outbox.outbox_row, name="outbox-row"),
    path("outbox/<int:row_id>/decide/", outbox.decide, name="decide"),
    path("members/", members.members, name="members"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:run_id>/", imports.import_run, name="import-run"),
    path("imports/<int:run_id>/confirm/", imports.confirm, name="import-confirm"),
    path("imports/<int:run_id>/progress/", imports.progress, name="import-progress"),
    path("imports/<int:run_id>/steer/", imports.steer, name="import-steer"),
    path("settings/", settings.settings_home, name="settings"),
    path("settings/staff/", settings_staff.staff, name="staff"),
    path("settings/staff/<int:login_id>/", settings_staff.staff_step, name="staff-step"),
    path("settings/roles/", settings_staff.roles, name="roles"),
    path("settings/channels/", settings.channels, name="channels"),
    path("settings/channels/<int:account_id>/", settings.channel_switch, name="channel-switch"),
    path("settings/log/", settings.staff_log, name="staff-log"),
    path("insights/", insights.insights, name="insights"),
    path("insights/definitions/", insights.definitions, name="definitions"),
    path("insights/<slug:code>/members/", insights.behind, name="behind"),
    path("insights/<slug:code>/csv/", insights.insights_csv, name="insights-csv"),
    path("settings/components/", components.components, name="components"),
]
