"""Bodies of POST /api/v2/alerts, one per line, 64 alerts each, about 560 bytes per alert, in Prometheus's compact JSON.

bodies.py COUNT firing|ended
"""

import datetime
import json
import sys

PER_REQUEST = 64


def stamp(seconds):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def alert(number, starts, ends):
    name = f"RuleNumber{number % 1000:04}"
    host = f"host-{number}.example:9100"
    return {
        "annotations": {
            "description": f"The request rate of {host} has been above its limit for more than ten minutes; value 97.{number % 100:02}.",
            "runbook_url": f"https://runbooks.example/{name}",
            "summary": f"{name} fires on {host}",
        },
        "endsAt": ends,
        "startsAt": starts,
        "generatorURL": f"http://prometheus.example:9090/graph?g0.expr=rate%28requests_total%5B5m%5D%29+%3E+{number % 1000}&g0.tab=1",
        "labels": {
            "alertname": name,
            "cluster": "eu-1",
            "instance": host,
            "job": "node",
            "severity": "warning",
        },
    }


def main():
    count, state = int(sys.argv[1]), sys.argv[2]
    # a request that is not full would count as one that is
    count = -(-count // PER_REQUEST) * PER_REQUEST
    starts, ends = stamp(-600), stamp(3600 if state == "firing" else 0)
    for first in range(0, count, PER_REQUEST):
        batch = [alert(number, starts, ends) for number in range(first, first + PER_REQUEST)]
        print(json.dumps(batch, separators=(",", ":")))


main()
