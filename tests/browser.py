"""A headless Chromium, as a person uses it: look, click, type.

Debian has it and its driver: `apt-get install chromium chromium-driver`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.waiting import PATIENCE

_POLL = 0.05  # seconds
# What chromedriver says of an element when the tab goes to another page meanwhile.
_GONE = "does not belong to the document"
_Seen = TypeVar("_Seen")
_WIDE = (1280, 800)  # CSS pixels
_PHONE = (390, 844)
TAB, ENTER, SHIFT, RIGHT = "\ue004", "\ue007", "\ue008", "\ue014"  # keys, as WebDriver names them
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # tests run as root in containers
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    # Chromium would call its maker's servers, which a closed network refuses many at a time.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Browser:
    """One window."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver

    def open(self, address: str) -> None:
        self._driver.get(address)

    def back(self) -> None:
        self._driver.back()

    def reload(self) -> None:
        self._driver.refresh()

    @property
    def address(self) -> str:
        return self._driver.current_url

    @property
    def title(self) -> str:
        return self._driver.title

    def texts(self, selector: str) -> list[str]:
        """What is to be read in each element that matches; nothing of what is hidden."""
        return self._of_one_page(lambda: [element.text for element in self._elements(selector)])

    def text(self, selector: str) -> str:
        return "\n".join(self.texts(selector))

    def shows(self, selector: str) -> bool:
        return self._of_one_page(
            lambda: any(element.is_displayed() for element in self._elements(selector))
        )

    def click(self, selector: str) -> None:
        """Click what matches, once it is there."""
        self.wait_until(lambda: bool(self._elements(selector)))
        self._of_one_page(lambda: self._elements(selector)[0].click())

    def type(self, keys: str, holding: str = "") -> None:
        """Press keys, wherever the focus is, perhaps while holding another."""
        actions = ActionChains(self._driver)
        if holding:
            actions.key_down(holding).send_keys(keys).key_up(holding).perform()
        else:
            actions.send_keys(keys).perform()

    def run(self, script: str) -> Any:
        """The value of a JavaScript function body in the page."""
        return self._driver.execute_script(script)

    def run_first(self, script: str) -> None:
        """Let every page that this tab opens from now on begin with a script."""
        command = "Page.addScriptToEvaluateOnNewDocument"
        self._driver.execute_cdp_cmd(command, {"source": script})

    @contextmanager
    def frame(self, selector: str) -> Iterator[None]:
        """Look into a frame, once something is in it."""

        def is_full() -> bool:
            self._driver.switch_to.default_content()
            for frame in self._elements(selector):
                self._driver.switch_to.frame(frame)
                return bool(self._elements("body *"))
            return False

        self.wait_until(is_full)
        try:
            yield
        finally:
            self._driver.switch_to.default_content()

    def tabs(self) -> list[str]:
        return self._driver.window_handles

    def another_tab(self) -> tuple[str, str]:
        """Open a tab beside this one, and look at it; gives this one and that one."""
        before = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        return before, self._driver.current_window_handle

    @contextmanager
    def new_tab(self) -> Iterator[None]:
        """Work in a tab of its own, seen as no other; tabs that it opens are closed with it."""
        before = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        try:
            yield
        finally:
            self.close_tabs_but(before)

    def look_at(self, tab: str) -> None:
        self._driver.switch_to.window(tab)

    def close_tabs_but(self, tab: str) -> None:
        """Close all other tabs, and look at this one again."""
        for other in self.tabs():
            if other != tab:
                self._driver.switch_to.window(other)
                self._driver.close()
        self._driver.switch_to.window(tab)

    def see_as(
        self,
        scheme: str = "light",
        phone: bool = False,
        size: tuple[int, int] | None = None,
        scale: int = 1,
    ) -> None:
        """Prefer light or dark, on a wide screen or a phone, or on one of this size.

        `scale` is how many pixels of the screen are one CSS pixel.
        """
        width, height = size or (_PHONE if phone else _WIDE)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        self._driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone},
        )

    def live_in(self, time_zone: str) -> None:
        """Let this tab's clock be one of, for example, "Europe/Berlin"."""
        self._driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": time_zone})

    def allow_scripts(self, allowed: bool) -> None:
        """Whether pages that this tab opens from now on may run JavaScript."""
        self._driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def save_downloads_in(self, folder: Path) -> None:
        """Save what links give under the names that they give, without asking."""
        self._driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )

    def saved(self, folder: Path, name: str) -> bytes:
        """The download under this name, once it is all there; there is no other, and none is empty.

        Chromium first makes an empty file of that name, then fills another one.
        """
        file = folder / name
        self.wait_until(
            lambda: [one.name for one in folder.glob("*")] == [name] and file.stat().st_size > 0
        )
        return file.read_bytes()

    def all_saved(self, folder: Path, count: int) -> dict[str, bytes]:
        """So many downloads by their names, once all are there; none of them is empty.

        Chromium fills a file with another ending, and renames it: also between two looks.
        """
        found: dict[str, bytes] = {}

        def are_there() -> bool:
            found.clear()
            with suppress(FileNotFoundError):
                found.update((one.name, one.read_bytes()) for one in folder.iterdir())
                is_done = not any(name.endswith(".crdownload") for name in found)
                return is_done and len(found) == count and all(found.values())
            return False

        self.wait_until(are_there)
        return found

    def visited(self) -> list[str]:
        """The addresses that this tab's back and forward buttons lead to."""
        history = self._driver.execute_cdp_cmd("Page.getNavigationHistory", {})
        return [entry["url"] for entry in history["entries"]]

    def log(self) -> list[str]:
        """What the console says, refused requests and scripts of a policy too."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def screenshot(self, file: Path) -> None:
        self._driver.save_screenshot(str(file))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for what the page does by itself; it may redraw what is being looked at."""
        waiting = WebDriverWait(
            self._driver, PATIENCE, _POLL, ignored_exceptions=(StaleElementReferenceException,)
        )
        waiting.until(lambda _: self._holds(condition), "it has not happened")

    def _holds(self, condition: Callable[[], bool]) -> bool:
        try:
            return condition()
        except WebDriverException as exc:
            if _GONE not in str(exc):
                raise
            return False

    def _of_one_page(self, look: Callable[[], _Seen]) -> _Seen:
        """What is found and then read, again from the start if the page changed in between.

        A tab that a form is sent from may do that at any time, even if the answer is a download.
        """
        seen: list[_Seen] = []
        self.wait_until(lambda: bool(seen.append(look()) or seen))
        return seen[0]

    def _elements(self, selector: str) -> list[WebElement]:
        return self._driver.find_elements(By.CSS_SELECTOR, selector)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium and end it. Nothing is downloaded: both programs must be installed."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, "To test in a browser: apt-get install chromium chromium-driver"
    options = ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    running = Chrome(options=options, service=ChromeService(driver))
    try:
        yield Browser(running)
    finally:
        running.quit()
