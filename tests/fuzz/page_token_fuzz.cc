// Page tokens come from callers: only those that the encoder makes may be read.
#include "server/plan/page_token.h"

#include "tests/fuzz/input.h"
#include "tests/support/saas_schema.h"

namespace {

using namespace tenantry;

std::vector<plan::OrderTerm> SomeOrder(fuzz::Input& input) {
  const schema::Schema& schema = input.Bool() ? testing::SaasSchema() : testing::LedgerSchema();
  const auto& tables = schema.tables();
  const schema::Table& table = tables[input.Below(tables.size())];
  std::vector<plan::OrderTerm> order;
  for (std::size_t i = input.Below(4); i > 0; --i) {
    const schema::Column& column = table.columns[input.Below(table.columns.size())];
    order.push_back({&column, input.Bool(), input.Bool(), {}});
  }
  return order;
}

plan::PageToken SomeToken(fuzz::Input& input) {
  plan::PageToken token;
  token.fingerprint = input.Number();
  token.backward = input.Bool();
  token.including = input.Bool();
  for (std::size_t i = input.Below(5); i > 0; --i) {
    if (input.Bool()) {
      token.cursor.emplace_back();
    } else {
      token.cursor.emplace_back(input.Text(input.Below(20)));
    }
  }
  return token;
}

bool Same(const plan::PageToken& a, const plan::PageToken& b) {
  return a.fingerprint == b.fingerprint && a.cursor == b.cursor && a.backward == b.backward &&
         a.including == b.including;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::vector<plan::OrderTerm> order = SomeOrder(input);
  const plan::PageToken made = SomeToken(input);
  std::string text = plan::EncodePageToken(made);
  const auto read = plan::DecodePageToken(text);
  fuzz::Expect(read.has_value() && Same(*read, made), "a token is read as it was made", text);
  plan::CursorFits(made.cursor, order);

  // Damaged, or any text.
  if (input.Bool() && !text.empty()) {
    text[input.Below(text.size())] = static_cast<char>(input.Byte());
  } else {
    text = input.Rest();
  }
  const auto other = plan::DecodePageToken(text);
  if (!other.has_value()) return 0;
  fuzz::Expect(plan::EncodePageToken(*other) == text, "what is read is what the encoder makes",
               text);
  plan::CursorFits(other->cursor, order);
  return 0;
}
