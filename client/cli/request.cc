#include "client/cli/request.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/aggregate.h"
#include "client/cli/json.h"
#include "client/cli/measures.h"
#include "client/cli/names.h"
#include "client/cli/order.h"
#include "client/cli/select.h"
#include "client/cli/where.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Usage(const std::string& message) { return absl::InvalidArgumentError(message); }

// "field=value" in its parts.
struct Assignment {
  std::string field;
  std::string value;
};

class Builder {
 public:
  Builder(const Shape& shape, const Input& input, Message& request)
      : shape_(shape), input_(input), request_(request) {}

  absl::Status Build(const std::vector<std::string>& words) {
    if (auto status = Read(words); !status.ok()) return status;
    // Data first: flags go over it.
    if (auto status = ApplyData(); !status.ok()) return status;
    for (const auto& [path, text, flag] : values_) {
      if (auto status = SetField(path, text, flag, request_); !status.ok()) return status;
    }
    if (!aggregate_.empty()) {
      auto status = AddAggregate(aggregate_, *shape_.method->table, request_);
      if (!status.ok()) return status;
    }
    if (auto status = ApplyArguments(); !status.ok()) return status;
    return ApplyMask();
  }

  // 0 where the words are wrong.
  std::size_t CountArguments(const std::vector<std::string>& words) {
    return Read(words).ok() ? arguments_.size() : 0;
  }

 private:
  struct Value {
    FieldPath path;
    std::string text;
    std::string flag;
  };

  // --- reading the words -----------------------------------------------------------------------

