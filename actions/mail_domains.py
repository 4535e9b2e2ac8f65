"""Mail domains that people in Italy, Germany and Austria use, by hand: what a slip is measured against."""

from __future__ import annotations

GOOGLE = ("gmail.com", "googlemail.com")

# Providers whose customers also live under other country codes: any two-letter one is taken as real.
INTERNATIONAL = {"yahoo", "hotmail", "outlook", "live", "gmx", "msn"}

PROVIDERS = frozenset(
    # Italy
    "libero.it virgilio.it alice.it tin.it tim.it tiscali.it inwind.it iol.it email.it blu.it supereva.it "
    "fastwebnet.it fastmail.it teletu.it vodafone.it aruba.it pec.it legalmail.it postecert.it poste.it "
    "katamail.com interfree.it jumpy.it dada.it cheapnet.it eolo.it linkem.com wind.it windtre.it "
    "pec.libero.it arubapec.it cert.legalmail.it "
    # Germany, Austria, South Tyrol, Switzerland
    "gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.it web.de t-online.de freenet.de arcor.de online.de mail.de "
    "posteo.de mailbox.org aon.at chello.at a1.net bluewin.ch rolmail.net dnet.it brennercom.net "
    # The world
    "gmail.com googlemail.com hotmail.com hotmail.it hotmail.de hotmail.fr hotmail.co.uk outlook.com outlook.it "
    "outlook.de live.it live.com live.de msn.com yahoo.com yahoo.it yahoo.de yahoo.fr yahoo.es yahoo.co.uk "
    "ymail.com rocketmail.com icloud.com me.com mac.com aol.com mail.com mail.ru email.com proton.me "
    "protonmail.com pm.me tutanota.com tuta.io zoho.com yandex.com yandex.ru hey.com".split()
)

# Real domains that stand within a slip's distance of a provider.
REAL_NEIGHBOURS = frozenset(
    "gmal.it liberi.it libera.it vergilio.it alicia.it posta.it poste.com mails.com emails.it lives.com "
    "outlock.it tiscali.com virgilio.com aliceposta.it mail.it mail.net email.de email.net hotmai.de gmx.org "
    "webb.de wed.de me.it mac.it pec.com posteo.net posteo.eu proton.ch protonmail.ch arubabusiness.it aruba.com "
    "tim.com iclouds.com live.nl live.fr tin.com tuta.com aol.de aol.it".split()
)

# Endings that are no top-level domain but a slip of one.
ENDING_SLIPS = {
    "con": "com",
    "cmo": "com",
    "ocm": "com",
    "vom": "com",
    "xom": "com",
    "comm": "com",
    "coom": "com",
    "ccom": "com",
    "cpm": "com",
    "cim": "com",
    "com it": "com",
    "ti": "it",
    "itt": "it",
    "iit": "it",
    "ut": "it",
    "ir": "it",
    "i": "it",
    "dee": "de",
    "ed": "de",
    "nte": "net",
    "nett": "net",
    "ent": "net",
}
