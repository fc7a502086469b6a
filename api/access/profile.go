package access

import (
	"cmp"
	"context"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeProfile() map[string]operation.Operation {
	return map[string]operation.Operation{
		"profile.get": {
			Summary:     "Who am I, and what may I do?",
			Description: "The user or key that calls, its account, its roles, the actions that it may take now, and the language and time zone that count.",
		},
		"profile.update": {
			Summary:     "Change my name, language and pop-ups",
			Description: "What is left out stays as it is.",
		},
		"profile.password": {
			Summary: "Change my password", Description: "All my other sessions end.",
		},
	}
}

type profileOut struct {
	ETag string `header:"ETag"`
	Body struct {
		UserView
		Account recipients.AccountName `json:"account"`
		Roles   []models.Role          `json:"roles"`
		Actions []string               `json:"actions" doc:"The operations that I may call, sorted."`
		Product *productScope          `json:"product,omitempty" doc:"What I may submit, when I am a product; else absent."`
		// Effective is what a page is written in.
		Effective effectiveView `json:"effective" doc:"The language and the time zone that count for me: mine where I chose one, else the account's."`
	}
}

// effectiveView is the language and the time zone that count for a person.
type effectiveView struct {
	Language string `json:"language" example:"zh-CN"`
	TimeZone string `json:"time_zone" example:"Asia/Shanghai" doc:"An IANA name: my contact's where I have one with a time zone, else the account's."`
}

// effective chooses between what the user, the user's contact and the account say.
func effective(ctx context.Context, c *operation.Call, user models.User, account models.Account) (effectiveView, error) {
	view := effectiveView{Language: cmp.Or(user.Language, account.Language), TimeZone: account.TimeZone}
	if user.Kind == productKind {
		return view, nil
	}
	contact, err := c.Store.In(c.Account()).Contacts().OfUser(ctx, user.ID)
	if models.CodeOf(err) == models.CodeNotFound {
		return view, nil
	}
	view.TimeZone = cmp.Or(contact.TimeZone, view.TimeZone)
	return view, err
}

// productScope is what a product may use.
type productScope struct {
	Types    []string `json:"types" doc:"Keys, category.*, or *."`
	Accounts []string `json:"accounts" doc:"Ids, or *."`
}

// productKind stands for users' kinds where a product asks who it is.
const productKind = "product"

func getProfile(ctx context.Context, c *operation.Call, _ *struct{}) (*profileOut, error) {
	if c.Actor.Kind == models.ActorProduct {
		return productProfile(ctx, c)
	}
	user, err := c.Store.In(c.Account()).Users().ByID(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	account, err := c.Store.In(c.Account()).Account().Read(ctx)
	if err != nil {
		return nil, err
	}
	return outProfile(ctx, c, user, account)
}

// productProfile is who a product is: it belongs to the platform.
func productProfile(ctx context.Context, c *operation.Call) (*profileOut, error) {
	product, err := c.Store.Platform().Products().ByID(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	platform, err := c.Store.In(models.Platform).Account().Read(ctx)
	if err != nil {
		return nil, err
	}
	self := models.User{
		ID: product.ID, Kind: productKind, Name: product.Name, DisplayName: product.DisplayName, Enabled: product.Enabled,
		Version: product.Version, Timestamps: product.Timestamps,
	}
	out, err := outProfile(ctx, c, self, platform)
	if err == nil {
		out.Body.Product = &productScope{Types: product.Types, Accounts: product.Accounts}
	}
	return out, err
}

func outProfile(ctx context.Context, c *operation.Call, user models.User, account models.Account) (*profileOut, error) {
	roles, err := c.Rbac.Roles(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	actions, err := c.Rbac.Actions(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := &profileOut{ETag: operation.ETag(user.Version)}
	out.Body.UserView, out.Body.Account = ViewUser(user), recipients.AccountName{ID: account.ID, Alias: account.Alias, Name: account.Name}
	out.Body.Roles, out.Body.Actions = append([]models.Role{}, roles...), actions
	slices.Sort(out.Body.Roles)
	out.Body.Effective, err = effective(ctx, c, user, account)
	return out, err
}

type updateProfileIn struct {
	operation.Editing
	Body struct {
		DisplayName *string `json:"display_name,omitempty" maxLength:"64"`
		Language    *string `json:"language,omitempty" nullable:"true" enum:",zh-CN,en-US" doc:"null: the account's."`
		Popups      *bool   `json:"popups,omitempty" doc:"Whether new messages pop up."`
	}
}

func updateProfile(ctx context.Context, c *operation.Call, in *updateProfileIn) (*userOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[userOut], error) {
		before, after, err := tx.In(c.Account()).Users().Update(ctx, c.Actor.ID, version, func(u *models.User) error {
			operation.Set(&u.DisplayName, in.Body.DisplayName)
			operation.Set(&u.Language, c.Cleared("language", in.Body.Language))
			operation.Set(&u.Popups, in.Body.Popups)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return operation.Did(outUser(after), operation.Of("user", after.ID, after.Name), ViewUser(before), ViewUser(after)), nil
	})
}

type changePasswordIn struct {
	Body struct {
		Current string `json:"current" format:"password" minLength:"1" maxLength:"128"`
		New     string `json:"new" format:"password" minLength:"8" maxLength:"128"`
	}
}

func changePassword(ctx context.Context, c *operation.Call, in *changePasswordIn) (*operation.Nothing, error) {
	try := c.Config.SignIn.OfPassword(c.Actor.ID)
	if err := c.Store.Limits().Try(ctx, try); err != nil {
		return nil, err
	}
	user, err := c.Store.In(c.Account()).Users().ByID(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	matches, err := c.Passwords.Matches(ctx, in.Body.Current, user.PasswordHash)
	if err != nil {
		return nil, err
	}
	hash, err := c.Passwords.Hash(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		if !matches {
			return nil, models.Invalid("#/current", "wrong-password", "is not your password")
		}
		_, after, err := tx.In(c.Account()).Users().Update(ctx, c.Actor.ID, 0, func(u *models.User) error {
			if u.PasswordHash != user.PasswordHash {
				return models.Errorf(models.CodeStale, "The password was changed meanwhile.")
			}
			u.PasswordHash = hash
			return nil
		})
		if err != nil {
			return nil, err
		}
		if _, err := tx.In(c.Account()).Sessions().RevokeAll(ctx, c.Actor.ID, c.Actor.SessionID); err != nil {
			return nil, err
		}
		if err := tx.Return(ctx, try); err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, operation.Of("user", after.ID, after.Name), nil, nil), nil
	})
}
