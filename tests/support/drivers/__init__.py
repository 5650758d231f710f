"""Browsers other than Chromium, driven as their makers provide: Firefox by WebDriver BiDi, WebKitGTK by WebDriver."""
