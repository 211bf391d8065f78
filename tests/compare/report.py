"""Medians and ratios of what tests/compare/run has noted: report.py RESULTS ALERTS STORM."""

import collections
import statistics
import sys

# the note's name, what it is, the unit, whether more is better, the aim as a ratio
ROWS = [
    ("new", "new alerts, durable", "/s", True, 10.0),
    ("again", "re-sent alerts", "/s", True, 30.0),
    ("bytes", "resident per alert, of {alerts}", "bytes", False, 5.0),
    ("filter", "one alert found among {alerts}", "ms", False, None),
    ("list", "all {alerts} listed", "ms", False, 20.0),
    ("storm_new", "storm of {storm} groups: new alerts", "/s", True, None),
    ("storm_end", "storm: their ends", "/s", True, None),
    ("storm_wrong", "storm: groups left with a wrong last state", "", False, None),
    ("storm_told", "storm: groups told at all", "", True, None),
    ("storm_requests", "storm: requests at the receiver", "", False, None),
    ("storm_seconds", "storm: until the last state was everywhere", "s", False, None),
    ("storm_peak_mb", "storm: most resident memory", "MB", False, None),
]
FILTER_AIM_MS = 5.0


def read(path):
    values = collections.defaultdict(list)
    with open(path, encoding="utf-8") as notes:
        for line in notes:
            name, program, value = line.split()
            values[name, program].append(float(value))
    return {key: statistics.median(all_values) for key, all_values in values.items()}


def verdict(name, ours, ratio, aim):
    if name == "filter":
        return f"5 ms: {'reached' if ours <= FILTER_AIM_MS else 'not reached'}"
    if name == "storm_wrong":
        return f"none: {'reached' if ours == 0 else 'not reached'}"
    if aim is None:
        return ""
    return f"{aim:g} times: {'reached' if ratio >= aim else 'not reached'}"


def main():
    medians = read(sys.argv[1])
    sizes = {"alerts": sys.argv[2], "storm": sys.argv[3]}
    print("| work | Alertmanager | wirephoto | better by | aim |")
    print("| --- | --- | --- | --- | --- |")
    for name, what, unit, more, aim in ROWS:
        theirs, ours = medians.get((name, "alertmanager")), medians.get((name, "wirephoto"))
        if theirs is None or ours is None:
            continue
        better, worse = (ours, theirs) if more else (theirs, ours)
        ratio = better / worse if worse else float("inf") if better else 1.0
        cells = [what.format(**sizes), f"{theirs:,.10g} {unit}", f"{ours:,.10g} {unit}", f"{ratio:.1f}"]
        print(f"| {' | '.join(cells)} | {verdict(name, ours, ratio, aim)} |")


main()
