// What a service written in JavaScript does: node client.js ADDRESS PROTO_FOLDER calls
//                                            node client.js ADDRESS PROTO_FOLDER load
//
// `calls` makes some calls and ends. `load` reads and writes as several tenants at once until standard input ends. Then it
// prints JSON: how many calls failed and with which codes, how many acknowledged writes are missing (`lost`), and how often
// a tenant was shown another tenant's row (`mixed`).
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import assert from "node:assert/strict";

const [address, protos, mode] = process.argv.slice(2);
const tenants = {
  acme: "01920000-0000-7000-8000-00000000ac3e",
  globex: "01920000-0000-7000-8000-0000000061b0",
  initech: "01920000-0000-7000-8000-0000000171ec",
};
const definition = loader.loadSync("saas/v1/crm_service.proto", {
  includeDirs: [protos],
  keepCase: true,
  arrays: true,
  enums: String,
  longs: String,
});
const { ContactService } = grpc.loadPackageDefinition(definition).saas.v1;
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

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

// Reading and writing as one tenant; its rows differ from the others' in their notes alone.
class Tenant {
  constructor(name, id, result) {
    Object.assign(this, { name, id, result, written: [] });
  }

  // The reply, or none when the call failed; `refusal` is a failure that is as it should be.
  async attempt(method, request, refusal) {
    this.result.calls += 1;
    try {
      const reply = await call(method, this.id, request);
      this.result.longest_gap_ms = Math.max(this.result.longest_gap_ms, Date.now() - this.result.last_success);
      this.result.last_success = Date.now();
      return reply;
    } catch (error) {
      if (error.code === refusal) return undefined;
      const code = grpc.status[error.code];
      this.result.failures[code] = (this.result.failures[code] ?? 0) + 1;
      await pause(20);
    }
  }

  async write() {
    const row = await this.attempt("CreateContact", { contact: { name: "load", notes: this.name } });
    if (row) this.written.push(row.id);
  }

  async list() {
    const reply = await this.attempt("ListContacts", { page_size: 5, filter: { name: { eq: "load" } } });
    this.result.mixed += reply?.contacts.filter((row) => row.notes !== this.name).length ?? 0;
  }

  async get() {
    if (this.written.length === 0) return pause(5);
    const id = this.written[Math.floor(Math.random() * this.written.length)];
    const row = await this.attempt("GetContact", { id });
    if (row && (row.id !== id || row.notes !== this.name)) this.result.mixed += 1;
  }

  // A row of `other`, which for this tenant is not there.
  async trespass(other) {
    if (other.written.length === 0) return pause(5);
    const row = await this.attempt("GetContact", { id: other.written.at(-1) }, grpc.status.NOT_FOUND);
    if (row) this.result.mixed += 1;
  }

  async countLost() {
    for (let i = 0; i < this.written.length; i += 500) {
      const ids = this.written.slice(i, i + 500);
      const found = await call("BatchGetContacts", this.id, { ids }).catch((error) => {
        if (error.code !== grpc.status.NOT_FOUND) throw error;
        return { contacts: [] };
      });
      this.result.lost += ids.length - found.contacts.filter((row) => row.notes === this.name).length;
    }
  }
}

async function load() {
  const result = { calls: 0, failures: {}, longest_gap_ms: 0, lost: 0, mixed: 0, last_success: Date.now() };
  const all = Object.entries(tenants).map(([name, id]) => new Tenant(name, id, result));
  let stopping = false;
  process.stdin.resume().on("end", () => (stopping = true));
  const forever = async (step) => {
    while (!stopping) await step();
  };
  await Promise.all(
    all.flatMap((tenant, i) => [
      forever(() => tenant.write()),
      forever(() => tenant.list()),
      forever(() => tenant.get()),
      forever(() => tenant.trespass(all[(i + 1) % all.length])),
    ]),
  );
  for (const tenant of all) await tenant.countLost();
  result.written = all.reduce((sum, tenant) => sum + tenant.written.length, 0);
  delete result.last_success;
  console.log(JSON.stringify(result));
}

await (mode === "load" ? load() : calls());
contacts.close();
