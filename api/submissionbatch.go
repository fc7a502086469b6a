package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

type submitBatchIn struct {
	Body struct {
		Items []SubmissionBody `json:"items" minItems:"1" maxItems:"500"`
	}
}

// submittedItem is the result of one item: what a single submission would have been
// answered.
type submittedItem struct {
	Index        int           `json:"index" doc:"Of the item, from 0."`
	Status       int           `json:"status" doc:"202, or that of the problem."`
	Notification *acceptedView `json:"notification,omitempty"`
	Problem      *itemProblem  `json:"problem,omitempty"`
}

type itemProblem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Errors []models.Field `json:"errors,omitempty" doc:"Pointers are into the body of the batch."`
}

type submittedBatchOut struct {
	Body struct {
		Items []submittedItem `json:"items" doc:"In the order of the request."`
	}
}

// submitBatch accepts all acceptable items in one transaction: they are durable
// together or not at all, and a bad item keeps no other one out.
func (s *server) submitBatch(ctx context.Context, c *Call, in *submitBatchIn) (*submittedBatchOut, error) {
	by, err := s.submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	ctx, end := accepting(ctx, len(in.Body.Items))
	defer end("")
	b := &batch{results: make([]submittedItem, len(in.Body.Items))}
	values := itemsOf(c.body)
	for i, item := range in.Body.Items {
		draft, err := s.draft(ctx, by, item, values[i])
		if err := b.add(i, draft, err); err != nil {
			return nil, err
		}
	}
	b.sort()
	out, err := commit(ctx, c, s.store, func(tx *store.Tx) (*submittedBatchOut, error) {
		out := &submittedBatchOut{}
		var err error
		out.Body.Items, err = b.accept(ctx, tx)
		c.Object("notification", "", strconv.Itoa(len(b.drafts))+" of "+strconv.Itoa(len(b.results)))
		c.Change(nil, out.Body)
		return out, err
	})
	if err != nil {
		return nil, err
	}
	s.start(ctx, b.stored)
	return out, nil
}

// itemsOf returns the items as they were sent.
func itemsOf(body *wire.Value) []*wire.Value {
	for _, member := range body.Members {
		if member.Key == "items" {
			items := make([]*wire.Value, len(member.Value.Items))
			for i := range member.Value.Items {
				items[i] = &member.Value.Items[i]
			}
			return items
		}
	}
	return nil
}

// batch is what becomes of the items.
type batch struct {
	// results are by index; those of drafts are made when they are accepted.
	results []submittedItem
	drafts  []indexed
	stored  []models.Notification
}

type indexed struct {
	index      int
	acceptance models.Acceptance
}

// add takes an item that may be accepted, or notes what is wrong with it. An
// error that is not the item's fault is returned.
func (b *batch) add(i int, draft models.Acceptance, err error) error {
	if err == nil {
		b.drafts = append(b.drafts, indexed{i, draft})
		return nil
	}
	item, ok := refused(i, err)
	b.results[i] = item
	if !ok {
		return err
	}
	return nil
}

// sort brings the drafts into the order that everybody locks accounts in.
func (b *batch) sort() {
	slices.SortStableFunc(b.drafts, func(x, y indexed) int {
		return strings.Compare(string(x.acceptance.Notification.AccountID), string(y.acceptance.Notification.AccountID))
	})
}

// accept stores the drafts and returns the results of all items.
func (b *batch) accept(ctx context.Context, tx *store.Tx) ([]submittedItem, error) {
	b.stored = nil
	results := slices.Clone(b.results)
	for _, d := range b.drafts {
		stored, err := tx.Accept(ctx, []models.Acceptance{d.acceptance})
		if err != nil {
			item, ok := refused(d.index, err)
			if !ok {
				return nil, err
			}
			results[d.index] = item
			continue
		}
		n := stored[0]
		b.stored = append(b.stored, n)
		results[d.index] = submittedItem{Index: d.index, Status: http.StatusAccepted, Notification: &acceptedView{ID: n.ID, Status: n.Status}}
	}
	return results, nil
}

// refused is the result of an item that cannot be accepted; false when that is
// not the item's fault.
func refused(i int, err error) (submittedItem, bool) {
	p := wire.NewProblem(err, "", "")
	own := p.Status < http.StatusInternalServerError
	problem := &itemProblem{Type: p.Type, Title: p.Title, Detail: p.Detail}
	for _, f := range p.Errors {
		f.Pointer = "#/items/" + strconv.Itoa(i) + strings.TrimPrefix(f.Pointer, "#")
		problem.Errors = append(problem.Errors, f)
	}
	return submittedItem{Index: i, Status: p.Status, Problem: problem}, own
}
