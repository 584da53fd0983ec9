#!/usr/bin/python3
"""report.py RESULTS: the table and the verdicts of bench. Rows: link tool ms all_ms kb packets turns turns_serial."""
import sys
from collections import defaultdict
from statistics import median

LIMITS = [  # link, peer, our median over the peer's at most
    ("delay:25", "adcli", 0.33),
    ("delay:25", "net", 0.27),
    ("plain", "net", 0.80),
]


def spread(values, form="{:.0f}"):
    return f"{form.format(median(values))} ({form.format(min(values))}..{form.format(max(values))})"


def read(path):
    rows = defaultdict(list)
    for line in open(path, encoding="ascii"):
        link, tool, *numbers = line.split()
        rows[link, tool].append([float(n) for n in numbers])
    return rows


def main():
    rows = read(sys.argv[1])
    print(f"{'link':9} {'tool':8} {'runs':>4}  {'ms: median (range)':22} {'packets':>16} {'round trips':>14}"
          f" {'one after another':>18} {'peak KB':>16}")
    for (link, tool), runs in sorted(rows.items()):
        ms, _, kb, packets, turns, serial = zip(*runs)
        print(f"{link:9} {tool:8} {len(runs):4}  {spread(ms):22} {spread(packets):>16} {spread(turns):>14}"
              f" {spread(serial):>18} {spread(kb):>16}")
    bad = 0
    for link, peer, limit in LIMITS:
        if not rows[link, "joinery"] or not rows[link, peer]:
            print(f"not ok - {link}: joinery / {peer}: no runs to compare")
            bad += 1
            continue
        ratio = median(r[0] for r in rows[link, "joinery"]) / median(r[0] for r in rows[link, peer])
        bad += ratio > limit
        print(f"{'ok' if ratio <= limit else 'not ok'} - {link}: joinery / {peer} = {ratio:.2f}, at most {limit}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
