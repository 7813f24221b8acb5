"""Closed lists of Indonesian words that the name tagger and its rules look at. All lower case, all written by hand.

None of them is a list of people: they hold titles, offices, kinds of place and organisation, kin, and the words that
make somebody a victim, a minor or a suspect.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HONORIFICS = _words(
    "pak bu bapak ibu bpk saudara saudari sdr sdri mas mbak bang abang kak kakak om tante cak gus kang neng "
    "haji hajah h hj dr drs dra ir prof profesor dokter kh k.h kiai kyai "
    "ustaz ustad ustadz ustazah habib tuan guru "
    "ny nyonya tuan mr mrs sir syekh syaikh sheikh datuk datuak dato "
    "pangeran ki nyi raja ratu sultan tubagus tb "
    "tgk tgh buya pendeta pdt pastor romo uskup biksu raden rm gusti andi datu almarhum almarhumah alm almh"
)
RANKS = _words(
    "akp akbp kombes kompol brigjen irjen komjen jenderal mayjen letjen "
    "letkol kolonel mayor kapten lettu letda "
    "serma serka sertu serda aiptu aipda bripka brigadir briptu bripda "
    "ipda iptu tni purn ret prada praka pratu kopda koptu kopka bharada bharatu "
    "sersan letnan pol inf kav laksamana marsekal"
)
OFFICES = _words(
    "presiden wapres menteri menko mendagri menkopolhukam mensesneg menkominfo "
    "menkomdigi menlu menhan menpora menpan menpanrb mendikbud menkumham "
    "menparekraf mentan menaker seskab kapuspen kapendam kapenrem karutan kalapas "
    "kadivhumas dirreskrimum menkes menkeu "
    "menag menhub mensos wamen gubernur wagub "
    "bupati wabup walikota wawali wawalkot walkot camat lurah kades "
    "pambakal kapolri wakapolri kapolda wakapolda "
    "kapolres kapolresta kapolrestabes wakapolres kapolsek kasatreskrim "
    "kabidhumas panglima pangdam danrem dandim "
    "danramil danlanal danlanud kajati kajari kasi kabag kabid kasubbag "
    "kadis kadisdik kadinkes kaban sekda sekdaprov "
    "sekdakab sekdako sekjen sekretaris ketua ketum waketum waka "
    "komisioner kepala direktur dirjen irjen inspektur "
    "jubir rektor hakim jaksa koordinator bendahara legislator senator politikus politisi dubes anggota juru "
    "calon cagub cawagub cabup cawabup cawali cawawali cawalkot capres "
    "cawapres caleg cakada bacagub bacabup paslon "
    "pasangan petahana pj plt plh pjs penjabat kalaksa kasatpol kabinda "
    "asisten deputi mahkamah panwascam bacalon "
    "wali ketuanya staf"
)
PAIR_WORDS = _words("paslon pasangan duet cagub-cawagub cabup-cawabup capres-cawapres")
BODIES = _words(
    "dpr dprd dpd mpr kpu bawaslu panwaslu panwascam panwaslih kip ppk pps "
    "kpps dkpp kpid kpi bpk bpkp kpk mk ma ky "
    "komisi fraksi ombudsman bpd polri tni legislatif parlemen dewan majelis bpip bnn bnpb"
)
# An office word followed by one of these is no public office.
NO_OFFICE_AFTER: dict[str, frozenset[str]] = {
    "ketua": _words("rt rw kelas geng kelompok rombongan regu majlis jemaah keluarga"),
    "kepala": _words("keluarga sekolah rumah suku rombongan sd smp sma smk sdn smpn sman"),
    "wali": _words("murid kelas nikah santri korban anak band"),
    "calon": _words("pengantin istri suami mertua menantu jemaah penumpang pembeli mahasiswa siswa pemilih pekerja"),
    "pasangan": _words("suami suami-istri suami-isteri kekasih pengantin muda sejoli selingkuh suaminya"),
    "sekretaris": _words("pribadi"),
    "staf": _words("biasa honorer tata kebersihan toko hotel"),
    "asisten": _words("rumah pribadi"),
    "direktur": frozenset(),
}
# These are an office only in front of one of the words named.
OFFICE_ONLY_BEFORE: dict[str, frozenset[str]] = {
    "anggota": BODIES,
    "wali": _words("kota kotamadya"),
    "staf": _words("ahli khusus"),
    "juru": _words("bicara"),
    "mahkamah": frozenset(),
    "inspektur": _words("daerah kabupaten kota provinsi jenderal"),
    "calon": _words(
        "gubernur wakil bupati wali walikota presiden anggota legislatif kepala petahana tunggal perseorangan "
        "independen nomor dpd dprd dpr"
    ),
    "pasangan": _words("calon cagub cabup nomor urut gubernur bupati capres"),
}
FORMER = _words("mantan eks bekas")
# In front of an office they say that the name belongs to somebody else.
RELATIONS = _words(
    "istri isteri suami anak putra putri putera puteri ibu ayah bapak "
    "ibunda ayahanda adik kakak keponakan menantu "
    "mertua cucu sepupu kerabat keluarga ajudan sopir supir pengawal tetangga pacar kekasih teman sahabat "
    "pendukung simpatisan relawan korban warga pengikut saudara paman bibi"
)
# Lower-case words that may stand between an office and the name that holds it.
OFFICE_LINKS = _words(
    "daerah provinsi kabupaten kota kecamatan kelurahan desa negeri republik indonesia dan serta nomor urut "
    "nonaktif non-aktif terpilih petahana sementara umum harian pusat "
    "cabang wilayah komisi fraksi tim pemenangan "
    "divisi bidang bagian seksi biro dinas badan kantor satuan polisi "
    "pamong praja wakil muda tetap pelaksana tugas "
    "pejabat penjabat hukum hubungan masyarakat humas pengawasan "
    "pencegahan penanganan pelanggaran sengketa data "
    "informasi teknis penyelenggaraan penyelenggara sosialisasi partisipasi pendidikan kesehatan kesbangpol "
    "pertanian perhubungan sosial perdagangan penanggulangan bencana "
    "kebakaran kehutanan lingkungan hidup perencanaan "
    "keuangan pemilihan pemilu dewan perwakilan rakyat majelis partai "
    "politik khusus ahli bicara juru calon gubernur "
    "bupati presiden wali walikota kepala ketua anggota legislatif perseorangan independen tunggal kampanye "
    "kepolisian kejaksaan negeri tinggi resor sektor komando distrik "
    "militer penerangan intelijen kriminal reserse "
    "staf koordinator logistik operasional dari daerah pemilihan dapil "
    "periode pengurus pimpinan sekretariat jenderal "
    "dalam luar agama pertahanan keamanan tenaga kerja energi sumber daya mineral "
    "pariwisata pemuda olahraga komunikasi "
    "digital perumahan pekerjaan transmigrasi investasi ketenagakerjaan perindustrian kelautan perikanan perkebunan "
    "konstitusi agung ad hoc ri antarwaktu pemerintahan pembangunan kesejahteraan ekonomi pimpinan "
    "kecil provinsi-kabupaten i ii iii iv v"
)
# "X dilantik sebagai Bupati": verbs that may stand between a name and the office it enters.
ENTERS_OFFICE = _words(
    "dilantik ditetapkan terpilih menjabat ditunjuk diangkat maju didapuk "
    "dipercaya mencalonkan diri selaku sebagai "
    "menjadi yang merupakan adalah juga resmi kini saat ini bersama"
)
# In front of a name: what follows is a victim, a minor, a suspect or a private witness.
EXPOSED_BEFORE = _words(
    "korban berinisial inisial siswi siswa murid pelajar santri santriwati "
    "anak bocah balita bayi remaja gadis "
    "tersangka terdakwa terpidana pelaku terlapor pelapor terduga saksi "
    "buron buronan dpo napi narapidana bernama "
    "atas warga mahasiswa mahasiswi jenazah mayat pasien penyandang "
    "perempuan pria wanita pemuda pengemudi pengendara"
)
# After a name: what happened to that person.
EXPOSED_AFTER = _words(
    "ditangkap dibekuk diciduk diringkus diamankan ditahan tewas meninggal "
    "dibunuh dianiaya diperkosa dicabuli "
    "disiksa dikeroyok ditikam ditusuk ditembak diculik dilecehkan terluka luka luka-luka hilang tenggelam "
    "diduga divonis didakwa dituntut dipenjara dipukul dipukuli hamil bunuh gantung berstatus"
)
NAMED_BY = _words("bernama dipanggil berinisial inisial disapa")
FACILITIES = _words(
    "jalan jl jln gang gg jembatan bandara pelabuhan rs rsud rsup rsu rsia "
    "rumah_sakit masjid mesjid musala musholla "
    "langgar gereja pura vihara stadion gelora gedung lapangan taman "
    "museum makam monumen tugu universitas institut "
    "politeknik stikes sma smk smp sd sdn smpn sman smkn man mtsn tk "
    "pesantren ponpes yayasan pt cv ud koperasi bank "
    "desa kelurahan kecamatan kabupaten kota provinsi dusun kampung "
    "gampong nagari gunung sungai danau pulau pantai "
    "teluk tanjung selat laut pasar mal plaza hotel kafe warung toko "
    "perumahan komplek kompleks asrama kri km waduk "
    "bendungan irigasi terminal stasiun simpang bundaran korem kodim "
    "koramil yonif lanud lanal brigif batalyon "
    "piala liga turnamen siklon badai topan undang-undang perkara operasi "
    "puskesmas posko dermaga bukit hutan goa gua "
    "kec kab kel wisma balai graha aula ballroom jembatan fc klub persatuan rumah-sakit mts mi"
)
SACRED = _words("nabi rasulullah rasul allah tuhan dewa dewi yesus malaikat imam_mahdi sang")
NOT_NAMES = _words(
    "januari februari maret april mei juni juli agustus september oktober "
    "november desember senin selasa rabu kamis "
    "jumat jum'at sabtu minggu ahad ramadan ramadhan syawal muharram rajab "
    "lebaran natal paskah nyepi waisak imlek "
    "idulfitri iduladha idul fitri adha maulid isra mikraj islam kristen "
    "katolik hindu buddha konghucu muslim nasrani "
    "alquran al-qur'an alkitab injil taurat allah tuhan yesus kristus "
    "pancasila indonesia golkar gerindra nasdem "
    "demokrat hanura perindo pks pkb ppp pan pdip pdi psi pbb gelora "
    "garuda buruh ummat perjuangan nu muhammadiyah "
    "kpu bawaslu dkpp tni polri dpr dprd dpd mk kpk tps ppk pps kpps asn "
    "pns wni wna covid-19 covid hoaks pilkada "
    "pilgub pilbup pilwali pilpres pileg pemilu paslon rp wita wib wit pbb "
    "uu pp perpres perda ktp nik kk ham sara "
    "whatsapp facebook instagram twitter tiktok youtube telegram google"
)
# Provinces, and the regencies and towns of Kalimantan with the big towns elsewhere: facts of the map, not people.
PLACES = _words(
    "aceh riau jambi bengkulu lampung banten jakarta yogyakarta bali papua "
    "maluku sulawesi kalimantan sumatera "
    "sumatra jawa madura lombok nusantara kalsel kaltim kalteng kalbar "
    "kaltara jatim jateng jabar sumut sumbar sumsel "
    "sulsel sulut sulteng sultra sulbar ntb ntt babel kepri diy gorontalo "
    "medan padang palembang bandung semarang "
    "surabaya makassar manado ambon jayapura kupang mataram denpasar "
    "pontianak palangkaraya palangka samarinda "
    "balikpapan bontang tarakan banjarmasin banjarbaru banjar martapura "
    "barito kuala batola marabahan tapin rantau "
    "hulu kandangan barabai amuntai balangan paringin tabalong kotabaru "
    "bumbu batulicin pelaihari paser penajam "
    "berau kutai kartanegara sangatta tenggarong mahakam sendawar malinau "
    "nunukan bulungan kapuas kotawaringin "
    "sampit pangkalan lamandau sukamara seruyan katingan pulang pisau "
    "gunungmas murung sambas bengkayang landak "
    "mempawah sanggau ketapang sintang melawi sekadau kayong singkawang "
    "bekasi bogor depok tangerang serang cirebon "
    "solo surakarta malang kediri madiun sampang bangkalan pamekasan "
    "sumenep poso palu kendari ternate tidore sorong "
    "merauke timika wamena batam bintan tanjungpinang dumai pekanbaru nias "
    "toraja minahasa bima dompu sumbawa flores "
    "sumba timor borneo asia eropa amerika israel palestina malaysia "
    "singapura cina tiongkok jepang arab mesir iran "
    "irak rusia ukraina australia belanda inggris jerman prancis india papua_barat"
)
NAME_LINKS = _words("bin binti ibn al el as ash asy ar van von de la da di der den st y")
ALIASES = _words("alias als a.k.a")
SPEECH = _words(
    "kata ujar tutur ucap jelas tegas ungkap papar sebut katanya ujarnya "
    "tuturnya ucapnya jelasnya tegasnya ungkapnya "
    "paparnya sebutnya mengatakan menyebut menyebutkan menegaskan "
    "menuturkan menjelaskan mengungkapkan menyampaikan "
    "menyatakan mengaku menambahkan menilai meminta berkata terang imbuh "
    "tambah pungkas beber mengimbau mengajak"
)
ORGANISATIONS = _words(
    "partai fraksi komisi dewan badan dinas kementerian lembaga "
    "universitas bank pt cv yayasan polda polres polsek "
    "polresta kodam kodim korem kejaksaan pengadilan mahkamah serikat "
    "aliansi forum himpunan persatuan ikatan asosiasi "
    "federasi kantor rsud rumah tim satgas koalisi relawan organisasi grup "
    "band klub fc pemerintah pemkab pemkot pemprov"
)
PREPOSITIONS = _words("di ke dari pada dalam antara oleh dengan kepada bagi untuk terhadap bersama")
DEGREES = _words(
    "s m sh mh se mm sos si pd kom ag hum kes ked psi st mt sp spd sik sip "
    "ip ap phd kn pdi hi farm ikom stp ab ak ma msc "
    "mba lc msi mpd mkes skm amd ners tr han cs th"
)
