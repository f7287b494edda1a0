// Checks every manifest given against the schema of its kind: node check.js FILE...
// And what schemas do not say: that labels, ports and names of one file mean something in another.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseAllDocuments } from "yaml";

const topLevel = ["apiVersion", "kind", "metadata", "spec", "automountServiceAccountToken"];
const problems = [];
const objects = new Map();

for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    for (const error of document.errors) problems.push(`${file}: ${error.message}`);
    const object = document.toJS();
    const where = `${basename(file)} (${object.kind})`;
    if (object.kind === "Kustomization") {
      objects.set("Kustomization", object);
      continue;
    }
    objects.set(object.kind, object);
    await checkSchema(object, where);
  }
}

async function checkSchema(object, where) {
  let model;
  try {
    ({ [object.kind]: model } = await import(`kubernetes-models/${object.apiVersion}`));
  } catch (error) {
    problems.push(`${where}: no API ${object.apiVersion}: ${error.message}`);
    return;
  }
  if (model === undefined) {
    problems.push(`${where}: ${object.apiVersion} has no such kind`);
    return;
  }
  const unread = new Set();
  try {
    model.prototype.validate.call(watched(object, "", unread));
  } catch (error) {
    problems.push(`${where}: ${error.message}`);
  }
  for (const path of unread) problems.push(`${where}: no such field: ${path}`);
  for (const key of Object.keys(object)) {
    expect(topLevel.includes(key), `${where}: no such field: ${key}`);
  }
}

// The schemas let unknown fields pass, as the API does not. What a validator never looks at is unknown.
function watched(value, path, unread) {
  if (typeof value !== "object" || value === null) return value;
  const inner = Array.isArray(value) ? [] : {};
  for (const [key, child] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    if (!Array.isArray(value)) unread.add(place);
    inner[key] = watched(child, place, unread);
  }
  if (Array.isArray(value)) return inner;
  return new Proxy(inner, {
    get(target, key) {
      unread.delete(`${path}.${String(key)}`);
      return target[key];
    },
  });
}

function expect(truth, words) {
  if (!truth) problems.push(words);
}

if (problems.length === 0) checkReferences();

function checkReferences() {
  const deployment = objects.get("Deployment");
  const pod = deployment.spec.template;
  const container = pod.spec.containers[0];
  const matches = (selector) =>
    Object.entries(selector).every(([key, value]) => pod.metadata.labels[key] === value);
  const ports = container.ports.map((port) => port.name);

  expect(matches(deployment.spec.selector.matchLabels), "the Deployment does not select its own pods");
  expect(matches(objects.get("Service").spec.selector), "the Service selects no pod");
  expect(matches(objects.get("PodDisruptionBudget").spec.selector.matchLabels), "the budget selects no pod");
  expect(matches(objects.get("NetworkPolicy").spec.podSelector.matchLabels), "the NetworkPolicy selects no pod");
  expect(
    objects.get("HorizontalPodAutoscaler").spec.scaleTargetRef.name === deployment.metadata.name,
    "the autoscaler scales nothing",
  );
  for (const port of objects.get("Service").spec.ports) {
    expect(ports.includes(port.targetPort), `the Service's port ${port.targetPort} is not the container's`);
  }
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    expect(ports.includes(container[probe].httpGet.port), `${probe} asks a port that is not there`);
  }
  for (const { spec } of [pod, objects.get("Job").spec.template]) {
    const volumes = spec.volumes.map((volume) => volume.name);
    for (const mount of spec.containers[0].volumeMounts) {
      expect(volumes.includes(mount.name), `there is no volume ${mount.name}`);
    }
    const rights = spec.containers[0].securityContext;
    expect(rights.readOnlyRootFilesystem && !rights.allowPrivilegeEscalation, "a container may do too much");
  }
}

for (const problem of problems) console.error(problem);
console.log(`${objects.size} manifests, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
