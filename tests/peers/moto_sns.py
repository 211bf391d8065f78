"""moto's SNS, SQS and STS on a free port of loopback, over HTTP.

It prints its address and runs until it is ended. Topics, queues and subscriptions are made by whoever asks for them.
"""
import logging
import time

from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"listening on {host}:{port}", flush=True)
while True:
    time.sleep(3600)
