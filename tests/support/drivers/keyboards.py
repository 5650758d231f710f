"""A person who has a keyboard and nothing else: where the focus is, and how it gets to a place."""

from playwright.async_api import Page

MOST_TABS = 120

FOCUSED = """() => {
    const e = document.activeElement;
    const label = e.labels && e.labels.length ? e.labels[0].textContent : e.textContent;
    const box = e.getBoundingClientRect();
    const above = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const bar = above && above.closest(".time-left");
    return {
        name: (e.getAttribute("aria-label") || label || "").trim().replace(/\\s+/g, " "), tag: e.tagName, id: e.id,
        hidden: !!bar && !bar.contains(e), outside: box.bottom < 0 || box.top > innerHeight,
    };
}"""
"""The element that has the focus: how it is called, and whether the bar of the time left lies over it (WCAG 2.4.11)."""


async def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what has the focus is called so. It is on the screen at each step, and under nothing."""
    seen = []
    for _ in range(MOST_TABS):
        await page.keyboard.press(key)
        at = await page.evaluate(FOCUSED)
        if at["tag"] != "BODY":
            assert not at["hidden"], f"« {at['name']} » has the focus under the bar of the time left"
            assert not at["outside"], f"« {at['name']} » has the focus outside of the screen"
        seen.append(at["name"])
        if at["name"].startswith(name):
            return
    raise AssertionError(f"« {name} » is not reached by {key}: {seen}")


async def type_into(page: Page, name: str, text: str) -> None:
    """Tab to a field and type."""
    await tab_to(page, name)
    await page.keyboard.type(text)
