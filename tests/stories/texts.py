"""Texts of the tests: fictional events at real places."""

WIRE = (
    "Puluhan warga mendatangi kantor kecamatan pada Senin pagi untuk menanyakan daftar pemilih yang belum ditempel. "
    "Camat menemui mereka di halaman dan berjanji daftar itu dipasang sebelum sore. Petugas menyebut percetakan "
    "terlambat dua hari karena jalan menuju gudang terendam. Warga kemudian pulang dengan tertib setelah perwakilan "
    "mereka menerima salinan. Pengawas kecamatan mencatat peristiwa itu dan akan memeriksa kembali besok pagi."
)
FLOOD = (
    "Air Sungai Martapura meluap sejak subuh dan merendam ratusan rumah di Astambul. Petugas mendirikan dapur umum di "
    "halaman sekolah, sementara perahu karet dipakai untuk menjemput warga lanjut usia dari rumah panggung."
)
FLOOD_RETOLD = (
    "Ratusan rumah di Astambul terendam setelah Sungai Martapura meluap. Dapur umum dibuka di sekolah, dan perahu "
    "karet menjemput lansia yang terjebak."
)
FLOOD_ELSEWHERE = "Rumah terendam, perahu karet dan dapur umum disiapkan setelah sungai meluap di sana, kata petugas."
DRILL = (
    "Satuan tugas menggelar simulasi pengamanan pemungutan suara di lapangan kota. Skenario memuat kericuhan di bilik "
    "suara yang diredam dengan perundingan, lalu diakhiri apel dan pemeriksaan perlengkapan."
)
