"""What stands in the body of Indonesian article pages and is no article: related links, share bars, calls to follow.

Patterns are the phrases that recur across outlets; whole lines go, and "Baca juga: ..." inside a paragraph goes up to
the end of its sentence only where it clearly is an inserted headline. What news tells about too (a group on Telegram, a
video, an application) goes only where it is no sentence or calls on the reader. Datelines ("BANJARMASIN, KOMPAS.com -")
stay in the text: they say where it happened; the comparison of wire copies strips them on its own side.
"""

from __future__ import annotations

import re

_RELATED = (
    r"(?:baca|simak|lihat|tonton|dengarkan|cek|klik|ikuti)\s+(?:juga|pula|selengkapnya|lainnya|selanjutnya|di\s+sini)|"
    r"artikel\s+ini\s+telah\s+tayang|lihat\s+foto|"
    r"(?:also\s+read|read\s+(?:also|more)|related\s+(?:articles?|stories|news)|see\s+also)|rekomendasi\s+untuk\s+anda|"
    r"pilihan\s+(?:editor|redaksi|untukmu)|jangan\s+lewatkan|terpopuler|trending\s+topic|halaman\s+selanjutnya"
)
_WHOLE_LINE = re.compile(
    rf"^(?:[\W_]*(?:{_RELATED})\b.*"
    r"|(?:bagikan|share|sebarkan|kirim|komentar|tulis\s+komentar|beri\s+komentar|comments?)(?!\s+(?!ini\b|artikel|berita|tulisan|ke\b|via\b|lewat\b|this\b)(?:\S+\s+){4,}\S+[.!?\"”]$)\b.{0,60}"
    r"|(?:(?:facebook|twitter|whatsapp|telegram|line|instagram|x|email|copy\s+link|salin\s+(?:link|tautan)|pinterest|"
    r"linkedin|threads|google\s*\+|print|cetak)[\s,|·•/]*)+"
    r"|(?:\[?\s*gambas\s*:.*|\[?\s*advertisement\s*\]?|iklan|scroll\s+(?:to|untuk)\s+(?:continue|melanjutkan|resume).*|"
    r"advertisement.*|lanjutkan\s+membaca.*|sponsored.*)"
    r"|(?:ikuti|follow|like|sukai)\s+(?:kami|us|akun)\b.{0,160}|sudah\s+berlangganan\b.{0,80}"
    r"|anda\b.{0,80}\b(?:artikel|akses|akun)\b.{0,120}\b(?:ber)?langganan\b.*"
    r"|\W*kirim(?:kan)?\b.{0,100}\bredaksi\b.{0,120}"
    r"|(?:konten|tulisan|artikel|isi)\b.{0,60}\b(?:tanggung\s+jawab\s+(?:penulis|pengguna)|ditulis\s+oleh\s+pengguna).{0,120}"
    r"|\[/?[a-z][\w-]{1,30}(?:\s+\w{1,20}=.{0,200})?\]"
    r"|(?:waktu\s+baca\W{0,3})?\d{1,3}\s+(?:menit|minutes?|min)\s+(?:mem)?(?:baca|read)(?:an)?"
    r"|[\W_]+|(?:#\w{1,60}[\s,]{0,3}){1,30}|(?:tabel|grafik|gambar|bagan|infografis)\s+\d{1,3}\s*[.:].{0,120}"
    r"|(?:saksikan|tonton)\b.{0,80}\bhanya\s+di\b.{0,60}|.{0,80}\btidak\s+dapat\s+ditampilkan\b.{0,20}(?:peramban|browser).{0,30}"
    r"|sumber\s*:[^.]{0,60}|(?:post\s+)?(?:views|dilihat|pembaca)\s*:\s*[\d.,]+"
    r"|(?:copyright|hak\s+cipta)\s*(?:©|\(c\)|:|pada\b|oleh\b|di?lindungi\b|by\b|(?:19|20)\d\d).{0,160}|copyright\b.{0,40}|©.{0,160}|disclaimer\s*:.*"
    r"|dilarang\s+(?:keras\s+)?mengambil\b.{0,120}\b(?:konten|artikel|berita|tulisan|redaksi|menayangkan|menyalin)\b.*"
    r"|(?:telah\s+)?di(?:lihat|baca)\s*:?\s*[\d.,]+\s*(?:kali|x)?|[\d.,]+\s*(?:views?|kali\s+dibaca|pembaca|shares?|tampilan|tayangan|komentar|comments?|suka|likes?)"
    r"|(?:tags?|label|topik|kata\s+kunci|keywords?)\s*:.{0,200}"
    r"|(?:penulis|editor|reporter|pewarta|uploader|redaktur|sumber\s+foto|foto(?:grafer)?|author|oleh|wartawan|kontributor"
    r"|penerjemah|translator|penyunting|penanggung\s+jawab|photographer|writer)(?:\s*[/&]\s*\w{4,12})?\s*\|?\s*:.{0,120}"
    r"|baca\s*:.{0,200}|simak\s*:.{0,200}"
    r"|iklan\s*[-–—|].{0,60}|halaman\s*:?\s*\d[\d\s,|·]{0,30}(?:tampilkan.{0,20}|lihat.{0,20}|show.{0,20}|all)?"
    r"|.{0,60}(?:peramban|browser)\s+(?:anda|ini)\s+tidak\s+mendukung.*|siaran\s+pers|nomor\s*:\s*\S{0,20}/\S{0,60}"
    r"|anda\s+menerima\s+(?:surel|email|buletin)\s+ini.*|(?:lihat|buka)\s+di\s+(?:peramban|browser)"
    r"|narahubung\b.{0,160}|di(?:cetak|unduh)\s+dari\b.{0,200}|url\s*:\s*https?:.*"
    r"|\|.{0,160}\||(?:selanjutnya|sebelumnya|next|prev(?:ious)?|\d+\s*/\s*\d+|show\s+all"
    r"|(?:halaman|hal|page)\s+\d+(?:\s*(?:dari|of|/)\s*\d+)?|(?:lihat|tampilkan|view|see)\s+(?:semua|seluruh|all)\b.{0,30})"
    r"|[*\-\s]*\((?:red|adv|ist|\*+|humas|istimewa|(?:foto|dok|ist)\b[^()]{0,40})\)[*.\s]*|[*\s]{2,12}|-?\s*(?:rate|nilai)\s+artikel\s+ini.{0,40}|(?:artikel|berita|tulisan)\s+ini\s+(?:telah|sudah)\s+(?:di)?tayang.*)$",
    re.IGNORECASE | re.DOTALL,
)
#: The same words start news: such a line goes unless it is a sentence that calls on nobody.
_LOOSE_LINE = re.compile(
    r"^(?:[\W_]*(?:(?:baca|simak|lihat|tonton|dengarkan|cek|klik|ikuti)\s+(?:berita|artikel|video|foto)"
    r"|artikel\s+(?:terkait|lainnya|menarik)|berita\s+(?:terkait|lainnya|populer|terpopuler|terbaru|rekomendasi|pilihan)"
    r"|(?:konten|video|topik|tag)\s+(?:terkait|lainnya|populer|menarik))\b.*"
    r"|(?:dapatkan|ikuti|simak|pantau)\b.{0,80}(?:update|berita|whatsapp|telegram|google\s+news|breaking|saluran|channel|kanal).*"
    r"|.{0,80}(?:google\s+news|whatsapp\s+channel|saluran\s+whatsapp|grup\s+telegram|kanal\s+telegram).{0,120}"
    r"|(?:download|unduh|install|instal)\b.{0,40}(?:aplikasi|app)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_STOP = re.compile(r"(?:(?<!\.)[.?;][\"”’)]*|![\"”’]+)$")
#: Words by which an outlet calls on its readers. "Ikuti" and the like only where a clause starts: people in the news
#: join groups as well.
_CALL = re.compile(
    r"(?:^\W*|[.!?:;]\s+|\b(?:yuk|ayo|mari|silakan|silahkan|jangan\s+lupa|caranya)\s+)"
    r"(?:ikuti|gabung|bergabung|join|follow|klik|dapatkan)\b|\b(?:dan|atau|juga|terus)\s+(?:ikuti|follow)\b"
    r"|\b(?:whatsapp|telegram|news|saluran|channel|kanal|akun|aplikasi|grup)\s+kami\b(?!.*[\"”])"
    r"|\b(?:berita|artikel|informasi|kabar)\s+(?:terbaru|terkini|terpopuler|pilihan|menarik)\b"
    r"|\b(?:update|breaking\s+news|selengkapnya|play\s*store|app\s*store)\b|\b(?:terkait|lainnya)\s*:"
    r"|(?:berikut|di\s+(?:bawah|atas))(?:\s+ini)?\W*$",
    re.IGNORECASE | re.DOTALL,
)
#: "... kata dia. Baca juga: Judul Berita Lain Yang Disisipkan" at the end of a paragraph.
_TAIL = re.compile(
    r"(?<=[.!?\"”])\s*[\[(]?(?:(?:baca|simak|lihat)\s+(?:juga|pula)|also\s+read|read\s+also|related\s+news)\s*:.*$",
    re.IGNORECASE | re.DOTALL,
)
#: "Oleh Nama Penulis": a few words that each start with a capital, and no more.
_BYLINE = re.compile(r"^(?:Oleh|OLEH|By|BY|Laporan|Teks)\s+(?:[A-Z][\w.'’-]{0,30}\s*){1,5}$")
_LONGEST_LINE_TO_DROP = 300
_MONTH = r"(?:jan|[fp]eb|mar|apr|mei|may|jun|jul|agu|agt|ags|aug|sep|okt|oct|no[vp]|des|dec)[a-z]{0,9}"
_DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}[\s-]{{1,2}}{_MONTH}\.?,?[\s-]{{1,2}}(?:19|20)\d\d|(?<!\d)\d{{1,2}}[/-]\d{{1,2}}[/-](?:19|20)\d\d",
    re.IGNORECASE,
)
#: A line that holds nothing but a day, a date, a clock time and words like "Terbit".
_ONLY_DATE = re.compile(
    rf"^[\W_]*(?:(?:(?:di)?(?:terbit|tayang|unggah|buat|publikasi|perbarui|posting|update)(?:kan|d)?|published|posted|updated|pada|pukul|jam"
    rf"|tanggal|last|terakhir|senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad|wib|wita|wit"
    rf"|detik|menit|jam|hari|bulan|yang|lalu|{_MONTH}|\d{{1,4}}(?!\d))[\W_]*+){{1,14}}$",
    re.IGNORECASE,
)


