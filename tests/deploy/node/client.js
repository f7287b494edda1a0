// What a service written in JavaScript does: node client.js ADDRESS PROTO_FOLDER calls
//                                            node client.js ADDRESS PROTO_FOLDER load
//
// `calls` makes some and ends. `load` reads and writes until standard input ends, then says as JSON how it went and
// whether every acknowledged write is there.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import assert from "node:assert/strict";

const [address, protos, mode] = process.argv.slice(2);
const tenants = {
  acme: "01920000-0000-7000-8000-00000000ac3e",
  globex: "01920000-0000-7000-8000-0000000061b0",
};
const definition = loader.loadSync("saas/crm/v1/crm_service.proto", {
  includeDirs: [protos],
  keepCase: true,
  arrays: true,
  enums: String,
  longs: String,
});
const { ContactService } = grpc.loadPackageDefinition(definition).saas.crm.v1;
const contacts = new ContactService(address, grpc.credentials.createInsecure());

function call(method, tenant, request) {
  const metadata = new grpc.Metadata();
  metadata.set("x-tenant-id", tenant);
  const deadline = new Date(Date.now() + 10_000);
  return new Promise((resolve, reject) => {
    contacts[method](request, metadata, { deadline }, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

async function calls() {
  const email = `node-${process.pid}-${Date.now()}@example.com`;
  const made = await call("CreateContact", tenants.acme, { contact: { name: "Node", email } });
  assert.equal((await call("GetContact", tenants.acme, { id: made.id })).email, email);
  const found = await call("ListContacts", tenants.acme, { filter: { email: { eq: email } } });
  assert.deepEqual(found.contacts.map((contact) => contact.id), [made.id]);
  await assert.rejects(call("GetContact", tenants.globex, { id: made.id }), { code: grpc.status.NOT_FOUND });
  await assert.rejects(call("GetContact", "", { id: made.id }), { code: grpc.status.UNAUTHENTICATED });
  await call("DeleteContact", tenants.acme, { id: made.id });
  const left = await call("ListContacts", tenants.acme, { filter: { email: { eq: email } } });
  assert.deepEqual(left.contacts, []);
  console.log("node: calls as expected");
}

async function load() {
  const result = { calls: 0, failures: {}, longest_gap_ms: 0, lost: 0 };
  const written = [];
  let stopping = false;
  let last_success = Date.now();
  process.stdin.resume().on("end", () => (stopping = true));
  const attempt = async (method, request, onReply) => {
    result.calls += 1;
    try {
      onReply(await call(method, tenants.acme, request));
      result.longest_gap_ms = Math.max(result.longest_gap_ms, Date.now() - last_success);
      last_success = Date.now();
    } catch (error) {
      const code = grpc.status[error.code];
      result.failures[code] = (result.failures[code] ?? 0) + 1;
      await new Promise((resume) => setTimeout(resume, 20));
    }
  };
  const worker = async (writes) => {
    while (!stopping) {
      if (writes) {
        await attempt("CreateContact", { contact: { name: "load" } }, (row) => written.push(row.id));
      } else {
        await attempt("ListContacts", { page_size: 3 }, () => {});
      }
    }
  };
  await Promise.all([...Array(8).keys()].map((i) => worker(i % 2 === 0)));
  for (let i = 0; i < written.length; i += 500) {
    await call("BatchGetContacts", tenants.acme, { ids: written.slice(i, i + 500) }).catch(() => (result.lost += 1));
  }
  result.written = written.length;
  console.log(JSON.stringify(result));
}

await (mode === "load" ? load() : calls());
contacts.close();
