"""`make bench`: accuracy against peers, the same dots twice, neutral pictures, cost, time of pages.

Names after `python -m benchmarks` pick single parts.
"""

from __future__ import annotations

import sys

from benchmarks import cost, detection, impostors, neutral, pages, pairs, scaling

PARTS = {
    "detection": detection,
    "pairs": pairs,
    "impostors": impostors,
    "scaling": scaling,
    "neutral": neutral,
    "cost": cost,
    "pages": pages,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        for line in PARTS[name].table():
            print(line, flush=True)
        print(flush=True)
