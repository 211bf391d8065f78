"""gcp-storage-emulator with a bucket, and a key of a service account that signs for it.

Arguments: the port, the bucket, the file for the key. The emulator's XML API lacks DELETE, and the headers ETag and
Last-Modified that Google's answers have: both are lent to it here.
"""

import json
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from gcp_storage_emulator import server
from gcp_storage_emulator.handlers import objects

port, bucket, key_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]

pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
with open(key_file, "w") as file:
    json.dump({"private_key": pem.decode(), "private_key_id": "1", "client_email": "tests@project.test"}, file)

def with_headers(handler):
    def answer(request, response, *args, **kwargs):
        response["ETag"] = '"1"'
        response["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
        handler(request, response, *args, **kwargs)

    return answer


for pattern, methods in server.HANDLERS:
    if objects.xml_upload in methods.values():
        for method, handler in methods.items():
            methods[method] = with_headers(handler)
        methods[server.DELETE] = objects.delete

server.create_server("127.0.0.1", port, in_memory=True, default_bucket=bucket).run()
