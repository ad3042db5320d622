"""What the camp's people see on their phones, in a real browser."""

from tests.stories.camp_operator import PHONE, Eyes
from tests.stories.camp_people import Class


def look_at_duty(eyes: Eyes, people: Class, name: str) -> None:
    """The assistant's sheet; what is many is opened."""
    page = eyes.page(PHONE, people.people[0].browser.jar)
    page.goto(f"{eyes.url}/m/")  # thanks for what was done before are read here
    eyes.see(page, f"{name}-assistant-sheet", "/m/duty/")
    if (opener := page.locator("[id^=pile-] a")).count():
        opener.first.click()
        page.wait_for_load_state("networkidle")
        eyes.see(page, f"{name}-assistant-one-by-one", full=False)
    page.context.close()


def look_at_rooms(eyes: Eyes, people: Class, name: str) -> None:
    """A member's pages; she says something in the room."""
    page = eyes.page(PHONE, people.people[20].browser.jar)
    eyes.see(page, f"{name}-member-room", f"/m/rooms/{people.room_id}/", full=False)
    page.locator("textarea[name=text]").fill("收到，今晚我在。")
    page.locator("#pen button").first.click()
    page.wait_for_timeout(800)
    eyes.see(page, f"{name}-member-said", full=False)
    eyes.see(page, f"{name}-member-check-in", "/m/check-in/")
    eyes.see(page, f"{name}-member-letters", "/m/me/letters/")
    eyes.see(page, f"{name}-member-home", "/m/")
    page.context.close()
