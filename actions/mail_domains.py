"""Mail domains that people in Italy and the German-speaking countries use, and how they are mistyped."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GOOGLE = ("gmail.com", "googlemail.com")

# Providers with a domain in many countries; the endings that our users have, likeliest first.
INTERNATIONAL = {
    "hotmail": _words("it com de fr es co.uk be ch nl"),
    "outlook": _words("it com de fr es at be"),
    "live": _words("it com de fr nl at be co.uk"),
    "yahoo": _words("it com de fr es at co.uk"),
    "gmx": _words("de net at ch com it fr eu"),
}
# Country codes under which an international provider may well have a customer of ours.
COUNTRIES = frozenset(
    _words("""
    al at be bg br ch cz de dk es eu fi fr gr hr hu ie in it lt lu lv md mk mt nl no pl pt ro rs ru se si sk
    sm tr ua uk us
    """)
)
_ITALIAN = _words("""
    libero.it virgilio.it alice.it tin.it tim.it tiscali.it inwind.it iol.it email.it blu.it supereva.it
    fastwebnet.it fastweb.it teletu.it vodafone.it aruba.it pec.it legalmail.it postecert.it poste.it
    aliceposta.it katamail.com interfree.it jumpy.it dada.it cheapnet.it eolo.it linkem.com wind.it windtre.it
    infinito.it pec.libero.it arubapec.it cert.legalmail.it pec.aruba.it pec.net sicurezzapostale.it
    rolmail.net dnet.it brennercom.net
""")
_GERMAN = _words("""
    web.de t-online.de freenet.de arcor.de online.de mail.de email.de posteo.de mailbox.org kabelmail.de
    unitymedia.de netcologne.de ewe.net aon.at chello.at a1.net bluewin.ch sunrise.ch hispeed.ch
""")
_WORLDWIDE = _words("""
    gmail.com googlemail.com msn.com ymail.com rocketmail.com icloud.com me.com mac.com aol.com mail.com
    mail.ru email.com proton.me protonmail.com pm.me tutanota.com tuta.io zoho.com yandex.com yandex.ru
    hey.com fastmail.com hushmail.com
""")
PROVIDERS = frozenset(
    (
        *(f"{name}.{ending}" for name, endings in INTERNATIONAL.items() for ending in endings),
        *_ITALIAN,
        *_GERMAN,
        *_WORLDWIDE,
    )
)

# Providers whose names are words or firms' names as well: under another ending they may be somebody else.
WORDS = frozenset(
    _words("""
    alice aliceposta arcor aruba blu chello dada email eolo fastmail fastweb hey infinito interfree jumpy
    linkem live mac mail mailbox me online pec pm poste posteo proton sunrise tim tin tuta vodafone web wind
    windtre zoho
    """)
)

_UNMISTAKABLE_NAMES = _words("""
    gmail. googlemail. hotmail. outlook. yahoo. icloud. libero. virgilio. tiscali. fastwebnet. inwind.
    supereva. legalmail. protonmail. t-online. freenet. gmx.
""")
# Domains that nothing else ends in, longest first: an address without its @ is recognised by them.
UNMISTAKABLE = tuple(
    sorted((domain for domain in PROVIDERS if domain.startswith(_UNMISTAKABLE_NAMES)), key=len, reverse=True)
)

# Domains within a slip of a provider that are somebody's, or may well be.
REAL_NEIGHBOURS = frozenset(
    _words("""
    alce.it alici.it alive.it ehy.com freinet.de gmal.it infiniti.it liber.it libera.it liberi.it
    libro.it outlock.it posta.it posto.it vergilio.it webb.de
    """)
)

# Endings that are no top-level domain, and the one meant.
ENDING_SLIPS = {
    **dict.fromkeys(
        _words("con cmo ocm vom xom comm coom ccom cpm cim cok cpom copm clm c0m cmm cdm comn come coml c"),
        "com",
    ),
    **dict.fromkeys(_words("ti itt iit ut iut itu itl i iti ity ita"), "it"),
    **dict.fromkeys(_words("dee ed dde dw ded der d"), "de"),
    **dict.fromkeys(_words("nte nett ent nrt ner neet nnet n"), "net"),
    **dict.fromkeys(_words("att a"), "at"),
}
# Country codes that are what is left of an ending; a slip only where that makes a provider.
CUT_ENDINGS = {"co": "com", "cm": "com", "om": "com", "ne": "net", "et": "net", "ir": "it", "io": "it"}

# Provider names as they are written by ear, or with a dash.
BY_EAR = {
    "hotmeil": "hotmail",
    "otmail": "hotmail",
    "autlook": "outlook",
    "outluk": "outlook",
    "autluk": "outlook",
    "jmail": "gmail",
    "gi-mail": "gmail",
    "gimail": "gmail",
    "gmeil": "gmail",
    "google": "gmail",
    "iclaud": "icloud",
    "aicloud": "icloud",
    "virgiglio": "virgilio",
    "jahoo": "yahoo",
    "yaoo": "yahoo",
    "iahoo": "yahoo",
    "t-onlein": "t-online",
}
