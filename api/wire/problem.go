package wire

import (
	"errors"
	"net/http"
	"time"

	"belfry.dev/belfry/models"
)

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is the document that tells a caller of a failure (RFC 9457). Clients
// branch on Type; Title never varies for a type; Detail is for a person.
type Problem struct {
	Type      string         `json:"type" example:"/problems/validation-failed" doc:"What went wrong: stable, documented under this path."`
	Title     string         `json:"title" example:"Invalid input" doc:"The type for a person; never varies for a type."`
	Status    int            `json:"status" example:"422" doc:"The HTTP status."`
	Detail    string         `json:"detail,omitempty" doc:"What went wrong this time."`
	Instance  string         `json:"instance" example:"/v1/bots" doc:"The path of the request."`
	RequestID string         `json:"request_id" doc:"The request's id, to be quoted to the operators."`
	Errors    []models.Field `json:"errors,omitempty" doc:"What is wrong with which value."`
	// RetryAfter goes into the header of that name; zero for none. With 429 and 503 there
	// is always one.
	RetryAfter time.Duration `json:"-"`
}

// kind is what is the same for all problems of a code.
type kind struct {
	code   models.Code
	status int
	title  string
}

// kinds maps codes to statuses: the only place that does.
// Source: docs/problems.md.
func kinds() []kind {
	return []kind{
		{models.CodeMalformed, http.StatusBadRequest, "Malformed request"},
		{models.CodeUnauthenticated, http.StatusUnauthorized, "Not signed in"},
		{models.CodeForbidden, http.StatusForbidden, "No right"},
		{models.CodeNotFound, http.StatusNotFound, "Not found"},
		{models.CodeMethodNotAllowed, http.StatusMethodNotAllowed, "Method not allowed"},
		{models.CodeNotAcceptable, http.StatusNotAcceptable, "Not acceptable"},
		{models.CodeTooSlow, http.StatusRequestTimeout, "Too slow"},
		{models.CodeConflict, http.StatusConflict, "Conflict"},
		{models.CodeLimit, http.StatusConflict, "Limit reached"},
		{models.CodeAccountContact, http.StatusConflict, "The account contact"},
		{models.CodeLastMandatory, http.StatusConflict, "Last address for mandatory messages"},
		{models.CodeMandatory, http.StatusConflict, "Mandatory channel"},
		{models.CodeStrict, http.StatusConflict, "Strict message type"},
		{models.CodeConfirm, http.StatusConflict, "Confirmation required"},
		{models.CodeInProgress, http.StatusConflict, "Still in progress"},
		{models.CodeExpired, http.StatusGone, "Expired"},
		{models.CodeStale, http.StatusPreconditionFailed, "Changed meanwhile"},
		{models.CodeTooLarge, http.StatusRequestEntityTooLarge, "Too large"},
		{models.CodeUnsupportedMedia, http.StatusUnsupportedMediaType, "Unsupported media type"},
		{models.CodeInvalid, http.StatusUnprocessableEntity, "Invalid input"},
		{models.CodeMismatch, http.StatusUnprocessableEntity, "Idempotency key used for another request"},
		{models.CodeRateLimited, http.StatusTooManyRequests, "Too many requests"},
		{models.CodeLocked, http.StatusTooManyRequests, "Locked"},
		{models.CodeUnavailable, http.StatusServiceUnavailable, "Unavailable for now"},
		internalKind(),
	}
}

func internalKind() kind {
	return kind{models.CodeInternal, http.StatusInternalServerError, "Internal error"}
}

func kindOf(code models.Code) kind {
	for _, k := range kinds() {
		if k.code == code {
			return k
		}
	}
	return internalKind()
}

// Codes lists the codes of problems in the order of their statuses.
func Codes() []models.Code {
	codes := make([]models.Code, 0, len(kinds()))
	for _, k := range kinds() {
		codes = append(codes, k.code)
	}
	return codes
}

// Status returns the HTTP status of a code, 500 for one it does not know.
func Status(code models.Code) int { return kindOf(code).status }

// Title returns the title of a code's problems.
func Title(code models.Code) string { return kindOf(code).title }

// NewProblem describes err, which is not nil, to the caller of a path. An error
// that is not meant for callers becomes one fixed sentence.
func NewProblem(err error, instance, requestID string) Problem {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || kindOf(e.Code).code != e.Code {
		e = models.Errorf(models.CodeInternal, "Something went wrong on our side. Nothing that you sent causes this by itself.")
	}
	k := kindOf(e.Code)
	return Problem{
		Type: "/problems/" + string(k.code), Title: k.title, Status: k.status, Detail: e.Detail,
		Instance: instance, RequestID: requestID, Errors: e.Fields, RetryAfter: waitAfter(k.status, e.RetryAfter),
	}
}

// waitAfter is the wait to announce: who is told to come back later is always told when.
func waitAfter(status int, wait time.Duration) time.Duration {
	switch {
	case wait > 0:
		return wait
	case status == http.StatusServiceUnavailable:
		return 2 * time.Second
	case status == http.StatusTooManyRequests:
		return time.Minute
	}
	return 0
}

// Error makes a Problem an error, for the layers that pass it on.
func (p Problem) Error() string { return p.Type + ": " + p.Detail }

// GetStatus returns the HTTP status; huma asks for it by this name.
func (p Problem) GetStatus() int { return p.Status }

// ContentType returns the media type to write a Problem with; huma asks for it.
func (p Problem) ContentType(string) string { return ProblemType }
