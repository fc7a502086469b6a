package notifications

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"belfry.dev/belfry/api/operation"
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
	Index        int                    `json:"index" doc:"Of the item, from 0."`
	Status       int                    `json:"status" doc:"202, or that of the problem."`
	Notification *acceptedView          `json:"notification,omitempty"`
	Problem      *operation.ItemProblem `json:"problem,omitempty"`
}

type submittedBatchOut struct {
	Body struct {
		Items []submittedItem `json:"items" doc:"In the order of the request."`
	}
}

// submitBatch accepts all acceptable items in one transaction: they are durable
// together or not at all, and a bad item keeps no other one out.
func submitBatch(ctx context.Context, c *operation.Call, in *submitBatchIn) (*submittedBatchOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	ctx, end := operation.Accepting(ctx, len(in.Body.Items))
	defer end("")
	b := &batch{results: make([]submittedItem, len(in.Body.Items))}
	values := c.Body().Elements("items") // as they were sent
	for i, item := range in.Body.Items {
		draft, err := draft(ctx, c.Core, by, item, &values[i])
		if err := b.add(i, draft, err); err != nil {
			return nil, err
		}
	}
	out, err := operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[submittedBatchOut], error) {
		out := &submittedBatchOut{}
		var err error
		if out.Body.Items, err = b.accept(ctx, tx); err != nil {
			return nil, err
		}
		accepted := strconv.Itoa(len(b.drafts)) + " of " + strconv.Itoa(len(b.results))
		changes := []operation.Change{{Object: operation.Of("notification", "", accepted), After: out.Body}}
		for _, r := range b.submitted {
			if n := r.Notification; r.New { // each by its id, so that its maker is found
				changes = append(changes, operation.Change{Object: operation.Of("notification", n.ID, n.Type), After: viewNotification(n)})
			}
		}
		return operation.DidEach(out, changes), nil
	})
	if err != nil {
		return nil, err
	}
	accepted(c.Core, b.submitted)
	return out, nil
}

// batch is what becomes of the items.
type batch struct {
	// results are by index; those of drafts are made when they are accepted.
	results []submittedItem
	// drafts are what may be accepted, indexes which items they are of.
	drafts  []models.Acceptance
	indexes []int
	// submitted is what became of the drafts, in their order.
	submitted []models.Submitted
}

// add takes an item that may be accepted, or notes what is wrong with it. An
// error that is not the item's fault is returned.
func (b *batch) add(i int, draft models.Acceptance, err error) error {
	if err == nil {
		b.drafts, b.indexes = append(b.drafts, draft), append(b.indexes, i)
		return nil
	}
	item, ok := refused(i, err)
	b.results[i] = item
	if !ok {
		return err
	}
	return nil
}

// accept stores the drafts and returns the results of all items.
func (b *batch) accept(ctx context.Context, tx *store.Tx) ([]submittedItem, error) {
	var err error
	if b.submitted, err = tx.Submit(ctx, b.drafts); err != nil {
		return nil, err
	}
	results := slices.Clone(b.results)
	for i, r := range b.submitted {
		at := b.indexes[i]
		if r.Refusal != nil {
			results[at], _ = refused(at, r.Refusal) // a conflict is the item's own
			continue
		}
		view := viewAccepted(r)
		results[at] = submittedItem{Index: at, Status: http.StatusAccepted, Notification: &view}
	}
	return results, nil
}

// refused is the result of an item that cannot be accepted; false when that is
// not the item's fault.
func refused(i int, err error) (submittedItem, bool) {
	status, problem, own := operation.Refusal(i, err)
	return submittedItem{Index: i, Status: status, Problem: problem}, own
}
