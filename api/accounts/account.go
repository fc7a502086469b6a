package accounts

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/text"
	"belfry.dev/belfry/store"
)

func describeAccounts() map[string]operation.Operation {
	return map[string]operation.Operation{
		"account.create": {
			Summary:     "Add an account with its root user and account contact",
			Description: "The contact's addresses are waived: the operator vouches for them.",
		},
		"account.list": {
			Summary:     "List the accounts",
			Description: "Newest first, disabled ones too.",
		},
		"account.get": {
			Summary:     "Show an account",
			Description: "With its limits and its contact's addresses.",
		},
		"account.update": {
			Summary:     "Change an account",
			Description: "Nobody signs in to a disabled account. Given addresses replace all of the account contact and are waived.",
		},
		"account.self": {
			Summary:     "Show my account",
			Description: "The account of whoever calls, with its language, time zone and limits.",
		},
		"account.self_update": {
			Summary:     "Change my account's name, language and time zone",
			Description: "What is left out stays as it is. The language and the time zone count for what is sent from now on.",
		},
	}
}

// AccountView is an account as it is shown: exported, or the document would leave its fields out where it is embedded.
type AccountView struct {
	ID       models.AccountID `json:"id"`
	Alias    string           `json:"alias"`
	Name     string           `json:"name"`
	Language string           `json:"language"`
	TimeZone string           `json:"time_zone"`
	// InboxPerResource is as in accountEdit.
	InboxPerResource bool      `json:"inbox_per_resource" doc:"Whether the inbox keeps a message for each resource where one reminder tells of several."`
	Enabled          bool      `json:"enabled"`
	MaxContacts      int       `json:"max_contacts" doc:"Beside the account contact."`
	MaxGroups        int       `json:"max_contact_groups"`
	MaxBots          int       `json:"max_bots"`
	Version          int64     `json:"version"`
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `json:"updated_at"`
}

func viewAccount(a models.Account) AccountView {
	return AccountView{
		ID: a.ID, Alias: a.Alias, Name: a.Name, Language: a.Language, TimeZone: a.TimeZone, InboxPerResource: a.InboxPerResource, Enabled: a.Enabled,
		MaxContacts: a.MaxContacts, MaxGroups: a.MaxGroups, MaxBots: a.MaxBots,
		Version: a.Version, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}
}

// accountDetail is an account with its account contact.
type accountDetail struct {
	AccountView
	Contact recipients.ContactView `json:"contact" doc:"The account contact: the account itself as somebody who can be reached."`
}

type accountOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     accountDetail
}

func outAccount(a models.Account, contact models.Contact) *accountOut {
	return &accountOut{ETag: operation.ETag(a.Version), Body: accountDetail{viewAccount(a), recipients.ViewContact(contact)}}
}

type createAccountIn struct {
	Body struct {
		Alias    string `json:"alias" pattern:"^[a-z0-9][a-z0-9-]{2,31}$" patternDescription:"3–32 of a–z, 0–9 and -, beginning with a letter or digit"`
		Name     string `json:"name" minLength:"1" maxLength:"100"`
		Language string `json:"language,omitempty" enum:"zh-CN,en-US" default:"zh-CN"`
		TimeZone string `json:"time_zone,omitempty" maxLength:"64" default:"Asia/Shanghai" doc:"An IANA name."`
		Root     struct {
			Name        string `json:"name" pattern:"^[a-z0-9][a-z0-9._@-]{2,63}$" patternDescription:"3–64 of a–z, 0–9 and . _ @ -, beginning with a letter or digit"`
			DisplayName string `json:"display_name,omitempty" maxLength:"64"`
			Password    string `json:"password" format:"password" minLength:"8" maxLength:"128"`
		} `json:"root"`
		Addresses []recipients.AddressIn `json:"addresses" minItems:"1" maxItems:"10" doc:"Of the account contact."`
	}
}

func createAccount(ctx context.Context, c *operation.Call, in *createAccountIn) (*accountOut, error) {
	addresses, err := recipients.Waived(c.Channels.AddressKinds(), in.Body.Addresses)
	if err != nil {
		return nil, err
	}
	if err := intake.CheckZone(in.Body.TimeZone); err != nil {
		return nil, err
	}
	if in.Body.Alias == string(models.Platform) {
		return nil, models.Errorf(models.CodeConflict, "This alias is taken.")
	}
	hash, err := c.Passwords.Hash(ctx, in.Body.Root.Password)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[accountOut], error) {
		account := in.account(hash, addresses)
		if err := tx.Platform().Accounts().Create(ctx, &account); err != nil {
			return nil, err
		}
		out := outAccount(account.Account, account.Contact)
		out.Location = "/v1/accounts/" + string(account.Account.ID)
		return operation.Did(out, operation.Of("account", string(account.Account.ID), account.Account.Alias), nil, out.Body), nil
	})
}

// account is what the store makes of the request.
func (in *createAccountIn) account(hash string, addresses []models.Address) store.NewAccount {
	b := &in.Body
	return store.NewAccount{
		Account: models.Account{Alias: b.Alias, Name: b.Name, Language: b.Language, TimeZone: b.TimeZone, Enabled: true},
		Root:    models.User{Name: b.Root.Name, DisplayName: b.Root.DisplayName, PasswordHash: hash, Popups: true, Enabled: true},
		Contact: models.Contact{Name: text.Head(b.Alias, recipients.MaxContactName), Enabled: true, Addresses: append([]models.Address{}, addresses...)},
	}
}

