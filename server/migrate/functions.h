// The functions that methods are bound to, and those that compute fields, in migrations.
#pragma once

#include <string>
#include <string_view>

#include "server/migrate/diff_context.h"
#include "server/migrate/statement.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// The folder of the functions' bodies, beside that of the migrations: `sql/functions`.
std::string FunctionsFolder(const std::string& migrations);

// Roles are those of the database, with `role_prefix`.
v1::Function ComputedModel(const schema::Table& table, const schema::Column& column,
                           std::string_view role_prefix);
v1::Function FunctionModel(const schema::Function& function, std::string_view role_prefix);

// As PostgreSQL tells functions apart: `saas.checkout(p_tenant_id uuid, p_contact_id uuid)`.
std::string IdentityOf(const v1::Function& function);

// Creates the function, or gives the one of the same signature another body.
std::string CreateFunctionSql(const v1::Function& function, bool replace);
// Creates it and says who may call it.
void EmitFunction(const v1::Function& function, Statements& out);

void CompareFunctions(DiffContext& context);

}  // namespace tenantry::migrate
