"""The console as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import func, select

from api.console.bundles import script
from tests.api.conftest import BASE, Client, Desk, form_token, sign_in
from tests.api.sample import CLASH, NOW, Report, add_alert, add_source
from waspada.access import Role, first_token
from waspada.access.throttle import ADDRESS
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.sources import repository as source_repository
from waspada.sources.types import Notice, NoticeKind
from waspada.store.tables import AlertEventRow, AlertRow, AuditRow, TokenRow

PAGES = (
    "/alerts",
    "/alerts/{clash}",
    "/alerts/{hoax}",
    "/alerts/{hoax}/compare/{clash}",
    "/items/1",
    "/notices",
    "/silences",
    "/escalations",
    "/alerts/{logistics}/escalate",
    "/alerts/{clash}/escalate",
    "/recipients",
    "/digests",
    "/digests/templates",
    "/digests/templates/harian/id",
    "/topics",
    "/models",
    "/sources",
    "/sources/warta-intan",
    "/coverage",
    "/account",
    "/help/keys",
)
#: The only script that a page may name.
SCRIPT = script().address
VOID = {"meta", "link", "input", "img", "br", "rect", "circle", "path"}


class Outline(HTMLParser):
    """Checks a page as it reads: every element closed, ids once, labels for fields, nothing inline."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.fields: list[str] = []
        self.labels: list[str] = []
        self.problems: list[str] = []
        self.headings: list[int] = []
        self.scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append(given.get("src"))
        self.problems += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.append(str(given.get("id")))
        if tag == "label":
            self.labels.append(str(given.get("for")))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img" and "alt" not in given:
            self.problems.append("img without alt")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style") and data.strip():
            self.problems.append(f"inline {self.open[-1]}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> out of place")


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    return found


def cookies(answer: httpx.Response) -> SimpleCookie:
    jar = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


def address(desk: Desk, path: str) -> str:
    return path.format(**desk.alerts)


