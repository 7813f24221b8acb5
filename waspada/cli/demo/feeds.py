"""The feeds of the demo's outlets, in the forms that real ones have: RSS 2.0, RDF, Atom, news sitemap, Mastodon."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader

from waspada.clock import ZONES

if TYPE_CHECKING:
    from waspada.cli.demo.site import OutletSite

_feeds = Environment(loader=PackageLoader("waspada.cli.demo", "designs"), autoescape=True)
_feeds.filters["rfc822"] = lambda moment: format_datetime(moment.astimezone(ZONES["WITA"]))
_feeds.filters["iso"] = lambda moment: moment.astimezone(ZONES["WITA"]).isoformat()


def write(site: OutletSite) -> str:
    """The feed of an outlet in its own form."""
    return _feeds.get_template(f"feed.{site.outlet.feed}.xml").render(
        outlet=site.outlet, base=site.base, feed_url=site.feed_url, url_of=site.url_of, items=site.items()
    )
