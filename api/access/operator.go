package access

import (
	"context"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/outlast"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeOperators() map[string]operation.Operation {
	return map[string]operation.Operation{
		"operator.create": {
			Summary:     "Add an operator",
			Description: "Who adds an operator chooses the first password; the operator changes it after signing in.",
		},
		"operator.list": {
			Summary:     "List the operators",
			Description: "Newest first, disabled ones too.",
		},
		"operator.get": {
			Summary:     "Show an operator",
			Description: "With the roles that the operator has.",
		},
		"operator.update": {
			Summary:     "Change an operator",
			Description: "A new password, or disabling, ends all sessions. Announcements, scheduled notifications, keys of products and bots that the operator made, and the operator's own contact, go on and are named first. The last enabled OperatorAdmin stays one.",
		},
		"operator.delete": {
			Summary:     "Delete an operator",
			Description: "Announcements, scheduled notifications, keys of products and bots that the operator made, and the operator's own contact, go on and are named first. The last enabled OperatorAdmin stays.",
		},
	}
}

type operatorView struct {
	UserView
	Roles []models.Role `json:"roles" doc:"Sorted."`
}

func viewOperator(u models.User, roles []models.Role) operatorView {
	roles = append([]models.Role{}, roles...)
	slices.Sort(roles)
	return operatorView{ViewUser(u), roles}
}

type operatorOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     operatorView
}

func outOperator(u models.User, roles []models.Role) *operatorOut {
	return &operatorOut{ETag: operation.ETag(u.Version), Body: viewOperator(u, roles)}
}

type createOperatorIn struct {
	Body struct {
		Name        string        `json:"name" pattern:"^[a-z0-9][a-z0-9._@-]{2,63}$" patternDescription:"3–64 of a–z, 0–9 and . _ @ -, beginning with a letter or digit"`
		DisplayName string        `json:"display_name,omitempty" maxLength:"64"`
		Password    string        `json:"password" format:"password" minLength:"8" maxLength:"128"`
		Language    string        `json:"language,omitempty" enum:",zh-CN,en-US" doc:"The platform's when left out."`
		Roles       []models.Role `json:"roles" enum:"OperatorAdmin,OperatorAuditor" minItems:"1" maxItems:"2" uniqueItems:"true"`
	}
}

func createOperator(ctx context.Context, c *operation.Call, in *createOperatorIn) (*operatorOut, error) {
	hash, err := c.Passwords.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operatorOut], error) {
		user := models.User{
			Kind: models.UserOperator, Name: in.Body.Name, DisplayName: in.Body.DisplayName, PasswordHash: hash,
			Language: in.Body.Language, Popups: true, Enabled: true,
		}
		if err := tx.In(models.Platform).Users().Create(ctx, &user); err != nil {
			return nil, err
		}
		if err := tx.In(models.Platform).Grants().SetRoles(ctx, user.ID, in.Body.Roles, c.Actor.ID); err != nil {
			return nil, err
		}
		out := outOperator(user, in.Body.Roles)
		out.Location = "/v1/operators/" + user.ID
		return operation.Did(out, operation.Of("operator", user.ID, user.Name), nil, out.Body), nil
	})
}

type listOperatorsIn struct {
	operation.Listing
	operation.Search
}

func listOperators(ctx context.Context, c *operation.Call, in *listOperatorsIn) (*operation.ListOut[operatorView], error) {
	p, err := c.Paging(in.Listing, in.Parts()...)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(models.Platform).Users().Find(ctx, in.Filter(), p.Page)
	if err != nil {
		return nil, err
	}
	roles, err := c.Store.In(models.Platform).Grants().RolesByUser(ctx, rows)
	view := func(u models.User) operatorView { return viewOperator(u, roles[u.ID]) }
	return operation.Listed(p, rows, next, view), err
}

func getOperator(ctx context.Context, c *operation.Call, in *userIn) (*operatorOut, error) {
	user, err := c.Store.In(models.Platform).Users().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	roles, err := c.Store.In(models.Platform).Grants().RolesByUser(ctx, []models.User{user})
	return outOperator(user, roles[user.ID]), err
}

type updateOperatorIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	outlast.Confirming
	operation.Editing
	Body struct {
		DisplayName *string        `json:"display_name,omitempty" maxLength:"64"`
		Password    *string        `json:"password,omitempty" format:"password" minLength:"8" maxLength:"128"`
		Language    *string        `json:"language,omitempty" nullable:"true" enum:",zh-CN,en-US" doc:"null: the platform's."`
		Enabled     *bool          `json:"enabled,omitempty"`
		Roles       *[]models.Role `json:"roles,omitempty" enum:"OperatorAdmin,OperatorAuditor" minItems:"1" maxItems:"2" uniqueItems:"true"`
	}
}

