// Package migrations holds the schema: numbered SQL files, in one folder per kind of
// database. They are run by package engine.
package migrations

import "embed"

// Files has the folders "mysql" and "sqlite".
//
//go:embed mysql sqlite
var Files embed.FS
