"""Notices that offices send out in one wording for each of their regions: alike, and about different things.

Written for this benchmark. `CHOOSING` are for choosing a threshold, `JUDGING` for judging it. A template is a tuple of
sentences with places ({kab}, {kec}, {lain}) and figures ({a} to {d}, {tanggal}) left open.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

Template = tuple[str, ...]

#: A kabupaten and two kecamatan in it.
PLACES = (
    ("Tapin", "Binuang", "Tapin Selatan"),
    ("Kotabaru", "Kelumpang Tengah", "Pulau Laut Utara"),
    ("Banjar", "Astambul", "Sungai Tabuk"),
    ("Tabalong", "Murung Pudak", "Kelua"),
    ("Balangan", "Paringin", "Juai"),
    ("Tanah Laut", "Pelaihari", "Bati-Bati"),
    ("Barito Kuala", "Marabahan", "Alalak"),
    ("Hulu Sungai Tengah", "Barabai", "Haruyan"),
    ("Paser", "Tanah Grogot", "Kuaro"),
    ("Kutai Timur", "Sangatta Utara", "Bengalon"),
    ("Berau", "Tanjung Redeb", "Sambaliung"),
    ("Penajam Paser Utara", "Penajam", "Sepaku"),
)

CHOOSING: tuple[Template, ...] = (
    (
        "Komisi Pemilihan Umum Kabupaten {kab} menetapkan rekapitulasi suara tingkat kecamatan pada {tanggal}.",
        "Rapat pleno terbuka untuk Kecamatan {kec} dihadiri saksi pasangan calon, panitia pengawas dan aparat.",
        "Dari {a} pemilih terdaftar, {b} orang menggunakan hak pilihnya di {c} tempat pemungutan suara.",
        "Suara sah tercatat {d}, sedangkan sisanya dinyatakan tidak sah karena salah coblos.",
        "Saksi menandatangani berita acara setelah kotak suara dibuka dan dihitung kembali di depan peserta rapat.",
        "Keberatan yang diajukan akan dicatat dalam formulir kejadian khusus dan dibawa ke tingkat kabupaten.",
        "Kotak suara kemudian disegel dan disimpan di gudang logistik dengan penjagaan selama dua puluh empat jam.",
    ),
    (
        "Badan Meteorologi mengeluarkan peringatan dini cuaca untuk {kab} pada {tanggal} pukul {a} waktu setempat.",
        "Hujan lebat disertai kilat dan angin kencang dapat terjadi di Kecamatan {kec} dan dapat meluas ke {lain}.",
        "Kondisi ini diperkirakan masih berlangsung hingga {b} menit ke depan dengan curah hujan {c} milimeter.",
        "Masyarakat diimbau menjauhi pohon besar, papan reklame dan bangunan yang rapuh selama hujan berlangsung.",
        "Warga di bantaran sungai diminta menyiapkan tas siaga dan memantau tinggi muka air setiap jam.",
        "Nelayan disarankan menunda keberangkatan sampai gelombang turun di bawah {d} meter.",
    ),
    (
        "Perusahaan air minum {kab} memberitahukan gangguan aliran air bersih mulai {tanggal}.",
        "Pipa induk berdiameter {a} milimeter di Kecamatan {kec} bocor akibat pergeseran tanah.",
        "Sebanyak {b} sambungan rumah di {kec} dan sebagian {lain} terdampak selama perbaikan.",
        "Pekerjaan diperkirakan selesai dalam {c} jam, setelah itu aliran akan pulih secara bertahap.",
        "Pelanggan diminta menampung air secukupnya dan menggunakannya untuk keperluan yang paling mendesak.",
        "Mobil tangki disiagakan bagi rumah sakit, panti dan rumah ibadah yang menghubungi petugas.",
        "Kami menyampaikan permohonan maaf atas ketidaknyamanan ini kepada seluruh pelanggan.",
    ),
    (
        "Dinas perdagangan {kab} menggelar pasar murah di halaman kantor Kecamatan {kec} pada {tanggal}.",
        "Tersedia {a} paket berisi beras, minyak goreng, gula dan tepung terigu dengan harga di bawah pasaran.",
        "Setiap keluarga membawa kartu keluarga dan membayar {b} ribu rupiah untuk satu paket.",
        "Kepala dinas mengatakan kegiatan ini bertujuan menekan kenaikan harga menjelang hari besar keagamaan.",
        "Pekan depan kegiatan serupa dilanjutkan di Kecamatan {lain} dengan {c} paket.",
        "Antrean diatur petugas agar warga lanjut usia dan ibu hamil didahulukan.",
    ),
    (
        "Kepolisian Resor {kab} menyita {a} botol minuman keras dalam razia pada {tanggal} malam.",
        "Razia menyasar warung dan tempat hiburan di Kecamatan {kec} yang dilaporkan masyarakat.",
        "Sebanyak {b} orang dimintai keterangan dan {c} sepeda motor dibawa karena tidak dilengkapi surat.",
        "Kapolres menegaskan kegiatan ini akan ditingkatkan untuk menjaga ketertiban menjelang pemungutan suara.",
        "Barang bukti dibawa ke markas kepolisian untuk dimusnahkan setelah ada putusan pengadilan.",
        "Warga diminta segera melapor melalui nomor darurat apabila melihat gangguan keamanan di lingkungannya.",
    ),
)

JUDGING: tuple[Template, ...] = (
    (
        "Badan Pengawas Pemilu {kab} menertibkan {a} alat peraga kampanye yang melanggar aturan pada {tanggal}.",
        "Penertiban dilakukan bersama satuan polisi pamong praja di sepanjang jalan protokol Kecamatan {kec}.",
        "Alat peraga dipasang di pohon, tiang listrik dan fasilitas umum yang dilarang oleh peraturan daerah.",
        "Dari jumlah itu {b} adalah spanduk dan {c} lainnya berupa baliho berukuran besar.",
        "Tim kampanye telah diberi surat peringatan dan diminta mencopot sendiri sebelum batas waktu.",
        "Penertiban akan dilanjutkan ke Kecamatan {lain} sampai memasuki masa tenang.",
        "Masyarakat dapat melaporkan dugaan pelanggaran ke sekretariat pengawas pada hari dan jam kerja.",
    ),
    (
        "Badan Penanggulangan Bencana Daerah {kab} mencatat {a} titik panas pada {tanggal}.",
        "Titik panas terbanyak berada di Kecamatan {kec}, disusul Kecamatan {lain}.",
        "Luas lahan yang terbakar diperkirakan {b} hektare, sebagian besar semak dan gambut dangkal.",
        "Tim gabungan dengan {c} personel melakukan pemadaman darat dan membuat sekat agar api tidak meluas.",
        "Kualitas udara turun ke kategori sedang sehingga warga dianjurkan memakai masker di luar rumah.",
        "Kepala pelaksana mengingatkan bahwa membuka lahan dengan cara membakar dapat dikenai sanksi.",
    ),
    (
        "Perusahaan listrik cabang {kab} melakukan pemeliharaan jaringan pada {tanggal} mulai pukul {a}.",
        "Pemadaman sementara berlaku di Kecamatan {kec} dan beberapa desa di {lain} selama {b} jam.",
        "Pekerjaan meliputi penggantian isolator, perabasan pohon, perbaikan gardu berkapasitas {c} kilovolt ampere.",
        "Pelanggan diminta mencabut peralatan elektronik dan berhati-hati memakai lilin atau genset.",
        "Apabila pekerjaan selesai lebih cepat, aliran listrik akan dinyalakan tanpa pemberitahuan terlebih dahulu.",
        "Informasi lebih lanjut dapat diperoleh melalui aplikasi resmi atau kantor pelayanan terdekat.",
    ),
    (
        "Dinas kesehatan {kab} melaporkan {a} kasus demam berdarah sampai {tanggal}, naik dari bulan sebelumnya.",
        "Kasus terbanyak ditemukan di wilayah kerja puskesmas Kecamatan {kec} dengan {b} penderita.",
        "Pengasapan dilakukan di {c} rukun tetangga setelah pemeriksaan jentik oleh kader.",
        "Warga diimbau menguras bak mandi, menutup tempat air dan mengubur barang bekas sekali seminggu.",
        "Pasien dengan demam tinggi lebih dari dua hari harus segera dibawa ke fasilitas kesehatan.",
        "Stok cairan infus dan obat di rumah sakit daerah dipastikan cukup sampai akhir tahun.",
        "Kecamatan {lain} juga mulai menunjukkan peningkatan dan akan dipantau setiap hari.",
    ),
    (
        "Bupati {kab} menyerahkan bantuan kepada {a} keluarga korban banjir di Kecamatan {kec} pada {tanggal}.",
        "Bantuan berupa beras, selimut, perlengkapan bayi dan uang tunai sebesar {b} juta rupiah.",
        "Bupati menyampaikan keprihatinan dan meminta perangkat daerah bergerak cepat memulihkan keadaan.",
        "Sebanyak {c} rumah masih terendam, sementara dapur umum dan pos kesehatan terus dibuka.",
        "Pemerintah daerah menyiapkan perbaikan tanggul dan normalisasi sungai melalui anggaran perubahan.",
        "Bantuan untuk warga Kecamatan {lain} akan disalurkan pada tahap berikutnya.",
    ),
)

_MONTHS = ("September", "Oktober", "November")
_KEPT_SHARE = 0.85


def notices(templates: Sequence[Template], own: Sequence[str], rng: random.Random, each: int = 4) -> list[str]:
    """`each` notices of every template, no two of one place."""
    return [_filled(one, place, own, rng) for one in templates for place in rng.sample(PLACES, each)]


def _filled(template: Template, place: tuple[str, str, str], own: Sequence[str], rng: random.Random) -> str:
    """One notice: a place, figures, most of the sentences in their order, and every second time a paragraph."""
    slots = {letter: str(rng.choice([rng.randint(2, 90), rng.randint(91, 9000)])) for letter in "abcd"}
    slots |= dict(zip(("kab", "kec", "lain"), place, strict=True))
    slots["tanggal"] = f"{rng.randint(1, 28)} {rng.choice(_MONTHS)} 2026"
    kept = [template[0], *(sentence for sentence in template[1:] if rng.random() < _KEPT_SHARE)]
    return " ".join(sentence.format(**slots) for sentence in kept) + "\n" + rng.choice(["", rng.choice(own)])
