"""Which words of a sentence are places, which place they are, and where they stand. One row a rule or trap."""

from __future__ import annotations

import pytest

from waspada.places import PlaceLevel, PlaceMention, find_places


def named(text: str, home: str | None = None) -> str:
    return "; ".join(f"{mention.mention} {mention.code}" for mention in find_places("", text, home))


#: name of the case, home region, text, and what is found: "mention code; mention code".
CASES: list[tuple[str, str | None, str, str]] = [
    # provinces and their short forms
    ("province", None, "Gubernur Kalimantan Selatan tiba.", "Kalimantan Selatan 63"),
    ("province short", None, "Polda Kalsel dan Polda Kalteng siaga.", "Kalsel 63; Kalteng 62"),
    ("province with kind word", None, "rapat di Provinsi Bali", "Provinsi Bali 51"),
    ("sumatra spelling", None, "Banjir melanda Sumatra Barat.", "Sumatra Barat 13"),
    ("capital region", None, "Polda DKI Jakarta dan Jakpus", "DKI Jakarta 31; Jakpus 31.71"),
    ("longest province wins", None, "Warga Papua Barat Daya datang.", "Papua Barat Daya 96"),
    ("abbreviated kepulauan", None, "Kapal dari Kep. Riau karam.", "Kep. Riau 21"),
    ("DIY forms", None, "Sultan di DI Yogyakarta (DIY)", "DI Yogyakarta 34; DIY 34"),
    ("preposition di is no DI", None, "Ia tinggal di Yogyakarta.", "Yogyakarta 34"),
    # kabupaten and kota
    ("kab dot", None, "Warga Kab. Banjar resah.", "Kab. Banjar 63.03"),
    ("kab dot glued", None, "Warga Kab.Banjar resah.", "Kab.Banjar 63.03"),
    ("kota of the same name", None, "Warga Kota Banjar resah.", "Kota Banjar 32.79"),
    ("home does not beat the kind word", "63", "di Kota Banjar, Jawa Barat", "Kota Banjar 32.79; Jawa Barat 32"),
    ("home decides a shared name", "63", "Ia pulang ke Banjar.", "Banjar 63.03"),
    ("other home, other place", "32", "Ia pulang ke Banjar.", "Banjar 32.79"),
    ("province behind decides", "63", "Ia pulang ke Banjar, Jawa Barat.", "Banjar 32.79; Jawa Barat 32"),
    ("police of a kabupaten", None, "Polres Banjar berjaga.", "Banjar 63.03"),
    ("authority before another name", None, "KPU Malaka Dilaporkan warga ke dewan kehormatan", "Malaka 53.21"),
    ("election commission", None, "KPU Kabupaten Banjar rapat.", "Kabupaten Banjar 63.03"),
    ("office tells kabupaten", None, "Bupati Bogor marah.", "Bogor 32.01"),
    ("office tells kota", None, "Wali Kota Bogor marah.", "Bogor 32.71"),
    ("pemkot", None, "Pemkot Bogor diam.", "Bogor 32.71"),
    ("kota behind", None, "Polres Kediri Kota bergerak.", "Kediri 35.71"),
    ("town tells kabupaten", None, "Di Cibinong, Bogor, hujan.", "Cibinong 32.01; Bogor 32.01"),
    ("governor of a shared name", None, "Gubernur Gorontalo hadir.", "Gorontalo 75"),
    ("bupati of a shared name", None, "Bupati Gorontalo hadir.", "Gorontalo 75.01"),
    ("joined spelling", None, "Aksi di Palangkaraya.", "Palangkaraya 62.71"),
    ("split spelling", None, "Aksi di Gunung Kidul.", "Gunung Kidul 34.03"),
    ("hulu sungai trio", None, "KPU HST, HSS dan HSU", "HST 63.07; HSS 63.06; HSU 63.08"),
    (
        "short kalimantan forms",
        None,
        "Tanbu, Batola, Kobar, Kotim",
        "Tanbu 63.10; Batola 63.04; Kobar 62.01; Kotim 62.02",
    ),
    ("solo", None, "Aksi di Solo bubar.", "Solo 33.72"),
    # towns that stand for their kabupaten
    ("martapura", None, "Massa di Martapura bubar.", "Martapura 63.03"),
    ("the other martapura", None, "Massa di Martapura, OKU Timur, bubar.", "Martapura 16.08; OKU Timur 16.08"),
    (
        "towns of banua anam",
        None,
        "dari Barabai ke Amuntai lalu Paringin",
        "Barabai 63.07; Amuntai 63.08; Paringin 63.11",
    ),
    ("towns of kalteng", None, "Sampit dan Pangkalan Bun aman", "Sampit 62.02; Pangkalan Bun 62.01"),
    ("towns of kaltim", None, "Tenggarong dan Sangatta aman", "Tenggarong 64.02; Sangatta 64.08"),
    ("kota before a town", None, "kebakaran di Kota Pelaihari", "Kota Pelaihari 63.01"),
    ("tanjung alone is none", "63", "Perahu merapat di Tanjung itu.", ""),
    ("tanjung with its kabupaten", "63", "Kebakaran di Tanjung, Tabalong.", "Tanjung 63.09; Tabalong 63.09"),
    ("rantau in kalsel", "63", "Rapat digelar di Rantau, Kamis.", "Rantau 63.05"),
    ("rantau elsewhere is a word", None, "Mahasiswa rantau mudik.", ""),
    # kecamatan
    ("kecamatan unique", None, "di Kecamatan Aluh-Aluh", "Kecamatan Aluh-Aluh 63.03.01"),
    (
        "kecamatan by the kabupaten behind",
        None,
        "Kecamatan Simpang Empat, Tanah Bumbu",
        "Kecamatan Simpang Empat 63.10.06; Tanah Bumbu 63.10",
    ),
    ("kecamatan that two kabupaten share", "63", "di Kecamatan Simpang Empat", ""),
    ("kecamatan by home kabupaten", "63.03", "di Kecamatan Simpang Empat", "Kecamatan Simpang Empat 63.03.08"),
    (
        "kecamatan list",
        "63",
        "Kecamatan Gambut, Kertak Hanyar dan Sungai Tabuk",
        "Kecamatan Gambut 63.03.03; Kertak Hanyar 63.03.02; Sungai Tabuk 63.03.04",
    ),
    ("list ends at the kabupaten", None, "warga Kecamatan Waru, Sidoarjo", "Kecamatan Waru 35.15.18; Sidoarjo 35.15"),
    ("camat and kapolsek", "63", "Camat Kandangan dan Kapolsek Kandangan", "Kandangan 63.06.05; Kandangan 63.06.05"),
    ("the other kandangan", None, "Camat Kandangan di Kabupaten Kediri", "Kandangan 35.06.19; Kabupaten Kediri 35.06"),
    ("distrik", None, "Distrik Sugapa, Kabupaten Intan Jaya", "Distrik Sugapa 94.07.01; Kabupaten Intan Jaya 94.07"),
    ("bare kecamatan at home", "63", "Banjir surut di Gambut, Sabtu.", "Gambut 63.03.03"),
    ("bare kecamatan away", None, "Banjir surut di Gambut, Sabtu.", ""),
    ("bare kecamatan with its kabupaten", None, "Tambang di Satui, Tanah Bumbu", "Satui 63.10.04; Tanah Bumbu 63.10"),
    ("kecamatan named like its town", None, "Warga Banjarmasin Selatan antre.", "Banjarmasin Selatan 63.71.01"),
    ("kecamatan of a jakarta kota", None, "Rapat di Menteng, Jakarta Pusat.", "Menteng 31.71.06; Jakarta Pusat 31.71"),
    # desa and kelurahan
    (
        "desa by kecamatan",
        None,
        "Desa Sungai Rangas Tengah, Kec. Martapura Barat",
        "Desa Sungai Rangas Tengah 63.03.14.2013; Kec. Martapura Barat 63.03.14",
    ),
    (
        "kelurahan by kota",
        None,
        "Kelurahan Loktabat Utara, Kota Banjarbaru",
        "Kelurahan Loktabat Utara 63.72.04.1001; Kota Banjarbaru 63.72",
    ),
    ("kelurahan by home", "63.72", "warga Kel. Loktabat Utara", "Kel. Loktabat Utara 63.72.04.1001"),
    ("lurah by home", "63.71", "Lurah Sungai Jingah hadir", "Sungai Jingah 63.71.04.1004"),
    (
        "desa list ends at the kecamatan",
        None,
        "Desa Wonokitri, Tosari, Kabupaten Pasuruan",
        "Desa Wonokitri 35.14.24.2005; Tosari 35.14.24; Kabupaten Pasuruan 35.14",
    ),
    ("desa without a lead", None, "warga Desa Sukamaju menolak", ""),
    ("desa is a word", "63", "desa kami dan kelurahan sebelah", ""),
    # a far town's name within a longer local one, or the same as one at home
    ("kelurahan with a town in it", "63", "Warga Sungai Malang mengeluh banjir.", "Sungai Malang 63.08.05.1005"),
    (
        "kelurahan with a town in it, marked",
        "63",
        "Warga Kelurahan Sungai Malang, Kecamatan Amuntai Tengah, HSU, mengeluh banjir.",
        "Kelurahan Sungai Malang 63.08.05.1005; Kecamatan Amuntai Tengah 63.08.05; HSU 63.08",
    ),
    ("river town in capitals", "63", "KEBAKARAN DI SUNGAI MALANG", ""),
    ("river town in small letters", "63", "ada kebakaran di sungai malang pak", ""),
    ("street of a longer name", "63", "Ada kebakaran di Jalan Sungai Malang, kata warga di sana.", ""),
    (
        "the town beside the river",
        "63",
        "Warga Sungai Malang pindah ke Malang.",
        "Sungai Malang 63.08.05.1005; Malang 35.73",
    ),
    ("kecamatan with a town in it", "63", "Ada longsor di Padang Batung, kata warga.", "Padang Batung 63.06.02"),
    ("kecamatan with a town in it, away", None, "Ada longsor di Padang Batung, kata warga.", ""),
    ("kecamatan by its kabupaten, away", None, "Longsor di Padang Batung, HSS.", "Padang Batung 63.06.02; HSS 63.06"),
    ("kecamatan in small letters", "63", "ada longsor di padang batung", "padang batung 63.06.02"),
    ("kecamatan of that town", "63", "Warga Padang Barat mengeluh banjir.", "Padang Barat 13.71.03"),
    ("three desa at home, none meant for sure", "63", "Warga Murung Raya menolak tambang.", ""),
    ("kelurahan of the home kota", "63.71", "Warga Murung Raya menolak pasar.", "Murung Raya 63.71.01.1007"),
    (
        "kelurahan by the kecamatan behind",
        "63",
        "Warga Murung Raya, Banjarmasin Selatan, resah.",
        "Murung Raya 63.71.01.1007; Banjarmasin Selatan 63.71.01",
    ),
    (
        "the province speaks for the far one",
        "63",
        "Warga Murung Raya, Kalteng, menolak tambang.",
        "Murung Raya 62.12; Kalteng 62",
    ),
    ("the office speaks for the far one", "63", "Ajakan Bupati Murung Raya kepada warga.", "Murung Raya 62.12"),
    ("the council speaks for the far one", "63", "Rapat DPRD Murung Raya berjalan lama.", "Murung Raya 62.12"),
    ("no home, no other meaning", None, "Warga Murung Raya menolak tambang.", "Murung Raya 62.12"),
    ("a kota is stronger than a desa", "63", "Ia terbang ke Padang tadi pagi.", "Padang 13.71"),
    (
        "whole names of towns",
        "63",
        "Kapal dari Tanjung Pinang dan Muara Teweh",
        "Tanjung Pinang 21.72; Muara Teweh 62.05",
    ),
    ("market of a town near", "63", "Ada kebakaran di Pasar Martapura tadi pagi.", "Martapura 63.03"),
    ("market named after a town far away", "63", "Ada kebakaran di Pasar Surabaya tadi pagi.", ""),
    ("crossing named after a town", "63", "Truk terguling dekat Simpang Surabaya tadi pagi.", ""),
    ("town behind another of its province", "63", "Banjir surut di Tanjung Tabalong.", "Tabalong 63.09"),
    ("island", None, "Kapal karam dekat Pulau Batam tadi pagi.", "Batam 21.71"),
    # organisations
    ("club", None, "Persebaya Surabaya menang atas Persib Bandung.", ""),
    ("club endings", None, "Bali United dan Madura United imbang.", ""),
    ("barito putera", "63", "Barito Putera latihan sore.", ""),
    ("company with a town", None, "Semen Padang dan Bank Kalsel untung.", ""),
    ("media", None, "kata Radar Banjarmasin dan Tribun Jatim", ""),
    ("university without a town", "63", "Universitas Lambung Mangkurat libur.", ""),
    ("metro jaya", None, "Polda Metro Jaya dan Polres Metro Bekasi", "Polda Metro Jaya 31; Bekasi 32.16"),
    # tickets, slogans, clubs, ships, products
    ("ticket", None, "Paslon Kotabaru Maju mendaftar ke KPU.", ""),
    ("ticket of an ambiguous name", "63", "Pasangan Banjar Bersatu unggul sementara.", ""),
    ("tagline beside the place", None, "Paslon bertagline Tapin Berkah di Rantau, Tapin.", "Rantau 63.05; Tapin 63.05"),
    ("movement", None, "Relawan Kalsel Bangkit turun ke jalan.", ""),
    ("quoted slogan", None, 'Slogan "Banjarmasin Baiman" dipersoalkan.', ""),
    ("ticket of a kabupaten", None, "Paslon Banjar Maju unggul di Kabupaten Banjar", "Kabupaten Banjar 63.03"),
    ("maju is a verb", None, "Warga Kotabaru Maju ke Pengadilan", "Kotabaru 63.02"),
    ("bersatu is a verb", None, "Warga Tapin bersatu melawan asap.", "Tapin 63.05"),
    ("headline without a ticket", None, "Kalsel Bersatu Melawan Asap", "Kalsel 63"),
    ("ticket number", None, "Paslon Bupati Kotabaru nomor urut 2", "Kotabaru 63.02"),
    ("hashtag of a slogan", None, "Ayo #BanjarBersatu dan #KalselMaju", ""),
    ("hashtag of a place", None, "Antre surat suara #Tapin", "Tapin 63.05"),
    ("borneo fc", None, "Borneo FC Samarinda bertandang, kata panitia di Bontang.", "Bontang 64.74"),
    ("barito putera", None, "Barito Putera dan Persiba Balikpapan imbang.", ""),
    ("bank", None, "Bank Kalsel cabang Marabahan tutup.", "Marabahan 63.04"),
    ("warship", None, "KRI Banjarmasin berlabuh di Makassar.", "Makassar 73.71"),
    ("ship of a slogan", None, "KM Kotabaru Indah kandas di perairan Kotabaru.", "Kotabaru 63.02"),
    ("product", None, "Beras Cianjur dan amplang Samarinda laris.", ""),
    ("party of a province", None, "Partai Aceh dan Partai Golkar Kalsel", "Kalsel 63"),
    ("flat", None, "Apartemen Bogor Indah disegel.", ""),
    # a kota and a kabupaten of one name
    ("village head tells the kabupaten", None, "Kades di Mojokerto mundur.", "Mojokerto 35.16"),
    ("nothing tells", None, "Pedagang di Mojokerto mundur.", "Mojokerto 35.76"),
    ("mayor tells the kota", None, "Walikota hadir di Mojokerto.", "Mojokerto 35.76"),
    (
        "kecamatan tells",
        None,
        "Ricuh di Bogor. Polisi berjaga di Kecamatan Jonggol.",
        "Bogor 32.01; Kecamatan Jonggol 32.01.06",
    ),
    ("police of the kabupaten", None, "Kapolres Bogor tiba.", "Bogor 32.01"),
    ("police of the kota", None, "Polresta Bogor Kota siaga.", "Bogor 32.71"),
    ("high police of a kabupaten", None, "Polresta Bandung siaga.", "Bandung 32.04"),
    ("both named", None, "Kota Bogor dan Kabupaten Bogor", "Kota Bogor 32.71; Kabupaten Bogor 32.01"),
    # events before a name, sites, lone villages
    ("gempa small", None, "korban gempa palu menunggu bantuan", "palu 72.71"),
    ("harbour", None, "Antrean di Gilimanuk panjang.", "Gilimanuk 51.01"),
    ("only village of its name", None, "TPS di Desa Bungingkela banjir.", "Desa Bungingkela 72.06.06.2011"),
    ("one village name of many", None, "TPS di Desa Sumberejo banjir.", ""),
    ("place behind an outlet's name", None, "CONTOH.CO.ID|SITUBONDO-Warga berkumpul.", "SITUBONDO 35.12"),
    # persons
    ("title and name", None, "H. Rahmat Siak berpidato.", ""),
    ("pak", None, "Pak Malang tertawa.", ""),
    ("given name", None, "Budi Surabaya tertawa.", ""),
    ("surname behind weak name", None, "Bima Wiratama tertawa.", ""),
    ("prince", "63", "Gedung Pangeran Antasari penuh.", ""),
    ("title with office is a region", None, "Bapak Bupati Banjar hadir.", "Banjar 63.03"),
    ("title behind the region", "63", "Kapolres Banjar AKBP Suryana hadir.", "Banjar 63.03"),
    # ordinary words, peoples, streets, rivers
    ("people and language", "63", "Ia fasih bahasa Banjar dan memakai kain Banjar.", ""),
    ("urang banjar", "63", "Urang Banjar suka pantun.", ""),
    ("hamlet in bali", "51", "Warga Banjar Tegal di Bali menggelar upacara ngaben.", "Bali 51"),
    ("ordinary words", "63", "Sumber dana Damai, Indah, Makmur, Jaya, Muara, Barat.", ""),
    ("small ordinary words", None, "polisi buru pelaku di puncak acara, kena batu dan tembakan serang balik", ""),
    ("headline verb", None, "Polisi Buru Pelaku Pembakaran Kantor Desa di Maluku", "Maluku 81"),
    ("puncak of bogor is not puncak of papua", None, "Macet di Puncak, Jawa Barat.", "Jawa Barat 32"),
    ("puncak of papua", None, "Kapolres Puncak di Papua Tengah", "Puncak 94.05; Papua Tengah 94"),
    ("street", "63", "Warga Jalan Martapura Lama dan Jl. Barabai", ""),
    ("road between two towns", "63", "Jalan Banjarmasin-Martapura putus", "Banjarmasin 63.71; Martapura 63.03"),
    ("street of a person, then the town", None, "Jalan Ahmad Yani Banjarmasin macet", "Banjarmasin 63.71"),
    ("waters", None, "Sungai Kapuas dan Danau Toba surut.", ""),
    ("other country", None, "Perbatasan Papua Nugini ditutup.", ""),
    ("doubled word", "51", "Negara-negara tetangga di Jembrana, Bali.", "Jembrana 51.01; Bali 51"),
    ("the whole country", None, "Rakyat dari Sabang sampai Merauke bersatu.", ""),
    ("both ends for real", None, "Kapal dari Sabang ke Merauke.", "Sabang 11.72; Merauke 93.01"),
    ("coal", None, "Harga batu bara dan Batubara turun.", ""),
    ("food", None, "Soto Banjar dan Rendang Padang", ""),
    ("summit, not the kabupaten", None, "Delegasi OKI dan KTT tiba di Jakarta.", "Jakarta 31"),
    # casing and other characters
    ("upper case", None, "POLISI JAGA TPS DI BANJARBARU DAN KOTABARU", "BANJARBARU 63.72; KOTABARU 63.02"),
    ("lower-case post", "63", "ada bentrok di martapura tadi malam tolong pak", "martapura 63.03"),
    ("lower-case word and town", None, "kami hidup di malang bukan nasib malang", "malang 35.73"),
    ("lower-case passive", None, "rumah warga di serang massa", ""),
    ("dateline", None, "JAKARTA, (ANTARA) - Sidang dibuka.", "JAKARTA 31"),
    ("hashtag", None, "aman #kalsel #Banjarmasin", "kalsel 63; Banjarmasin 63.71"),
    ("addresses", None, "www.banjarmasin.com admin@surabaya.go.id @banjarmasinpost https://bali.id/aceh", ""),
    ("markup and blanks", None, "<b>Kota\u00a0Banjarmasin</b>", "Kota\u00a0Banjarmasin 63.71"),
    ("nothing", None, "", ""),
]


