// A first client: makes a contact, reads it, lists and deletes it, and shows what a refusal looks like.
//
//   npm start -- 127.0.0.1:7070
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ContactService } from "./gen/saas/v1/crm_service_pb.js";
import { ContactField } from "./gen/saas/v1/queries_pb.js";
import { ContactType } from "./gen/saas/v1/resources_pb.js";
import { Direction } from "./gen/tenantry/v1/query_pb.js";

const baseUrl = `http://${process.argv[2] ?? "127.0.0.1:7070"}`;
// One connection serves all tenants. The server is told each call's deadline.
const connection = new Http2SessionManager(baseUrl);
const transport = createGrpcTransport({ baseUrl, sessionManager: connection, defaultTimeoutMs: 5_000 });
const contacts = createClient(ContactService, transport);

// Every call says for whom it is made.
const acme = { headers: { "x-tenant-id": "01920000-0000-7000-8000-00000000ac3e", "x-user-id": "ada" } };
const globex = { headers: { "x-tenant-id": "01920000-0000-7000-8000-0000000061b0", "x-user-id": "ben" } };

const email = `ada.${Date.now()}@example.com`;
const made = await once((requestId) =>
  contacts.createContact({ contact: { name: "Ada Lovelace", email, type: ContactType.INDIVIDUAL }, requestId }, acme),
);
console.log("made", made.id);

const read = await contacts.getContact({ id: made.id }, acme);
console.log("read", read.name, read.email);

// Only what the mask names is changed.
await contacts.updateContact({ contact: { id: made.id, phone: "+44 20" }, updateMask: { paths: ["phone"] } }, acme);

// All pages of a list, the newest first.
let pageToken = "";
let count = 0;
do {
  const page = await contacts.listContacts(
    {
      pageSize: 20,
      pageToken,
      filter: { type: { eq: ContactType.INDIVIDUAL } },
      orderBy: [{ field: ContactField.CREATED_AT, direction: Direction.DESC }],
    },
    acme,
  );
  count += page.contacts.length;
  pageToken = page.nextPageToken;
} while (pageToken !== "");
console.log("listed", count);

// For another tenant the row does not exist.
const absent = await refusal(Code.NotFound, contacts.getContact({ id: made.id }, globex));
console.log("as globex:", absent.rawMessage);

// All that is wrong with a request is told at once, field by field.
const nonsense = { id: "7", email: "x".repeat(300) };
const wrong = await refusal(Code.InvalidArgument, contacts.createContact({ contact: nonsense }, acme));
console.log("refused:", wrong.findDetails(ErrorInfoSchema)[0]?.reason);
for (const violation of wrong.findDetails(BadRequestSchema)[0]?.fieldViolations ?? []) {
  console.log(" ", violation.field, violation.description);
}

await contacts.deleteContact({ id: made.id }, acme);
console.log("deleted");
connection.abort();

// A write that may be sent again: with a request_id the server does it once, and answers each time alike.
async function once<Reply>(write: (requestId: string) => Promise<Reply>, attempts = 4): Promise<Reply> {
  const requestId = randomUUID();
  const passing = [Code.Unavailable, Code.Aborted, Code.Canceled];
  for (let attempt = 1; ; attempt++) {
    try {
      return await write(requestId);
    } catch (reason) {
      if (attempt === attempts || !passing.includes(ConnectError.from(reason).code)) throw reason;
      await setTimeout(50 * 2 ** attempt);
    }
  }
}

// The error of a call that is to fail with `code`.
async function refusal(code: Code, call: Promise<unknown>): Promise<ConnectError> {
  try {
    await call;
  } catch (reason) {
    const error = ConnectError.from(reason);
    if (error.code === code) return error;
    throw error;
  }
  throw new Error("the call was expected to be refused");
}
