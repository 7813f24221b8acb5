"""Words that decide whether a name is a place: kind words, offices, prepositions, titles, clubs, ordinary words.

All entries are lower-case single words as `tokens.py` cuts them. Lists are the trade's knowledge, written by hand.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What a word before a name says about its level."""

    PROVINCE = 1
    REGENCY = 2
    CITY = 3
    DISTRICT = 4
    VILLAGE = 5


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Kind words are part of the mention ("Kecamatan Gambut").
KIND_WORDS: dict[str, Kind] = {
    **dict.fromkeys(_words("provinsi propinsi prov"), Kind.PROVINCE),
    **dict.fromkeys(_words("kabupaten kab"), Kind.REGENCY),
    **dict.fromkeys(_words("kota kotamadya"), Kind.CITY),
    **dict.fromkeys(_words("kecamatan kec distrik kapanewon kemantren"), Kind.DISTRICT),
    **dict.fromkeys(_words("desa ds kelurahan kel kampung kp gampong nagari kalurahan"), Kind.VILLAGE),
}
#: Kind words that are no name by themselves, though a kecamatan or village has it ("Kampung Kabupaten").
NEVER_NAMES = _words("kota kabupaten kecamatan provinsi desa kelurahan kampung nagari distrik")
#: Short forms, after which a full stop may stand.
ABBREVIATED_KINDS = _words("prov kab kec kel ds kp")
#: Words between kind word and name ("Kota Administrasi Jakarta Pusat").
KIND_FILLERS = _words("administrasi adm adat")

#: Offices and institutions of one level stand before a name without being part of it ("Bupati Banjar").
OFFICE_WORDS: dict[str, Kind] = {
    **dict.fromkeys(_words("gubernur wagub cagub cawagub pilgub pemprov polda kapolda kejati kodam"), Kind.PROVINCE),
    **dict.fromkeys(_words("bupati wabup cabup cawabup pilbup pemkab sekkab"), Kind.REGENCY),
    **dict.fromkeys(
        _words(
            "walikota wawali wawalkot walkot cawalkot cawali pilwalkot pilwali pemkot sekkot polresta polrestabes"
            " kapolresta kapolrestabes mapolresta mapolrestabes"
        ),
        Kind.CITY,
    ),
    **dict.fromkeys(_words("camat polsek kapolsek mapolsek koramil danramil panwascam panwaslucam ppk"), Kind.DISTRICT),
    **dict.fromkeys(_words("kades lurah pambakal perbekel keuchik pemdes"), Kind.VILLAGE),
}
#: Offices that only a kabupaten has, and only a kota. Desa there are in few kota, kelurahan in every kabupaten's seat.
OFFICES_OF_REGENCY = _words("kades pilkades bupati wabup cabup cawabup pemkab pilbup perbekel pambakal")
OFFICES_OF_CITY = _words("walikota wawali walkot wawalkot cawalkot pemkot pilwalkot pilwali")
#: "Polres Bogor" is the kabupaten's; the kota's is "Polresta", "Polrestabes" or "Polres Bogor Kota".
REGENCY_POLICE = _words("polres kapolres mapolres satreskrim satlantas")
#: Kabupaten whose police is of the higher class all the same.
HIGH_POLICE = _words("polresta kapolresta mapolresta")
HIGH_POLICE_TOWNS = _words("bandung cirebon tangerang magelang")
#: Institutions, people and sites that go with a region of any level.
INSTITUTION_WORDS = _words(
    "kpu kpud bawaslu panwaslu dprd dprk dpra polres kapolres mapolres kodim dandim kejari kajari pengadilan pn"
    " ptun rsud rs rumah sakit dinas disdik dinkes dishub satpol bpbd bnnp bnn bnnk kesbangpol dpc dpd dpw pcnu"
    " pwnu mui fkub basarnas sar lanal lanud imigrasi lapas rutan bandara pelabuhan terminal stasiun pasar"
    " pilkada pemilu pemilukada pilkades asn kemenag satlantas satreskrim reskrim satresnarkoba mahasiswa sekda"
    " warga masyarakat universitas univ uin iain stain politeknik institut stadion"
    " kantor alun forkopimda forkopimcam pemda pemerintah"
    " ketua anggota komisioner kejaksaan kepolisian pelajar petani nelayan buruh guru tps dapil pemuda"
    " aktivis jurnalis wartawan pwi aji kadin hmi pmii gmni muhammadiyah nu kabupaten kota provinsi kecamatan"
    " pdam pln pertamina bulog bpn bps rutan samsat ulama santri ponpes pesantren gmki gerindra golkar pdip pkb"
    " pks nasdem demokrat pan ppp hanura psi perindo banser ansor kabinda satgas polairud"
)
#: Authorities whose name ends with the region: what follows is another name ("KPU Malaka Dilaporkan").
AUTHORITIES = _words(
    "kpu kpud bawaslu panwaslu dprd dprk polres kapolres mapolres kodim dandim kejari kajari rsud bpbd forkopimda"
)
#: Prepositions and words of place before a name.
LOCATIVE_WORDS = _words(
    "di ke dari asal se dekat menuju wilayah daerah kawasan sekitar seputar warga masyarakat penduduk pesisir"
    " perairan arah jurusan tujuan via area rute pelosok seluruh sejumlah"
)
#: Events that a place name follows ("gempa Palu", "kerusuhan Sampit").
EVENT_NOUNS = _words(
    "gempa banjir longsor tsunami kebakaran karhutla erupsi kerusuhan rusuh ricuh bentrok bentrokan tawuran demo"
    " konflik sengketa tragedi insiden kecelakaan bencana teror bom pilkades psu"
)
#: What may stand between a place and the place that it lies in ("Timika, di Kabupaten Mimika").
BETWEEN_PLACES = _words("di dan wilayah daerah yang masuk pada") | frozenset(KIND_WORDS) | KIND_FILLERS

