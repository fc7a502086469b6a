package access

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/outlast"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeUsers() map[string]operation.Operation {
	return map[string]operation.Operation{
		"user.create": {
			Summary: "Add a sub-user", Description: "A new sub-user sees nothing but the own profile until a role is granted.",
		},
		"user.list": {
			Summary:     "List the account's users",
			Description: "Newest first, disabled ones too.",
		},
		"user.get": {
			Summary:     "Show a user",
			Description: "The root user and sub-users alike.",
		},
		"user.update": {
			Summary:     "Change a sub-user",
			Description: "A new password, or disabling, ends all sessions of the user. Disabling ends the user's calendar feeds and event streams, too; bots that the user made, and the user's own contact, go on and are named first.",
		},
		"user.delete": {
			Summary:     "Delete a sub-user",
			Description: "Grants, sessions, access keys, calendar feeds and the personal inbox go with the user. Bots that the user made, and the user's own contact, go on and are named first. The root user stays.",
		},
	}
}

// UserView is a user as it is shown: exported, or the document would leave its fields out where it is embedded.
type UserView struct {
	ID          string          `json:"id"`
	Kind        models.UserKind `json:"kind" enum:"root,sub,operator,product" doc:"product: only of GET /v1/me, for a product's key."`
	Name        string          `json:"name"`
	DisplayName string          `json:"display_name"`
	Language    string          `json:"language"`
	Popups      bool            `json:"popups"`
	Enabled     bool            `json:"enabled"`
	Version     int64           `json:"version"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
}

// ViewUser shows a user.
func ViewUser(u models.User) UserView {
	return UserView{
		ID: u.ID, Kind: u.Kind, Name: u.Name, DisplayName: u.DisplayName, Language: u.Language, Popups: u.Popups,
		Enabled: u.Enabled, Version: u.Version, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

type userOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     UserView
}

func outUser(u models.User) *userOut {
	return &userOut{ETag: operation.ETag(u.Version), Body: ViewUser(u)}
}

type createUserIn struct {
	Body struct {
		Name        string `json:"name" pattern:"^[a-z0-9][a-z0-9._@-]{2,63}$" patternDescription:"3–64 of a–z, 0–9 and . _ @ -, beginning with a letter or digit"`
		DisplayName string `json:"display_name,omitempty" maxLength:"64"`
		Password    string `json:"password" format:"password" minLength:"8" maxLength:"128"`
		Language    string `json:"language,omitempty" enum:",zh-CN,en-US" doc:"The account's when left out."`
	}
}

func createUser(ctx context.Context, c *operation.Call, in *createUserIn) (*userOut, error) {
	hash, err := c.Passwords.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[userOut], error) {
		user := models.User{
			Kind: models.UserSub, Name: in.Body.Name, DisplayName: in.Body.DisplayName, PasswordHash: hash,
			Language: in.Body.Language, Popups: true, Enabled: true,
		}
		if err := tx.In(c.Account()).Users().Create(ctx, &user); err != nil {
			return nil, err
		}
		out := outUser(user)
		out.Location = "/v1/users/" + user.ID
		return operation.Did(out, operation.Of("user", user.ID, user.Name), nil, ViewUser(user)), nil
	})
}

type listUsersIn struct {
	operation.Listing
	operation.Search
}

func listUsers(ctx context.Context, c *operation.Call, in *listUsersIn) (*operation.ListOut[UserView], error) {
	p, err := c.Paging(in.Listing, in.Parts()...)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).Users().Find(ctx, in.Filter(), p.Page)
	return operation.Listed(p, rows, next, ViewUser), err
}

type userIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
}

func getUser(ctx context.Context, c *operation.Call, in *userIn) (*userOut, error) {
	user, err := c.Store.In(c.Account()).Users().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return outUser(user), nil
}

type updateUserIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	outlast.Confirming
	operation.Editing
	Body struct {
		DisplayName *string `json:"display_name,omitempty" maxLength:"64"`
		Password    *string `json:"password,omitempty" format:"password" minLength:"8" maxLength:"128"`
		Language    *string `json:"language,omitempty" nullable:"true" enum:",zh-CN,en-US" doc:"null: the account's."`
		Enabled     *bool   `json:"enabled,omitempty"`
	}
}

func updateUser(ctx context.Context, c *operation.Call, in *updateUserIn) (*userOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	hash, err := newHash(ctx, c.Core, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[userOut], error) {
		before, after, err := tx.In(c.Account()).Users().Update(ctx, in.ID, version, func(u *models.User) error {
			operation.Set(&u.DisplayName, in.Body.DisplayName)
			operation.Set(&u.Language, c.Cleared("language", in.Body.Language))
			operation.Set(&u.Enabled, in.Body.Enabled)
			operation.Set(&u.PasswordHash, hash)
			return rootStays(*u, hash)
		})
		if err != nil {
			return nil, err
		}
		object := operation.Of("user", after.ID, after.Name)
		if before.Enabled && !after.Enabled {
			if err := in.Settled(ctx, tx, c.Account(), after.ID, outlast.User); err != nil {
				return nil, object.Refused(err)
			}
		}
		if err := endSessions(ctx, tx, c, before, after); err != nil {
			return nil, err
		}
		return operation.Did(outUser(after), object, ViewUser(before), ViewUser(after)), nil
	})
}

// newHash hashes a password that may be left out.
func newHash(ctx context.Context, s *operation.Core, password *string) (*string, error) {
	if password == nil {
		return nil, nil
	}
	hash, err := s.Passwords.Hash(ctx, *password)
	return &hash, err
}

// rootStays refuses what would lock the root user out.
func rootStays(u models.User, hash *string) error {
	switch {
	case u.Kind != models.UserRoot:
		return nil
	case !u.Enabled:
		return models.Errorf(models.CodeConflict, "The root user cannot be disabled.")
	case hash != nil:
		return models.Errorf(models.CodeConflict, "The root user changes the own password under /v1/me/password.")
	}
	return nil
}

// endSessions signs the user out everywhere when password or rights changed.
func endSessions(ctx context.Context, tx *store.Tx, c *operation.Call, before, after models.User) error {
	if before.PasswordHash == after.PasswordHash && before.Enabled == after.Enabled {
		return nil
	}
	_, err := tx.In(c.Account()).Sessions().RevokeAll(ctx, after.ID, "")
	return err
}

type deleteUserIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	outlast.Confirming
}

func deleteUser(ctx context.Context, c *operation.Call, in *deleteUserIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		scope := tx.In(c.Account())
		user, err := scope.Users().Lock(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		object := operation.Of("user", user.ID, user.Name)
		if user.Kind == models.UserRoot {
			return nil, object.Refused(models.Errorf(models.CodeConflict, "The root user cannot be deleted."))
		}
		if err := in.Settled(ctx, tx, c.Account(), user.ID, outlast.User); err != nil {
			return nil, object.Refused(err)
		}
		if _, err := scope.Users().Delete(ctx, user.ID); err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, object, ViewUser(user), nil), nil
	})
}
