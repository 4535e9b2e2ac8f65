"""How often the spelling check is wrong: slips that it misses, right addresses that it doubts.

Writes ``benchmarks/results/email_spelling.md``. Run with ``python -m benchmarks.email_spelling``.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions import mail_slips
from actions.email_spelling import check_spelling
from actions.mail_domains import PROVIDERS

HERE = Path(__file__).parent
SEED = 20260301
FIRST = (
    "maria",
    "luca",
    "giulia",
    "paolo",
    "elena",
    "sara",
    "franz",
    "chiara",
    "petra",
    "jonas",
    "lea",
    "info",
)
LAST = (
    "rossi",
    "bianchi",
    "ferrari",
    "gallo",
    "conti",
    "greco",
    "huber",
    "moser",
    "d'angelo",
    "de-luca",
    "neri",
)
# How often a provider's slip is drawn for the rate "as used": a guess at how common they are among our users.
COMMON = {
    **dict.fromkeys(["gmail.com"], 40),
    **dict.fromkeys(["libero.it"], 14),
    **dict.fromkeys(["hotmail.it", "hotmail.com", "yahoo.it"], 7),
    **dict.fromkeys(["alice.it", "virgilio.it", "outlook.it", "icloud.com"], 4),
    **dict.fromkeys(["tiscali.it", "live.it", "gmx.de", "web.de"], 3),
    **dict.fromkeys(["tin.it", "outlook.com", "yahoo.com", "t-online.de"], 2),
    **dict.fromkeys(["freenet.de", "gmx.at", "gmx.net", "googlemail.com", "pec.it", "legalmail.it"], 1),
    **dict.fromkeys(["fastwebnet.it", "inwind.it", "me.com", "protonmail.com", "tim.it"], 1),
}
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = ("left out", "doubled", "beside", "beside too", "swapped")
BESIDE = {key: set(row[max(0, i - 1) : i + 2]) - {key} for row in KEYS for i, key in enumerate(row)}


def local_part(draw: random.Random) -> str:
    """What may stand before the @."""
    first, last = draw.choice(FIRST), draw.choice(LAST)
    form = draw.choice(("{f}.{l}", "{f}{l}", "{i}.{l}", "{l}.{f}", "{f}_{l}", "{f}.{l}{n}", "{f}{n}"))
    return form.format(f=first, l=last, i=first[0], n=draw.randint(1, 99))


def slips(domain: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    """One slip of each sort in a domain, as (sort, what was typed from the @ on)."""
    name, _, ending = domain.rpartition(".")
    letters = [i for i, character in enumerate(name) if character.isalpha()]
    at = draw.choice(letters)
    beside = draw.choice(sorted(BESIDE[name[at]]))
    yield "left out", f"@{name[:at]}{name[at + 1 :]}.{ending}"
    yield "doubled", f"@{name[:at]}{name[at]}{name[at:]}.{ending}"
    yield "beside", f"@{name[:at]}{beside}{name[at + 1 :]}.{ending}"
    yield "beside too", f"@{name[:at]}{name[at]}{beside}{name[at + 1 :]}.{ending}"
    i = draw.randrange(len(name) - 1)
    yield "swapped", f"@{name[:i]}{name[i + 1]}{name[i]}{name[i + 2 :]}.{ending}"
    yield "ending", "@" + name + "." + draw.choice(ENDINGS.get(ending, [ending + ending[-1]]))
    yield "comma", f"@{name},{ending}"
    yield "two dots", f"@{name}..{ending}"
    yield "no dot", f"@{name}{ending}"
    yield "blank", f"@{name} .{ending}"
    yield "no ending", f"@{name}"
    yield "no @", domain


ENDINGS = {
    "com": ["con", "cmo", "ocm", "co", "cm", "om", "comm", "vom", "xom", "cim", "cpm", "c"],
    "it": ["ti", "itt", "iit", "i", "ut", "ot", "ir", "it.it"],
    "de": ["ed", "dee", "d", "fe"],
    "net": ["nte", "ne", "nett", "ent", "met"],
}


def missed(domains: list[str], draw: random.Random) -> tuple[Counter[str], Counter[str], list[str]]:
    """Slips made and slips missed, by sort, with the missed ones. Right is: called a typo or invalid."""
    made: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    examples = []
    for domain in domains:
        for sort, slip in slips(domain, draw):
            if slip.removeprefix("@") in PROVIDERS and slip.startswith("@"):
                continue  # one provider's slip is another provider
            made[sort] += 1
            if check_spelling(local_part(draw) + slip).status not in ("typo", "invalid"):
                lost[sort] += 1
                examples.append(slip)
    return made, lost, examples


def doubted(domains: list[str], draw: random.Random, each: int) -> tuple[int, list[str]]:
    """How many right addresses were made, and those that were doubted."""
    addresses = [f"{local_part(draw)}@{domain}" for domain in domains for _ in range(each)]
    return len(addresses), [a for a in addresses if check_spelling(a).status not in ("ok", "google_twin")]


@contextlib.contextmanager
def no_known_neighbours() -> Iterator[None]:
    """The check as it is for a neighbour of a provider that nobody has listed yet."""
    known = mail_slips.REAL_NEIGHBOURS
    mail_slips.REAL_NEIGHBOURS = frozenset()
    mail_slips.likely_domain.cache_clear()
    yield
    mail_slips.REAL_NEIGHBOURS = known
    mail_slips.likely_domain.cache_clear()


def domains_of(addresses: list[str]) -> str:
    """Their domains, each once, in brackets."""
    domains = sorted({address.partition("@")[2] for address in addresses})
    return f" ({', '.join(domains)})" if domains else ""


def rate(part: int, whole: int) -> str:
    """A share in percent."""
    return f"{100 * part / whole:.2f} %"


@dataclass(frozen=True)
class Rates:
    """Shares from 0 to 1, and the report about them."""

    false_alarms: float
    found_as_used: float
    report: str


def measure() -> Rates:
    """Make right and wrong addresses and count the check's mistakes; the same every time."""
    draw = random.Random(SEED)
    lines = HERE.joinpath("real_domains.txt").read_text(encoding="utf-8").splitlines()
    real = [domain for line in lines if not line.startswith("#") for domain in line.split()]
    right, alarms = doubted([*real, *sorted(PROVIDERS)], draw, each=8)
    with no_known_neighbours():
        _, alarms_without_neighbours = doubted([*real, *sorted(PROVIDERS)], draw, each=8)
    used = missed(draw.choices(list(COMMON), weights=list(COMMON.values()), k=1500), draw)
    every = missed(sorted(PROVIDERS) * 12, draw)
    report = [
        "# E-mail spelling",
        "",
        f"{right} right addresses on {len(real)} domains of firms and people, about a third of them close",
        f"to a provider on purpose, and {len(PROVIDERS)} providers. Seed {SEED}.",
        "",
        f"- False alarms: {rate(len(alarms), right)}{domains_of(alarms)}",
        "- False alarms if the check knew no real neighbours of providers by name: "
        f"{rate(len(alarms_without_neighbours), right)}{domains_of(alarms_without_neighbours)}",
        *table_of("as used", *used),
        *table_of("every provider alike", *every),
    ]
    made, lost, _ = used
    found = 1 - sum(lost.values()) / sum(made.values())
    return Rates(len(alarms) / right, found, "\n".join(report) + "\n")


def table_of(title: str, made: Counter[str], lost: Counter[str], examples: list[str]) -> Iterator[str]:
    """Lines about slips found, in all and by sort."""
    total, letters = sum(made.values()), [sort for sort in made if sort in LETTERS]
    found_letters = sum(made[sort] - lost[sort] for sort in letters)
    yield from ("", f"## Slips found, {title}", "")
    yield f"{rate(total - sum(lost.values()), total)} of {total};"
    yield f"of those in the letters of the name {rate(found_letters, sum(made[sort] for sort in letters))}."
    yield from ("", "| slip | made | found |", "|---|---|---|")
    for sort, count in made.items():
        yield f"| {sort} | {count} | {rate(count - lost[sort], count)} |"
    yield from ("", f"Missed most: {', '.join(slip for slip, _ in Counter(examples).most_common(12))}.")


def main() -> None:
    """Measure, print and write the report."""
    report = measure().report
    HERE.joinpath("results", "email_spelling.md").write_text(report, encoding="utf-8")
    print(report, end="")


if __name__ == "__main__":
    main()