@pytest.mark.parametrize(("home", "text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_mentions(home: str | None, text: str, expected: str) -> None:
    assert named(text, home) == expected


def test_title_comes_first_and_lends_its_context_to_the_text() -> None:
    found = find_places("Tabalong Siaga", "Api padam di Tanjung, kata warga.", None)
    assert [(m.field, m.mention, m.code) for m in found] == [
        ("title", "Tabalong", "63.09"),
        ("text", "Tanjung", "63.09"),
    ]


def test_offsets_count_code_points_also_behind_emoji() -> None:
    text = "🔥🔥 👨‍👩‍👧 Kebakaran di Kecamatan Gambut, Kab. Banjar 🚒"
    found = find_places("", text, "63")
    assert [m.mention for m in found] == ["Kecamatan Gambut", "Kab. Banjar"]
    assert all(text[m.start : m.end] == m.mention for m in found)


def test_a_mention_carries_name_and_level_of_the_place() -> None:
    assert find_places("", "Kantor Bupati Tapin", None) == [
        PlaceMention("63.05", "Kabupaten Tapin", PlaceLevel.REGENCY, "Tapin", "text", 14, 19)
    ]


def test_the_same_place_twice_is_two_mentions() -> None:
    assert named("Barabai lalu Barabai") == "Barabai 63.07; Barabai 63.07"


def test_home_alone_is_no_mention() -> None:
    assert find_places("Rapat koordinasi", "Rapat berjalan lancar.", "63.03") == []


@pytest.mark.parametrize(
    "text",
    [
        "warga desa yang marah",
        "kades muda hebat",
        "desa tangguh bencana dibentuk",
        "Program Desa Tangguh Bencana dibentuk pemerintah.",
        "Pemerintah membentuk Desa Tangguh, kata menteri.",
        "Kepala Desa Muda itu menolak.",
    ],
)
def test_a_word_behind_desa_is_no_village_by_its_name_alone(text: str) -> None:
    assert find_places("", text) == []
