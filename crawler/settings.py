"""Scrapy, set to be polite and closed: robots.txt, one request at a time, no open ports, no cookies, no noise."""

from __future__ import annotations

from typing import Any

from crawler.guard import ALLOWED_SETTING, ONLY_ALLOWED_SETTING
from waspada.settings import Settings

MAX_REDIRECTS = 10
#: Requests in the air over all sites; each site has one at a time.
CONCURRENT_REQUESTS = 64


def scrapy_settings(
    settings: Settings,
    allowed: frozenset[str] = frozenset(),
    domain_delay_seconds: float | None = None,
    *,
    only_allowed: bool = False,
) -> dict[str, Any]:
    """The settings of one collector process. A delay of 0 is for servers that we run ourselves (demo, tests)."""
    delay = settings.domain_delay_seconds if domain_delay_seconds is None else domain_delay_seconds
    return {
        "BOT_NAME": "waspada",
        "USER_AGENT": settings.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,"
            "*/*;q=0.8",
            "Accept-Language": "id,en;q=0.5",
        },
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "TWISTED_DNS_RESOLVER": "crawler.guard.GuardedResolver",
        # Both would open a local port; RemoteControl (since Scrapy 2.19) even runs Python that it is sent.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy would connect to addresses that the guard never sees
        "DOWNLOAD_HANDLERS": {"file": None, "ftp": None, "s3": None, "data": None},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "RETRY_ENABLED": False,  # the database remembers what to try again, and when
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "DOWNLOAD_TIMEOUT": settings.request_timeout_seconds,
        "DOWNLOAD_MAXSIZE": settings.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "CONCURRENT_REQUESTS": CONCURRENT_REQUESTS,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": 60.0,
        "URLLENGTH_LIMIT": 4096,
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.guard.GuardMiddleware": 40,
            "crawler.polite.SlotMiddleware": 60,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawler.polite.RobotsMiddleware": 100,
        },
        "EXTENSIONS": {
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.remote_control.RemoteControl": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawler.polite.PoliteThrottle": 0,
        },
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        ALLOWED_SETTING: sorted(allowed),
        ONLY_ALLOWED_SETTING: only_allowed,
    }
