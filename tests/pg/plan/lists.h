// Lists of two tenants on a real database, walked page by page and held against plain SQL.
#pragma once

#include <algorithm>
#include <pqxx/pqxx>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/pg/plan/filter_oracle.h"
#include "tests/pg/plan/two_tenants.h"

namespace tenantry::test {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Method;
using schema::Table;
using Keys = std::vector<std::string>;

inline const FieldDescriptor& Named(const Message& message, const char* name) {
  return *message.GetDescriptor()->FindFieldByName(name);
}
inline void SetText(const char* name, const std::string& text, Message& message) {
  message.GetReflection()->SetString(&message, &Named(message, name), text);
}
inline std::string TextOf(const char* name, const Message& message) {
  return message.GetReflection()->GetString(message, &Named(message, name));
}

// As SQL has it: `KeySql`.
inline std::string KeyOf(const Table& table, const Message& row) {
  std::string key;
  for (const schema::Column* column : table.primary_key) {
    const FieldDescriptor* field = row.GetDescriptor()->FindFieldByNumber(column->number());
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        absl::StrAppend(&key, row.GetReflection()->GetString(row, field), "/");
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(&key, row.GetReflection()->GetInt32(row, field), "/");
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        absl::StrAppend(&key, row.GetReflection()->GetInt64(row, field), "/");
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        absl::StrAppend(
            &key,
            column->enum_type->FindNumber(row.GetReflection()->GetEnumValue(row, field))->label,
            "/");
        break;
      default:
        ADD_FAILURE() << field->full_name() << ": a key of this type is not known here";
    }
  }
  return key;
}
inline std::string KeySql(const Table& table) {
  std::string sql;
  for (const schema::Column* column : table.primary_key) {
    absl::StrAppend(&sql, sql.empty() ? "" : " || ", "t.", column->sql_name, "::text || '/'");
  }
  return sql;
}

class Lists : public TwoTenants {
 protected:
  // `more`: as that of TwoTenants.
  explicit Lists(MoreShape more = {}) : TwoTenants(v1::METHOD_KIND_LIST, std::move(more)) {}

  // Keys of the tenant's rows that `meets` holds of, by plain SQL. `t.tenant` is the tenant there.
  Keys Ordered(const Table& table, const std::string& order_by, const std::set<std::string>& meets,
               const std::string& condition = "true") {
    pqxx::nontransaction sql(superuser_);
    const std::string tenant = absl::StrCat("'", TenantText(kTenant), "'::uuid");
    std::string computed;
    for (const schema::Column& column : table.columns) {
      if (!column.is_computed()) continue;
      absl::StrAppend(&computed, ", ", column.function, "(x) AS ", column.sql_name);
    }
    Keys keys;
    for (const auto& row : sql.exec(absl::StrCat(
             "SELECT ", KeySql(table), " FROM (SELECT x.*", computed, ", ", tenant,
             " AS tenant FROM ", table.sql_name, " AS x) AS t WHERE t.", table.tenant_sql_name,
             " = ", tenant, " AND ", condition, " ORDER BY ", order_by))) {
      if (meets.contains(row[0].as<std::string>())) keys.push_back(row[0].as<std::string>());
    }
    return keys;
  }

  // Keys of the rows that a list shows.
  std::set<std::string> Met(const Table& table, const Message* filter) {
    std::set<std::string> keys;
    for (const MessagePtr& row : world_.rows(kTenant, table)) {
      const FieldDescriptor* deleted =
          table.delete_time == nullptr
              ? nullptr
              : row->GetDescriptor()->FindFieldByNumber(table.delete_time->number());
      if (deleted != nullptr && row->GetReflection()->HasField(*row, deleted)) continue;
      if (filter == nullptr || oracle_.Meets(table, *filter, *row)) {
        keys.insert(KeyOf(table, *row));
      }
    }
    return keys;
  }

  struct Page {
    Keys keys;
    std::string previous, next;
    std::int64_t total = -1;
  };
  Page Ask(const Method& method, const Message& request) {
    const MessagePtr reply = world_.Call(kTenant, method, request);
    Page page{{}, TextOf("previous_page_token", *reply), TextOf("next_page_token", *reply)};
    for (const Message* row : RowsOf(*reply)) page.keys.push_back(KeyOf(*method.table, *row));
    if (reply->GetReflection()->HasField(*reply, &Named(*reply, "total_size"))) {
      page.total = reply->GetReflection()->GetInt64(*reply, &Named(*reply, "total_size"));
    }
    return page;
  }

  void SetPageSize(Message& request) {
    request.GetReflection()->SetInt32(&request, &Named(request, "page_size"), 1 + Below(9));
  }

  // A list, and the keys of what it comes to.
  struct List {
    MessagePtr request;
    Keys expected;
  };
  // What the tests walk.
  virtual List RandomList(const Method& method) = 0;

  // From the first page to the last and back, in pages of random sizes.
  void Walk(const Method& method, List list) {
    SCOPED_TRACE(list.request->ShortDebugString());
    Message& request = *list.request;
    request.GetReflection()->SetEnumValue(&request, &Named(request, "total"), 2);
    Keys there, back;
    SetPageSize(request);
    Page page = Ask(method, request);
    EXPECT_EQ(page.total, static_cast<std::int64_t>(list.expected.size()));
    EXPECT_EQ(page.previous, "");
    while (true) {
      there.insert(there.end(), page.keys.begin(), page.keys.end());
      ASSERT_LE(there.size(), list.expected.size());
      if (page.next.empty()) break;
      SetText("page_token", page.next, request);
      SetPageSize(request);
      page = Ask(method, request);
    }
    EXPECT_EQ(there, list.expected);
    back = page.keys;
    while (!page.previous.empty()) {
      SetText("page_token", page.previous, request);
      SetPageSize(request);
      page = Ask(method, request);
      back.insert(back.begin(), page.keys.begin(), page.keys.end());
      ASSERT_LE(back.size(), list.expected.size());
      EXPECT_NE(page.next, "");
    }
    EXPECT_EQ(back, list.expected);
  }

  void WalkRandom(unsigned lists) {
    for (unsigned i = 0; i < lists && !HasFailure(); ++i) {
      const Method& method = *methods_[i % methods_.size()];
      Walk(method, RandomList(method));
    }
  }

  // Whether a walk with the fault differs from what is right.
  bool FaultIsFound(const char* condition, const char* instead) {
    world_.set_fault([=](const std::string& sql) {
      return std::regex_replace(sql, std::regex(condition), instead);
    });
    for (unsigned i = 0; i < 1000; ++i) {
      const Method& method = *methods_[i % methods_.size()];
      const List list = RandomList(method);
      Message& request = *list.request;
      request.GetReflection()->SetEnumValue(&request, &Named(request, "total"), 2);
      const Page page = Ask(method, request);
      if (page.keys != list.expected) return true;
      if (page.total != static_cast<std::int64_t>(list.expected.size())) return true;
    }
    return false;
  }

  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  pqxx::connection superuser_{database_->superuser_url()};
  FilterOracle oracle_{[&](const Table& table) -> const std::vector<MessagePtr>& {
    return world_.rows(kTenant, table);
  }};
};

}  // namespace tenantry::test