def test_the_one_time_token_opens_the_console_once(desk: Desk) -> None:
    with desk.store.write() as session:
        session.query(TokenRow).delete()
    secret = first_token(desk.store, desk.clock.now)
    assert secret is not None
    browser, other = desk.stranger(), desk.stranger()
    answer = sign_in(browser, secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/").headers["location"] == "/alerts"
    assert "Massa dua kubu" in browser.get("/alerts").text
    again = sign_in(other, secret)
    assert again.status_code == 401
    assert "tidak berlaku" in again.text


def test_the_session_cookie_is_out_of_reach(desk: Desk) -> None:
    for base, secure in ((BASE, False), ("https://127.0.0.1:8765", True)):
        client = desk.new_client(base)
        token = desk.token(Role.LIAISON if secure else Role.ANALYST)
        jar = cookies(sign_in(client, token))
        cookie = jar["__Host-waspada_session" if secure else "waspada_session"]
        assert ("waspada_session" in jar) is not secure
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "strict"
        assert bool(cookie["secure"]) is secure
        assert int(cookie["max-age"]) == 12 * 3600
        assert token not in cookie.value
    assert "strict-transport-security" in client.get("/login").headers


def test_a_session_ends_after_twelve_hours_and_at_sign_out(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    kept = dict(browser.http.cookies)
    csrf = form_token(browser.get("/alerts").text)
    assert browser.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert browser.get("/alerts").status_code == 200
    out = browser.post("/logout", data={"csrf": csrf})
    assert out.headers["location"] == "/login?done=out"
    thief = desk.stranger()
    thief.http.cookies.update(kept)  # the cookie kept elsewhere is dead too: the session ended in the store
    assert thief.get("/alerts").headers["location"].startswith("/login")
    late = desk.browser(Role.ANALYST)
    desk.clock.forward(timedelta(hours=12))
    assert late.get("/alerts").headers["location"].startswith("/login")


def test_a_changed_cookie_is_nobody(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    value = browser.http.cookies["waspada_session"]
    for forged in (value[:-1] + ("0" if value[-1] != "0" else "1"), "x." + "0" * 64, "", "\x00"):
        stranger = desk.stranger(Cookie=f"waspada_session={forged}")
        assert stranger.get("/alerts").status_code == 303


def test_signing_in_goes_back_to_where_one_was_and_never_elsewhere(desk: Desk) -> None:
    client = desk.stranger()
    assert client.get("/alerts/1").headers["location"] == "/login?next=%2Falerts%2F1"
    token = desk.token(Role.LIAISON)
    for asked, reached in (
        ("/sources", "/sources"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"),
        ("/a\r\nX: y", "/"), ("javascript:alert(1)", "/"),
    ):  # fmt: skip
        assert sign_in(desk.stranger(), token, next=asked).headers["location"] == reached


def test_guessing_is_slowed_down_and_written_down(desk: Desk) -> None:
    client, token = desk.stranger(), desk.token(Role.LIAISON)
    for _ in range(ADDRESS.free):
        assert sign_in(client, "wsp_" + "x" * 43).status_code == 401
    slowed = sign_in(client, token)
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "10")
    desk.clock.forward(timedelta(seconds=10))
    assert sign_in(client, token).status_code == 303
    with desk.store.read() as session:
        refused = session.scalars(select(AuditRow).where(AuditRow.action == "access.sign_in_refused")).all()
        done = session.scalars(select(AuditRow).where(AuditRow.action == "access.sign_in")).one()
    assert len(refused) == ADDRESS.free
    assert "127.0.0.1" not in str([row.detail for row in refused])
    assert done.purpose == "incident"


def test_the_sign_in_form_cannot_be_sent_from_elsewhere(desk: Desk) -> None:
    client = desk.stranger()
    client.get("/login")
    token = desk.token(Role.LIAISON)
    for csrf in ("", "0" * 64):
        assert client.post("/login", data={"token": token, "csrf": csrf}).status_code == 403


def test_the_purpose_of_the_session_stands_in_the_audit_log(desk: Desk) -> None:
    desk.browser(Role.LIAISON).get("/alerts")
    with desk.store.read() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.action, row.actor, row.purpose) == ("alert.search", "liaison-write-all", "incident")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_page_is_well_formed_and_bears_no_inline_code(desk: Desk, lang: str) -> None:
    browser = desk.browser(Role.ADMIN)
    for path in (*PAGES, "/alerts/999999", "/login"):
        answer = browser.get(f"{address(desk, path)}?lang={lang}")
        found = outline(answer.text)
        assert not found.problems, (path, found.problems)
        assert not found.open, path
        assert found.scripts == [SCRIPT], path
        assert len(found.ids) == len(set(found.ids)), path
        assert set(found.fields) <= set(found.labels), path
        assert found.headings[0] == 1, path
        assert all(b - a <= 1 for a, b in zip(found.headings, found.headings[1:], strict=False)), path
        assert f'<html lang="{lang}">' in answer.text
        csp = answer.headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp
        assert "script-src 'self';" in csp
        assert len(answer.content) < 60_000


def test_the_list_shows_what_a_liaison_needs(desk: Desk) -> None:
    page = desk.browser(Role.LIAISON).get("/alerts").text
    assert "6 dari 8 sumber terpantau sesuai iramanya." in page
    assert "Sumber yang diam bukan berarti wilayahnya tenang." in page
    for text in ("Martapura, Kabupaten Banjar", "3 media", "2 jam lalu", "Keyakinan 94%", "Belum diverifikasi", ">85<"):
        assert text in page
    assert page.index("Massa dua kubu") < page.index("Bawaslu periksa") < page.index("Surat suara")
    assert "Ikrar damai" not in page  # no threat: not among what is still open
    assert "Ikrar damai" in desk.browser(Role.ANALYST).get("/alerts?state=any").text


def test_the_filter_form_narrows_and_remembers(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts?region=63.71&label=neutrality&level=1&state=acknowledged&period=1d").text
    assert "Bawaslu periksa" in page
    assert "Massa dua kubu" not in page
    for chosen in ("63.71", "neutrality", "1", "acknowledged", "1d"):
        assert f'<option value="{chosen}" selected>' in page
    empty = browser.get("/alerts?region=64&label=&level=0&state=open&period=any").text
    assert "Tidak ada yang cocok" in empty
    for odd in ("region=x", "state=x", "level=9", "cursor=%00", "q=nama", "cursor=W10", "label=%00"):
        assert browser.get(f"/alerts?{odd}").status_code == 422


def test_long_lists_have_further_pages(desk: Desk) -> None:
    with desk.store.write() as session:
        for n in range(60):
            add_alert(session, replace(CLASH, headline=f"Nomor {n:03}", reports=[]))
    browser, path, seen = desk.browser(Role.LIAISON), "/alerts?level=3", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r"Nomor \d+", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 60


def test_an_alert_shows_evidence_parts_that_add_up_and_history(desk: Desk) -> None:
    page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['clash']}").text
    assert "<mark>Tujuh orang luka, dua di antaranya dirawat di rumah sakit.</mark>" in page
    assert "Rudi" not in page
    rows = re.findall(r'<td class="num">([\d,-]+) <span class="quiet">/', page)
    assert sum(float(row.replace(",", ".")) for row in rows) == 85
    assert '<td class="num"><b>85</b></td>' in page
    assert "netral: tidak ada indeks untuk wilayah ini" in page
    for text in ("Peringatan dibuka", "salinan laporan lain", "disunting, versi 2", "20 Nov 2024, 09.30 WITA"):
        assert text in page


def test_the_list_says_why_one_stands_above_the_next(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts").text
    clash, hoax = desk.alerts["clash"], desk.alerts["hoax"]
    ways = re.findall(r'href="(/alerts/\d+/compare/\d+)">Mengapa di atas\?', page)
    assert len(ways) == page.count('<li class="card') - 1
    assert ways[0].startswith(f"/alerts/{clash}/compare/")
    shown = browser.get(f"/alerts/{hoax}/compare/{clash}").text  # in whatever order one asks
    assert f"Peringatan {clash} (85 poin) di atas peringatan {hoax} " in shown
    differences = re.findall(r'<td class="num">([+-]?[\d,]+)</td></tr>', shown)
    total = re.search(r'<td class="num"><b>\+([\d,]+)</b></td></tr></tfoot>', shown)
    assert total is not None
    assert sum(float(n.replace(",", ".")) for n in differences) == float(total[1].replace(",", "."))
    assert "5 dari 6 peringatan serupa diverifikasi" in shown
    assert "Rudi" not in shown


def move(client: Client, desk: Desk, to: str, revision: int, **fields: str) -> httpx.Response:
    path = f"/alerts/{desk.alerts['clash']}"
    csrf = fields.pop("csrf", "") or form_token(client.get(path).text)
    return client.post(f"{path}/move", data={"to": to, "revision": str(revision), "csrf": csrf, **fields})


def test_a_step_is_taken_from_the_page(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    done = move(browser, desk, "acknowledged", 1, note="Menghubungi kecamatan.")
    assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{desk.alerts['clash']}")
    page = browser.get(done.headers["location"]).text
    for text in ("Ditangani", "Menghubungi kecamatan.", "liaison-write-all", "Tandai terverifikasi"):
        assert text in page
    move(browser, desk, "verified", 2)
    page = browser.get(f"/alerts/{desk.alerts['clash']}").text
    assert "Terverifikasi" in page
    assert '<span class="unverified">' not in page
    assert move(browser, desk, "closed", 3, reason="resolved").status_code == 303
    assert "Buka lagi" in browser.get(f"/alerts/{desk.alerts['clash']}").text


def test_the_second_person_sees_what_the_first_did(desk: Desk) -> None:
    one, two = desk.browser(Role.LIAISON), desk.browser(Role.ANALYST)
    move(one, desk, "acknowledged", 1)
    late = move(two, desk, "not_a_threat", 1, reason="old_news", note="Catatan yang hilang")
    assert late.status_code == 409
    for text in ("Ada yang lebih dulu", "liaison-write-all", "Ditangani"):
        assert text in late.text
    with desk.store.read() as session:
        assert session.get_one(AlertRow, desk.alerts["clash"]).state == "acknowledged"


def test_a_step_without_reason_or_not_possible_says_so(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    assert "Pilih alasan" in move(browser, desk, "not_a_threat", 1).text
    impossible = move(browser, desk, "closed", 1, reason="resolved")
    assert impossible.status_code == 409
    assert "tidak mungkin lagi" in impossible.text
    for odd in ({"to": "x"}, {"revision": "99999999999999999999"}, {"revision": "x"}, {"note": "x" * 5000}):
        fields = {"to": "acknowledged", "revision": "1", "note": "", **odd}
        answer = browser.post(f"/alerts/{desk.alerts['clash']}/move", data=fields)
        assert answer.status_code == 422


def test_no_form_works_from_another_site(desk: Desk) -> None:
    browser, other = desk.browser(Role.LIAISON), desk.browser(Role.ANALYST)
    foreign = form_token(other.get("/account").text)
    for csrf in ("x", "0" * 64, foreign):
        assert move(browser, desk, "acknowledged", 1, csrf=csrf).status_code == 403
        token = browser.post("/account/tokens", data={"name": "x", "scope": "read", "days": "1", "csrf": csrf})
        assert token.status_code == 403
        assert browser.post("/account/tokens/1/revoke", data={"csrf": csrf}).status_code == 403
        api = browser.post(
            f"/api/v1/alerts/{desk.alerts['clash']}/moves",
            json={"to": "acknowledged"},
            headers={"If-Match": "1", "X-CSRF-Token": csrf},
        )
        assert api.status_code == 403
    with desk.store.read() as session:
        moves = select(func.count()).select_from(AlertEventRow).where(AlertEventRow.action == "moved")
        assert session.scalar(moves) == 0


def test_a_session_may_use_the_api_with_its_form_token(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    csrf = form_token(browser.get("/account").text)
    headers = {"If-Match": "1", "X-CSRF-Token": csrf}
    path = f"/api/v1/alerts/{desk.alerts['clash']}/moves"
    assert browser.post(path, json={"to": "acknowledged"}, headers=headers).status_code == 200


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}{% raw %}", "=HYPERLINK(\"http://x\")",
    "\u202egnp.exe\u2066", "</title><svg onload=alert(1)>", "a" * 500, "&lt;b&gt; & <b>", "\u0000\u0007\ud800",
]  # fmt: skip


def test_hostile_text_is_shown_and_harmless(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    for text in HOSTILE:
        stored = text.replace("\u0000", "").replace("\ud800", "")  # PostgreSQL holds neither
        with desk.store.write() as session:
            report = Report("Warta Intan", stored, f"{stored} «{stored}»", url="javascript:alert(1)", earlier=[stored])
            id_ = add_alert(session, replace(CLASH, headline=stored, why=stored, reports=[report]))
        for path in (f"/alerts/{id_}", "/alerts"):
            answer = browser.get(path)
            assert answer.status_code == 200
            found = outline(answer.text)
            assert not found.problems
            assert not found.open
            assert found.scripts == [SCRIPT]
            assert "7*7" in answer.text or "7*7" not in text
            assert 'href="javascript:' not in answer.text
            assert not set("\u202e\u2066\u0007") & set(answer.text)


def test_a_token_is_shown_once_and_can_be_ended(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    csrf = form_token(browser.get("/account").text)
    made = browser.post("/account/tokens", data={"name": "skrip <b>", "scope": "read", "days": "7", "csrf": csrf})
    found = re.search(r"wsp_[\w-]{43}", made.text)
    assert found
    program = desk.new_client(Authorization=f"Bearer {found[0]}")
    assert program.get("/api/v1/alerts").status_code == 200
    account = browser.get("/account").text
    assert "wsp_" not in account
    assert "skrip &lt;b&gt;" in account
    id_ = max(int(n) for n in re.findall(r"/account/tokens/(\d+)/revoke", account))
    assert browser.post(f"/account/tokens/{id_}/revoke", data={"csrf": csrf}).status_code == 303
    assert program.get("/api/v1/alerts").status_code == 401
    wide = browser.post("/account/tokens", data={"name": "x", "scope": "admin", "days": "7", "csrf": csrf})
    assert wide.status_code == 403


def test_roles_see_the_pages_that_are_theirs(desk: Desk) -> None:
    auditor = desk.browser(Role.AUDITOR)
    assert auditor.get("/").headers["location"] == "/sources"
    page = auditor.get("/sources").text
    assert 'href="/alerts"' not in page
    refused = auditor.get("/alerts")
    assert refused.status_code == 403
    assert "Tidak diizinkan" in refused.text


def test_the_language_is_switched_and_remembered(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    assert "Masih terbuka" in browser.get("/alerts").text
    english = browser.get("/alerts?state=any&lang=en")
    assert "Still open" in english.text
    assert 'href="/alerts?state=any&amp;lang=id"' in english.text
    assert "Still open" in browser.get("/alerts").text
    assert browser.get("/alerts?lang=xx").status_code == 422
    assert "Masuk" in desk.stranger(Cookie="waspada_lang=xx").get("/login").text


def test_a_source_shows_what_was_told_about_it(desk: Desk) -> None:
    with desk.store.write() as session:
        notice = Notice("radio-sungai", NoticeKind.PARKED, None, "parked: its polls fail")
        source_repository.add_notice(session, notice, desk.clock())
    page = desk.browser(Role.OPERATOR).get("/sources/radio-sungai").text
    assert "Diberitahukan: diparkir" in page
    assert "parked: its polls fail" in page


def test_a_source_is_called_the_same_in_the_list_and_on_its_own_page(desk: Desk) -> None:
    with desk.store.write() as session:
        add_source(session, "Diam Lama", newest_entry_at=NOW - timedelta(days=40), added_at=NOW - timedelta(days=90))
    operator = desk.browser(Role.OPERATOR)
    listed = operator.get("/sources").text
    for source, word in (
        ("diam-lama", "Menjawab, tetapi diam"),
        ("radio-sungai", "Diparkir"),
        ("pantau-hulu", "Tidak terhubung"),
        ("kanal-lama", "Dimatikan"),
        ("warta-intan", "Menjawab, iramanya belum dikenal"),
    ):
        row = listed.partition(f'"/sources/{source}"')[2].partition("</tr>")[0]
        own = operator.get(f"/sources/{source}").text
        assert word in row, source
        assert word in own.partition("</dl>")[0], source
    alarm = operator.get("/sources/diam-lama").text
    assert "Diam melebihi kebiasaannya sejak" in alarm
    assert "Menjawab, tetapi diam" not in operator.get("/sources/radio-sungai").text


def test_coverage_names_the_sources_of_each_kabupaten(desk: Desk) -> None:
    reader = desk.browser(Role.SUBSCRIBER_MANAGER)
    page = reader.get("/coverage").text
    assert page.count("<h2>") == 13
    banjar = page.partition("Kabupaten Banjar <")[2].partition("</section>")[0]
    assert "terpantau tipis" in banjar
    assert "3 dalam 7 hari" in banjar
    riam = banjar.partition('"/sources/harian-riam"')[2].partition("</tr>")[0]
    for text in ("2 jam lalu", "Menjawab, iramanya belum dikenal", "dari wilayah di atasnya"):
        assert text in riam
    assert "Kanal Lama" not in page
    assert "Tidak ada sumber" in reader.get("/coverage?region=61.01").text
    assert [reader.get(f"/coverage?{odd}").status_code for odd in ("region=99", "region=x", "q=1")] == [404, 422, 422]


def test_a_kabupaten_is_not_called_unheard_by_the_sources_of_its_province(desk: Desk) -> None:
    page = desk.browser(Role.LIAISON).get("/alerts?region=63.03").text
    assert "5 dari 7 sumber" in page
    assert "1 terpantau tipis" in page


def test_an_empty_desk_says_where_to_look(store_empty: Desk) -> None:
    page = store_empty.browser(Role.LIAISON).get("/alerts").text
    assert "Tidak ada peringatan terbuka." in page
    assert "bukan berarti tenang" in page
    sources = store_empty.browser(Role.OPERATOR).get("/sources").text
    assert "waspada sources add" in sources


@pytest.fixture
def store_empty(desk: Desk) -> Desk:
    with desk.store.write() as session:
        for table in ("alert_events", "alert_places", "alerts", "story_items", "stories", "tags", "places"):
            session.execute(AlertRow.metadata.tables[table].delete())
        for table in ("item_versions", "items", "source_events", "sources"):
            session.execute(AlertRow.metadata.tables[table].delete())
    return desk


def test_a_note_too_long_says_so(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    answer = move(browser, desk, "acknowledged", 1, note="x" * (MAX_NOTE_CHARACTERS + 1))
    assert answer.status_code == 422
    assert "Catatan terlalu panjang" in answer.text
