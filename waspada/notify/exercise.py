"""The fictional article of a night's exercise: real regions, invented events, nobody's name. Another one every day.

No paragraph is the same on two days, so that none is taken for a line that the page repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from waspada.places import Place
from waspada.settings import Settings
from waspada.sources.coverage import regions_in

#: Stands before whatever is shown of an exercise.
MARK = "LATIHAN"
#: The source of the exercises; no other source has its role.
SOURCE_ID = "latihan-waspada"
OUTLET = "Latihan Waspada"
_DAY_NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")

#: Title and paragraphs; {place}, {day}, and three numbers of the day.
_SCENES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Dua kelompok warga bentrok di {place}, {few} orang luka pada {day}",
        (
            "Dua kelompok warga terlibat bentrok di sebuah simpang jalan di {place} pada {day} malam. Sedikitnya {few} "
            "orang luka akibat lemparan batu dan dirawat di puskesmas.",
            "Bentrokan berawal dari cekcok batas kebun antara dua kampung di {place}. Massa dari kedua pihak lalu "
            "saling serang, dan {some} rumah rusak sampai {day} dini hari.",
            "Polisi menurunkan {many} personel ke {place} untuk memisahkan kedua kelompok. Hingga {day} pagi warga "
            "diminta tidak keluar rumah karena dikhawatirkan terjadi serangan balasan.",
        ),
    ),
    (
        "Banjir merendam {many} rumah di {place}, warga mengungsi sejak {day}",
        (
            "Banjir merendam {many} rumah di {place} setelah hujan deras sejak {day} sore. Air setinggi dada orang "
            "dewasa memutus jalan utama.",
            "Sebanyak {some} keluarga di {place} mengungsi ke gedung sekolah pada {day}. {few} warga dilaporkan hanyut "
            "dan masih dicari.",
            "BPBD {place} menyatakan tanggap darurat pada {day}. Bantuan makanan belum masuk karena {few} jembatan "
            "putus.",
        ),
    ),
    (
        "Kantor desa di {place} dirusak massa pada {day}, {few} aparat luka",
        (
            "Ratusan orang merusak kantor desa di {place} pada {day} siang. Kaca jendela dipecahkan dan {few} sepeda "
            "motor dibakar.",
            "Massa menolak hasil pemilihan kepala desa yang diumumkan di {place} sebelum {day}. {few} aparat luka "
            "terkena lemparan batu saat berusaha menghalau massa.",
            "Polisi menembakkan gas air mata di {place} pada {day} petang. Sebanyak {many} personel berjaga karena "
            "massa masih berkumpul.",
        ),
    ),
    (
        "Bentrok lahan sawit di {place}, {few} warga luka kena tembakan peluru karet pada {day}",
        (
            "Bentrok pecah antara warga dan petugas keamanan kebun sawit di {place} pada {day} pagi. {few} warga luka "
            "terkena peluru karet.",
            "Warga {place} menduduki lahan yang disengketakan sejak sebelum {day} dan membakar {some} pondok kerja.",
            "Sebanyak {many} warga kini bertahan di jalan masuk kebun di {place}. Sampai {day} malam belum ada "
            "perundingan, dan kedua pihak membawa senjata tajam.",
        ),
    ),
    (
        "Surat suara tertukar di {some} TPS {place} pada {day}, pemungutan suara dihentikan",
        (
            "Pemungutan suara di {some} TPS di {place} dihentikan pada {day} karena surat suara tertukar dengan daerah "
            "pemilihan lain.",
            "KPU {place} mencatat {many} surat suara sudah telanjur dicoblos sebelum kesalahan itu ditemukan pada "
            "{day} pagi. Saksi memprotes dan meminta pemungutan suara ulang.",
            "Warga yang kecewa mendatangi kantor kecamatan di {place}. Hingga {day} sore logistik pengganti belum tiba "
            "di {few} TPS yang jalannya rusak.",
        ),
    ),
    (
        "Kebakaran hutan dan lahan di {place} meluas {many} hektare pada {day}, warga dievakuasi",
        (
            "Kebakaran hutan dan lahan di {place} meluas menjadi {many} hektare pada {day}. Asap pekat menutup jalan.",
            "Sebanyak {some} keluarga di {place} dievakuasi pada {day} karena api mendekati permukiman. {few} orang "
            "dirawat akibat sesak napas.",
            "Helikopter pengebom air dikerahkan ke {place}. Sampai {day} malam api belum padam di {few} titik.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Exercise:
    """One night's article. `published_at` is the time set for it."""

    day: date
    published_at: datetime
    title: str
    paragraphs: tuple[str, ...]


def marked(text: str) -> str:
    """A headline or reason of an exercise as it is shown and kept."""
    return text if text.startswith(MARK) else f"{MARK}: {text}"


def newest_time(settings: Settings, now: datetime) -> datetime:
    """The last time set for an exercise that is not after `now`."""
    clock, zone = time.fromisoformat(settings.canary_at), settings.zone_info
    at = datetime.combine(now.astimezone(zone).date(), clock, zone)
    return at if at <= now else at - timedelta(days=1)


def exercise_of(settings: Settings, at: datetime) -> Exercise:
    """The article for a time that was set."""
    day = at.astimezone(settings.zone_info).date()
    number, places = day.toordinal(), _places(settings.region)
    title, paragraphs = _SCENES[number % len(_SCENES)]
    where = places[(number + number // len(_SCENES)) % len(places)].name if places else "sebuah kabupaten"
    values = {
        "place": where,
        "day": f"{_DAY_NAMES[day.weekday()]} ({day.day}/{day.month}/{day.year})",
        "few": 3 + number % 5,
        "some": 11 + number % 17,
        "many": 60 + number % 140,
    }
    return Exercise(day, at, title.format(**values), tuple(one.format(**values) for one in paragraphs))


def _places(region: str) -> list[Place]:
    """The kabupaten and kota of the region, or the one that holds it."""
    return regions_in(region if len(region) == 2 else region[:5])
