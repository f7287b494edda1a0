"""A first client: makes a contact, reads it, lists and deletes it, and shows what a refusal looks like.

    python3 client.py 127.0.0.1:7070
"""

import json
import sys
import time
import uuid
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).parent / "gen"))
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2, status_pb2
from saas.v1 import crm_service_pb2, crm_service_pb2_grpc, queries_pb2, resources_pb2
from tenantry.v1 import query_pb2

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7070"
# Reads are sent again when a server has gone. So are writes with a request_id, below; no others, since they may have
# happened.
reads = [
    {"service": "saas.v1.ContactService", "method": method}
    for method in ("GetContact", "ListContacts", "BatchGetContacts")
]
retries = {
    "maxAttempts": 4,
    "initialBackoff": "0.05s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
}
service_config = json.dumps({"methodConfig": [{"name": reads, "retryPolicy": retries}]})
# One channel serves all tenants.
channel = grpc.insecure_channel(address, options=[("grpc.service_config", service_config)])
contacts = crm_service_pb2_grpc.ContactServiceStub(channel)


def call(method, request, tenant_id, user_id):
    """Every call says for whom it is made, and until when its answer is wanted."""
    return method(request, metadata=(("x-tenant-id", tenant_id), ("x-user-id", user_id)), timeout=5)


def once(caller, method, request, attempts=4):
    """A write that may be sent again: with a request_id the server does it once, and answers each time alike."""
    request.request_id = str(uuid.uuid4())
    passing = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED)
    for attempt in range(attempts):
        try:
            return caller(method, request)
        except grpc.RpcError as error:
            if error.code() not in passing or attempt == attempts - 1:
                raise
            time.sleep(0.1 * 2**attempt)


def as_acme(method, request):
    return call(method, request, "01920000-0000-7000-8000-00000000ac3e", "ada")


def as_globex(method, request):
    return call(method, request, "01920000-0000-7000-8000-0000000061b0", "ben")


def details(error):
    """The google.rpc messages that travel with a refused call."""
    status = status_pb2.Status()
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return info, bad


def refusal(code, caller, method, request):
    """The error of a call that is to fail with `code`."""
    try:
        caller(method, request)
    except grpc.RpcError as error:
        if error.code() == code:
            return error
        raise
    raise AssertionError("the call was expected to be refused")


email = f"ada.{time.time_ns()}@example.com"
contact = resources_pb2.Contact(name="Ada Lovelace", email=email, type=resources_pb2.CONTACT_TYPE_INDIVIDUAL)
made = once(as_acme, contacts.CreateContact, crm_service_pb2.CreateContactRequest(contact=contact))
print("made", made.id)

read = as_acme(contacts.GetContact, crm_service_pb2.GetContactRequest(id=made.id))
print("read", read.name, read.email)

# Only what the mask names is changed.
change = resources_pb2.Contact(id=made.id, phone="+44 20")
mask = FieldMask(paths=["phone"])
as_acme(contacts.UpdateContact, crm_service_pb2.UpdateContactRequest(contact=change, update_mask=mask))

# All pages of a list, the newest first.
request = crm_service_pb2.ListContactsRequest(page_size=20)
request.filter.type.eq = resources_pb2.CONTACT_TYPE_INDIVIDUAL
request.order_by.add(field=queries_pb2.CONTACT_FIELD_CREATED_AT, direction=query_pb2.DIRECTION_DESC)
count = 0
while True:
    page = as_acme(contacts.ListContacts, request)
    count += len(page.contacts)
    if not page.next_page_token:
        break
    request.page_token = page.next_page_token
print("listed", count)

# For another tenant the row does not exist.
absent = refusal(
    grpc.StatusCode.NOT_FOUND, as_globex, contacts.GetContact, crm_service_pb2.GetContactRequest(id=made.id)
)
print("as globex:", absent.details())

# All that is wrong with a request is told at once, field by field.
nonsense = crm_service_pb2.CreateContactRequest(contact=resources_pb2.Contact(id="7", email="x" * 300))
info, bad = details(refusal(grpc.StatusCode.INVALID_ARGUMENT, as_acme, contacts.CreateContact, nonsense))
print("refused:", info.reason)
for violation in bad.field_violations:
    print(" ", violation.field, violation.description)

as_acme(contacts.DeleteContact, crm_service_pb2.DeleteContactRequest(id=made.id))
print("deleted")
