"""Which well-known mail domain was meant, where fingers or ears slipped.

Two sides are weighed: people write providers' names wrong in few ways (a key left out, doubled, swapped,
or one beside it pressed), and many small domains look almost like a provider. So a slip in a short name must
keep its first letter, one in a name that is a word must be a slip of the fingers, and known real neighbours
are left alone. `benchmarks/email_spelling.py` measures both sides.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata

from rapidfuzz.distance import OSA

from actions.mail_domains import (
    BY_EAR,
    COUNTRIES,
    CUT_ENDINGS,
    ENDING_SLIPS,
    GOOGLE,
    INTERNATIONAL,
    PROVIDERS,
    REAL_NEIGHBOURS,
    UNMISTAKABLE,
    WORDS,
)

_SHORT = 4  # letters; so short a name is one slip from too many others
_LONG = 7  # from here on, any one edit is a slip
_VERY_LONG = 10  # from here on, any two
_VOWELS = frozenset("aeiouy")
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
# Cyrillic small letters that look like Latin ones.
_LATIN = str.maketrans("аеорсухіѕј", "aeopcyxisj")
# Ends of an address whose at sign came out as the key's other sign: Italian AltGr+ò, German AltGr+Q.
_AT_KEYS = "òq"


def _beside() -> frozenset[frozenset[str]]:
    """Pairs of keys that touch, the same on Italian, German and English keyboards but for Y and Z."""
    rows = [list(row) for row in _ROWS]
    pairs = [pair for row in rows for pair in itertools.pairwise(row)]
    for row, below in itertools.pairwise(rows):
        pairs += [(key, low) for i, key in enumerate(row) for low in below[max(0, i - 1) : i + 1]]
    return frozenset(frozenset(pair) for pair in pairs)


_BESIDE = _beside()
_NAMES = {domain: domain.partition(".") for domain in sorted(PROVIDERS)}
_BY_NAME: dict[str, tuple[str, ...]] = {}
for _domain, (_name, _, _ending) in _NAMES.items():
    _BY_NAME[_name] = (*_BY_NAME.get(_name, ()), _ending)
_BY_NAME.update(INTERNATIONAL)
_RUN_TOGETHER = {domain.replace(".", "").replace("-", ""): domain for domain in sorted(PROVIDERS)}


@functools.lru_cache(maxsize=4096)
def likely_domain(domain: str) -> str | None:
    """The well-known domain that was probably meant; None if this one (lower case) may well be right."""
    plain = _plain(domain)
    if plain.startswith("www."):
        plain = plain.removeprefix("www.")
        return likely_domain(plain) or (plain if plain in PROVIDERS else None)
    if plain in PROVIDERS:
        return plain if plain != domain else None
    if plain in REAL_NEIGHBOURS:
        return None
    return _run_together(plain) or _with_ending(plain) or _nearest(plain)


def without_at(address: str) -> str | None:
    """An address whose @ is missing, put right ("rossigmail.com"); None if no well-known domain ends it."""
    lowered = address.lower()
    if lowered in PROVIDERS or lowered.startswith("www.") or not lowered.endswith(UNMISTAKABLE):
        return None
    domain = next(domain for domain in UNMISTAKABLE if lowered.endswith(domain))
    local = address[: -len(domain)].rstrip("._-")
    if local.lower().endswith(tuple(_AT_KEYS)):
        local = local[:-1]
    return f"{local}@{domain}" if local else None


def bare_domain(name: str) -> str | None:
    """The provider meant by a name without an ending ("gmail") or without its dot ("gmailcom")."""
    plain = BY_EAR.get(_plain(name), _plain(name))
    if plain in _RUN_TOGETHER:
        return _RUN_TOGETHER[plain]
    return f"{plain}.{_BY_NAME[plain][0]}" if plain in _BY_NAME else None


def _plain(domain: str) -> str:
    """The domain without accents and look-alike letters."""
    if domain.isascii():
        return domain
    decomposed = unicodedata.normalize("NFKD", domain).translate(_LATIN)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _run_together(domain: str) -> str | None:
    """A misplaced or second dot or dash, an ending said twice."""
    meant = _RUN_TOGETHER.get(domain.replace(".", "").replace("-", ""))
    if meant and not (meant.partition(".")[0] in WORDS and "-" in domain):
        return meant
    if f"{domain}.it" in PROVIDERS:
        return f"{domain}.it"
    head, _, last = domain.rpartition(".")
    return head if head in PROVIDERS and last in ("com", "it", "de", "net") else None


def _with_ending(domain: str) -> str | None:
    """The domain with a slip in its ending put right."""
    name, _, ending = domain.partition(".")
    last = domain.rpartition(".")[2]
    known = BY_EAR.get(name, name)
    if last in ENDING_SLIPS:
        mended = f"{domain.removesuffix(last)}{ENDING_SLIPS[last]}"
        return mended if mended in PROVIDERS else likely_domain(mended) or mended
    endings = _BY_NAME.get(known)
    if endings is None:
        return None
    if f"{known}.{CUT_ENDINGS.get(ending)}" in PROVIDERS:
        return f"{known}.{CUT_ENDINGS[ending]}"
    is_shared = name in INTERNATIONAL or name in WORDS or len(name) <= _SHORT
    if known == name and ending in COUNTRIES and is_shared:
        return None
    nearest = min(endings, key=lambda candidate: OSA.distance(candidate, ending))
    if OSA.distance(nearest, ending) > 1:
        return None if is_shared and known not in INTERNATIONAL else f"{known}.{endings[0]}"
    return f"{known}.{nearest}"


def _nearest(domain: str) -> str | None:
    name, _, ending = domain.partition(".")
    meant = [known for known, (its_name, _, _) in _NAMES.items() if _is_slip(its_name, name)]
    same_ending = [known for known in meant if _NAMES[known][2] == ending]
    if not same_ending:
        return _of_other_ending([known for known in meant if known[0] == name[0]], ending)
    return min(same_ending, key=lambda known: (OSA.distance(known, domain), known not in GOOGLE, known))


def _of_other_ending(meant: list[str], ending: str) -> str | None:
    """Two slips at once are believed only in a name that is nothing but a provider's."""
    close = [
        known
        for known in meant
        if known in UNMISTAKABLE
        and (ending in CUT_ENDINGS or OSA.distance(_NAMES[known][2], ending) <= 1 or ending in ("it", "com"))
    ]
    wanted = CUT_ENDINGS.get(ending, ending)
    return min(
        close,
        key=lambda known: (OSA.distance(_NAMES[known][2], wanted), known not in GOOGLE, known),
        default=None,
    )


