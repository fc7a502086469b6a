package operation

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"belfry.dev/belfry/models"
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

// paging is one request for a page: the cursor's position comes out of it, the
// next one goes in. Cursors are bound to account, action, path and filter.
type paging struct {
	c      *Call
	filter string
	Page   store.Page
}

// Paging opens the listing's cursor. filter is everything that selects rows, in a
// fixed order. Code malformed-request: the cursor is not one of this list.
func (c *Call) Paging(l Listing, filter ...string) (paging, error) {
	parts := []string{c.op.Action, c.gin.Request.URL.EscapedPath()}
	for _, part := range filter {
		parts = append(parts, url.QueryEscape(part))
	}
	p := paging{c: c, filter: strings.Join(parts, "&")}
	after, err := c.cursors.Open(c.Account(), p.filter, l.Cursor)
	p.Page = store.Page{After: after, Limit: l.Limit}
	return p, err
}

// Next is the cursor of the page that begins after the key; empty for no key.
func (p paging) Next(key string) string { return p.c.cursors.Sign(p.c.Account(), p.filter, key) }

// Listed is the answer with the rows of a page and the key that the store returned
// for the next one.
func Listed[Row, View any](p paging, rows []Row, next string, view func(Row) View) *ListOut[View] {
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
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read: the edit is refused when the object changed since. Without it, or with *, it is not."`
}

var etagPattern = regexp.MustCompile(`^"([0-9]{1,18})"$`)

// Version is the version that the edit insists on, 0 for any. Codes:
// malformed-request for what is no ETag, stale-version for one that none of ours is.
func (e Editing) Version() (int64, error) {
	if e.IfMatch == "" || e.IfMatch == "*" {
		return 0, nil
	}
	m := etagPattern.FindStringSubmatch(e.IfMatch)
	if m != nil {
		if version, err := strconv.ParseInt(m[1], 10, 64); err == nil && version > 0 {
			return version, nil
		}
	}
	if len(e.IfMatch) > 1 && strings.HasSuffix(e.IfMatch, `"`) && strings.HasPrefix(strings.TrimPrefix(e.IfMatch, "W/"), `"`) {
		return 0, models.Errorf(models.CodeStale, "It never had this version.")
	}
	return 0, &models.Error{
		Code: models.CodeMalformed, Detail: "If-Match is not an ETag.",
		Fields: []models.Field{{Pointer: "header/If-Match", Code: "invalid", Detail: "must be an ETag in double quotes, or *"}},
	}
}

// ETag is the ETag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Set assigns a value that a partial edit may leave out.
func Set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}
