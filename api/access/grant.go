package access

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/outlast"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeGrants() map[string]operation.Operation {
	return map[string]operation.Operation{
		"grant.create": {
			Summary: "Grant a role to a sub-user", Description: "It holds at once in this process, and within a second in all others.",
		},
		"grant.list": {
			Summary:     "List the account's grants, expired ones too",
			Description: "Newest first.",
		},
		"grant.get": {
			Summary:     "Show a grant",
			Description: "Who has which role until when, who granted it, and what goes on when it ends, also where its time runs out by itself.",
		},
		"grant.delete": {
			Summary:     "Revoke a grant",
			Description: "What ends with it: the user's calendar feeds and event streams. Bots that the user made go on: they are named first, and stay unless somebody deletes them.",
		},
	}
}

// GrantView is a grant as it is stored; bodies embed it.
type GrantView struct {
	ID        string      `json:"id"`
	UserID    string      `json:"user_id"`
	Role      models.Role `json:"role"`
	ExpiresAt *time.Time  `json:"expires_at"`
	CreatedBy string      `json:"created_by" doc:"The id of the user who granted it."`
	CreatedAt time.Time   `json:"created_at"`
}

func viewGrant(g models.Grant) GrantView {
	return GrantView{ID: g.ID, UserID: g.UserID, Role: g.Role, ExpiresAt: g.ExpiresAt, CreatedBy: g.CreatedBy, CreatedAt: g.CreatedAt}
}

// namedGrant is a grant as lists show it.
type namedGrant struct {
	GrantView
	UserName      string   `json:"user_name" doc:"What people call the user."`
	CreatedByName string   `json:"created_by_name" doc:"What people call who granted it; empty when the user is gone."`
	Outlasts      []string `json:"outlasts" doc:"What the user made by such a right and what goes on when it ends, also by itself: bots/ and the id of each bot that is switched on."`
}

// viewNamed adds to the grants of the account names, and what outlasts them.
func viewNamed(ctx context.Context, sc store.Scope, rows []models.Grant) ([]namedGrant, error) {
	var ids, makers []string
	for _, g := range rows {
		ids = append(ids, g.UserID, g.CreatedBy)
		if g.Role == models.RoleFullAccess {
			makers = append(makers, g.UserID)
		}
	}
	names, err := sc.Users().Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	made, err := outlast.Of(ctx, sc, makers...)
	views := make([]namedGrant, len(rows))
	for i, g := range rows {
		views[i] = namedGrant{GrantView: viewGrant(g), UserName: names[g.UserID], CreatedByName: names[g.CreatedBy], Outlasts: []string{}}
		if g.Role == models.RoleFullAccess {
			for _, field := range made[g.UserID] {
				views[i].Outlasts = append(views[i].Outlasts, field.Pointer)
			}
		}
	}
	return views, err
}

type grantOut struct {
	Location string `header:"Location"`
	Body     namedGrant
}

type createGrantIn struct {
	Body struct {
		UserID    string      `json:"user_id" pattern:"^usr_[0-9a-f]{32}$" patternDescription:"a user's id"`
		Role      models.Role `json:"role" enum:"MessageCenterReadOnly,MessageCenterFullAccess"`
		ExpiresAt *time.Time  `json:"expires_at,omitempty" doc:"When the grant ends by itself; at most ten years ahead."`
	}
}

func createGrant(ctx context.Context, c *operation.Call, in *createGrantIn) (*grantOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[grantOut], error) {
		if in.Body.UserID == c.Actor.ID {
			return nil, models.Errorf(models.CodeForbidden, "You cannot grant a role to yourself.")
		}
		expires, err := wire.Future("#/expires_at", in.Body.ExpiresAt, tx.Now())
		if err != nil {
			return nil, err
		}
		user, err := tx.In(c.Account()).Users().ByID(ctx, in.Body.UserID)
		if err != nil {
			return nil, err
		}
		if !user.Kind.MayHold(in.Body.Role) {
			return nil, models.Errorf(models.CodeConflict, "This user has no need of the role.")
		}
		grant := models.Grant{UserID: user.ID, Role: in.Body.Role, ExpiresAt: expires, CreatedBy: c.Actor.ID}
		if err := tx.In(c.Account()).Grants().Create(ctx, &grant); err != nil {
			return nil, err
		}
		views, err := viewNamed(ctx, tx.In(c.Account()).Scope, []models.Grant{grant})
		if err != nil {
			return nil, err
		}
		out := &grantOut{Location: "/v1/grants/" + grant.ID, Body: views[0]}
		return operation.Did(out, operation.Of("grant", grant.ID, user.Name),
			nil, viewGrant(grant)), nil
	})
}

type listGrantsIn struct {
	operation.Listing
	UserID string `query:"user_id" pattern:"^usr_[0-9a-f]{32}$" patternDescription:"a user's id"`
}

func listGrants(ctx context.Context, c *operation.Call, in *listGrantsIn) (*operation.ListOut[namedGrant], error) {
	p, err := c.Paging(in.Listing, in.UserID)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).Grants().List(ctx, in.UserID, p.Page)
	if err != nil {
		return nil, err
	}
	views, err := viewNamed(ctx, c.Store.In(c.Account()), rows)
	return operation.Listed(p, views, next, func(v namedGrant) namedGrant { return v }), err
}

type grantIn struct {
	ID string `path:"id" pattern:"^grt_[0-9a-f]{32}$"`
}

func getGrant(ctx context.Context, c *operation.Call, in *grantIn) (*grantOut, error) {
	grant, err := c.Store.In(c.Account()).Grants().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	views, err := viewNamed(ctx, c.Store.In(c.Account()), []models.Grant{grant})
	if err != nil {
		return nil, err
	}
	return &grantOut{Body: views[0]}, nil
}

type deleteGrantIn struct {
	ID string `path:"id" pattern:"^grt_[0-9a-f]{32}$"`
	outlast.Confirming
}

func deleteGrant(ctx context.Context, c *operation.Call, in *deleteGrantIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		grant, err := tx.In(c.Account()).Grants().Delete(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		object := operation.Of("grant", grant.ID, string(grant.Role))
		if grant.Role == models.RoleFullAccess {
			if err := in.Settled(ctx, tx, c.Account(), grant.UserID, outlast.Rights); err != nil {
				return nil, object.Refused(err)
			}
		}
		return operation.Did(&operation.Nothing{}, object, viewGrant(grant), nil), nil
	})
}
