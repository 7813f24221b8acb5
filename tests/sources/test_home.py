"""Where an outlet is at home: each clue, their order, and names that are no clue."""

from __future__ import annotations

import pytest

from waspada.errors import InputError
from waspada.places import regions
from waspada.sources.home import HomeClues, find_home, region_in_word, zone_of_region
from waspada.sources.service import check_url, read_default_sources
from waspada.sources.terms import forbidden_by
from waspada.sources.types import NewSource, SourceRole

LISTED = [
    NewSource(url="https://banua.uji.example/rss", outlet="Banua Uji", region="kalsel", zone="WITA"),
    NewSource(url="https://nusa.example/rss/politik", outlet="Nusa Uji", zone="WIB"),
    NewSource(url="https://nusa.example/rss/hukum", outlet="Nusa Uji", zone="WIB"),
    NewSource(url="https://cek.example/", outlet="Cek Uji", zone="WIB", role=SourceRole.FACTCHECK),
]


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("kaltimpost", ["64"]),
        ("radarsampit", ["62.02"]),
        ("Banjarmasin Post", ["63.71"]),
        ("tribun-kaltara", ["65"]),
        ("klikkalsel", ["63"]),
        ("suarabanjar", ["32.79", "63.03"]),
        ("balipost", ["51"]),
        ("mediaindonesia", []),
        ("metrotvnews", []),
        ("batutimes", []),
        ("borneonews", []),
        ("beritasatu", []),
        ("", []),
        ("kabarkabarkabar" * 50, []),
    ],
)
def test_a_word_names_its_region(word: str, codes: list[str]) -> None:
    assert sorted(region_in_word(word)) == codes


@pytest.mark.parametrize(
    ("clues", "region", "why"),
    [
        pytest.param(HomeClues(("https://banua.uji.example/x",)), "63", "list has this host", id="host"),
        pytest.param(HomeClues(("https://nusa.example/",), "Kaltim Uji"), None, "list has this host", id="national"),
        pytest.param(HomeClues(("https://a.example/",), "Banua Uji"), "63", "list has Banua Uji", id="name"),
        pytest.param(HomeClues(("https://kalbar.nusa.example/",), "Nusa Uji"), "61", 'says "kalbar"', id="desk"),
        pytest.param(HomeClues(("https://m.nusa.example/",), "Nusa Uji"), None, "national outlet", id="by name"),
        pytest.param(HomeClues(("https://banjarkab.go.id/",)), "63.03", 'says "banjarkab"', id="kabupaten"),
        pytest.param(HomeClues(("https://kaltaraprov.go.id/",)), "65", 'says "kaltaraprov"', id="provinsi"),
        pytest.param(
            HomeClues(("https://a.example/",), "Kabar", ("Kabar - Berita Kalimantan Selatan",)),
            "63",
            "calls itself",
            id="title",
        ),
        pytest.param(
            HomeClues(("https://a.example/",), "Kabar", ("Kabar dari Jakarta",), ("Jl. Sudirman, Jakarta Pusat",)),
            None,
            "nothing says",
            id="capital",
        ),
        pytest.param(
            HomeClues(("https://suarabanjar.example/",), addresses=("Jl. Veteran, Kota Banjar, Jawa Barat",)),
            "32.79",
            'says "suarabanjar"',
            id="two of a name",
        ),
        pytest.param(HomeClues(("https://suarabanjar.example/",)), "63.03", 'says "suarabanjar"', id="by default"),
        pytest.param(HomeClues(("http://127.0.0.1:8000/",), "\x00\u202e" * 5000), None, "nothing", id="hostile"),
        pytest.param(HomeClues(()), None, "nothing says", id="empty"),
    ],
)
def test_the_clues_are_heard_in_their_order(clues: HomeClues, region: str | None, why: str) -> None:
    home = find_home(clues, LISTED)
    assert home.region == region
    assert why in home.region_why


