"""Telling an article from what a site shows instead: a challenge, a consent wall, a captcha, a paywall, a refusal.

Such a page is "blocked", never an item: its text would be tagged, grouped and shown as news. Every repeat in a pattern
is bounded: the page chooses the text they run over, and an open one takes quadratic time or worse.
"""

from __future__ import annotations

import re

BLOCKED_STATUS = {401: "login asked (401)", 402: "payment asked (402)", 403: "refused (403)", 451: "withheld (451)"}

#: Marks in the source of a page that only a challenge has. (mark, what it is)
_CHALLENGES = (
    (rb"cf-chl-|/cdn-cgi/challenge-platform/h/|cf_chl_opt|cf-browser-verification", "Cloudflare challenge"),
    (rb"_incapsula_resource|incapsula incident id", "Imperva challenge"),
    (rb"captcha-delivery\.com|datadome captcha", "DataDome challenge"),
    (rb"px-captcha|perimeterx", "PerimeterX challenge"),
    (rb"awswaf|aws-waf-token|gokuprops", "AWS WAF challenge"),
    (rb"sucuri_cloudproxy_js|sucuri website firewall", "Sucuri challenge"),
    (rb"ddos-guard\.net|ddos protection by", "DDoS challenge"),
    (rb"akamai.{0,40}reference&#32;#|access denied.{0,300}reference&#32;#", "Akamai refusal"),
)
_TITLES = re.compile(
    rb"<title[^<>]{0,300}>\s{0,300}(?:just a moment|attention required|access denied|are you (?:a )?(?:human|robot)"
    rb"|human verification"
    rb"|verifikasi (?:anda )?(?:manusia|bahwa anda)|tunggu sebentar|mohon tunggu|one moment,? please|ddos-guard"
    rb"|security check|checking your browser|pemeriksaan keamanan|403 forbidden|akses ditolak|please wait"
    rb"|robot check|bot verification|request rejected|you have been blocked|pardon our interruption)",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(rb"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|recaptcha/api", re.IGNORECASE)
_CONSENT = re.compile(
    rb"consent\.(?:google|youtube|yahoo)\.|guce\.advertising|<title[^<>]{0,300}>\s{0,300}(?:before you continue"
    rb"|sebelum (?:anda )?melanjutkan|privacy (?:settings|choices)|persetujuan (?:cookie|privasi)|cookie consent)",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    rb"\"isAccessibleForFree\"\s{0,100}:\s{0,100}\"?false"
    rb"|(?:konten|artikel|berita) (?:ini )?(?:khusus|eksklusif|hanya) untuk (?:pelanggan|anggota|member)"
    rb"|untuk membaca selengkapnya,? (?:silakan )?(?:berlangganan|masuk)"
    rb"|subscribe to (?:continue|read)|<meta[^<>]{1,300}content_tier[^<>]{1,300}(?:locked|metered)",
    re.IGNORECASE,
)
_SCRIPT = re.compile(rb"<(script|style|noscript)\b")
_TAG = re.compile(rb"<[^<>]*>")
#: A page with more visible text than this has an article on it, whatever widgets it carries (bytes).
_FEW_BYTES = 1500
_LOOK_AT_BYTES = 400_000


def blocked_status(status: int) -> str | None:
    """Why an HTTP status means "blocked", or None."""
    return BLOCKED_STATUS.get(status)


def blocked_page(body: bytes) -> str | None:
    """What a page shows instead of an article, or None. A paywalled page is judged by `is_paywalled`."""
    head = body[:_LOOK_AT_BYTES]
    lower = head.lower()
    if _TITLES.search(head):
        return "challenge page"
    visible = None
    for marks, name in _CHALLENGES:
        if re.search(marks, lower, re.DOTALL):
            visible = _visible_bytes(head) if visible is None else visible
            if visible < _FEW_BYTES:
                return name
    if _CONSENT.search(head) and _visible_bytes(head) < 2 * _FEW_BYTES:
        return "consent page"
    if _CAPTCHA.search(head) and _visible_bytes(head) < _FEW_BYTES // 2:
        return "captcha"
    return None


def is_paywalled(body: bytes, text_length: int) -> bool:
    """Whether the page says that the article is for subscribers and shows only a teaser (fewer than 800 characters)."""
    return text_length < 800 and bool(_PAYWALL.search(body[:_LOOK_AT_BYTES]))


def _visible_bytes(body: bytes) -> int:
    return len(b" ".join(_TAG.sub(b" ", _without_scripts(body.lower())).split()))


def _without_scripts(lower: bytes) -> bytes:
    """A page in lower case without its scripts and styles. One that is never closed hides the rest, as in a browser.

    By find: a pattern from an opening to its closing tag would read the rest of the page anew for every open one.
    """
    kept, done = [], 0
    while (opened := _SCRIPT.search(lower, done)) is not None:
        kept.append(lower[done : opened.start()])
        closing = lower.find(b"</" + opened[1], opened.end())
        end = lower.find(b">", closing) if closing >= 0 else -1
        if end < 0:
            return b" ".join(kept)
        done = end + 1
    return b" ".join([*kept, lower[done:]])
