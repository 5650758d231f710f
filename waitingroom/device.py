"""The device rule (DV-01 to DV-03): only a personal computer may apply. A pure function, and its evidence.

An allow-list: Windows, macOS, Linux and its relatives on a desktop, ChromeOS, HarmonyOS where it says that it runs on
a PC; computers with a touch screen pass. Whatever is not recognised as one of them is refused. The headers alone decide
for browsers without scripts; the probe (`static/device.js`) catches tablets that pose as computers. What a browser says
of itself can be forged; that limit is declared (DV-03), so the evidence is kept for people to look at.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

import msgspec
from ua_parser import Parser
from ua_parser.loaders import load_lazy_builtins
from ua_parser.matchers import DeviceMatcher
from ua_parser.regex import Resolver

RULE_VERSION = "2016-06-13.2"
"""Changes whenever an agent may be judged differently; it is kept with each submission."""

DEFAULT = frozenset({"windows", "macos", "linux", "chromeos", "harmonyos"})
"""The families a personal computer can be of."""

Allowed = Mapping[str, frozenset[str]]
"""Which families each programme takes, by its id. A programme that is not there takes all personal computers."""

FAMILIES = DEFAULT | {
    "phone", "tablet", "tv", "console", "ereader", "watch", "headset", "appliance", "bot", "unknown",
}  # fmt: skip

LONGEST_AGENT = 512
"""Characters of a User-Agent that are looked at and kept; real ones stay below 400, longer ones are abuse."""

LONGEST_HINT = 40

MOST_ANDROID_TOUCH_POINTS = 5
"""Browsers on Android say at most five, whatever the screen can do; a laptop's touch screen mostly says ten."""

# Names that give a device away even where it borrows the words of a desktop system. The first that matches decides.
_MARKERS = (
    ("bot", r"PowerShell|libwww|python-requests|aiohttp/|okhttp/|Apache-HttpClient|[a-z]bot\b|\bbot/|crawler|spider"),
    ("headset", r"OculusBrowser|\bQuest( \d|Pro)|HoloLens|PicoBrowser"),
    ("watch", r"\bWatch ?OS|Apple ?Watch|SM-R\d{3}\b|Wear ?OS|Galaxy Watch"),
    ("appliance", r"DeviceType/Smart(Display|Speaker)|\bAEO[A-Z]{2}\b|Family ?Hub|\bTesla/|QtCarBrowser|\(Fuchsia\)|"
                  r"Nest ?Hub|Echo ?Show"),
    ("console", r"PlayStation|\bPSP\b|Xbox|Nintendo|\bOuya\b|Valve Steam (Gamepad|Tenfoot)|Dreamcast"),
    ("ereader", r"\bKindle/\d|Kobo|PocketBook|\btolino\b|\bNOOK\b|\bBNRV|EBRD|\bPRS-T\d|Cybook|reMarkable"),
    ("tv", r"Smart-?TV|SmartHub|\bTV\b|AppleTV|\bHbbTV|\bCE-HTML|NetCast|Web0S|NETTV|BRAVIA|\bAFT[A-Z0-9]{1,8}\b|"
           r"\bCrKey/|Chromecast|\bRoku\b|GoogleTV|Viera|Aquos|DLNADOC|InettvBrowser|MiBOX|Boxee|DuneHD|VIZIO"),
    ("phone", r"Opera Mini|Opera Mobi|\bMIDP\b|WPDesktop|IEMobile|\bLumia\b|Windows (Phone|CE)\b|UCWEB|NetFront|"
              r"Symbian|Series ?60|SymbOS|\bMaemo\b|\bMeeGo\b|\bUbuntu; Mobile"),
    ("tablet", r"\bSilk\b|\bPlayBook\b|hp-tablet|TouchPad|\bUbuntu; (Tablet|Touch)|X11;.*SamsungBrowser|"
               r"\bKF[A-Z]{3,5}\b|Windows NT 6\.[23]; ARM;"),  # Windows RT ran on tablets alone
)  # fmt: skip


@cache
def _parsers() -> tuple[Parser, Parser]:
    """What reads the markers and what reads agents, made at first use: their expressions take 0.3 s to compile.

    The same engine for both: 2 µs for the markers, instead of the 200 that Python's `re` takes for them.
    """
    markers = Parser(
        Resolver(([], [], [DeviceMatcher(pattern, "i", family) for family, pattern in _MARKERS]))
    )
    return markers, Parser(Resolver(load_lazy_builtins()))


def prepare() -> None:
    """Compile the rule's expressions now, so that no request waits for them."""
    _parsers()


