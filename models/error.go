package models

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the stable name of a failure; it maps one to one to an HTTP status
// and to the type of a problem document (docs/problems.md).
type Code string

// Codes of failures that callers may see.
const (
	CodeMalformed        Code = "malformed-request"
	CodeUnauthenticated  Code = "unauthenticated"
	CodeForbidden        Code = "forbidden"
	CodeNotFound         Code = "not-found"
	CodeMethodNotAllowed Code = "method-not-allowed"
	CodeNotAcceptable    Code = "not-acceptable"
	CodeConflict         Code = "conflict"
	CodeLimit            Code = "limit-reached"
	CodeAccountContact   Code = "account-contact"
	CodeLastMandatory    Code = "last-mandatory-contact"
	CodeMandatory        Code = "mandatory-channel"
	CodeStrict           Code = "strict-type"
	CodeConfirm          Code = "confirmation-required"
	CodeInProgress       Code = "idempotency-in-progress"
	CodeExpired          Code = "token-expired"
	CodeStale            Code = "stale-version"
	CodeTooSlow          Code = "request-timeout"
	CodeTooLarge         Code = "too-large"
	CodeUnsupportedMedia Code = "unsupported-media-type"
	CodeInvalid          Code = "validation-failed"
	CodeMismatch         Code = "idempotency-mismatch"
	CodeRateLimited      Code = "rate-limited"
	CodeLocked           Code = "locked"
	CodeUnavailable      Code = "unavailable"
	CodeInternal         Code = "internal"
)

// Field says what is wrong with one value of the input.
type Field struct {
	// Pointer is where the value stands: a JSON pointer into the body
	// ("#/addresses/0/value"), or "query/limit", "path/id", "header/If-Match".
	Pointer string `json:"pointer"`
	// Code is a stable slug: "required", "too-long", "invalid-characters", …
	Code string `json:"code"`
	// Detail is a sentence for a person; it repeats no secret.
	Detail string `json:"detail"`
}

// Error is the only error meant for callers. Its Detail never carries SQL,
// paths, provider texts or another account's data.
type Error struct {
	Code   Code
	Detail string
	Fields []Field
	// RetryAfter is the wait to announce with rate-limited, unavailable and
	// idempotency-in-progress; zero when nobody can tell.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Detail)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s %s (%s)", f.Pointer, f.Code, f.Detail)
	}
	return b.String()
}

// Errorf returns an Error with the code and a formatted detail.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// NotFound is the one answer for an id that does not exist and for another
// account's id.
func NotFound() *Error {
	return &Error{Code: CodeNotFound, Detail: "There is nothing here under this id."}
}

// Invalid returns a validation failure for one field.
func Invalid(pointer, code, detail string) *Error {
	return InvalidFields([]Field{{Pointer: pointer, Code: code, Detail: detail}})
}

// InvalidFields returns a validation failure for all fields, or nil when there
// are none.
func InvalidFields(fields []Field) *Error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, Detail: "Some values are not acceptable; see errors.", Fields: fields}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal when
// there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
