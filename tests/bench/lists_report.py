#!/usr/bin/python3
"""lists_report.py RESULTS: accounts a minute and the verdicts of `lists`. Rows: link tool accounts ms."""
import sys
from collections import defaultdict

LIMITS = [  # link, peer, our accounts a minute over the peer's at least
    ("plain", "net", 5),
    ("delay:25", "net", 40),
    ("plain", "stream", 0.75),
    ("delay:25", "stream", 0.75),
]


def main():
    sums = defaultdict(lambda: [0, 0])
    bad = 0
    for line in open(sys.argv[1], encoding="ascii"):
        if line == "failed\n":
            bad += 1
            continue
        link, tool, accounts, ms = line.split()
        sums[link, tool][0] += int(accounts)
        sums[link, tool][1] += int(ms)
    rate = {key: n * 60000 / ms for key, (n, ms) in sums.items()}
    print(f"{'link':9} {'tool':8} {'accounts':>8} {'ms each':>8} {'a minute':>9}")
    for (link, tool), (n, ms) in sorted(sums.items()):
        print(f"{link:9} {tool:8} {n:8} {ms / n:8.1f} {rate[link, tool]:9.0f}"
              + (" (scaled)" if tool == "net" else ""))
    for link, peer, limit in LIMITS:
        ours, theirs = rate.get((link, "joinery")), rate.get((link, peer))
        if not ours or not theirs:
            print(f"not ok - {link}: joinery / {peer}: nothing to compare")
            bad += 1
            continue
        bad += ours / theirs < limit
        print(f"{'ok' if ours / theirs >= limit else 'not ok'} - {link}: joinery / {peer} = {ours / theirs:.2f},"
              f" at least {limit}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
