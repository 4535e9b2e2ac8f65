"""Italian number words, as people write them in messages."""

from __future__ import annotations

_TO_TWENTY = (
    "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti"
)
_TENS = "trenta quaranta cinquanta sessanta settanta ottanta novanta cento"
NUMBER_WORDS = {
    **{word: number for number, word in enumerate(_TO_TWENTY.split(), start=1)},
    **{word: number for number, word in zip(range(30, 101, 10), _TENS.split(), strict=True)},
}