def _is_slip(meant: str, typed: str) -> bool:
    """Whether `typed` is what fingers make of the name `meant`."""
    if meant == typed or abs(len(meant) - len(typed)) > (2 if len(meant) >= _VERY_LONG else 1):
        return False
    distance = OSA.distance(meant, typed, score_cutoff=2)
    if len(meant) >= _VERY_LONG:
        return distance <= (2 if meant[0] == typed[0] else 1)
    if len(typed) <= len(meant) >= _LONG and meant not in WORDS:
        return distance == 1
    return distance == 1 and _is_slip_of_one_key(meant, typed)


def _is_slip_of_one_key(meant: str, typed: str) -> bool:
    """One key left out, doubled, swapped with the next, or mixed up with one beside it."""
    pairs = itertools.zip_longest(meant, typed)
    at = next(place for place, (one, other) in enumerate(pairs) if one != other)
    keeps_first = at > 0 or (len(meant) > _SHORT and meant not in WORDS)
    if len(typed) < len(meant):
        return keeps_first and len(meant) > _SHORT
    if len(typed) > len(meant):
        before, after = typed[max(0, at - 1) : at], typed[at + 1 : at + 2]
        if typed[at] in (before, after):
            return True
        is_plural = meant in WORDS and not after
        return keeps_first and not is_plural and bool({frozenset((typed[at], key)) for key in before + after} & _BESIDE)
    if meant[at + 1 : at + 2] == typed[at] and typed[at + 1 : at + 2] == meant[at]:
        return True
    pair = frozenset((meant[at], typed[at]))
    return keeps_first and len(meant) > _SHORT and (pair in _BESIDE or pair <= _VOWELS)
