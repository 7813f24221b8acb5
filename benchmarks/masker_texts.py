"""Sentences and name parts written for training and for the name tagger: nobody in them exists.

`{p}` is filled with a made-up person, `{l}` with a place, `{o}` with an organisation. Names are put together at random
from common parts of Indonesian names.
"""

from __future__ import annotations


def _cut(text: str, separator: str | None = None) -> list[str]:
    return text.split(separator)


GIVEN = _cut(
    "Ahmad Muhammad Abdul Rahmat Rahman Hasan Husin Syarif Syahrani Rusli "
    "Ridwan Rizal Rizky Fauzan Fauzi Fahmi Farhan "
    "Gazali Ghazali Hairul Khairul Khairil Ilham Irfan Ismail Jamal Juhri "
    "Kaspul Lutfi Mahyuni Masdar Mukhlis Mulyadi "
    "Murjani Nasrun Noor Norhidayat Pahrian Rasyid Rudini Saidi Saleh "
    "Salman Samsul Sarbini Supian Suriansyah Syahril "
    "Taufik Wahyudi Yusran Zainal Zulkifli Zairullah Aminah Arbainah Aulia "
    "Dahlia Fatimah Halimah Hamidah Hasanah "
    "Hayatun Jamilah Khadijah Laila Mariatul Maimunah Masitah Nisa "
    "Norlaila Nurul Rabiatul Raudah Rusmini Salamah "
    "Siti Sri Ani Ayu Dewi Dian Eka Endah Fitri Indah Intan Ika Kartika "
    "Lestari Lina Lilis Maya Mega Nani Nova Novi "
    "Putri Ratna Rina Rini Sari Sinta Sulastri Tini Tuti Wati Wulan Yanti "
    "Yuni Yuliana Agung Agus Andi Anton Ari Arif "
    "Bagas Bagus Bambang Bayu Budi Candra Catur Dadang Darmawan Deni Didik "
    "Dimas Djoko Dwi Edi Eko Endang Fajar "
    "Gatot Gilang Guntur Hadi Handoko Hari Hendra Heri Indra Iwan Joko "
    "Kusno Mardi Nanang Novan Nugroho Panji Parman "
    "Prasetyo Purnomo Rangga Rendra Rudi Slamet Sigit Sugeng Suharto "
    "Sukirman Sumarno Surya Susilo Sutrisno Teguh Tono "
    "Tri Untung Wahyu Wawan Widodo Wisnu Yanto Yoga Yono Yudi Yusuf Asep "
    "Cecep Dede Encep Iis Imas Nining Ujang Usep "
    "Made Wayan Nyoman Ketut Komang Putu Gede Kadek Daeng Baso Besse Tenri "
    "Ucok Togar Parlin Rotua Tiur Uli Marbun "
    "Yohanes Yosef Petrus Paulus Markus Lukas Stefanus Maria Theresia "
    "Kornelis Simon Thomas Yakobus Agustinus Benediktus "
    "Tiwi Uga Rangkap Sabran Tamin Ulin Uwan Yansen Yulius Alim Acong "
    "Liong Meilan Hartono Santoso Wijaya Halim Tanoto "
    "Nurdin Nasir Teuku Cut Syarifah Said Idrus Umar Usman Ali Bilal Zaki "
    "Zahra Aisyah Naila Kirana Kezia Rafi Raka"
)
FAMILY = _cut(
    "Hidayat Hidayatullah Rahmadi Ramadhani Maulana Saputra Saputri Wibowo "
    "Wicaksono Setiawan Setyawan Gunawan Kurniawan "
    "Hermawan Kusuma Kusumawati Permana Permata Pratama Pratiwi Utama "
    "Utami Nugraha Firmansyah Syahputra Ardiansyah "
    "Iskandar Hakim Halim Basri Noor Effendi Efendi Hamdani Anwar Arifin "
    "Zainuddin Syamsuddin Jamaluddin Kamaruddin "
    "Fakhruddin Abdullah Mahmud Mansyur Yunus Yusran Azhari Anshari "
    "Sihombing Simatupang Siregar Nasution Hutagalung "
    "Panjaitan Lubis Harahap Tambunan Manurung Ginting Tarigan Sembiring "
    "Wenda Kogoya Wanimbo Rumbiak Mandacan Latuconsina "
    "Pattiasina Tuhumury Lamba Rante Pongtiku Makkarateng Situru "
    "Mokodompit Lumentut Rorimpandey Wowor Ngantung Jelani "
    "Lihan Tingang Bungai Ngabang Apui Usop Dandung Binti Nyaring Sukma "
    "Susanti Susanto Subagyo Sudirman Sutanto Sutejo "
    "Suryanto Supriyadi Supardi Sunarto Sulaiman Suherman Prabawa Prakoso "
    "Purwanto Priyanto Raharjo Rusdiana Sasmita "
    "Astuti Anggraini Handayani Haryati Kartini Marlina Mulyani Nurhayati "
    "Oktaviani Puspita Rahayu Rahmawati Safitri "
    "Suryani Wahyuni Wulandari Yuliani Zulaikha Amalia Azizah Fadillah "
    "Karimah Mawaddah Mustika Nabila Salsabila"
)
PLACES = _cut(
    "Banjarmasin;Banjarbaru;Martapura;Kabupaten Tanah Laut;"
    "Kabupaten Banjar;Tanah Bumbu;Kotabaru;Hulu Sungai Selatan;"
    "Hulu Sungai Tengah;Hulu Sungai Utara;Tabalong;Balangan;Tapin;"
    "Barito Kuala;Barito Timur;Barito Selatan;Kapuas;"
    "Pulang Pisau;Palangka Raya;Kotawaringin Timur;Sampit;Pangkalan Bun;"
    "Katingan;Gunung Mas;Murung Raya;Seruyan;"
    "Samarinda;Balikpapan;Kutai Kartanegara;Kutai Timur;Kutai Barat;Berau;"
    "Paser;Penajam Paser Utara;Bontang;Mahakam Ulu;"
    "Tarakan;Bulungan;Malinau;Nunukan;Pontianak;Singkawang;Sambas;Ketapang;"
    "Sintang;Sanggau;Landak;Kalimantan Selatan;"
    "Kalimantan Tengah;Kalimantan Timur;Kalimantan Barat;Kalimantan Utara;"
    "Kalsel;Kalteng;Kaltim;Kalbar;Kaltara;Jawa Timur;"
    "Jawa Tengah;Sulawesi Selatan;Surabaya;Jakarta;Makassar;Sampang;Desa Sungai Rangas;Kecamatan Gambut;"
    "Kelurahan Sungai Besar;Kampung Melayu;Desa Mantuil;"
    "Kecamatan Aluh-Aluh;Jalan Ahmad Yani;Jalan Hasan Basri;"
    "Jalan Pangeran Samudera;Jalan Sutoyo S;Jalan Veteran;Simpang Empat;Bundaran Besar;Lapangan Murjani;"
    "Bandara Syamsudin Noor;RSUD Ulin;Masjid Raya Sabilal Muhtadin;Pasar Lima;Sungai Barito;Sungai Martapura;"
    "Pegunungan Meratus;Pulau Laut;Indonesia;Mentaya;Loksado;Amuntai;Barabai;Kandangan;Pelaihari;Batulicin",
    ";",
)
ORGANISATIONS = _cut(
    "KPU;Bawaslu;KPU Kabupaten Banjar;Bawaslu Kalsel;Polda Kalsel;"
    "Polres Tanah Laut;Polresta Banjarmasin;DPRD Kalteng;"
    "Partai Golkar;PDI Perjuangan;Partai Gerindra;PKB;Partai NasDem;PKS;"
    "PAN;Partai Demokrat;PPP;Hanura;Kejaksaan Negeri;"
    "Pengadilan Negeri Banjarmasin;Dinas Pendidikan;Badan Kesbangpol;"
    "Satpol PP;BPBD;Universitas Lambung Mangkurat;"
    "Nahdlatul Ulama;Muhammadiyah;MUI;FKUB;Dewan Adat Dayak;"
    "PT Bumi Meratus Abadi;CV Sinar Barito;Mahkamah Konstitusi;"
    "DKPP;TNI;Polri;Kodim 1007;Korem 101/Antasari;BMKG;"
    "Kementerian Dalam Negeri;HMI;PMII;Panwaslu;PPK Gambut;MAFINDO",
    ";",
)
OFFICES = _cut(
    "Gubernur;Wakil Gubernur;Bupati;Wakil Bupati;Wali Kota;Ketua KPU;"
    "Ketua Bawaslu;Kapolres;Kapolda;Dandim;Camat;Lurah;"
    "Kepala Desa;Sekda;Kepala Dinas Pendidikan;anggota DPRD;calon bupati;"
    "cagub;cawagub;Pj Bupati;Plt Gubernur;Kasat Reskrim;"
    "Kabid Humas Polda;Ketua RT 05;Komisioner KPU;juru bicara;Ketua DPRD;Kapolsek;Danramil;Kepala BPBD",
    ";",
)
SENTENCES = tuple(
    line.strip()
    for line in """
{f} {l} {p} mengatakan pihaknya sudah menurunkan petugas ke {l}.
{f} {l}, {p}, meminta warga tidak terpancing kabar yang belum jelas.
"Kami masih menunggu laporan," kata {p} di {l}, Selasa (12/11/2024).
{p}, warga {l}, mengaku melihat asap dari arah pasar.
Korban bernama {p} ({n}) dilarikan ke rumah sakit di {l}.
Korban {p} meninggal dunia di tempat kejadian.
Tersangka {p} alias {g} ditangkap di {l} pada Rabu malam.
Polisi menangkap {p} ({n}), warga {l}, karena diduga membawa senjata tajam.
Pelaku berinisial {i} ({n}) kini ditahan di {o}.
{p} dan {p} terlibat adu mulut di depan kantor {o}.
Menurut {p}, kotak suara di {l} datang terlambat dua jam.
Sementara itu {p} membantah tuduhan tersebut.
Ibu korban, {p}, tidak kuasa menahan tangis.
Siswi {p} tidak masuk sekolah sejak Senin.
{p} melaporkan dugaan pelanggaran itu ke {o}.
Laporan disampaikan oleh {p} bersama kuasa hukumnya, {p}.
Pak {g} dan Bu {g} sudah menunggu di balai desa.
H. {p} menyerahkan bantuan kepada warga {l}.
Hj {p} tidak hadir dalam sidang itu.
Paslon {p}-{p} unggul sementara di {l}.
Pasangan {p} dan {p} mendaftar ke {o}.
Tim pemenangan {p} membantah membagi sembako.
Pendukung {p} berkumpul di {l}.
{o} memanggil {p} sebagai saksi.
Saksi {p} menyebut surat suara di {l} sudah tercoblos.
{p} Dipanggil {o} Terkait Dugaan Politik Uang
Warga {l} Tolak Hasil Hitung Suara, {f} {p} Turun Tangan
{f} {p} Minta ASN Netral
Temui Warga {l}, {p} Janjikan Jalan Mulus
Polisi Periksa {p} Soal Hoaks {l}
{p}: Kami Tidak Akan Mundur
Viral Video {p} Marah, Ini Kata {o}
Banjir Rendam {l}, Ratusan Warga Mengungsi
{o} Gelar Rapat Koordinasi di {l}
{o} Tetapkan Jadwal Debat Publik Pilkada {l}
Bentrok Warga di {l}, Tiga Orang Luka
{o} dan {o} Jaga Keamanan Jelang Pencoblosan di {l}
Ribuan Warga {l} Ikuti Istigasah Akbar
{o} menggelar apel siaga di {l} menjelang pencoblosan.
Rapat pleno di {l} dihadiri {o}, {o} dan {o}.
Banjir setinggi satu meter merendam {l} sejak Minggu dini hari.
Kebakaran lahan di {l} meluas hingga mendekati {l}.
Massa dari {o} mendatangi kantor {o} di {l}.
Sebanyak 1.204 pemilih di {l} belum menerima undangan.
Tahapan Pilkada di {l} berjalan sesuai jadwal, kata {o}.
Menjelang Ramadan, harga beras di {l} naik.
Shalat Idulfitri di {l} dipimpin ustaz {g}.
Ustadz {p} mengisi pengajian di {l}.
Guru {g} mengajak jemaah menjaga persatuan.
info dari {p} di grup, katanya tps di {l} kosong
kasian {g} dituduh curang padahal tidak
pak {g} tolong jelaskan soal bansos di {l}
{p} itu orangnya baik, jangan difitnah
hidup {g}! lanjutkan dua periode
ga percaya sama {o}, hasilnya pasti begitu
warga {l} jangan mau diadu domba
Adik {p} mengunggah foto itu di Facebook.
Istri {f} {l}, {p}, ikut dalam acara tersebut.
Menteri Dalam Negeri {p} membuka rapat di {l}.
Anggota DPRD {l} dari {o}, {p}, menyesalkan kejadian itu.
Ketua RT 05 {p} membenarkan adanya keributan.
Pengamat politik Universitas Lambung Mangkurat, {p}, menilai tensi masih wajar.
"Alhamdulillah aman," ujar {g} singkat.
{g} mengaku tidak tahu siapa yang menyebarkan video itu.
Kuasa hukum {g} akan mengajukan keberatan ke {o}.
Jenazah {g} dimakamkan di {l} sore ini.
Kapal dari {l} menuju {l} tenggelam, {p} masih dicari.
Nama {p} tercantum dalam daftar pemilih di {l} meski sudah meninggal.
ASN bernama {p} diduga ikut kampanye di {l}.
Hakim memvonis {p} dua tahun penjara.
Jaksa menuntut terdakwa {p} dengan hukuman enam bulan.
Anak dari {p} itu masih duduk di kelas 3 SD.
Bupati Hadiri Panen Raya di {l}
Gubernur Lantik Pejabat Baru di Lingkungan {o}
Kapolres {l} Imbau Warga Tidak Terprovokasi
Ketua {o} {l} menegaskan logistik aman.
Hujan deras disertai angin kencang melanda {l} pada Jumat sore.
Dugaan politik uang di {l} dilaporkan ke {o}.
Surat suara rusak ditemukan di gudang {o} {l}.
Dua kelompok pemuda di {l} sepakat berdamai.
Jembatan penghubung {l} dan {l} ambruk.
Aksi damai di {l} berlangsung tertib, {o} mengapresiasi.
Pelantikan PPS se-{l} digelar hari ini.
Harga gabah di {l} turun, petani minta {o} turun tangan.
Putusan {o} dibacakan pada Kamis siang.
Film ini disutradarai oleh {p} dan dibintangi {p}.
{p} lahir di {l} pada 4 Mei 1971.
{p} adalah seorang petani dari {l}.
Lagu itu diciptakan {p} untuk {o}.
Mantan {f} {l} {p} diperiksa {o}.
Mantan {f} {l} {p} Diperiksa {o}
{f} {l} {p} melantik pejabat baru.
{f} {l} {p} membuka musyawarah di {l}.
{f} {l} {p}, M.Si., didampingi {f} {p}, S.H., menemui pengunjuk rasa.
{f} {l} AKBP {p}, S.I.K., M.H. menegaskan situasi aman.
{f} {l} Letkol Inf {p} memimpin apel.
Dandim 1006 {l} Letkol Kav {p} membantah kabar itu.
Warga {l} {p} mengeluhkan jalan rusak.
Warga {l} bernama {p} Hilang di Sungai
{p} bin {p} dikenal sebagai tokoh adat di {l}.
Calon bupati {l} nomor urut 2 {p} berjanji membangun pasar.
Cagub {p} dan cawagub {p} hadir di debat publik.
{f} {p} Bantah Isu Mutasi
{f} {l} {p} Tinjau Lokasi Banjir
{p} Resmi Jabat {f} {l}
{p} Ditetapkan Jadi Tersangka
Kasus {p}, {o} Panggil Saksi
{p} Vs {p}: Siapa Unggul di {l}?
Survei: Elektabilitas {p} Salip {p} di {l}
Korban Tewas {p} Dimakamkan di {l}
Bocah {g} Ditemukan Tewas di {l}
{g}, 17 tahun, siswa SMA di {l}, menjadi korban pengeroyokan.
"{g} anak baik," kata {p}, ibunya.
Paman korban, {p} ({n}), meminta pelaku dihukum berat.
Ketua RT setempat, {p}, mengatakan keluarga {g} tertutup.
Kata {p}, {g} sempat berpamitan.
Haji {g} menghibahkan tanahnya di {l} untuk masjid.
KH {p} mengimbau santri menjaga persatuan.
Habib {g} dan Guru {g} hadir dalam haul di {l}.
Kedua pelaku, {p} ({n}) dan {p} ({n}), ditangkap di {l}.
Tiga orang luka, yakni {p}, {p}, dan {p}.
Bukan {p} yang melapor, melainkan {p}.
Akun atas nama {p} menyebarkan tudingan terhadap {o}.
Rekening atas nama {p} dipakai untuk membagi uang.
Dalam video itu {p} terlihat membagikan amplop.
Rumah milik {p} di {l} hangus terbakar.
Mobil yang dikemudikan {p} menabrak pembatas jalan di {l}.
Perahu milik {g} karam di {l}.
Sidang {p} digelar di {o} hari ini.
si {g} itu buzzer bayaran {o}
bu {g} dan pak {g} dari {l} dapat amplop
{p} katanya nyogok {o} biar menang
apa benar {p} mau maju lagi di pilkada {l}?
doa kami untuk {g} semoga cepat sembuh
Penghitungan suara di {l} diulang atas rekomendasi {o}.
{o} {l} menerima 12 laporan dugaan pelanggaran.
Debat Kedua Pilkada {l} Bahas Tambang
Harga Sembako Naik, Warga {l} Resah
Jalan Trans Kalimantan di {l} Putus
Air Sungai di {l} Meluap, {o} Siagakan Perahu
Petugas {o} Sita Ribuan Botol Miras di {l}
Bentrok Dua Desa di {l} Dipicu Sengketa Lahan Sawit
Demo Tolak Tambang di {l} Berlangsung Damai
Tim Gabungan {o} dan {o} Tertibkan APK di {l}
""".strip().splitlines()
)
