#!/bin/sh
# Writes the Python code of the services into gen/, with Debian's protobuf-compiler-grpc. With pip's grpcio-tools it is
# `python3 -m grpc_tools.protoc`, the same arguments, and no --plugin.
set -e
cd "$(dirname "$0")"
protos=../../../proto
mkdir -p gen
protoc -I "$protos" --python_out=gen --grpc_python_out=gen --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
  saas/v1/resources.proto saas/v1/queries.proto saas/v1/crm_service.proto tenantry/v1/aggregate.proto tenantry/v1/api.proto tenantry/v1/import.proto tenantry/v1/query.proto \
  google/api/field_behavior.proto google/rpc/error_details.proto google/rpc/status.proto
