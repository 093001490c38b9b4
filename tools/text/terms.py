"""Terms of checking in other languages: hardly a text has two of them that orders nobody."""

from __future__ import annotations

from typing import Final

Stems = tuple[tuple[str, ...], ...]

# Terms of checking in the languages that hostile texts were seen in: five groups of which two have
# to meet. Stems, since most of these inflect.
STEMS: Final[Stems] = tuple(
    tuple(stems.split("|"))
    for stems in (
        "ignorier|vergiss|ignorez|oublie|ignora|olvida|dimentica|ignore|esqueça|negeer|"
        "vergeet|zignoruj|zapomnij|игнорир|забуд|ігнор|unut|yok say|bỏ qua|quên|abaikan|"
        "lupakan|puuza|sahau|無視|忘れ|忽略|无视|忘记|무시|잊|تجاهل|انس|نادیده|فراموش|התעלם|שכח"
        "|अनदेखा|"
        "भूल|neglege|obliviscere|ignorar|ignorate",
        "anweisung|systemprompt|consigne|instruc|istruzion|instructie|opdracht|polece|"
        "instrukc|инструкц|указани|інструкц|вказівк|talimat|yönerge|komut|chỉ dẫn|"
        "hướng dẫn|lời nhắc|instruksi|perintah|maagizo|maelekezo|指示|プロンプト|提示词|指令"
        "|系统|系統|지시|"
        "프롬프트|تعليمات|أوامر|دستور|הוראות|निर्देश|प्रॉम्प्ट|mandat|praecept",
        "begründung|rationale|justific|explicati|motivazione|spiegazione|toelichting|"
        "uzasadnien|обоснован|объяснен|обґрунтув|поясненн|gerekçe|açıklama|giải thích|"
        "lý do|penjelasan|alasan|maelezo|理由|説明|解释|설명|근거|تفسير|شرح|توضیح|הסבר|נימוק|"
        "स्पष्टीकरण|व्याख्या|कारण|explicatio|explication",
        "urteil|verdict|veredict|veredicto|verdetto|oordeel|werdykt|ocen|вердикт|оцін|"
        "karar|phán|kết luận|putusan|hukumu|判定|判断|结论|裁决|판정|حكم|الحكم|رأی|פסק|निर्णय"
        "|फैसला|"
        "sententia|antwort|répon|respond|respuesta|rispond|respost|antwoord|odpow|ответ|"
        "відпов|yanıt|cevap|trả lời|jawab|jibu|答え|回答|답하|답변|أجب|جواب|پاسخ|ענה|תשובה|उत्तर|"
        "जवाब",
        "wörtlich|wort für wort|mot pour mot|mot à mot|palabra por palabra|"
        "parola per parola|palavra por palavra|woord voor woord|letterlijk|słowo w słowo|"
        "dosłown|дословн|слово в слово|дослівн|kelimesi kelimesine|aynen|nguyên văn|"
        "kata demi kata|neno kwa neno|一字一句|そのまま|逐字|그대로|كلمة كلمة|حرفي|کلمه به کلمه|"
        "מילה במילה|शब्दशः|verbatim|textstell|absatz|passag|pasaje|brano|fragment|отрыв|"
        "уривк|pasaj|đoạn|bagian|vifungu|段落|片段|文書|地の文|지문|مقاطع|فقر|متن|קטע|अंश|locos"
        "|locis|"
        "quell|claim|behauptung|утвержден|тверджен|iddia|khẳng định|klaim|dai |主張|陈述|주장|"
        "ادعا|طענה|दाव",
    )
)


def stems_in(text: str) -> Stems:
    """The stems that a text has, group by group: all that any part of it can have."""
    lower = text.lower()
    return tuple(tuple(stem for stem in stems if stem in lower) for stems in STEMS)


def groups(text: str, among: Stems = STEMS) -> int:
    """Of how many groups a text has a stem.

    Args:
        text: a text.
        among: the stems that it can have.
    """
    lower = text.lower()
    return sum(any(stem in lower for stem in stems) for stems in among)
