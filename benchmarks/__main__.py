"""`make bench`: accuracy against peers, cost, and the time of pages."""

from __future__ import annotations

from benchmarks import cost, detection, pages

if __name__ == "__main__":
    for part in (detection, cost, pages):
        for line in part.table():
            print(line, flush=True)
        print(flush=True)
