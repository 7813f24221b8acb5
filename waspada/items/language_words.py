"""Function words and frequent endings by which a language is told; written for this project, no third-party list.

A word listed for one language weighs `DISTINCTIVE`, one of several languages `SHARED` in each of them; one that leans
to a relative of Indonesian weighs `LEANING` there and `SHARED` in Indonesian. `OTHER` stands for languages that nobody
is told apart in: Sundanese, Minangkabau, Tagalog, Dutch, Spanish, French, German.
"""

from __future__ import annotations

import re
from typing import Final

INDONESIAN, BANJAR, JAVANESE, ENGLISH, MALAY, OTHER = "id", "bjn", "jv", "en", "ms", "other"
DISTINCTIVE: Final = 2.0
LEANING: Final = 1.5
SHARED: Final = 1.0

#: Words of Indonesian and Malay alike, and of Banjar too where the third list says so.
_MALAYIC: Final = """
    yang dan di ke dari untuk dengan pada ini itu dalam tidak akan oleh juga kata ia mereka ada sebagai telah sudah
    kami kita atau para saya kamu anda dia aku bukan hanya tersebut kepada serta menurut dapat harus sangat sekarang
    belum lagi kalau apa siapa mana bagaimana mengapa anggota calon ribu juta orang hari tahun rumah anak air
    jangan lebih antara setelah ketika seperti banyak semua masih tapi tetapi jalan besar kecil baru baik pagi malam
    pergi datang makan minum tahu lihat buat beri terus sampai tadi dulu nanti lah pun pula turut dua tiga empat lima
    kali satu seorang sebuah hingga sejak supaya agar tentang selama sementara maka yaitu sekolah ketua masyarakat
    bahasa dunia negara hidup mati hujan malu senang sebelum mesti walaupun kecuali depan belakang atas bawah luar
"""
_MALAYIC_BANJAR: Final = """
    di ada itu ini sudah apa siapa lagi kalau lah tapi jangan tahu tadi dulu rumah anak hari tahun malam makan minum
    datang hujan aku dua tiga lima empat jalan baru terus sampai belum banyak baik orang juga
"""
_INDONESIAN: Final = """
    karena bisa adalah bahwa saat saja mau uang nggak enggak gak ga banget aja udah kayak sih dong deh nih tuh gue lo
    lu cuma doang bakal gimana kapan namun sejumlah berbagai warga pemerintah kantor polisi mobil senin kamis jumat
    rabu januari februari agustus desember kabupaten kecamatan kelurahan kota provinsi rupiah miliar persen pilkada
    pemilu rumah_sakit usai terkait tak hal pihak melalui sesuai sehingga kemudian terhadap dilakukan merupakan menjadi
    secara setiap bapak ibu yuk ayo ya kok loh lho biar emang memang kalian beda sebenarnya perlu
    sedang berita pasangan petugas walikota bupati gubernur desa surat suara kondisi kena bikin ketemu ngapain
    ngga kagak gitu gini sama sekitar ratusan puluhan pukul dini jelang soal lewat tetap justru malah banjir sambil
    silakan silahkan begitu begini sini situ gubernurnya kepala sebab selain dirinya tersangka korban
"""
#: Words that a relative of Indonesian writes more often, but that Indonesian writes too: one of them proves nothing.
_LEANING: Final = """
    boleh bila raya kampung gaji kereta maklumat petang undi pejabat menteri negeri beliau dah bagi balik duit pegawai
    cuti sila tuan datuk penat lelaki hantar sabah malaysia apabila hendak sekiranya kesemua polis budak percuma bas
    mangsa kerajaan jemaah semasa
    mari tekan teko rampung lara yen dina ana rek kate
    lawan umpat karas nyawa abah ai bahari batang jua uma banua am jar harau harat nini matan acil kai gair tatak
"""
_MALAY: Final = """
    kerana boleh wang ialah manakala iaitu mahu nak awak korang diorang kitorang jom macam sahaja daripada berkenaan
    bahawa selepas kerajaan polis hospital pejabat syarikat pilihan_raya esok petang lelaki budak bas motosikal bomba
    mangsa tular ahad isnin khamis jumaat selasa_ ogos julai disember ringgit rm peratus cikgu je la kat camne camni
    sila tuan puan encik datuk datin yb makcik pakcik apabila bagaimanapun menerusi sekiranya ianya kesemua ekoran
    susulan tiada negeri menteri kereta beliau dah tak bagi pegawai hendak cakap balik tengok seronok penat duit gaji
    bila pilihanraya malaysia sabah sarawak takkan takde tapau sikit kenapa_ percuma lewat_ telefon undi pengundi parti
    raya jalan_raya kampung hantar dapatkan bersetuju perlu_ jemaah ikut_ dijangka mengikut keluarga_ kini_ turut_
    bekalan maklumat semasa peniaga yuran cuti laluan tutup_ masuk_ kita_
"""
_JAVANESE: Final = """
    ing sing ora karo iki kuwi iku wis arep neng ning lan yen saka marang dening kowe dheweke kula panjenengan sampeyan
    boten mboten inggih nggih punika menika kaliyan dhateng saking wonten ingkang sampun badhe kados pundi ana piye
    kepiye ngapa sapa endi saiki mengko wingi sesuk isih durung uga utawa nanging amarga merga mergo nek ben kanggo
    kabeh akeh sithik gedhe cilik apik elek omah wong bocah mangan turu mlaku lunga teka takon ngerti weruh duwe gawe
    nggawe iso isa opo sopo piro wae tok tenan rek lur yo matur nuwun maturnuwun sugeng enjing dalu monggo mangga
    dalan udan geni wengi esuk padha podo kudu arek ndelok teko nganti tekan mburi ngarep nduwur ngisor jero njaba
    kene kono kana mrene mrono ngono ngene koyo kok_ ojo aja_ wae ngombe adus nyambut gaweyan sekolahan pasare regane
    larang murah_ lagi_ ngko mau_ wonge bapakku ibuku simbah pakdhe budhe dina dino taun tumrap awit supados griya
    tiyang sedaya sanget matur gusti mugi ngantos desane kutha luwih paling_ meh nggo karepe jare jarene mbok ra gelem
    oleh_ tuku adol ngomong_ wedi seneng_ isin ngelih ngantuk lara ngundang ngirim rampung dadi mulih metu mlebu
    kejaba lagek kate mari ta to ta_ banjur terus_ banget_ yaiku kudune bengi
"""
_BANJAR: Final = """
    nang kada kadada wan gasan urang sidin ulun pian ikam unda nyawa inya buhan buhannya ngini ngitu hanyar balum
    lawan matan hagan kayapa kanapa napa wayah wayahini kaina samalam isuk isukan baisukan kamarian lakas banar saikit
    ganal bungas harat handak hakun kawa pacang cagar jua am ai leh mun amun imbah limbah sagan haja ja guring
    bajalan bapadah mamadahi umpat tulak bulik bamainan kakanakan anum tuha lalaki bibinian abah uma kuitan ading
    julak acil amang kai banua karas jar pina tuntung tarus samunyaan sabarataan barataan talalu muyak gair takutan
    hibak habang maraha bubuhan kita_ dangsanak manukar bajual iwak nyiur warung_ kalu nangapa ngaran ngarannya
    dipadahakan mambari manggawi gawian bagawi bakayuh jukung batang_ pambakal tatak marista baluman kadakawa
    sasain maka_ nintu disia disana_ kasiapa kamana dimapa mancari mandangar malihat maambil mambawa basusah bapikir
    sakit_ sanang hati_ mudahan mudah_mudahan barkat barelaan bakumpulan barami banyuan subuhari bahari tagal
    harau kadanya jarnya ujar ujarnya sualnya sarik pamarintah balalu bakas rami nginum lapah kaganangan nini
"""
_ENGLISH: Final = """
    the of and to in is that for was on with as by at from are be has have an it this which were said he they his
    will their not but we you your our us i my me she her its or if can could would should do does did no so what who
    how when where there here been after before about more people all just out up over also than then into please
    new police flood vote election i'm it's don't can't
"""
_OTHER: Final = """
    teu henteu abdi kuring anjeun nu jeung keur mah atuh euy kumaha naon saha iraha ieu eta téh ti aya kudu_
    indak nan jo ambo den lai samo kito urang_ apo dima baa ciek
    ang mga ng hindi ako siya sa po ba kung para_ lang naman kayo tayo
    de het een van niet ook zijn maar voor met wij jullie naar
    el los las que por con una un es no_ pero como muy del
    le les des est pas une dans pour qui nous vous avec
    der die das und nicht ist ein eine mit auf für wir sie
"""


