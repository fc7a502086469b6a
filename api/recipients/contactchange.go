package recipients

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

// contactEdit is what may change in a contact; nil leaves it.
type contactEdit struct {
	Name      *string
	Position  *string
	UserID    *string
	Language  *string
	TimeZone  *string
	Addresses *[]AddressIn
	// State is what new addresses begin in: pending, or waived when an operator gives
	// them.
	State models.AddressState
}

// editContact checks an edit of the contact, whose account is set, against what
// operators configured and what the account has, and carries it out. Positions and
// users that it names stay until the transaction ends.
func editContact(ctx context.Context, s *operation.Core, tx *store.Tx, e contactEdit, c *models.Contact) error {
	var fields []models.Field
	if e.Name != nil {
		c.Name, fields = *e.Name, append(fields, CheckName(*e.Name)...)
	}
	operation.Set(&c.Language, e.Language)
	operation.Set(&c.TimeZone, e.TimeZone)
	if c.TimeZone != "" && intake.CheckZone(c.TimeZone) != nil {
		fields = append(fields, models.Field{Pointer: "#/time_zone", Code: "unknown-value", Detail: "must be an IANA time zone, such as Asia/Shanghai"})
	}
	if e.Addresses != nil {
		rules, err := readAddressRules(ctx, s, tx.Platform().Platform)
		if err != nil {
			return err
		}
		wanted, wrong := rules.wanted(*e.Addresses, e.State, c.Addresses)
		fields = append(fields, wrong...)
		if len(wrong) == 0 {
			if err := intake.Readdress(c, wanted, e.State); err != nil {
				return err
			}
		}
	}
	wrong, err := link(ctx, tx, e, c)
	if err != nil {
		return err
	}
	if fields = append(fields, wrong...); len(fields) > 0 {
		return models.InvalidFields(fields)
	}
	return nil
}

// link gives the contact the position and the user of the edit. Code conflict: the
// user has another contact.
func link(ctx context.Context, tx *store.Tx, e contactEdit, c *models.Contact) (fields []models.Field, err error) {
	operation.Set(&c.Position, e.Position)
	if e.Position != nil && *e.Position != "" {
		held, err := tx.Platform().Positions().Hold(ctx, *e.Position)
		if err != nil {
			return nil, err
		}
		if !held {
			fields = append(fields, models.Field{Pointer: "#/position", Code: "unknown-value", Detail: "is not in the list of positions"})
		}
	}
	if e.UserID == nil || *e.UserID == c.UserID {
		return fields, nil
	}
	c.UserID = *e.UserID
	if c.UserID == "" {
		return fields, nil
	}
	scope := tx.In(c.AccountID)
	if _, err := scope.Users().Lock(ctx, c.UserID); models.CodeOf(err) == models.CodeNotFound {
		return append(fields, models.Field{Pointer: "#/user_id", Code: "not-found", Detail: "is no user of the account"}), nil
	} else if err != nil {
		return fields, err
	}
	other, err := scope.Contacts().OfUser(ctx, c.UserID)
	if err == nil && other.ID != c.ID {
		return fields, models.Errorf(models.CodeConflict, "The user has a contact already.")
	}
	if models.CodeOf(err) == models.CodeNotFound {
		err = nil
	}
	return fields, err
}

type updateContactIn struct {
	ID string `path:"id" pattern:"^ctc_[0-9a-f]{32}$"`
	operation.Editing
	subscriptions.Confirming
	Body struct {
		Name      *string      `json:"name,omitempty" maxLength:"200"`
		Position  *string      `json:"position,omitempty" maxLength:"64"`
		UserID    *string      `json:"user_id,omitempty" maxLength:"64"`
		Language  *string      `json:"language,omitempty" nullable:"true" enum:",zh-CN,en-US" doc:"null: the account's."`
		TimeZone  *string      `json:"time_zone,omitempty" maxLength:"64"`
		Enabled   *bool        `json:"enabled,omitempty"`
		Addresses *[]AddressIn `json:"addresses,omitempty" maxItems:"20"`
	}
}

