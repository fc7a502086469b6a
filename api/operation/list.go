package operation

import (
	"net/url"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/store"
)

// Listing is embedded by the In types of lists.
type Listing struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many items at most."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before; the filter must be the same."`
}

// PageOf is the body of a list.
type PageOf[T any] struct {
	Items      []T    `json:"items" doc:"Newest first unless stated."`
	NextCursor string `json:"next_cursor" doc:"For the next page; empty on the last one."`
}

// ListOut is the Out type of a list.
type ListOut[T any] struct {
	Body PageOf[T]
}

// Paging is one request for a page: the cursor's position comes out of it, the
// next one goes in. Cursors are bound to account, action, path and filter.
type Paging struct {
	c      *Call
	filter string
	Page   store.Page
}

// Paging opens the listing's cursor. filter is everything that selects rows, in a
// fixed order. Code malformed-request: the cursor is not one of this list.
func (c *Call) Paging(l Listing, filter ...string) (Paging, error) {
	parts := []string{c.op.Action, c.gin.Request.URL.EscapedPath()}
	for _, part := range filter {
		parts = append(parts, url.QueryEscape(part))
	}
	p := Paging{c: c, filter: strings.Join(parts, "&")}
	after, err := c.cursors.Open(c.Account(), p.filter, l.Cursor)
	p.Page = store.Page{After: after, Limit: l.Limit}
	return p, err
}

// Next is the cursor of the page that begins after the key; empty for no key.
func (p Paging) Next(key string) string { return p.c.cursors.Sign(p.c.Account(), p.filter, key) }

// Listed is the answer with the rows of a page and the key that the store returned
// for the next one.
func Listed[Row, View any](p Paging, rows []Row, next string, view func(Row) View) *ListOut[View] {
	out := &ListOut[View]{Body: PageOf[View]{
		Items:      make([]View, 0, len(rows)),
		NextCursor: p.Next(next),
	}}
	for _, row := range rows {
		out.Body.Items = append(out.Body.Items, view(row))
	}
	return out
}

// Editing is embedded by the In types of edits.
type Editing struct {
	IfMatch string `header:"If-Match" maxLength:"512" doc:"The ETag that was read: the edit is refused when the object changed since. Without it, or with *, it is not. A weak one (W/), as a proxy that compresses makes it, counts as what it was; of several, one must fit."`
}

// Version is the version that the edit insists on, 0 for any; see wire.Version.
func (e Editing) Version() (int64, error) { return wire.Version(e.IfMatch) }

// ETag is the ETag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Set assigns a value that a partial edit may leave out.
func Set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}