def test_a_clue_that_points_elsewhere_is_told() -> None:
    entries = tuple((f"Warga Pontianak bergotong royong {n}", "") for n in range(8))
    home = find_home(HomeClues(("https://kaltimpost.example/",), entries=entries), LISTED)
    assert home.region == "64"
    assert "but Kalimantan Barat: 8 of the 8 entries" in home.region_why


def test_few_or_scattered_entries_say_nothing() -> None:
    few = tuple((f"Pasar Barabai ramai {n}", "") for n in range(4))
    towns = ("Barabai", "Pontianak", "Makassar", "Surabaya", "Medan", "Jayapura", "Ambon", "Kupang")
    scattered = tuple((f"Pasar di {town} ramai", "") for town in towns)
    for entries in (few, scattered):
        assert find_home(HomeClues((), entries=entries), LISTED).region is None


@pytest.mark.parametrize(
    ("clues", "zone", "why"),
    [
        (HomeClues(("https://banua.uji.example/",), text="08:30 WIB " * 5), "WITA", "source list"),
        (HomeClues(("https://kaltimpost.example/",), text="08.30 WIB\n" * 5), "WIB", "5 of 5 times"),
        (HomeClues(("https://kaltimpost.example/",), text="08.30 WIB, 09.30 WITA " * 5), "WITA", "Kalimantan Timur"),
        (HomeClues(("https://papuapos.example/",)), "WIT", "Papua"),
        (HomeClues(("https://a.example/",)), "WITA", "nothing says"),
    ],
)
def test_the_zone_is_what_the_page_says_else_that_of_the_province(clues: HomeClues, zone: str, why: str) -> None:
    home = find_home(clues, LISTED)
    assert home.zone == zone
    assert why in home.zone_why


def test_a_given_region_is_believed_and_brings_its_zone() -> None:
    home = find_home(HomeClues(("https://kaltimpost.example/",)), LISTED, region="94")
    assert (home.region, home.region_why, home.zone) == ("94", "given", "WIT")


def test_every_province_has_the_zone_of_its_island() -> None:
    zones = {region.code: zone_of_region(region.code) for region in regions() if len(region.code) == 2}
    assert [code for code, zone in zones.items() if zone == "WIT"] == ["81", "82", "91", "92", "93", "94", "95", "96"]
    assert sum(zone == "WITA" for zone in zones.values()) == 12
    assert {zones["61"], zones["62"], zones["11"], zones["36"]} == {"WIB"}


def test_the_role_is_that_of_the_list_and_of_public_bodies() -> None:
    assert find_home(HomeClues(("https://cek.example/feed",)), LISTED).role is SourceRole.FACTCHECK
    assert find_home(HomeClues(("https://mmc.kalteng.go.id/",)), LISTED).role is SourceRole.OFFICIAL
    assert find_home(HomeClues(("https://a.example/",)), LISTED).role is SourceRole.NEWS


def test_the_shipped_list_finds_each_of_its_own_hosts_at_home() -> None:
    listed = read_default_sources()
    by_host = {source.url: find_home(HomeClues((source.url,)), listed) for source in listed}
    assert by_host["https://kaltim.tribunnews.com/rss"].region == "64"
    assert by_host["https://rss.tempo.co/nasional"].region is None
    assert by_host["https://rss.tempo.co/nasional"].zone == "WIB"


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://x.com/kabar", "X"),
        ("https://mobile.twitter.com/kabar", "X"),
        ("https://t.me/s/kabar", "Telegram"),
        ("https://id-id.facebook.com/kabar", "Meta"),
        ("https://WWW.Instagram.com./kabar", "Meta"),
    ],
)
def test_sites_whose_terms_forbid_it_are_refused_by_every_door(url: str, owner: str) -> None:
    assert forbidden_by(url) == owner
    with pytest.raises(InputError, match=f"the terms of {owner}"):
        check_url(url)


@pytest.mark.parametrize("url", ["https://kabarx.com/", "https://start.me/", "https://x.com.example/", "http://[::1"])
def test_sites_that_only_look_like_them_are_not(url: str) -> None:
    assert forbidden_by(url) is None
