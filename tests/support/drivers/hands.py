"""How a person fills in a page and goes on: with a mouse, or with the keyboard alone. Neither knows a form: each
control that is seen gets something that its type takes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from playwright.async_api import Page

from tests.support.drivers.keyboards import FOCUSED, MOST_TABS, tab_to

CONTROL = """(e) => ({
    id: e.id, name: e.name || "", type: e.type || "", value: e.value || "", keyboard: e.inputMode || "",
    checked: !!e.checked, seen: e.checkVisibility(),
    options: [...(e.options || [])].map((one) => [one.value, one.textContent.trim()]),
})"""

IN_FORM = f"(form) => [...form.elements].map({CONTROL})"

FOCUSED_IN = f"""(form) => {{
    const e = document.activeElement;
    return form.contains(e) && "form" in e ? ({CONTROL})(e) : null;
}}"""

TICKED = ("radio", "checkbox")

NOT_FILLED = ("hidden", "submit", "button", "fieldset")

BY_NAME = {"day": "15", "month": "6", "year": "2008"}

BY_TYPE = {"email": "essai@exemple.invalid", "tel": "+1 514 555-0123"}

BY_KEYBOARD = {"numeric": "3", "decimal": "5000"}


class Control(NamedTuple):
    """A control as a page has it."""

    id: str
    name: str
    type: str
    value: str
    keyboard: str
    checked: bool
    seen: bool
    options: list[list[str]]

    @property
    def is_asked(self) -> bool:
        """Whether somebody is to fill it in; nobody is taken out of the application."""
        return self.seen and bool(self.name) and self.type not in NOT_FILLED and self.name[-7:] != ".remove"

    def answer(self, known: Mapping[str, str]) -> str:
        """What is known of it, otherwise something that it takes; empty where what stands there may stay."""
        if self.name in known:
            return known[self.name]
        if self.value and self.type not in TICKED:
            return ""
        if self.options:
            return next((value for value, _ in self.options if value), "")
        last = self.name.rsplit(".", 1)[-1]
        return (
            BY_NAME.get(last)
            or BY_TYPE.get(self.type)
            or BY_KEYBOARD.get(self.keyboard)
            or ("Exemple" if self.type not in TICKED else self.value)
        )


def to_tick(controls: list[Control], known: Mapping[str, str]) -> Iterator[Control]:
    """Of each group of radio buttons the one that is known, otherwise the first; each box."""
    done = {one.name for one in controls if one.type == "radio" and one.checked}
    for one in controls:
        if one.type == "checkbox" and not one.checked:
            yield one
        elif one.type == "radio" and one.name not in done and known.get(one.name, one.value) == one.value:
            done.add(one.name)
            yield one


class Hands(Protocol):
    """What a person does to a page."""

    async def fill(self, page: Page, form: str, known: Mapping[str, str]) -> None:
        """Every control of this form that is seen; what is known by its name."""

    async def press(self, page: Page, name: str) -> None:
        """The button that is called so."""

    async def follow(self, page: Page, name: str) -> None:
        """The link that is called so."""


class MouseHands(Hands):
    """Points, presses and types."""

    async def fill(self, page: Page, form: str, known: Mapping[str, str]) -> None:
        found = await page.locator(form).first.evaluate(IN_FORM)
        controls = [one for one in (Control(**raw) for raw in found) if one.is_asked]
        for one in to_tick(controls, known):
            await page.locator(f'[id="{one.id}"]').check()
        for one in controls:
            if one.type in TICKED or not (text := one.answer(known)):
                continue
            at = page.locator(f'[id="{one.id}"]')
            await (at.select_option(text) if one.options else at.fill(text))

    async def press(self, page: Page, name: str) -> None:
        await page.get_by_role("button", name=name).first.click()

    async def follow(self, page: Page, name: str) -> None:
        await page.get_by_role("link", name=name).first.click()


class KeyboardHands(Hands):
    """Tab, Space, Enter, arrows and letters; whatever has the focus is on the screen and under nothing."""

    async def fill(self, page: Page, form: str, known: Mapping[str, str]) -> None:
        """Through the form in its own order, until its first button that sends it has the focus."""
        chosen: set[str] = set()
        for _ in range(MOST_TABS):
            await page.keyboard.press("Tab")
            await _on_the_screen(page)
            found = await page.locator(form).first.evaluate(FOCUSED_IN)
            if found is None:
                continue
            one = Control(**found)
            if one.type == "submit":
                return
            if one.is_asked and one.name not in chosen:
                chosen.add(one.name)
                await self._answer(page, form, one, known)
        raise AssertionError(f"no button of {form} is reached by Tab")

    async def _answer(self, page: Page, form: str, one: Control, known: Mapping[str, str]) -> None:
        if one.type == "checkbox":
            if not one.checked:
                await page.keyboard.press("Space")
        elif one.type == "radio":
            await page.keyboard.press("Space")
            while (at := await page.locator(form).first.evaluate(FOCUSED_IN))["value"] != known.get(
                one.name, at["value"]
            ):
                await page.keyboard.press("ArrowDown")
        elif text := one.answer(known):
            words = dict(one.options)
            await page.keyboard.type(words.get(text, text))
            at = await page.locator(form).first.evaluate(FOCUSED_IN)
            assert at["value"].replace("\r\n", "\n") == text, f"« {one.name} » took {at['value']!r}"

    async def press(self, page: Page, name: str) -> None:
        if not (await _on_the_screen(page))["name"].startswith(name):
            await tab_to(page, name)
        await page.keyboard.press("Enter")

    async def follow(self, page: Page, name: str) -> None:
        await self.press(page, name)


async def _on_the_screen(page: Page) -> dict[str, Any]:
    """What has the focus, which can be seen."""
    at: dict[str, Any] = await page.evaluate(FOCUSED)
    if at["tag"] != "BODY":
        assert not at["hidden"], f"« {at['name']} » has the focus under the bar of the time left"
        assert not at["outside"], f"« {at['name']} » has the focus outside of the screen"
    return at
