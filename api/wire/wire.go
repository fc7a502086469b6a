// Package wire holds what the HTTP interface is made of below its operations:
// strict JSON, rules for texts, problem documents, signed cursors and the
// canonical fingerprint of a request. It knows nothing of routes or gin.
package wire
