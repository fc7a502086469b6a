// Package client is where the client that oapi-codegen writes is compiled; see
// scripts/openapi.sh.
package client

import _ "github.com/oapi-codegen/runtime" // what the client stands on