# What ua-parser calls a system, and what it is to us. A name that is not here is not a personal computer.
_SYSTEMS = {
    "Windows": "windows",
    "Mac OS X": "macos",
    "Mac OS": "macos",
    "Chrome OS": "chromeos",
    **dict.fromkeys(
        ("Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "CentOS", "SUSE", "openSUSE", "Mandriva", "Mageia", "Gentoo",
         "Arch Linux", "Linux Mint", "Kubuntu", "Lubuntu", "Slackware", "PCLinuxOS", "Solaris", "FreeBSD", "OpenBSD",
         "NetBSD"),
        "linux",
    ),
    **dict.fromkeys(
        ("Windows Phone", "Windows Mobile", "Windows CE", "BlackBerry OS", "Symbian OS", "Symbian^3",
         "Symbian^3 Anna", "Symbian^3 Belle", "Nokia Series 30 Plus", "Nokia Series 40", "Bada", "Firefox OS", "KaiOS",
         "Brew MP", "Maemo", "MeeGo", "Sailfish", "webOS", "Tizen", "HarmonyOS"),
        "phone",
    ),
    "BlackBerry Tablet OS": "tablet",
    **dict.fromkeys(("tvOS", "ATV OS X", "Google TV", "WebTV", "Roku OS", "Chromecast"), "tv"),
    "WatchOS": "watch",
}  # fmt: skip

# Sec-CH-UA-Platform, as Chromium writes it without the quotation marks, in lower case.
_PLATFORMS = {
    "windows": "windows",
    "macos": "macos",
    "mac os x": "macos",
    "linux": "linux",
    "chrome os": "chromeos",
    "chromium os": "chromeos",
    "android": "tablet",
    "ios": "tablet",
    "fuchsia": "appliance",
}

_DESKTOP_WORDS = {
    "windows": re.compile(r"Windows|Win(95|98|NT)"),
    "macos": re.compile(r"Macintosh|Mac_PowerPC|Mac_PPC|\(macOS; \w+\) Ladybird/"),
    "linux": re.compile(r"X11|Wayland|\(\w+; \w+\) Ladybird/"),
    "chromeos": re.compile(r"CrOS"),
}
"""What a browser on a desktop says besides the system: `Linux` alone is said by televisions and e-readers too."""

_UNPARSED = {"macOS": "macos", "DragonFly": "linux"}
"""Systems that ua-parser does not name, by the word that agents have for them."""

_SYSTEM_WORDS = re.compile(rf"\b({'|'.join(_UNPARSED)})\b")

_HARMONY = re.compile(r"\((?:OHOS; )?(\w+); OpenHarmony\b")
"""HarmonyOS says first what it runs on, and may add the words of Windows or Android to be served as they are."""

_HARMONY_DEVICES = {
    "PC": "harmonyos",
    "2in1": "harmonyos",
    "Phone": "phone",
    "Tablet": "tablet",
    "TV": "tv",
    "Wearable": "watch",
    "Car": "appliance",
}

_BROWSER = re.compile(r"^(Mozilla|Opera)/\d")
"""Every desktop browser begins so; libraries and commands mostly do not."""


LIKELY_TABLET = "probe_desktop_site"
"""The rule for Android's « desktop site », which has the words of Linux: the probe makes it likely, not certain."""

POINTERS = frozenset({"fine", "coarse", "none"})
"""What the media features `pointer` and `any-pointer` can be; anything else is kept as unknown."""

HOVERS = frozenset({"hover", "none"})
"""The same of `any-hover`."""

MOST_TOUCH_POINTS = 256
"""Browsers say 0 to 10; beyond this a figure tells nothing more and would only fill the evidence."""


class Probe(msgspec.Struct, frozen=True):
    """What the page's script saw of the device (DV-03): the `device` object of bodies (`docs/contract.md`).

    `pointer` is the first pointing device, `any_pointer` the finest of all that are there, `any_hover` whether one of
    them can rest over something without pressing it: a mouse and a trackpad can, a finger and a pen cannot. Empty texts
    are unknown.
    """

    touch_points: int = 0
    pointer: str = ""
    any_pointer: str = ""
    any_hover: str = ""

    def cleaned(self) -> "Probe":
        """The same within bounds: what no browser says is unknown."""
        return Probe(
            touch_points=max(0, min(self.touch_points, MOST_TOUCH_POINTS)),
            pointer=self.pointer if self.pointer in POINTERS else "",
            any_pointer=self.any_pointer if self.any_pointer in POINTERS else "",
            any_hover=self.any_hover if self.any_hover in HOVERS else "",
        )

    @property
    def is_like_android(self) -> bool:
        """Fingers alone, as many as Android says. A laptop has a trackpad beside its touch screen, whichever of the two
        its browser calls the first; a pen on a tablet is fine too, but cannot hover."""
        touched = 1 < self.touch_points <= MOST_ANDROID_TOUCH_POINTS and self.pointer == "coarse"
        return touched and not (self.any_pointer == "fine" and self.any_hover != "none")

    def evidence(self) -> dict[str, str | int]:
        """What is kept of it; the two of all pointers only where they are known."""
        more = {"any_pointer": self.any_pointer, "any_hover": self.any_hover}
        kept: dict[str, str | int] = {"touch_points": self.touch_points, "pointer": self.pointer}
        return kept | {name: text for name, text in more.items() if text}


