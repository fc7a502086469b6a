package reminders

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

// resourceBody is all that a product says of its resource.
type resourceBody struct {
	Account       string               `json:"account" minLength:"1" maxLength:"40" example:"acme" doc:"The account that it belongs to: its id or alias."`
	ExternalID    string               `json:"external_id" minLength:"1" maxLength:"128" example:"rds-7f3a91c2" doc:"Your own id of it, unique among your resources of the account."`
	Kind          string               `json:"kind,omitempty" maxLength:"64" example:"instance" doc:"Your word for what it is."`
	Name          string               `json:"name" minLength:"1" maxLength:"128" example:"orders-db-primary" doc:"What its people call it."`
	ExpiresAt     time.Time            `json:"expires_at" example:"2027-04-27T15:30:00+08:00" doc:"When its service stops, within ten years."`
	ReleaseAt     *time.Time           `json:"release_at,omitempty" example:"2027-05-04T15:30:00+08:00" doc:"When it is gone with its data, not before expires_at; never when left out."`
	Ladder        []string             `json:"ladder,omitempty" minItems:"1" maxItems:"10" example:"[\"30d\", \"36h\", \"10s\"]" doc:"How long before it expires the account is reminded: d, h, m or s, from 1s to 400d. Whole days are at 09:00 of the account's time zone, others exact. Left out: 30d, 15d, 7d, 3d, 1d."`
	ReleaseLadder []string             `json:"release_ladder,omitempty" minItems:"1" maxItems:"10" example:"[\"3d\", \"1d\"]" doc:"The same before the release. Left out: 3d, 1d."`
	State         models.ResourceState `json:"state,omitempty" enum:"active,will_not_renew,released,deleted" doc:"active when left out."`
	Version       int64                `json:"version,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Your number of this change, greater with each: the newest one again changes nothing, an older one is refused. Left out: the last one wins."`
}

// wish is the body as a rule understands it. Code validation-failed: all that is wrong.
func (b resourceBody) wish(now time.Time) (schedule.Wish, error) {
	w := schedule.Wish{
		Kind: b.Kind, Name: b.Name, Expires: *wire.Micros(&b.ExpiresAt), Release: wire.Micros(b.ReleaseAt),
		State: cmp.Or(b.State, models.ResourceActive), Version: b.Version,
	}
	fields := w.Check(now)
	ladder, more := schedule.ParseLadder(b.Ladder, b.ReleaseLadder)
	w.Ladder = ladder
	if fields = append(fields, more...); len(fields) > 0 {
		return w, models.InvalidFields(fields)
	}
	return w, nil
}

type putResourceIn struct {
	Body resourceBody
}

func putResource(ctx context.Context, c *operation.Call, in *putResourceIn) (*fedOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	f := newFeed(c.Core, by, 1)
	if err := f.add(ctx, 0, in.Body); err != nil {
		return operation.Earlier[fedOut](ctx, c, err)
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[fedOut], error) {
		results, err := f.apply(ctx, tx)
		if err != nil {
			return nil, err
		}
		if results[0].err != nil {
			return nil, results[0].err
		}
		out, r := fed(c.Core, results[0].resource, results[0].effect), results[0].resource
		return operation.Did(out, operation.Of("resource", r.ID, r.Name), nil, out.Body.ResourceView), nil
	})
}

type putResourcesIn struct {
	Body struct {
		Items []resourceBody `json:"items" minItems:"1" maxItems:"1000" doc:"Resources of any accounts. What stands twice is dealt with in the order of the list."`
	}
}

// fedItem is the result of one item: what it would have been answered alone.
type fedItem struct {
	Index   int                    `json:"index" doc:"Of the item, from 0."`
	Status  int                    `json:"status" doc:"201 or 200, or that of the problem."`
	Result  schedule.Effect        `json:"result,omitempty" enum:"created,changed,unchanged"`
	ID      string                 `json:"id,omitempty"`
	Problem *operation.ItemProblem `json:"problem,omitempty"`
}

type fedBatchOut struct {
	Body struct {
		Items []fedItem `json:"items" doc:"In the order of the request."`
	}
}

func putResources(ctx context.Context, c *operation.Call, in *putResourcesIn) (*fedBatchOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	f := newFeed(c.Core, by, len(in.Body.Items))
	refusals := make([]*fedItem, len(in.Body.Items))
	for i, body := range in.Body.Items {
		if err := f.add(ctx, i, body); err != nil {
			refusals[i], err = refusedResource(i, err)
			if err != nil {
				return nil, err
			}
		}
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[fedBatchOut], error) {
		results, err := f.apply(ctx, tx)
		if err != nil {
			return nil, err
		}
		out := &fedBatchOut{}
		for i := range in.Body.Items {
			item := refusals[i]
			if item == nil {
				if item, err = results[i].item(i); err != nil {
					return nil, err
				}
			}
			out.Body.Items = append(out.Body.Items, *item)
		}
		return operation.Did(out, operation.Of("resource", "", ""), nil, out.Body), nil
	})
}

// refusedResource is the result of an item that cannot be accepted; the error
// itself when that is not the item's fault.
func refusedResource(i int, cause error) (*fedItem, error) {
	status, problem, own := operation.Refusal(i, cause)
	if !own {
		return nil, cause
	}
	return &fedItem{Index: i, Status: status, Problem: problem}, nil
}

