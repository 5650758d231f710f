"""What every page keeps, and what a reader sees of it."""

import re
from html import unescape

import httpx


def assert_sound(answer: httpx.Response) -> None:
    """What every page keeps: nothing inline, nothing cached, one heading, Montréal beside every time, no token."""
    assert answer.headers["cache-control"] == "no-store"
    assert '<html lang="fr-CA">' in answer.text and "Passer au contenu" in answer.text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text))
    assert "eyJ" not in answer.text
    # Of the line’s two faces, waiting and called, one is hidden.
    hidden = len(re.findall(r'data-show="(?:called|queue)" hidden', answer.text))
    assert answer.text.count("<h1") - hidden == 1
    for block in re.findall(r"<(?:p|li|dd)[ >].*?</(?:p|li|dd)>", answer.text, re.DOTALL):
        if re.search(r"\d\xa0h\xa0\d\d", block):
            assert "heure de Montréal" in unescape(block), block


def text_of(answer: httpx.Response) -> str:
    """What a reader sees: no markup, no-break spaces as spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def assert_clean(answer: httpx.Response) -> None:
    """Nothing inline that the CSP would refuse, nothing cached, no token anywhere."""
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text))
    assert "eyJ" not in answer.text