#: Titles before a person's name.
PERSON_TITLES = _words(
    "h hj haji hajjah bapak pak ibu bu dr drs dra ir prof kh kiai kyai ustaz ustadz ustazah gus habib tuan nyonya"
    " ny tn mas mbak bang bung kak om tante abah iptu ipda aiptu aipda bripka brigadir bripda briptu akp kompol"
    " akbp kombes brigjen irjen komjen jenderal letjen mayjen kolonel letkol mayor kapten lettu letda serka sertu"
    " serda kopda kopka praka pratu almarhum alm almarhumah sdr saudara raden pangeran sultan datuk tengku teuku"
    " puang daeng gusti"
)
#: Given names so common that a place name right behind them is a family name ("Rahmat Siak").
GIVEN_NAMES = _words(
    "ahmad muhammad mohammad mochamad moh muh achmad abdul abdullah agus budi bambang dedi deni dian dewi siti sri"
    " rina rini andi rudi yanto joko hendra heri eko dwi rahmat rahmad rizki rizky yusuf hasan husin ridwan iwan"
    " irfan ilham taufik nur nurul fitri yuni ratna wati yudi wahyu arif asep ujang ketut wayan made nyoman komang"
    " gede maria yohanes petrus paulus markus lukas daniel david michael anton antonius fransiskus stefanus samuel"
    " simon benny edi eddy edy didik doni roni tono slamet suryadi supri hendri harun umar usman zainal syaiful"
    " saiful fauzi faisal fahmi hafiz gunawan indra jefri lukman mansur mulyadi novi parman rahman sandi teguh tomi"
    " udin yanti zaki rian ryan reza dimas galih aditya adi arya alex john feri ferry herman hermansyah basuki"
)
#: Football clubs and companies that carry a town in their name.
CLUB_WORDS = _words(
    "persebaya persib persija arema psm psis persis persik pss persela persipura persita persikabo persiraja psps"
    " psbs psms psim persijap persiba persipal persewar persekat persikas persiku persipa perseden persedikab"
    " deltras bhayangkara sriwijaya semen persipon persibat psir persiku persepam persidago"
)
CLUB_ENDINGS = _words("fc united fk putra putera utd")
#: Media and banks: the region is part of a company's name.
COMPANY_WORDS = _words("tribun radar harian suara detik prokal bank bpd koran majalah tabloid")
COMPANY_ENDINGS = _words("pos post ekspres express times today tv televisi daily")
#: Words that make a slogan or a ticket's name of a region ("Kotabaru Maju", "Banjar Bersatu").
SLOGAN_WORDS = _words(
    "maju bersatu hebat bangkit berkah berkat sejahtera mandiri religius bersih baiman bungas gemilang jaya juara"
    " tangguh berdaulat bermartabat harmonis makmur unggul cerdas berseri adil agamis bersinar berbenah berubah"
    " beriman bertaqwa bermarwah berakhlak menyala keren hijau rukun guyub nyaman asri amanah berkemajuan"
)
#: What follows "maju" where it is the verb ("Kotabaru Maju ke Babak Dua", "maju di Pilkada").
VERB_TAILS = _words("ke di lagi sebagai jadi menjadi pada dalam lewat melalui bersama selangkah pilkada pilgub pilbup")
#: Words before a ticket's, a movement's or a programme's name.
SLATE_WORDS = _words(
    "paslon pasangan pasangannya koalisi tagline bertagline slogan jargon pemenangan relawan gerakan program visi poros"
    " kubu barisan bertajuk bertema pendukung simpatisan timses tim akronim berakronim deklarasi"
)
#: Ships, written in capitals.
SHIP_WORDS = frozenset({"KM", "KMP", "KRI", "KLM", "LCT"})
#: Peoples, languages, dishes, crafts, cars: the name is not the region.
CULTURE_WORDS = _words(
    "suku etnis etnik bahasa soto nasi sate batik kopi rendang sambal tari kain songket kesultanan kerajaan gulai"
    " mie bika pempek dodol ayam urang sirup bubur roh martabak empal sego beras jeruk apel salak amplang keripik"
    " kerupuk dendeng wingko partai film sinetron suzuki"
)
#: Words that make a people out of a name that is also one.
PEOPLE_WORDS = _words(
    "orang budaya tradisi adat seni pantun lagu musik rumah sastra keturunan melayu dayak pakaian sasirangan"
    " pemukiman perantau marga ulos tarian kuliner masakan khas"
)
PEOPLES = _words("banjar toba karo asmat nias bima kutai paser toraja samosir simalungun sasak mentawai")
#: Streets: the name behind them is not where the event is.
STREET_WORDS = _words("jalan jl jln gang gg")
#: May stand between street word and name.
STREET_FILLERS = _words("raya lintas trans poros lingkar besar")
#: Hamlets and housing named like a far town ("Dusun Surabaya", in Bali "Banjar Tegal").
HAMLET_WORDS = _words("dusun dukuh perumahan perum kompleks komplek blok cluster hotel apartemen")
#: Waters and heights: a weak name behind them is their name.
NATURE_WORDS = _words("sungai danau gunung selat laut tol waduk teluk bukit das kali bendungan jalur tanjung kawah")

