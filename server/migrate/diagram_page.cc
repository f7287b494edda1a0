#include "server/migrate/diagram_page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "server/migrate/diagram.h"
#include "server/migrate/diagram_layout.h"

namespace tenantry::migrate {
namespace {

using schema::Column;
using schema::Relation;
using schema::Table;

// Colours come from the reader's settings, light or dark.
constexpr char kHead[] = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Tables</title>
<style>
  :root { color-scheme: light dark; --line: #8a94a6; --frame: #f3f5f8; --box: #fff; --head: #dfe7f3; --on: #c2410c;
          --text: #1b2430; --faint: #667085; }
  @media (prefers-color-scheme: dark) {
    :root { --line: #6b7688; --frame: #171c24; --box: #1f2630; --head: #2b3646; --on: #fb923c; --text: #e6eaf0;
            --faint: #97a2b3; } }
  body { margin: 0; display: flex; height: 100vh; font: 14px system-ui, sans-serif; color: var(--text); }
  nav { width: 15rem; flex: none; overflow: auto; padding: .75rem; box-sizing: border-box; border-right: 1px solid var(--line); }
  nav input { width: 100%; box-sizing: border-box; margin-bottom: .5rem; }
  nav h2 { font-size: .85rem; margin: .8rem 0 .2rem; color: var(--faint); }
  nav a { display: block; color: inherit; text-decoration: none; padding: .1rem 0; overflow-wrap: anywhere; }
  main { flex: 1; overflow: auto; }
  svg text { font: 12px ui-monospace, monospace; fill: var(--text); }
  .frame { fill: var(--frame); }
  .frame-title { font-size: 14px; font-weight: bold; }
  .table { cursor: pointer; }
  .table rect { fill: var(--box); stroke: var(--line); }
  .table .head { fill: var(--head); }
  .table .name { font-weight: bold; }
  .key { font-weight: bold; }
  .type, .mark { fill: var(--faint) !important; }
  .relation { fill: none; stroke: var(--line); stroke-width: 1.4; }
  marker path, marker circle { fill: none; stroke: context-stroke; }
  .picked .table:not(.on), .picked .relation:not(.on) { opacity: .15; }
  .picked .relation.on { stroke: var(--on); stroke-width: 2; }
  .table.chosen rect { stroke: var(--on); stroke-width: 2; }
</style>
</head>
<body>
)html";

// Crow's feet: many, at most one, exactly one.
constexpr char kMarkers[] = R"html(<defs>
<marker id="many" viewBox="0 0 14 12" refX="13" refY="6" markerWidth="14" markerHeight="12" orient="auto-start-reverse" markerUnits="userSpaceOnUse"><path d="M1 6 L13 1 M1 6 L13 6 M1 6 L13 11"/></marker>
<marker id="one" viewBox="0 0 14 12" refX="13" refY="6" markerWidth="14" markerHeight="12" orient="auto-start-reverse" markerUnits="userSpaceOnUse"><path d="M5 1 L5 11 M9 1 L9 11"/></marker>
<marker id="maybe" viewBox="0 0 18 12" refX="17" refY="6" markerWidth="18" markerHeight="12" orient="auto-start-reverse" markerUnits="userSpaceOnUse"><circle cx="6" cy="6" r="3.5"/><path d="M13 1 L13 11"/></marker>
</defs>
)html";

constexpr char kScript[] = R"html(<script>
  const svg = document.querySelector("svg");
  const all = (selector) => [...svg.querySelectorAll(selector)];
  function pick(id) {
    const chosen = svg.classList.contains("picked") && document.getElementById(id)?.classList.contains("chosen");
    for (const e of all(".on, .chosen")) e.classList.remove("on", "chosen");
    svg.classList.toggle("picked", !chosen && id !== "");
    if (chosen || id === "") return;
    const near = new Set([id]);
    for (const line of all(".relation")) {
      if (line.dataset.from !== id && line.dataset.to !== id) continue;
      line.classList.add("on");
      near.add(line.dataset.from).add(line.dataset.to);
    }
    for (const other of near) document.getElementById(other)?.classList.add("on");
    document.getElementById(id).classList.add("chosen");
  }
  svg.addEventListener("click", (e) => pick(e.target.closest(".table")?.id ?? ""));
  document.querySelector("nav").addEventListener("click", (e) => {
    const id = e.target.closest("a")?.getAttribute("href").slice(1);
    if (!id) return;
    e.preventDefault();
    pick("");
    pick(id);
    document.getElementById(id).scrollIntoView({ block: "center", inline: "center" });
  });
  document.querySelector("nav input").addEventListener("input", (e) => {
    for (const a of document.querySelectorAll("nav a")) a.hidden = !a.textContent.includes(e.target.value);
  });
</script>
)html";

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string IdOf(const Table& table) {
  return Escaped(absl::StrCat(table.schema, ".", table.name));
}

std::string Text(double x, double y, const char* style, const std::string& text,
                 const char* anchor = "start") {
  return absl::StrFormat("<text x=\"%.0f\" y=\"%.0f\" class=\"%s\" text-anchor=\"%s\">%s</text>", x,
                         y, style, anchor, Escaped(text));
}

std::string Rect(const Box& box, const char* style, double height) {
  return absl::StrFormat(
      "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"4\" class=\"%s\"/>", box.x,
      box.y, box.width, height, style);
}

std::string TableGroup(const Table& table, const Box& box) {
  std::string svg = absl::StrCat("<g class=\"table\" id=\"", IdOf(table), "\">",
                                 Rect(box, "body", box.height), Rect(box, "head", kHeadHeight),
                                 Text(box.x + 8, box.y + 17, "name", table.name), "\n");
  double y = box.y + kHeadHeight;
  for (const Column* column : ShownColumns(table)) {
    const bool is_key = std::count(table.primary_key.begin(), table.primary_key.end(), column) > 0;
    absl::StrAppend(&svg, Text(box.x + 8, y + 13, is_key ? "key" : "column", column->name),
                    Text(box.right() - 8, y + 13, "type", DetailOf(table, *column), "end"), "\n");
    y += kRowHeight;
  }
  return svg + "</g>\n";
}

// The height of a column's row.
double RowOf(const Table& table, const Box& box, const Column* column) {
  const auto columns = ShownColumns(table);
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return box.y + kHeadHeight / 2;
  return box.y + kHeadHeight + kRowHeight * (0.5 + static_cast<double>(found - columns.begin()));
}

// From the referring column to the head of the table referred to, out of the nearer sides.
std::string RelationLine(const Table& table, const Relation& relation, const Layout& layout) {
  const Box& from = layout.boxes.at(&table);
  const Box& to = layout.boxes.at(relation.target);
  const double y1 =
      RowOf(table, from, relation.columns.empty() ? nullptr : relation.columns.back());
  const double y2 = to.y + kHeadHeight / 2;
  double x1 = from.right(), x2 = to.right(), out1 = 60, out2 = 60;
  if (to.right() <= from.x) {
    x1 = from.x;
    out1 = -60;
  } else if (from.right() <= to.x) {
    x2 = to.x;
    out2 = -60;
  }
  const bool one = IsOneToOne(table, relation);
  const bool required = std::all_of(relation.columns.begin(), relation.columns.end(),
                                    [](const Column* column) { return column->not_null; });
  return absl::StrFormat(
      "<path class=\"relation\" data-from=\"%s\" data-to=\"%s\" d=\"M%.0f %.0f C%.0f %.0f %.0f "
      "%.0f "
      "%.0f %.0f\" marker-start=\"url(#%s)\" marker-end=\"url(#%s)\"><title>%s</title></path>\n",
      IdOf(table), IdOf(*relation.target), x1, y1, x1 + out1, y1, x2 + out2, y2, x2, y2,
      one ? "maybe" : "many", required ? "one" : "maybe",
      Escaped(absl::StrCat(table.name, ".", relation.name, " is ", required ? "" : "perhaps ",
                           "one of ", relation.target->name,
                           one ? ", which is so of one at most" : "")));
}

std::string Picture(const schema::Schema& schema, const Layout& layout) {
  std::string svg =
      absl::StrFormat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\">\n",
                      layout.width, layout.height);
  absl::StrAppend(&svg, kMarkers);
  for (const Frame& frame : layout.frames) {
    absl::StrAppend(&svg, Rect(frame.box, "frame", frame.box.height),
                    Text(frame.box.x + 12, frame.box.y + 22, "frame-title", frame.file), "\n");
  }
  for (const Table& table : schema.tables()) {
    for (const Relation& relation : table.relations) {
      if (!relation.many) absl::StrAppend(&svg, RelationLine(table, relation, layout));
    }
  }
  for (const Table& table : schema.tables()) {
    absl::StrAppend(&svg, TableGroup(table, layout.boxes.at(&table)));
  }
  return svg + "</svg>\n";
}

}  // namespace

std::string DiagramPage(const schema::Schema& schema) {
  const Layout layout = LayOut(schema);
  std::string page = absl::StrCat(
      kHead, "<nav><input type=\"search\" placeholder=\"Table\" aria-label=\"Table\">\n");
  for (const Frame& frame : layout.frames) {
    absl::StrAppend(&page, "<h2>", Escaped(frame.file), "</h2>\n");
    for (const Table* table : frame.tables) {
      absl::StrAppend(&page, "<a href=\"#", IdOf(*table), "\">", Escaped(table->name), "</a>\n");
    }
  }
  return absl::StrCat(page, "</nav>\n<main>\n", Picture(schema, layout), "</main>\n", kScript,
                      "</body>\n</html>\n");
}

}  // namespace tenantry::migrate