  absl::Status Read(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      if (word == "--") {
        arguments_.insert(arguments_.end(), words.begin() + i + 1, words.end());
        break;
      }
      if (!word.starts_with("-") || word == "-") {
        arguments_.push_back(word);
        continue;
      }
      if (!word.starts_with("--")) return Usage(absl::StrCat("unknown flag ", word));
      const std::string::size_type equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      std::optional<std::string> value;
      if (equals != std::string::npos) value = word.substr(equals + 1);
      if (auto status = ReadFlag(name, value, words, i); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // `i` is the flag's place in `words` and moves on when the flag takes the next word.
  absl::Status ReadFlag(const std::string& name, std::optional<std::string> value,
                        const std::vector<std::string>& words, std::size_t& i) {
    const std::string key = Kebab(name);
    const bool special = IsSpecial(key);
    FieldPath path;
    if (!special) {
      auto found = FindField(shape_, name);
      if (!found.ok()) return found.status();
      path = *std::move(found);
    }
    const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
    const bool is_switch = !special && path.back()->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    if (!value && is_switch) {
      // `--is-active` alone means true.
      value = next != nullptr && (*next == "true" || *next == "false") ? words[++i] : "true";
    }
    if (!value && !special && IsTotal(*path.back())) {
      // `--total` alone is worth a count of all.
      const bool given = next != nullptr && FindEnumValue(*path.back()->enum_type(), *next);
      value = given ? words[++i] : "exact";
    }
    if (!value) {
      if (next == nullptr || next->starts_with("--")) {
        return Usage(absl::StrCat("--", name, " needs a value; one that begins with -- is written ",
                                  "--", name, "=VALUE"));
      }
      value = words[++i];
    }
    if (special) return ReadSpecial(key, *value);
    values_.push_back({std::move(path), *std::move(value), "--" + name});
    return absl::OkStatus();
  }

  static bool IsTotal(const FieldDescriptor& field) {
    return field.enum_type() != nullptr && field.enum_type()->full_name() == "tenantry.v1.Total";
  }

  // Flags that are not fields. They come before fields of the same name, which --set and the full
  // path still reach.
  bool IsSpecial(const std::string& key) {
    if (key == "data" || AggregateWordsOf(key) != nullptr) return true;
    if (key == "where") return shape_.filter != nullptr;
    if (key == "require") return shape_.require != nullptr;
    if (key == "order") return shape_.order_by != nullptr;
    if (key == "select") return shape_.select != nullptr;
    if (key == "measure") return shape_.select != nullptr;
    if (key == "mask" || key == "update-mask" || key == "clear") return shape_.mask != nullptr;
    return key == "set" && shape_.resource != nullptr;
  }

  // Where what such a flag says is kept; null when it is no flag of an aggregate.
  std::vector<std::string>* AggregateWordsOf(const std::string& key) {
    if (shape_.group_by == nullptr) return nullptr;
    if (key == "by") return &aggregate_.by;
    if (key == "measure") return &aggregate_.measures;
    if (key == "having") return &aggregate_.having;
    return key == "order" ? &aggregate_.order : nullptr;
  }

  absl::Status ReadSpecial(const std::string& key, const std::string& value) {
    if (std::vector<std::string>* words = AggregateWordsOf(key)) {
      words->push_back(value);
      return absl::OkStatus();
    }
    if (key == "data") {
      data_ = value;
      return absl::OkStatus();
    }
    if (key == "mask" || key == "update-mask") {
      const std::vector<std::string> names = absl::StrSplit(value, ',', absl::SkipWhitespace());
      mask_given_ = true;
      for (const std::string& name : names) mask_.push_back(name == "*" ? name : Snake(name));
      return absl::OkStatus();
    }
    if (key == "clear") return ReadClear(value);
    if (key == "select") {
      return AddToSelect(absl::StrSplit(value, ',', absl::SkipWhitespace()),
                         *request_.GetReflection()->MutableMessage(&request_, shape_.select));
    }
    if (key == "measure") {
      return AddToAggregates(value,
                             *request_.GetReflection()->MutableMessage(&request_, shape_.select));
    }
    if (key == "order") {
      return AddOrder(absl::StrSplit(value, ',', absl::SkipWhitespace()), *shape_.order_by,
                      request_);
    }
    if (key == "where") {
      return AddCondition(value,
                          *request_.GetReflection()->MutableMessage(&request_, shape_.filter));
    }
    if (key == "require") {
      return AddCondition(
          value, *request_.GetReflection()->MutableMessage(&request_, shape_.require), "--require");
    }
    const std::string::size_type equals = value.find('=');
    if (equals == std::string::npos) {
      return Usage(absl::StrCat("--", key, " needs FIELD=VALUE, not \"", value, "\""));
    }
    const Assignment assignment = {value.substr(0, equals), value.substr(equals + 1)};
    auto path = FindBelow(*shape_.resource, assignment.field, key);
    if (!path.ok()) return path.status();
    values_.push_back(
        {*std::move(path), assignment.value, absl::StrCat("--", key, " ", assignment.field)});
    return absl::OkStatus();
  }

  absl::StatusOr<FieldPath> FindBelow(const FieldDescriptor& under, const std::string& name,
                                      const std::string& key) const {
    auto path = FindField(shape_, absl::StrCat(under.name(), ".", name));
    if (path.ok()) return path;
    std::vector<std::string> names;
    const auto& type = *under.message_type();
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    const std::string hint = DidYouMean(Snake(name), names);
    return Usage(absl::StrCat("--", key, ": no field ", name,
                              hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
  }

  absl::Status ReadClear(const std::string& name) {
    if (shape_.resource == nullptr) return Usage("--clear needs a method that writes a row");
    auto path = FindBelow(*shape_.resource, name, "clear");
    if (!path.ok()) return path.status();
    cleared_.push_back(path->at(1)->name());
    return absl::OkStatus();
  }

  // --- data ------------------------------------------------------------------------------------

  absl::StatusOr<std::string> ReadData(const std::string& value) const {
    if (value == "-") return input_.read_stdin();
    if (!value.starts_with("@")) return value;
    std::ifstream file(value.substr(1), std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return Usage("--data: cannot read " + value.substr(1));
    return std::move(text).str();
  }

  absl::Status ApplyData() {
    if (!data_ && shape_.batch_resource != nullptr && values_.empty()) {
      if (input_.stdin_is_terminal) {
        return Usage(
            "give the rows by --data: a JSON array, one object a line, @FILE, or - for "
            "standard input");
      }
      data_ = "-";
    }
    if (!data_) return absl::OkStatus();
    absl::StatusOr<std::string> text = ReadData(*data_);
    if (!text.ok()) return text.status();
    if (shape_.batch_resource != nullptr) return ApplyRows(*text);
    absl::StatusOr<Json> json = ParseJson(*text, "--data");
    if (!json.ok()) return json.status();
    if (shape_.resource == nullptr) return FillFrom(*json, request_);
    if (!json->is_object()) return Usage("--data must be a JSON object: the row");
    for (const auto& member : json->items()) data_members_.push_back(member.key());
    return FillFrom(*json, *request_.GetReflection()->MutableMessage(&request_, shape_.resource));
  }

  // Over what flags such as --order have set already.
  static absl::Status FillFrom(const Json& json, Message& message) {
    const std::unique_ptr<Message> parsed(message.New());
    if (auto status = FromJson(json, "--data", *parsed); !status.ok()) return status;
    message.MergeFrom(*parsed);
    return absl::OkStatus();
  }

  absl::Status ApplyRows(const std::string& text) {
    absl::StatusOr<std::vector<Json>> rows = ParseRows(text);
    if (!rows.ok()) return rows.status();
    for (std::size_t i = 0; i < rows->size(); ++i) {
      Message* one = request_.GetReflection()->AddMessage(&request_, shape_.batch);
      Message* row = one->GetReflection()->MutableMessage(one, shape_.batch_resource);
      const std::string what = absl::StrCat("--data, row ", i + 1);
      if (auto status = FromJson((*rows)[i], what, *row); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // A JSON array, one object, or one object a line.
  static absl::StatusOr<std::vector<Json>> ParseRows(const std::string& text) {
    if (auto status = CheckTextDepth(text, "--data"); !status.ok()) return status;
    const Json whole = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (whole.is_array()) return std::vector<Json>(whole.begin(), whole.end());
    if (whole.is_object()) return std::vector<Json>{whole};
    std::vector<Json> rows;
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find_first_not_of(" \t\r") == std::string::npos) continue;
      auto row = ParseJson(lines[i], absl::StrCat("--data, line ", i + 1));
      if (!row.ok()) return row.status();
      rows.push_back(*std::move(row));
    }
    if (rows.empty()) return Usage("--data holds no rows");
    return rows;
  }

  // --- arguments and mask ------------------------------------------------------------------------

  absl::Status ApplyArguments() {
    if (shape_.batch != nullptr && shape_.batch_resource == nullptr) return ApplyBatchKeys();
    if (arguments_.size() > shape_.keys.size()) {
      return Usage(absl::StrCat("unexpected argument \"", arguments_[shape_.keys.size()], "\""));
    }
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      const std::string name = absl::StrCat("<", shape_.keys[i].back()->name(), ">");
      auto status = SetField(shape_.keys[i], arguments_[i], name, request_);
      if (!status.ok()) return status;
    }
    const bool given_otherwise = data_.has_value() || !values_.empty();
    if (arguments_.empty() && !shape_.keys.empty() && !given_otherwise) {
      return Usage(absl::StrCat("which ", shape_.method->table->name(), "? Give its ",
                                shape_.keys.front().back()->name()));
    }
    return absl::OkStatus();
  }

  // `batch-get ID ID`; a key of several columns is written A,B.
  absl::Status ApplyBatchKeys() {
    for (const std::string& argument : arguments_) {
      if (shape_.batch->message_type() == nullptr) {
        auto status = SetField({shape_.batch}, argument, "<key>", request_);
        if (!status.ok()) return status;
        continue;
      }
      const std::vector<std::string> parts = absl::StrSplit(argument, ',');
      // The fields of the key come first in the request of one row (tenantry/v1/api.proto).
      const auto& type = *shape_.batch->message_type();
      const std::size_t size = PrimaryKey(*shape_.method->table).size();
      if (parts.size() != size) {
        return Usage(size == 1 ? "a key has no comma"
                               : absl::StrCat("a key has ", size, " parts, joined by commas"));
      }
      Message* one = request_.GetReflection()->AddMessage(&request_, shape_.batch);
      for (std::size_t i = 0; i < size; ++i) {
        const auto* field = type.FindFieldByNumber(static_cast<int>(i) + 1);
        auto status = SetField({field}, parts[i], "<key>", *one);
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  bool IsKey(const FieldDescriptor* field) const {
    return std::any_of(shape_.keys.begin(), shape_.keys.end(),
                       [&](const FieldPath& key) { return key.back() == field; });
  }

  void AddToMask(const FieldDescriptor* field) {
    if (field == nullptr || IsKey(field) || IsOutputOnly(*field)) return;
    if (std::find(mask_.begin(), mask_.end(), field->name()) == mask_.end()) {
      mask_.push_back(field->name());
    }
  }

  bool HasMessage(const char* name) const {
    const FieldDescriptor* field = shape_.request->FindFieldByName(name);
    return field != nullptr && field->message_type() != nullptr &&
           request_.GetReflection()->HasField(request_, field);
  }

  // An update writes what was given, and nothing else: also a zero or a null, which the server
  // could not tell from absence without the mask.
  absl::Status ApplyMask() {
    if (shape_.mask == nullptr) return absl::OkStatus();
    if (!mask_given_ && shape_.mask_is_what_is_given) {
      const auto& type = *shape_.resource->message_type();
      for (const std::string& name : data_members_) {
        const FieldDescriptor* field = type.FindFieldByName(name);
        AddToMask(field != nullptr ? field : type.FindFieldByCamelcaseName(name));
      }
      for (const Value& value : values_) {
        if (value.path.front() == shape_.resource && value.path.size() > 1)
          AddToMask(value.path[1]);
      }
      if (mask_.empty() && cleared_.empty()) {
        // Without a mask nothing is set: neither what is added to nor other rows are part of it.
        if (HasMessage("increment") || HasMessage("children")) return absl::OkStatus();
        return Usage(
            "nothing to update: give fields by --set FIELD=VALUE, --FIELD VALUE, --clear "
            "FIELD or --data");
      }
    }
    mask_.insert(mask_.end(), cleared_.begin(), cleared_.end());
    if (mask_.empty()) return absl::OkStatus();
    Message* mask = request_.GetReflection()->MutableMessage(&request_, shape_.mask);
    const FieldPath paths = {mask->GetDescriptor()->FindFieldByName("paths")};
    for (const std::string& name : mask_) {
      if (auto status = SetField(paths, name, "--mask", *mask); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const Shape& shape_;
  const Input& input_;
  Message& request_;
  std::vector<std::string> arguments_;
  std::vector<Value> values_;
  std::optional<std::string> data_;
  std::vector<std::string> data_members_;
  std::vector<std::string> mask_;
  std::vector<std::string> cleared_;
  bool mask_given_ = false;
  AggregateWords aggregate_;
};

}  // namespace

const Method& ForAllRows(const Resource& resource, const Method& method,
                         const std::vector<std::string>& words, const Input& input,
                         Message& scratch) {
  const Shape shape = ShapeOf(method);
  if (shape.keys.size() != 1) return method;
  if (Builder(shape, input, scratch).CountArguments(words) < 2) return method;
  const auto batch = Catalog::FindMethod(resource, "batch-" + method.name);
  // Of the rest, such as batch-update, the entries are more than keys.
  return batch.ok() && ShapeOf(**batch).batch_resource == nullptr ? **batch : method;
}

absl::Status BuildRequest(const Shape& shape, const std::vector<std::string>& words,
                          const Input& input, Message& request) {
  return Builder(shape, input, request).Build(words);
}

}  // namespace tenantry::cli