// feed is what a product says of several resources.
type feed struct {
	s   *operation.Core
	by  operation.Submitter
	now time.Time
	// named are the accounts that were looked up, by what the product calls them.
	named map[string]found
	// wishes are by the accounts' ids, in the order of the request.
	wishes map[models.AccountID][]fedWish
	size   int
}

type found struct {
	account models.Account
	err     error
}

type fedWish struct {
	index    int
	external string
	wish     schedule.Wish
	zone     *time.Location
}

// fedResult is what became of a wish.
type fedResult struct {
	resource models.Resource
	effect   schedule.Effect
	err      error
}

func (r fedResult) item(i int) (*fedItem, error) {
	if r.err != nil {
		return refusedResource(i, r.err)
	}
	item := &fedItem{Index: i, Status: http.StatusOK, Result: r.effect, ID: r.resource.ID}
	if r.effect == schedule.Created {
		item.Status = http.StatusCreated
	}
	return item, nil
}

func newFeed(s *operation.Core, by operation.Submitter, size int) *feed {
	return &feed{
		s: s, by: by, now: s.Now().UTC().Truncate(time.Microsecond), size: size,
		named: map[string]found{}, wishes: map[models.AccountID][]fedWish{},
	}
}

// add takes a wish. Codes: not-found for an account that does not exist or that the
// product may not address; validation-failed.
func (f *feed) add(ctx context.Context, i int, body resourceBody) error {
	account, known := f.named[body.Account]
	if !known {
		account.account, account.err = f.s.AccountNamed(ctx, f.by, body.Account)
		f.named[body.Account] = account
	}
	if account.err != nil {
		return account.err
	}
	w, err := body.wish(f.now)
	if err != nil {
		return err
	}
	id := account.account.ID
	f.wishes[id] = append(f.wishes[id], fedWish{
		index: i, external: body.ExternalID, wish: w, zone: schedule.Zone(account.account.TimeZone),
	})
	return nil
}

// apply makes the resources what the product wishes, in the order of its accounts'
// ids, so that two feeds never wait for each other; results are by index.
func (f *feed) apply(ctx context.Context, tx *store.Tx) ([]fedResult, error) {
	results := make([]fedResult, f.size)
	accounts := make([]models.AccountID, 0, len(f.wishes))
	for id := range f.wishes {
		accounts = append(accounts, id)
	}
	slices.Sort(accounts)
	for _, id := range accounts {
		if err := f.applyIn(ctx, tx.In(id), f.wishes[id], results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (f *feed) applyIn(ctx context.Context, tx store.TxScope, wishes []fedWish, results []fedResult) error {
	fresh, seen := make([]models.Resource, 0, len(wishes)), map[string]bool{}
	for _, w := range wishes {
		if seen[w.external] {
			continue
		}
		seen[w.external] = true
		r := models.Resource{
			ID: store.NewID(models.KindResource), AccountID: tx.AccountID(), ProductID: f.by.Product.ID, ExternalID: w.external,
		}
		fresh = append(fresh, w.wish.New(r, w.zone, f.now))
	}
	rows, err := tx.Resources().LockAll(ctx, f.by.Product.ID, fresh)
	if err != nil {
		return err
	}
	isNew := map[string]bool{}
	for _, r := range fresh {
		isNew[r.ExternalID] = rows[r.ExternalID].ID == r.ID
	}
	t := touched{rows: rows, changed: map[string]bool{}, woken: map[string]bool{}}
	for _, w := range wishes {
		before := rows[w.external]
		if isNew[w.external] {
			isNew[w.external] = false
			t.woken[before.ID] = before.NextAt != nil
			results[w.index] = fedResult{resource: before, effect: madeBy(w.wish)}
			continue
		}
		after, effect, err := w.wish.Apply(before, w.zone, f.now)
		results[w.index] = fedResult{resource: after, effect: effect, err: err}
		if err == nil {
			t.note(before, after, effect)
		}
	}
	return t.store(ctx, tx)
}

// madeBy is the effect of a wish about a resource that nobody knew. One that is
// deleted already is remembered, and still not there.
func madeBy(w schedule.Wish) schedule.Effect {
	if w.State == models.ResourceDeleted {
		return schedule.Unchanged
	}
	return schedule.Created
}

// touched are rows by external id, and what is to be done about them.
type touched struct {
	rows           map[string]models.Resource
	changed, woken map[string]bool
}

// note takes what became of a row. Its workflow needs to hear of it when it must act
// at another time, or never again.
func (t *touched) note(before, after models.Resource, effect schedule.Effect) {
	t.rows[before.ExternalID] = after
	if effect != schedule.Unchanged || after.FeedVersion != before.FeedVersion {
		t.changed[before.ExternalID] = true
	}
	if !after.NextOf().Equal(before.NextOf()) || after.Reached != before.Reached {
		t.woken[after.ID] = true
	}
}

func (t *touched) store(ctx context.Context, tx store.TxScope) error {
	var rows []models.Resource
	var wake []string
	for external, r := range t.rows {
		if t.changed[external] {
			rows = append(rows, r)
		}
		if t.woken[r.ID] {
			wake = append(wake, r.ID)
		}
	}
	slices.SortFunc(rows, func(a, b models.Resource) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(wake)
	return tx.Resources().Store(ctx, rows, wake)
}
