"""Statuses of the Mastodon API (docs.joinmastodon.org/entities/Status) as announcements: pure.

A post is known by its address on the instance that was asked, without the account (`https://INSTANCE/ID`); the same
address comes out of the instance's RSS. Left out: what is not public, boosts, bots, accounts that asked not to be
indexed (`noindex`) or not to be read by programs ("#nobot" and the like in their profile), and accounts of services
whose terms forbid this use, also where an instance passes their posts on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.feeds import html_text
from crawler.posts.types import Said, mapping, post, string
from waspada.items.policy import url_key
from waspada.sources.outlets import host_of
from waspada.sources.terms import forbidden_by

#: What people write in their profile to be left alone by programs; as a hashtag there may be markup after the "#".
_ASKED_OUT = re.compile(r"\bno-?(?:bots?|index|archive|search|scrap(?:e|ing))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MastodonAdapter:
    """`base` is scheme and host of the instance."""

    base: str

    def read(self, raw: Mapping[str, Any]) -> Iterator[Said]:
        account = mapping(raw.get("account"))
        id_ = str(raw.get("id") or "")
        if (
            not (id_.isascii() and id_.isalnum())
            or raw.get("visibility") != "public"
            or raw.get("reblog")
            or _is_out(account)
        ):
            return
        url = f"{self.base}/{id_}"
        parts = (string(raw.get("spoiler_text")), html_text(string(raw.get("content"))))
        found = post(
            url,
            url_key(url),
            "\n".join(filter(None, parts)),
            handle=self._handle(account),
            published_at=raw.get("created_at"),
            updated_at=raw.get("edited_at"),
        )
        if found is not None:
            yield found

    def _handle(self, account: Mapping[str, Any]) -> str | None:
        """ "name@host": one account has one pseudonym, whichever instance shows it, by the API or by RSS.

        The host is that of the account's page. An instance may name its accounts after another domain, and then calls
        them by their name alone at home and by that domain elsewhere.
        """
        name, _, domain = string(account.get("acct")).partition("@")
        host = host_of(string(account.get("url"))) or domain or urlsplit(self.base).hostname
        return f"{name}@{host}" if name else None


def status_id(url: str) -> str:
    """The id on its instance of a post that is known by this address."""
    return urlsplit(url).path.rpartition("/")[2]


def _is_out(account: Mapping[str, Any]) -> bool:
    if account.get("noindex") is True or account.get("bot") is True:
        return True
    fields = account.get("fields")
    lines = [mapping(each) for each in (fields if isinstance(fields, list) else ())]
    written = [string(account.get("note")), *(string(each.get(name)) for each in lines for name in ("name", "value"))]
    return bool(_ASKED_OUT.search(" ".join(written))) or forbidden_by(string(account.get("url"))) is not None