type listAccountsIn struct {
	operation.Listing
	operation.Search
}

func listAccounts(ctx context.Context, c *operation.Call, in *listAccountsIn) (*operation.ListOut[AccountView], error) {
	rows, next, p, err := searchAccounts(ctx, c, in)
	return operation.Listed(p, rows, next, viewAccount), err
}

type accountIn struct {
	ID models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
}

func getAccount(ctx context.Context, c *operation.Call, in *accountIn) (*accountOut, error) {
	return readAccount(ctx, c.Core, in.ID)
}

func getOwnAccount(ctx context.Context, c *operation.Call, _ *struct{}) (*accountOut, error) {
	return readAccount(ctx, c.Core, c.Account())
}

func readAccount(ctx context.Context, s *operation.Core, id models.AccountID) (*accountOut, error) {
	account, err := s.Store.In(id).Account().Read(ctx)
	if err != nil {
		return nil, err
	}
	contact, err := s.Store.In(id).Contacts().OfAccount(ctx)
	if err != nil {
		return nil, err
	}
	return outAccount(account, contact), nil
}

// accountEdit are the parts that the account itself may change, too.
type accountEdit struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
	Language *string `json:"language,omitempty" enum:"zh-CN,en-US"`
	TimeZone *string `json:"time_zone,omitempty" maxLength:"64"`
	// InboxPerResource is the account's own business.
	InboxPerResource *bool `json:"inbox_per_resource,omitempty" doc:"Keeps a message for each resource in the inbox where one reminder tells of several."`
}

func (e accountEdit) apply(a *models.Account) error {
	operation.Set(&a.Name, e.Name)
	operation.Set(&a.Language, e.Language)
	operation.Set(&a.TimeZone, e.TimeZone)
	operation.Set(&a.InboxPerResource, e.InboxPerResource)
	return intake.CheckZone(a.TimeZone)
}

type updateAccountIn struct {
	ID models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
	operation.Editing
	Body struct {
		Name        *string                 `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Language    *string                 `json:"language,omitempty" enum:"zh-CN,en-US"`
		TimeZone    *string                 `json:"time_zone,omitempty" maxLength:"64"`
		Enabled     *bool                   `json:"enabled,omitempty"`
		Addresses   *[]recipients.AddressIn `json:"addresses,omitempty" minItems:"1" maxItems:"10"`
		MaxContacts *int                    `json:"max_contacts,omitempty" minimum:"0" maximum:"10000" doc:"What is there already stays."`
		MaxGroups   *int                    `json:"max_contact_groups,omitempty" minimum:"0" maximum:"1000"`
		MaxBots     *int                    `json:"max_bots,omitempty" minimum:"0" maximum:"1000"`
	}
}

func updateAccount(ctx context.Context, c *operation.Call, in *updateAccountIn) (*accountOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	var addresses []models.Address
	if in.Body.Addresses != nil {
		if addresses, err = recipients.Waived(c.Channels.AddressKinds(), *in.Body.Addresses); err != nil {
			return nil, err
		}
	}
	edit := accountEdit{Name: in.Body.Name, Language: in.Body.Language, TimeZone: in.Body.TimeZone}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[accountOut], error) {
		before, after, err := tx.Platform().Accounts().Update(ctx, in.ID, version, func(a *models.Account) error {
			operation.Set(&a.Enabled, in.Body.Enabled)
			operation.Set(&a.MaxContacts, in.Body.MaxContacts)
			operation.Set(&a.MaxGroups, in.Body.MaxGroups)
			operation.Set(&a.MaxBots, in.Body.MaxBots)
			return edit.apply(a)
		})
		if err != nil {
			return nil, err
		}
		was, contact, err := replaceAddresses(ctx, tx.In(in.ID), addresses)
		if err != nil {
			return nil, err
		}
		out, old := outAccount(after, contact), accountDetail{viewAccount(before), recipients.ViewContact(was)}
		return operation.Did(out, operation.Of("account", string(after.ID), after.Alias), old, out.Body).AlsoIn(in.ID), nil
	})
}

// replaceAddresses gives the account contact other addresses; nil leaves them.
func replaceAddresses(ctx context.Context, tx store.TxScope, addresses []models.Address) (before, after models.Contact, err error) {
	if addresses == nil {
		contact, err := tx.Contacts().OfAccount(ctx)
		return contact, contact, err
	}
	return tx.Contacts().UpdateOfAccount(ctx, 0, func(c *models.Contact) error {
		c.Addresses = append([]models.Address{}, addresses...)
		return nil
	})
}

type updateOwnAccountIn struct {
	operation.Editing
	Body accountEdit
}

func updateOwnAccount(ctx context.Context, c *operation.Call, in *updateOwnAccountIn) (*accountOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[accountOut], error) {
		before, after, err := tx.In(c.Account()).Account().Update(ctx, version, in.Body.apply)
		if err != nil {
			return nil, err
		}
		contact, err := tx.In(c.Account()).Contacts().OfAccount(ctx)
		if err != nil {
			return nil, err
		}
		return operation.Did(outAccount(after, contact), operation.Of("account", string(after.ID), after.Alias),
			viewAccount(before), viewAccount(after)), nil
	})
}