class Verdict(msgspec.Struct, frozen=True):
    """May this device apply, what it is taken for, which rule said so, and from what (kept with the submission)."""

    allowed: bool
    family: str
    rule: str
    evidence: dict[str, str | int]

    @property
    def is_computer(self) -> bool:
        """A personal computer, though perhaps none that this programme takes."""
        return self.family in DEFAULT


def verdict(
    user_agent: str,
    ch_mobile: str = "",
    ch_platform: str = "",
    probe: Probe | None = None,
    allow: frozenset[str] = DEFAULT,
    admitted: bool = False,
) -> Verdict:
    """Judge one request. The strings are header values as they came; without scripts there is no probe.

    `admitted` is for somebody whose browser was let into the line already: what a probe only makes likely refuses them
    no more. A laptop that was folded meanwhile, or whose mouse came late, is the computer that it was at the join.
    """
    agent = _clean(user_agent, LONGEST_AGENT)
    mobile = _clean(ch_mobile, LONGEST_HINT)
    platform = _clean(ch_platform, LONGEST_HINT).strip('" ')
    seen = Probe() if probe is None else probe.cleaned()
    family, rule = _judge(agent, mobile, platform, seen)
    contradiction = _contradiction(agent, mobile, platform)
    if admitted and rule == LIKELY_TABLET:
        contradiction = contradiction or f"admitted as {agent_family(agent)[0]}, then seen as {family}"
        family, rule = agent_family(agent)
    evidence: dict[str, str | int] = {"rule_version": RULE_VERSION, "user_agent": agent}
    evidence |= {name: text for name, text in (("ch_mobile", mobile), ("ch_platform", platform)) if text}
    if probe is not None:
        evidence |= seen.evidence()
    if contradiction:
        evidence["contradiction"] = contradiction
    return Verdict(allowed=family in allow, family=family, rule=rule, evidence=evidence)


def _judge(agent: str, mobile: str, platform: str, probe: Probe) -> tuple[str, str]:
    """The family and the rule that decided, strictest first: no hint and no probe can turn a refusal into a yes."""
    if not agent:
        return "unknown", "no_agent"
    family, rule = agent_family(agent)
    if family not in DEFAULT:
        return family, rule
    if mobile == "?1":
        return "phone", "hint_mobile"
    hinted = _PLATFORMS.get(platform.lower(), family)
    if hinted not in DEFAULT:
        return hinted, "hint_platform"
    if family == "macos" and probe.touch_points > 1:
        return "tablet", "probe_ipad"  # no Mac has a touch screen; iPadOS says it is one
    if family == "linux" and probe.is_like_android:
        return "tablet", LIKELY_TABLET
    return family, rule


def _contradiction(agent: str, mobile: str, platform: str) -> str:
    """Where the hints and the agent disagree, for the people who review; empty when they agree (DV-03)."""
    family, _ = agent_family(agent) if agent else ("unknown", "")
    hinted = _PLATFORMS.get(platform.lower())
    if hinted and hinted != family and (hinted in DEFAULT or family in DEFAULT):
        return f"agent {family}, platform {platform}"
    if mobile == "?1" and family in DEFAULT:
        return f"agent {family}, mobile {mobile}"
    return ""


@lru_cache(maxsize=2048)
def agent_family(agent: str) -> tuple[str, str]:
    """What the User-Agent alone says: the family, and the rule that found it. Cached: a crowd has few agents."""
    markers, agents = _parsers()
    if marker := markers.parse_device(agent):
        return marker.family, "marker"
    parsed = agents.parse(agent)
    if parsed.device is not None and parsed.device.family == "Spider":
        return "bot", "spider"
    if harmony := _HARMONY.search(agent):
        return _HARMONY_DEVICES.get(harmony[1], "unknown"), "system"
    system = parsed.os.family if parsed.os is not None else ""
    if system == "iOS":
        return ("tablet" if "iPad" in agent else "phone"), "system"
    if system == "Android" or "Android" in agent:
        return ("phone" if "Mobile" in agent else "tablet"), "system"
    family = _SYSTEMS.get(system, "unknown")
    if not system and (named := _SYSTEM_WORDS.search(agent)):
        family = _UNPARSED[named[0]]
    if family not in DEFAULT:
        return _not_a_computer(agent, family)
    if not _BROWSER.match(agent) or not _DESKTOP_WORDS[family].search(agent):
        return _not_a_computer(agent, "unknown")
    return family, "system"


def _not_a_computer(agent: str, family: str) -> tuple[str, str]:
    if family != "unknown":
        return family, "system"
    if re.search(r"\b(Mobile|Phone|Mobi)\b", agent):
        return "phone", "mobile_word"
    if re.match(r"[A-Za-z][\w.+-]*/[\d.]+", agent) and not _BROWSER.match(agent):
        return "bot", "library"
    return "unknown", "unknown_agent"


def _clean(text: str, longest: int) -> str:
    text = text[:longest]
    if text.isprintable():  # every browser's own text is; letter by letter takes 30 µs
        return text.strip()
    return "".join(letter for letter in text if letter.isprintable()).strip()
