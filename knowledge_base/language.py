"""Which of the two languages a message is written in.

A detector library would be slower and no better: with English and Chinese only, the script of
the letters decides. A Chinese question often holds Latin letters (a brand, an order number), an
English one practically never holds Han characters, so a few Han characters are enough.
"""

from knowledge_base.passages import Language


def is_han(character: str) -> bool:
    """Whether ``character`` is Chinese (CJK unified ideographs, extension A, compatibility)."""
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\uf900" <= character <= "\ufaff"
    )


def detect_language(text: str, default: Language = "en") -> Language:
    """Tell the language of ``text``; ``default`` where it holds no letters of either script.

    One Han character weighs as much as an English word of about four letters, so "Heron 3
    帐篷多少钱" is Chinese although most of its characters are not, and "what does 云雀 mean in
    your logo?" is English.
    """
    han = sum(map(is_han, text))
    latin = sum(character.isascii() and character.isalpha() for character in text)
    if han == latin == 0:
        return default
    return "zh" if han * 4 >= latin else "en"