func updateContact(ctx context.Context, c *operation.Call, in *updateContactIn) (*contactOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	edit := contactEdit{
		Name: b.Name, Position: b.Position, UserID: b.UserID, Language: c.Cleared("language", b.Language), TimeZone: b.TimeZone, Addresses: b.Addresses,
		State: models.AddressPending,
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactOut], error) {
		scope := tx.In(c.Account())
		fill := func(contact *models.Contact) error {
			operation.Set(&contact.Enabled, b.Enabled)
			return editContact(ctx, c.Core, tx, edit, contact)
		}
		return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: scope.Scope, Confirming: in.Confirming, Effects: routing.Worse}, func() (*operation.Done[contactOut], error) {
			before, after, err := scope.Contacts().Update(ctx, in.ID, version, fill)
			if err != nil {
				return nil, err
			}
			return answerContact(ctx, c, scope, before, after)
		})
	})
}

// answerContact records the change of a contact and answers with it.
func answerContact(ctx context.Context, c *operation.Call, scope store.TxScope, before, after models.Contact) (*operation.Done[contactOut], error) {
	out, err := outContact(ctx, c.Core, scope.Scope, after)
	if err != nil {
		return nil, err
	}
	if before.ID == "" {
		return operation.Did(out, contactObject(after), nil, ViewContact(after)), nil
	}
	return operation.Did(out, contactObject(after), ViewContact(before), ViewContact(after)), nil
}

func contactObject(c models.Contact) operation.Object { return operation.Of("contact", c.ID, c.Name) }

type batchContactsIn struct {
	subscriptions.Confirming
	Body struct {
		Action string   `json:"action" enum:"enable,disable,delete"`
		IDs    []string `json:"ids" minItems:"1" maxItems:"100" maxLength:"64" doc:"One that stands twice is dealt with once, and has two results."`
	}
}

type contactResultsOut struct {
	Body struct {
		Items []contactResult `json:"items" doc:"In the order of the request."`
	}
}

type contactResult struct {
	ID     string `json:"id"`
	Result string `json:"result" enum:"enabled,disabled,deleted,unchanged,not_found,account_contact" doc:"account_contact: it is the account itself, and stays as it is."`
}

func batchContacts(ctx context.Context, c *operation.Call, in *batchContactsIn) (*contactResultsOut, error) {
	effects := routing.Worse
	if in.Body.Action == "delete" {
		effects = routing.Lost
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[contactResultsOut], error) {
		return subscriptions.UnlessWorse(ctx, subscriptions.Judged{Core: c.Core, Rows: tx.In(c.Account()).Scope, Confirming: in.Confirming, Effects: effects}, func() (*operation.Done[contactResultsOut], error) {
			return changeEach(ctx, tx.In(c.Account()), in)
		})
	})
}

// changeEach does to every contact what the batch asks for.
func changeEach(ctx context.Context, scope store.TxScope, in *batchContactsIn) (*operation.Done[contactResultsOut], error) {
	out, changes := &contactResultsOut{}, []operation.Change{}
	done := map[string]string{}
	for _, id := range in.Body.IDs {
		if result, again := done[id]; again {
			out.Body.Items = append(out.Body.Items, contactResult{ID: id, Result: result})
			continue
		}
		result, change, err := changeOne(ctx, scope, in.Body.Action, id)
		switch models.CodeOf(err) {
		case "":
			changes = append(changes, change)
		case models.CodeNotFound:
			result = "not_found"
		case models.CodeAccountContact:
			result = "account_contact"
		default:
			return nil, err
		}
		done[id] = result
		out.Body.Items = append(out.Body.Items, contactResult{ID: id, Result: result})
	}
	return operation.DidEach(out, changes), nil
}

// changeOne does to one contact what a batch asks for.
func changeOne(ctx context.Context, scope store.TxScope, action, id string) (result string, change operation.Change, err error) {
	if action == "delete" {
		row, err := scope.Contacts().Delete(ctx, id)
		return "deleted", operation.Change{Object: contactObject(row), Before: ViewContact(row)}, err
	}
	enable := action == "enable"
	before, after, err := scope.Contacts().Update(ctx, id, 0, func(contact *models.Contact) error {
		contact.Enabled = enable
		return nil
	})
	if err != nil {
		return "", operation.Change{}, err
	}
	change = operation.Change{Object: contactObject(after), Before: ViewContact(before), After: ViewContact(after)}
	switch {
	case before.Enabled == enable:
		return "unchanged", change, nil
	case enable:
		return "enabled", change, nil
	}
	return "disabled", change, nil
}