func (in *updateOperatorIn) apply(u *models.User, hash *string) {
	operation.Set(&u.DisplayName, in.Body.DisplayName)
	operation.Set(&u.Language, in.Body.Language)
	operation.Set(&u.Enabled, in.Body.Enabled)
	operation.Set(&u.PasswordHash, hash)
}

// setRoles gives the operator the roles that the body says, and returns those that it has
// then. Code conflict: nobody would be left to administer.
func (in *updateOperatorIn) setRoles(ctx context.Context, tx *store.Tx, by string, was []models.Role) ([]models.Role, error) {
	roles := was
	if in.Body.Roles != nil {
		roles = *in.Body.Roles
		if err := tx.In(models.Platform).Grants().SetRoles(ctx, in.ID, roles, by); err != nil {
			return nil, err
		}
	}
	return roles, adminStays(ctx, tx)
}

// goes names what goes on when the change disables the operator or takes the role by which
// it was made.
func (in *updateOperatorIn) goes(ctx context.Context, tx *store.Tx, was []models.Role, disabled bool) error {
	demoted := in.Body.Roles != nil && slices.Contains(was, models.RoleOperatorAdmin) && !slices.Contains(*in.Body.Roles, models.RoleOperatorAdmin)
	switch {
	case disabled:
		return in.Settled(ctx, tx, models.Platform, in.ID, outlast.User)
	case demoted:
		return in.Settled(ctx, tx, models.Platform, in.ID, outlast.Rights)
	}
	return nil
}

func updateOperator(ctx context.Context, c *operation.Call, in *updateOperatorIn) (*operatorOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	hash, err := newHash(ctx, c.Core, in.Body.Password)
	if err != nil {
		return nil, err
	}
	in.Body.Language = c.Cleared("language", in.Body.Language)
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operatorOut], error) {
		if in.ID == c.Actor.ID && (in.Body.Roles != nil || in.Body.Password != nil) {
			return nil, models.Errorf(models.CodeForbidden, "You cannot change your own roles; your password changes under /v1/me/password.")
		}
		before, was, err := lockOperator(ctx, tx, in.ID)
		if err != nil {
			return nil, err
		}
		_, after, err := tx.In(models.Platform).Users().Update(ctx, in.ID, version, func(u *models.User) error {
			in.apply(u, hash)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if err := in.goes(ctx, tx, was, before.Enabled && !after.Enabled); err != nil {
			return nil, err
		}
		roles, err := in.setRoles(ctx, tx, c.Actor.ID, was)
		if err != nil {
			return nil, err
		}
		if err := endSessions(ctx, tx, c, before, after); err != nil {
			return nil, err
		}
		return operation.Did(outOperator(after, roles), operation.Of("operator", after.ID, after.Name),
			viewOperator(before, was), viewOperator(after, roles)), nil
	})
}

// lockOperator returns an operator with the roles, and keeps others from removing
// operators until the transaction ends.
func lockOperator(ctx context.Context, tx *store.Tx, id string) (models.User, []models.Role, error) {
	platform := tx.In(models.Platform)
	if err := platform.Grants().LockOperators(ctx); err != nil {
		return models.User{}, nil, err
	}
	user, err := platform.Users().ByID(ctx, id)
	if err != nil {
		return user, nil, err
	}
	roles, err := platform.Grants().RolesByUser(ctx, []models.User{user})
	return user, roles[id], err
}

// adminStays refuses to leave the platform without an enabled OperatorAdmin.
func adminStays(ctx context.Context, tx *store.Tx) error {
	admins, err := tx.In(models.Platform).Grants().CountHolders(ctx, models.RoleOperatorAdmin)
	if err == nil && admins == 0 {
		return models.Errorf(models.CodeConflict, "The last enabled OperatorAdmin must stay.")
	}
	return err
}

func deleteOperator(ctx context.Context, c *operation.Call, in *deleteUserIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		user, roles, err := lockOperator(ctx, tx, in.ID)
		if err != nil {
			return nil, err
		}
		object := operation.Of("operator", user.ID, user.Name)
		if err := in.Settled(ctx, tx, models.Platform, in.ID, outlast.User); err != nil {
			return nil, object.Refused(err)
		}
		if _, err := tx.In(models.Platform).Users().Delete(ctx, in.ID); err != nil {
			return nil, err
		}
		if err := adminStays(ctx, tx); err != nil {
			return nil, object.Refused(err)
		}
		return operation.Did(&operation.Nothing{}, object, viewOperator(user, roles), nil), nil
	})
}
