"""The member pages (成员端), under /m/."""

from django.urls import path

from chaguan.portal.views import check_in, community, duty, home, join, links, me, own_time, rooms

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("link/<str:token>/", links.open_link, name="link"),
    path("hand-out/<str:public_id>/", links.hand_out, name="hand-out"),
    path("leave/", links.leave, name="log-out"),
    path("join/<str:public_id>/", join.join, name="join"),
    path("welcome/<str:public_id>/", join.welcome, name="welcome"),
    path("rooms/<int:room_id>/", rooms.room, name="room"),
    path("rooms/<int:room_id>/new/", rooms.new_lines, name="new-lines"),
    path("check-in/", check_in.page, name="check-in"),
    path("check-in/<int:ask_id>/", check_in.answer, name="answer"),
    path("sign-in/<str:public_id>/", check_in.sign_in_today, name="sign-in"),
    path("sign-in/<str:public_id>/repair/", check_in.repair_day, name="repair"),
    path("duty/", duty.sheet, name="duty"),
    path("duty/<int:assignment_id>/", duty.tick, name="tick"),
    path("duty/<int:assignment_id>/all/", duty.all_of_step, name="duty-all"),
    path("duty/<int:assignment_id>/picture/", duty.picture, name="duty-picture"),
    path("duty/time/", own_time.say_time, name="own-time"),
    path("duty.csv", duty.table, name="duty-csv"),
    path("me/", me.me, name="me"),
    path("me/link/", links.my_link, name="my-link"),
    path("me/letters/", me.letters, name="letters"),
    path("me/quiet/", me.stop_touches, name="stop-touches"),
    path("me/rate/<int:run_id>/", me.rate, name="rate"),
    path("me/record/", me.my_record, name="my-record"),
    path("communities/<str:public_id>/", community.community, name="community"),
    path("communities/<str:public_id>/leave/", community.leave, name="leave"),
    path("communities/<str:public_id>/left/", community.left, name="left"),
]
