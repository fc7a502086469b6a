package reminders

import (
	"context"
	"net/http"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

// maxFeed bounds the body of a batch of resources.
const maxFeed = 2 << 20

func describeResources() map[string]operation.Operation {
	return map[string]operation.Operation{
		"resource.put": {
			Fails: []int{http.StatusPreconditionFailed}, Summary: "Register a resource, or change it",
			Frequent: true, Creates: true,
			Description: "The whole of it, each time: a resource is known by its account and external_id. The account is reminded before it expires and before it is released. 201 when it is new.",
		},
		"resource.put_batch": {
			Summary:      "Register or change up to 1,000 resources",
			MaxBodyBytes: maxFeed,
			Frequent:     true,
			Description:  "Each item succeeds or fails by itself, and has its own result. All that succeed are stored together: an answer other than 200 means that none was.",
		},
		"resource.list": {
			Fails: []int{http.StatusNotFound}, Summary: "List the resources",
			Description: "Accounts see their own, products what they registered, operators those of the account that they name.",
		},
		"resource.get": {
			Summary:     "Show a resource and the reminders that were sent",
			Description: "Those that are to come: resource.reminders.",
		},
		"resource.update": {
			Summary:     "Change a resource",
			Description: "What is not sent stays. Another expires_at renews it: reminders are computed anew, and only those of the future count.",
		},
		"resource.renew": {
			Summary:     "Renew a resource",
			Description: "It is active again, whatever was said of it before. Without release_at it is released as long after it expires as before.",
		},
		"resource.will_not_renew": {
			Summary:     "Say that a resource will not be renewed",
			Description: "One notice is left: the one when it expires.",
		},
		"resource.release": {
			Summary:     "Say that a resource is released",
			Description: "No reminder follows.",
		},
		"resource.delete": {
			Summary:     "Forget a resource",
			Description: "No reminder follows. Its newest version is remembered, so that an older feed does not bring it back.",
		},
	}
}

// ResourceView is a resource as it is shown; bodies embed it.
type ResourceView struct {
	ID         string           `json:"id"`
	AccountID  models.AccountID `json:"account_id"`
	ProductID  string           `json:"product_id"`
	ExternalID string           `json:"external_id" doc:"The product's own id of it."`
	Kind       string           `json:"kind"`
	Name       string           `json:"name"`
	ExpiresAt  time.Time        `json:"expires_at"`
	ReleaseAt  *time.Time       `json:"release_at" doc:"Null means never."`
	// Ladders are never null.
	Ladder        []string             `json:"ladder" doc:"How long before it expires the account is reminded; empty means the platform's ladder."`
	ReleaseLadder []string             `json:"release_ladder" doc:"The same before the release."`
	State         models.ResourceState `json:"state" enum:"active,will_not_renew,released,deleted"`
	Expired       bool                 `json:"expired"`
	Version       int64                `json:"version" doc:"The product's number of the newest change; 0 when it gives none."`
	NextReminder  *time.Time           `json:"next_reminder_at" doc:"Null when none is left."`
	CreatedAt     time.Time            `json:"created_at"`
	UpdatedAt     time.Time            `json:"updated_at"`
}

func viewResource(s *operation.Core, r models.Resource) ResourceView {
	v := ResourceView{
		ID: r.ID, AccountID: r.AccountID, ProductID: r.ProductID, ExternalID: r.ExternalID, Kind: r.Kind, Name: r.Name,
		ExpiresAt: r.ExpiresAt, ReleaseAt: r.ReleaseAt, Ladder: []string{}, ReleaseLadder: []string{}, State: r.State,
		Expired: !r.ExpiresAt.After(s.Now()), Version: r.FeedVersion, NextReminder: r.NextAt,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Ladder != nil {
		v.Ladder, v.ReleaseLadder = spanTexts(r.Ladder.Expiry), spanTexts(r.Ladder.Release)
	}
	return v
}

func spanTexts(spans []models.Span) []string {
	texts := make([]string, 0, len(spans))
	for _, span := range spans {
		texts = append(texts, span.String())
	}
	return texts
}

// ListedResource is a resource as lists show it.
type ListedResource struct {
	ResourceView
	ProductName string `json:"product_name" doc:"What people call the product."`
}

// viewResources adds names to the resources.
func viewResources(ctx context.Context, s *operation.Core, rows []models.Resource) ([]ListedResource, error) {
	var products []string
	for _, r := range rows {
		products = append(products, r.ProductID)
	}
	names, err := s.Store.Platform().Products().Names(ctx, products...)
	views := make([]ListedResource, len(rows))
	for i, r := range rows {
		views[i] = ListedResource{ResourceView: viewResource(s, r), ProductName: names[r.ProductID]}
	}
	return views, err
}

type listResourcesIn struct {
	operation.Listing
	Account        string               `query:"account" maxLength:"40" doc:"Id or alias: needed by operators, a filter for products."`
	Product        string               `query:"product" pattern:"^(prd_[0-9a-f]{32})?$" doc:"A product's id."`
	ExternalID     string               `query:"external_id" maxLength:"128" doc:"Exactly this id of the product."`
	Kind           string               `query:"kind" maxLength:"64" doc:"Exactly this word of the product."`
	State          models.ResourceState `query:"state" enum:"active,will_not_renew,released" doc:"Only those in this state."`
	ExpiringBefore time.Time            `query:"expiring_before" doc:"Exclusive."`
}

func (in listResourcesIn) filter() store.ResourceFilter {
	return store.ResourceFilter{
		Product: in.Product, ExternalID: in.ExternalID, Kind: in.Kind, State: in.State, ExpiringBefore: in.ExpiringBefore,
	}
}

func listResources(ctx context.Context, c *operation.Call, in *listResourcesIn) (*operation.ListOut[ListedResource], error) {
	p, err := c.Paging(in.Listing, in.Account, in.Product, in.ExternalID, in.Kind, string(in.State), wire.Stamp(in.ExpiringBefore))
	if err != nil {
		return nil, err
	}
	account, err := resourcesOf(ctx, c, in.Account)
	if err != nil {
		return nil, err
	}
	same := func(v ListedResource) ListedResource { return v }
	filter := in.filter()
	if c.Actor.Kind == models.ActorProduct {
		if filter.Product != "" && filter.Product != c.Actor.ID {
			return operation.Listed(p, nil, "", same), nil
		}
		filter.Product = c.Actor.ID
	}
	var rows []models.Resource
	var next string
	if account == "" {
		rows, next, err = c.Store.Platform().Registrations().List(ctx, filter.Product, filter, p.Page)
	} else {
		rows, next, err = c.Store.In(account).Resources().List(ctx, filter, p.Page)
	}
	if err != nil {
		return nil, err
	}
	views, err := viewResources(ctx, c.Core, rows)
	return operation.Listed(p, views, next, same), err
}

// resourcesOf is the account whose resources the caller asks for; "" for all that a
// product registered.
func resourcesOf(ctx context.Context, c *operation.Call, name string) (models.AccountID, error) {
	product := c.Actor.Kind == models.ActorProduct
	switch {
	case !product && c.Account() != models.Platform:
		return c.Account(), nil
	case name == "" && product:
		return "", nil
	case name == "":
		return "", models.Invalid("query/account", "required", "Say which account.")
	}
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return "", err
	}
	account, err := c.AccountNamed(ctx, by, name)
	if models.CodeOf(err) == models.CodeNotFound {
		missing := models.NotFound()
		missing.Fields = []models.Field{{Pointer: "query/account", Code: "unknown-value", Detail: "There is no such account."}}
		return "", missing
	}
	return account.ID, err
}

// ownerOfResource is the account of a resource that the caller may see; not-found
// otherwise.
func ownerOfResource(ctx context.Context, c *operation.Call, id string) (models.AccountID, error) {
	if c.Actor.Kind == models.ActorProduct {
		return c.Store.Platform().Registrations().AccountOfProducts(ctx, c.Actor.ID, id)
	}
	if c.Account() == models.Platform {
		return c.Store.Platform().Registrations().AccountOf(ctx, id)
	}
	return c.Account(), nil
}

type resourceIn struct {
	ID string `path:"id" pattern:"^rsc_[0-9a-f]{32}$"`
}

// sentReminder is a reminder that was dealt with.
type sentReminder struct {
	Rung     string    `json:"rung" doc:"\"expiry-30d\", \"expired\", \"release-3d\", \"released\" and the like."`
	Deadline time.Time `json:"deadline" doc:"The expiry or release that it counts to."`
	DueAt    time.Time `json:"due_at"`
	SentAt   time.Time `json:"sent_at"`
	// NotificationID is empty for what was not sent.
	NotificationID string `json:"notification_id" doc:"What told of it, maybe of other resources, too; empty when the message type or the account was disabled."`
}

type resourceOut struct {
	Body resourceDetail
}

type resourceDetail struct {
	ListedResource
	Reminders []sentReminder `json:"reminders" doc:"Those that were due, oldest first."`
	Rungs     []rungView     `json:"rungs" doc:"The whole ladder of its ends as they are now, in order, and how each rung stands."`
}

func getResource(ctx context.Context, c *operation.Call, in *resourceIn) (*resourceOut, error) {
	account, err := ownerOfResource(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	scope := c.Store.In(account)
	r, err := scope.Resources().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	past, err := scope.Resources().Reminders(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	views, err := viewResources(ctx, c.Core, []models.Resource{r})
	if err != nil {
		return nil, err
	}
	out := &resourceOut{Body: resourceDetail{ListedResource: views[0], Reminders: []sentReminder{}}}
	for _, each := range past {
		out.Body.Reminders = append(out.Body.Reminders, sentReminder{
			Rung: each.Rung, Deadline: each.Deadline, DueAt: each.DueAt, SentAt: each.CreatedAt, NotificationID: each.NotificationID,
		})
	}
	out.Body.Rungs, err = readRungs(ctx, c, r, past)
	return out, err
}

// fedOut is the answer to a change of one resource.
type fedOut struct {
	Status   int
	Location string `header:"Location"`
	Body     fedView
}

type fedView struct {
	ResourceView
	Result schedule.Effect `json:"result" enum:"created,changed,unchanged"`
}

func fed(s *operation.Core, r models.Resource, effect schedule.Effect) *fedOut {
	out := &fedOut{Status: http.StatusOK, Body: fedView{ResourceView: viewResource(s, r), Result: effect}}
	if effect == schedule.Created {
		out.Status, out.Location = http.StatusCreated, "/v1/resources/"+r.ID
	}
	return out
}