def _words(text: str) -> frozenset[str]:
    """The words of a list; those with an underscore are notes of words left out because other languages have them."""
    return frozenset(word for word in text.split() if "_" not in word)


_LISTS: Final = {
    INDONESIAN: _words(_MALAYIC) | _words(_INDONESIAN),
    BANJAR: _words(_MALAYIC_BANJAR) | _words(_BANJAR),
    JAVANESE: _words(_JAVANESE),
    ENGLISH: _words(_ENGLISH),
    MALAY: _words(_MALAYIC) | _words(_MALAY),
    OTHER: _words(_OTHER),
}


def _weights(word: str) -> dict[str, float]:
    langs = [lang for lang, listed in _LISTS.items() if word in listed]
    if word in _words(_LEANING):
        return {INDONESIAN: SHARED} | dict.fromkeys(langs, LEANING)
    return dict.fromkeys(langs, DISTINCTIVE if len(langs) == 1 else SHARED)


#: Word -> language -> weight.
WEIGHTS: Final[dict[str, dict[str, float]]] = {word: _weights(word) for word in frozenset().union(*_LISTS.values())}

#: Forms of words that are in no list: pattern, languages, weight.
AFFIXES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...], float], ...]] = (
    (re.compile(r"(?:me[mn]|meng|meny|ber|ter|pem|pen|peng|per)[a-z]{3,}|di[a-z]{3,}kan"), (INDONESIAN, MALAY), 0.5),
    (re.compile(r"[a-z]{3,}nya"), (INDONESIAN, MALAY, BANJAR), 0.4),
    (re.compile(r"(?:man|mam|mang|ma|ba|di|ta)[bcdfghjklmnprstwy][aiu][a-z]*akan"), (BANJAR,), 0.8),
    (re.compile(r"[a-z]{2,}(?:ake|aken|ipun)"), (JAVANESE,), 1.0),
    (re.compile(r"[a-z]*dh[aeiou][a-z]*|ng[ao][a-z]{3,}|ny[aeo][a-z]{3,}"), (JAVANESE,), 0.6),
    (re.compile(r"[a-z]{3,}(?:ing|tion|ment|ness|ly|ed)|[a-z]+'(?:s|t|re|ll|ve)"), (ENGLISH,), 0.5),
)
