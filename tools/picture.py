"""Take the README's picture from the running page: python tools/picture.py."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.chromium import FLAGS, chromium_path  # noqa: E402
from tests.support.server import serving  # noqa: E402

STEP = 34  # the runs have parted, and none has arrived
PATIENCE = 60.0  # seconds
TARGET = ROOT / "docs" / "race.png"


def main() -> None:
    """Open the landing scene, stop the clock at STEP, and write the picture."""
    TARGET.parent.mkdir(exist_ok=True)
    with serving(threads=8) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("#page[data-ready]").wait_for(state="attached", timeout=PATIENCE * 1000)
        settle(page)
        page.screenshot(path=TARGET)
        browser.close()
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")


def settle(page: Page) -> None:
    """Wait for the surface, then show one step and let every view be drawn."""
    deadline = time.monotonic() + PATIENCE
    while not page.locator("#map .contourlayer path").count():
        if time.monotonic() > deadline:
            raise SystemExit("the map was never drawn")
        time.sleep(0.2)
    page.evaluate("step => { nnopt.pause(); nnopt.seek(step); }", STEP)
    time.sleep(3)


if __name__ == "__main__":
    main()
