// Package contract is what one operation promises: as its room describes it, as the OpenAPI
// document shows it, and what a request must be to keep to it.
package contract

import (
	"net/http"
	"strings"
)

// Operation is a row of a room's table with all that is said of it; see operation.Table.
type Operation struct {
	// Action is the constant of the operation: "bot.create".
	Action string
	Method string
	// Path has its parameters in braces: "/v1/bots/{id}".
	Path string
	// Status of success; default 200, and 204 for an Out type without a Body.
	Status int
	// Creates says that the answer is 201 instead where something new was made.
	Creates bool
	// Summary is half a sentence; Description may say more.
	Summary, Description string
	// Fails are statuses of failure that the operation has beside the usual ones.
	Fails []int
	// Public operations need no credential, and no line in the policy.
	Public bool
	// Linked operations stand behind links in messages and feeds, which mail programs and
	// proxies change: what they do not know in the query and in Accept is ignored.
	Linked bool
	// MaxBodyBytes bounds the body; default Config.MaxBodyBytes.
	MaxBodyBytes int64
	// Consumes are the body's media types; default "application/json". Others are
	// not parsed: the endpoint reads RawBody, if anything.
	Consumes []string
	// Produces is the answer's media type; default "application/json".
	Produces string
	// Bell is the inbox, "mine" or "account", whose bell may call the operation from pages of
	// other origins; "" for none.
	Bell string
	// SignsIn operations hand out a cookie: no page of another origin may call them.
	SignsIn bool
	// Frequent operations come all the time and change nobody's rights: what is
	// remembered of who may do what outlives them. After any other that can change
	// something it is read again.
	Frequent bool
	// RecordsProducts operations leave a row in the operation log also when a product
	// calls them: they come seldom, and concern many.
	RecordsProducts bool
	// Streams operations answer for as long as the caller listens, and have no
	// time limit.
	Streams bool
}

// Mutates reports whether the operation can change something.
func (op *Operation) Mutates() bool { return !IsSafe(op.Method) }

func (op *Operation) tag() string {
	noun, _, _ := strings.Cut(op.Action, ".")
	return noun
}

// IsSafe reports whether a method changes nothing by definition.
func IsSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