#: Waters, heights, islands and quarters: a kabupaten/kota's name right behind one is part of another name.
GEOGRAPHIC_NOUNS = _words(
    "sungai padang muara tanjung pulau teluk kuala bukit gunung batu kampung desa kelurahan danau selat ujung rawa"
    " lubuk pematang parit handil anjir"
)
#: Sites that a town has, too ("Pasar Martapura"): only a town that nothing leads to is not meant.
SITE_NOUNS = _words("pasar simpang")
#: Kabupaten/kota that are islands of the same name ("Pulau Batam").
ISLAND_REGIONS = _words(
    "batam bintan belitung ambon ternate tarakan sabang simeulue nias buru alor lembata natuna karimun lingga muna"
    " samosir buton morotai biak bengkalis"
)

#: Two-word names of something else that begin with a region's name.
NOT_PLACES = frozenset(
    {
        ("medan", "merdeka"), ("medan", "perang"), ("papua", "nugini"), ("papua", "new"), ("metro", "jaya"),
        ("metro", "tv"), ("bima", "sakti"), ("serang", "balik"), ("padang", "rumput"), ("padang", "mahsyar"),
        ("padang", "pasir"), ("padang", "golf"), ("malang", "melintang"), ("batu", "bara"), ("solo", "karier"),
        ("solo", "leveling"), ("banjar", "dinas"), ("banjar", "adat"), ("bali", "nine"), ("batu", "akik"),
        ("palu", "arit"), ("maluku", "fc"), ("jakarta", "islamic"), ("jakarta", "international"),
    }
)  # fmt: skip

