"""The polled APIs behind one call, by the kind of the source."""

from __future__ import annotations

from crawler.outcomes import PollRead, Problem
from crawler.posts.answers import failed
from crawler.posts.mastodon_api import MastodonApi
from crawler.posts.types import Errand
from crawler.posts.youtube_api import YoutubeApi
from waspada.errors import InputError
from waspada.settings import Settings
from waspada.sources.extras import missing_extra
from waspada.sources.types import Fault, Source, SourceKind


class PostApis:
    """Blocking: each call belongs into a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        allowed: frozenset[str] = frozenset(),
        *,
        only_allowed: bool = False,
        youtube_endpoint: str | None = None,
    ) -> None:
        self._only_allowed = only_allowed and youtube_endpoint is None
        self._mastodon = MastodonApi(settings, allowed, only_allowed=only_allowed)
        self._youtube = YoutubeApi(settings, endpoint=youtube_endpoint)

    def poll(self, source: Source, errand: Errand) -> PollRead:
        """Never raises: what an API or its library does is a failed poll."""
        missing = missing_extra(source.kind)
        if missing is not None:
            return failed(Problem(missing, Fault.HARD))
        if source.kind is SourceKind.YOUTUBE and self._only_allowed:
            return failed(Problem("refused: this crawl asks nothing but the servers it was given", Fault.HARD))
        api = self._mastodon if source.kind is SourceKind.MASTODON else self._youtube
        try:
            return api.poll(source, errand)
        except InputError as error:  # a stored address that is no longer one of its kind
            return failed(Problem(str(error), Fault.HARD))
        except Exception as error:  # the boundary to the libraries, whose casts trip over answers that are odd enough
            return failed(Problem(f"the answer cannot be read ({type(error).__name__})", Fault.SOFT))
