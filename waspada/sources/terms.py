"""Sites whose terms forbid this use: no source may stand there, whoever adds it."""

from __future__ import annotations

from waspada.errors import InputError
from waspada.sources.outlets import host_of

#: Registrable domains, by who forbids it; with X those that copy it.
_FORBIDDEN = {
    "X": ("x.com", "twitter.com", "t.co", "nitter.net", "xcancel.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com"),
    "Telegram": ("t.me", "telegram.me", "telegram.org", "telegram.dog"),
    "Meta": (
        "facebook.com",
        "fb.com",
        "fb.me",
        "fb.watch",
        "messenger.com",
        "instagram.com",
        "instagr.am",
        "threads.net",
        "threads.com",
        "whatsapp.com",
        "wa.me",
    ),
}
_OWNERS = {domain: owner for owner, domains in _FORBIDDEN.items() for domain in domains}


def forbidden_by(url: str) -> str | None:
    """Who forbids to collect from this address: "X", "Telegram", "Meta", or None."""
    labels = host_of(url).split(".")
    return next((_OWNERS[end] for at in range(len(labels)) if (end := ".".join(labels[at:])) in _OWNERS), None)


def check_terms(url: str) -> None:
    """Raises InputError for an address at X, Telegram or Meta."""
    owner = forbidden_by(url)
    if owner is not None:
        raise InputError(
            f"{url[:200]} cannot be a source: the terms of {owner} forbid this use.",
            hint="Add the website of the outlet itself, or a hashtag of a Mastodon instance. An institution's account"
            " (https://INSTANCE/@NAME.rss) needs `--role official` or `--role news`.",
        )