#: Regency names that are ordinary words, people or rivers too: they need a sign of place or a fitting context.
WEAK_REGIONS = _words(
    "bone buru batang bima malaka agam lingga samosir karo pati landak siak kaur lebak muna toba sigi"
    " belu alor ende tual barru nias gunungmas banjar asmat mappi sabang sorong serang natuna karimun bangli buol"
    " sikka ngada solok dairi sarmi wajo"
)
#: Weak names that are verbs in a headline ("Polisi Buru Pelaku"): there they need a sign of place.
VERBS = _words("buru serang sorong")
#: Like the weak ones, but a preposition is not enough.
VERY_WEAK_REGIONS = _words("puncak batu kapuas")
#: The same, but an institution is not enough either ("Polres Metro" is Jakarta's): the office or kind word must fit.
CONTEXT_REGIONS = _words("metro batubara")
#: Joined names that are ordinary words when written small: then an office or kind word must stand before them.
LOWER_CASE_WORDS = _words(
    "serang medan batang pasir kisaran mulia matra sbb borong oku oki pali puncak batu buru metro landak malaka lingga"
    " negara sumber rantau tanjung benteng parigi kajen muba tala mura kotabaru manna curup rumbia weda maba bora bula"
    " dobo marisa kepi batubara pesisirbarat pesisirselatan tanahlaut tanahdatar empatlawang padangpanjang sungaipenuh"
    " gunungmas tebingtinggi telukdalam tanahmerah sungairaya kotaagung kotapinang gunungtua karangbaru"
)
#: Of those that a preposition makes a place, the ones that nothing else does ("nasib malang").
LOWER_CASE_STRICT = _words("malang padang solo")
#: The same, but with a preposition they are places ("di malang").
LOWER_CASE_TOWNS = _words(
    "malang padang palu solo tegal bone sorong siak pati kudus demak lebak sabang karimun subang natuna bima kapuas"
    " agam banjar toba gowa biak minut liwa praya gerung woha piru tual ende belu diy tala martapura"
)
#: One-word kecamatan names that are ordinary words or personal names: never without a sign of place.
ORDINARY_WORDS = _words(
    "baru tetap batangan tengah kota lama panjang jangka luas ibu kamu guna tutur selesai saling g tulis"
    " tahunan timur barat bawang selatan arahan raya bola pemenang butuh sawit utara kelapa harian gadung merek"
    " benda bintang peso seluas ayah sela bara tarik papar bangun tebing pesantren kubu curug menjalin perak damai"
    " ujung setia taman lembar beber bahagia larangan raja bareng tanggul bukit kurun bulu juli sambutan merdeka"
    " salam besi batuan gajah agung pengasih peninjauan petir bayang sumur web pinggir pagu lumbung pangkalan payung"
    " lirik jaya amar bendungan sarang kilo kasihan waris purba alas teriak bener kembang bantaran natal petang sakti"
    " balai damar makmur kerajaan jati selat subur bendahara benua semen bandar tambak muara tumpang pacar anyar"
    " teras tempe kretek wenang gabus gantung terisi samudera genteng licin kangkung suruh pucuk pekat dukun anggrek"
    " kedondong kedamaian kresek panti sale pinang gading dagangan parang juang palang simpang marga panggang"
    " lapang cina pace awang sumbang mentok geger abang selebar pagelaran darma sedan rongga lembur deket bambang"
    " karangan pasan jangkar pendopo beringin manggis pakem susut ibun panggul kramat pakis soko permata tabir mande"
    " paku bina sutera dal sanggar kapas lumut selangit moga silo panji banda kai kebo tempuran semau penanggalan"
    " indah sumber tanjung rantau batu pulau sungai jorong negara mulia maju sejahtera sentosa harapan mandiri"
    " purnama kencana pelita angsana cempaka "
    " wonosari menteng senen gambir sawah tambora palmerah kartini pancasila garuda nusantara mutiara intan"
    " pahlawan pancur bungku mawar melati kenanga teratai bahari samudra nagari kampung dusun desa banjar bali papua"
    " aceh jawa sunda melayu dayak bugis minang batak lampung banten riau maluku sulawesi kalimantan sumatra borneo"
    " sindang karya bakti jagong sinar pagar dua tiga empat lima delapan sembilan tujuh enam satu pasar kayu ampel"
    " sumbersari tebet pusat daha rambutan mangga candi kali way air aek seri cerme ngada bungin wara telaga dolok"
    " sebrang belakang depan atas bawah hulu hilir dalam luar blok nusa ratu putri pangeran sultan dewantara kajang"
    " maja rumbia parigi kedaton tanahmerah ranah bathin koto lubuk pinggiran muda tua wedung nita soa aru moti loli"
    " tidung wasile kao ibu malifut obi mandioli gane bacan kepulauan waru pasirian pare pademangan dempo semidang"
    " kepung tirto kapuas"
)
#: Prefixes that writers split off ("Gunung Kidul" for Gunungkidul).
SPLIT_PREFIXES = (
    "tanjung", "gunung", "pangkal", "pangkalan", "bandar", "pematang", "padang", "lubuk", "kulon", "pare", "bau",
    "sawah", "bukit", "batu", "toli", "fak", "muko", "kota", "banjar", "muara", "sungai", "pagar", "deli", "musi",
    "labuhan", "labuan", "rantau", "palangka", "paya", "tapak", "kuta", "pulau", "warung", "karang", "sumber",
    "pasar", "wangi", "suka", "mekar", "kebon", "kali", "pondok", "banyu", "purwo", "sido", "sukamara", "tanah",
    "batang", "tebing", "sari", "pura", "bojong", "parung", "ci", "wono", "kedung", "jati", "air", "bumi",
)  # fmt: skip

#: Names of a province that are also a town's or a regency's, or of two towns: what they mean when nothing else speaks.
DEFAULT_CODES = {
    "banjar": "63.03",
    "bengkulu": "17",
    "gorontalo": "75",
    "jambi": "15",
    "martapura": "63.03",
    "yogyakarta": "34",
}
