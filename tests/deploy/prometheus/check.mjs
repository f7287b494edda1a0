// What a running Prometheus makes of the deployment: node check.mjs PROMETHEUS_URL DASHBOARD DATASOURCES
//
// Waits until tenantryd is scraped. Then every expression of the rules that Prometheus has loaded, and of Grafana's
// dashboard with its variables filled in as Grafana fills them, must be answered from metrics and labels that exist.
import { readFileSync } from "node:fs";

const [base, dashboardFile, datasourcesFile] = process.argv.slice(2);
const dashboard = JSON.parse(readFileSync(dashboardFile, "utf8"));
const job = "tenantryd";
// Four scrapes at the interval that Grafana supposes where the data source names none.
const rateInterval = "1m";
const problems = [];

function expect(condition, problem) {
  if (!condition) problems.push(problem);
}

async function get(path, parameters = {}) {
  const reply = await (await fetch(`${base}/api/v1/${path}?${new URLSearchParams(parameters)}`)).json();
  if (reply.status !== "success") throw new Error(reply.error);
  return reply.data;
}

const query = async (expression) => (await get("query", { query: expression })).result;

async function eventually(what, condition) {
  for (let tries = 0; tries < 60; ++tries) {
    if (await condition().catch(() => false)) return;
    await new Promise((resume) => setTimeout(resume, 1000));
  }
  throw new Error(`not within a minute: ${what}`);
}

// --- the targets

// A rate is taken of two samples.
await eventually(`${job} is scraped twice`, async () => {
  const { activeTargets } = await get("targets", { state: "active" });
  const [scrapes] = await query(`min(count_over_time(up{job="${job}"}[1m]))`);
  return activeTargets.some((target) => target.labels.job === job) &&
    activeTargets.every((target) => target.health === "up") && scrapes.value[1] >= 2;
});
console.log(`targets up: ${(await query("up")).map((up) => `${up.metric.job} ${up.metric.instance}`).join(", ")}`);

// --- expressions

// Metrics, and labels to select by, must exist; a value is looked for where just one is named. What only some calls
// have, as with code=~"INTERNAL|UNKNOWN", may be missing.
async function checkSelectors(where, expression) {
  const selectors = [...expression.matchAll(/\b(tenantry_\w+)(?:\{([^}]*)\})?/g)];
  expect(selectors.length > 0, `${where}: selects nothing`);
  for (const [, metric, matchers = ""] of selectors) {
    const series = await get("series", { "match[]": metric });
    expect(series.length > 0, `${where}: no metric ${metric}`);
    for (const [, label, operator, value] of matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"/g)) {
      expect(series.some((one) => label in one), `${where}: ${metric} has no label ${label}`);
      const known = operator !== "=" || series.some((one) => one[label] === value);
      expect(known, `${where}: ${metric} never has ${label}="${value}"`);
    }
  }
}

// The series, or null for no answer.
async function checkExpression(where, expression) {
  expect(!expression.includes("$"), `${where}: a variable that nobody fills: ${expression}`);
  await checkSelectors(where, expression);
  try {
    return await query(expression);
  } catch (error) {
    problems.push(`${where}: ${error.message}: ${expression}`);
    return null;
  }
}

async function checkRules() {
  const rules = (await get("rules")).groups.flatMap((group) => group.rules);
  expect(rules.length > 0, "no rules are loaded");
  for (const rule of rules) {
    expect(rule.health !== "err", `rule ${rule.name}: ${rule.lastError}`);
    await checkExpression(`rule ${rule.name}`, rule.query);
  }
  return rules.length;
}

// --- the dashboard

// As Grafana does with a variable that stands for several values in a pattern.
const asPattern = (values) => `(${values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\\\$&")).join("|")})`;

async function variables() {
  const filled = new Map([["__rate_interval", rateInterval]]);
  for (const { name, query } of dashboard.templating.list) {
    const [, metric, label] = query.query.match(/^label_values\((\w+), (\w+)\)$/);
    const values = await get(`label/${label}/values`, { "match[]": metric });
    expect(values.length > 0, `variable ${name}: no values`);
    filled.set(name, asPattern(values));
  }
  return filled;
}

async function checkTarget(panel, target, filled) {
  const where = `panel "${panel.title}" ${target.refId}`;
  const expression = target.expr.replace(/\$(\w+)/g, (whole, name) => filled.get(name) ?? whole);
  const series = await checkExpression(where, expression);
  if (series === null) return;
  const selectsSome = /=~"/.test(target.expr.replaceAll('=~"$instance"', ""));
  expect(series.length > 0 || selectsSome, `${where}: no data: ${expression}`);
  for (const [, label] of target.legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
    expect(series.every((one) => label in one.metric), `${where}: the legend's ${label} is no label of the result`);
  }
}

function checkLayout(panels) {
  const cells = new Set();
  for (const { title, gridPos } of panels) {
    expect(gridPos.x + gridPos.w <= 24, `panel "${title}" is wider than the dashboard`);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; ++x) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; ++y) {
        expect(!cells.has(`${x},${y}`), `panel "${title}" covers another at ${x},${y}`);
        cells.add(`${x},${y}`);
      }
    }
  }
  expect(new Set(panels.map((panel) => panel.id)).size === panels.length, "two panels have one id");
}

function checkDatasources(panels) {
  const [, provisioned] = readFileSync(datasourcesFile, "utf8").match(/^\s*uid: (\S+)$/m);
  for (const user of [...dashboard.templating.list, ...panels, ...panels.flatMap((panel) => panel.targets)]) {
    expect(user.datasource.uid === provisioned, `${user.title ?? user.name ?? user.expr}: no such data source`);
  }
}

async function checkDashboard() {
  const graphs = dashboard.panels.filter((panel) => panel.type !== "row");
  checkLayout(dashboard.panels);
  checkDatasources(graphs);
  const filled = await variables();
  let expressions = 0;
  for (const panel of graphs) {
    for (const target of panel.targets) {
      await checkTarget(panel, target, filled);
      expressions += 1;
    }
  }
  return expressions;
}

console.log(`rules: ${await checkRules()}; expressions of the dashboard: ${await checkDashboard()}`);
for (const problem of new Set(problems)) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