def is_date_line(line: str) -> bool:
    """Whether a line above the prose says when and by whom: short, with a date, and no sentence."""
    line = line.strip()
    return len(line) <= 140 and bool(_DATE.search(line)) and not line.endswith((".", "!", "?", '"', "”"))


def is_only_date(line: str) -> bool:
    """Whether a line says nothing but when; such stamps stand between the entries of a live report too."""
    line = line.strip()
    return (
        4 <= len(line) <= 80
        and bool(re.search(r"\d[.:/]\d|\b(?:19|20)\d\d\b|\b(?:lalu|menit|detik)$", line))
        and bool(_ONLY_DATE.match(line))
    )


def is_boilerplate(line: str) -> bool:
    """Whether a whole line is no part of the article. Long lines never are: a pattern there is a coincidence."""
    line = line.strip()
    if not line or is_only_date(line):
        return True
    if len(line) > _LONGEST_LINE_TO_DROP:
        return False
    return bool(_WHOLE_LINE.match(line) or _BYLINE.match(line)) or (bool(_LOOSE_LINE.match(line)) and not _tells(line))


def _tells(line: str) -> bool:
    """Whether a line is a sentence and calls on nobody."""
    return bool(_STOP.search(line)) and not _CALL.search(line)


def without_boilerplate(text: str) -> str:
    """The text without such lines and tails, each paragraph on a line of its own."""
    kept = (_TAIL.sub("", line).strip() for line in text.splitlines() if not is_boilerplate(line))
    return "\n".join(" ".join(line.split()) for line in kept if line)
